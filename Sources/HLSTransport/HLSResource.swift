import HTTPTypes
import NIOCore

/// What the service answers.
public enum HLSAnswer: Sendable {
    /// It is here.
    case now(HLSResource)
    /// It comes soon, on the event loop that was named.
    case later(EventLoopFuture<HLSResource>)
}

/// What a path names. HEAD, conditions, ranges and compression are the server's matter.
public struct HLSResource: Sendable {
    /// 200, or why there is nothing.
    public var status: HTTPResponse.Status
    /// The media type.
    public var contentType: String
    /// The field Cache-Control.
    public var cacheControl: String
    /// An entity tag with its quotes.
    public var etag: String?
    /// The bytes, shared by all who ask.
    public var body: ByteBuffer
    /// Whether a part may be asked for.
    public var isRangeable: Bool
    /// Whether it is text, worth compressing.
    public var isText: Bool
    /// Further fields.
    public var headers: HTTPFields

    /// Makes a resource; see the properties.
    public init(
        status: HTTPResponse.Status = .ok, contentType: String, cacheControl: String, etag: String? = nil,
        body: ByteBuffer, isRangeable: Bool = false, isText: Bool = false, headers: HTTPFields = [:]
    ) {
        self.status = status
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.etag = etag
        self.body = body
        self.isRangeable = isRangeable
        self.isText = isText
        self.headers = headers
    }
}

extension HLSResource {
    /// A name never means two things.
    static func immutable(_ body: ByteBuffer, contentType: String, name: String) -> HLSResource {
        HLSResource(
            contentType: contentType, cacheControl: "public, max-age=31536000, immutable", etag: "\"\(name)\"",
            body: body, isRangeable: true)
    }

    /// A playlist or manifest. One that answers a request that waited is what every such request gets, so that a cache
    /// may keep it for six target durations. Specification: RFC 8216bis, B.1 and 6.2.5.2.
    static func text(_ body: ByteBuffer, contentType: String, etag: String, maxAgeSeconds: Int) -> HLSResource {
        HLSResource(
            contentType: contentType, cacheControl: "public, max-age=\(maxAgeSeconds)", etag: "\"\(etag)\"", body: body,
            isText: true)
    }

    /// Nothing, and why.
    static func refusal(
        _ status: HTTPResponse.Status, _ sentence: String, headers: HTTPFields = [:]
    ) -> HLSResource {
        HLSResource(
            status: status, contentType: "text/plain; charset=utf-8", cacheControl: "no-store",
            body: ByteBuffer(string: sentence + "\n"), headers: headers)
    }

    /// What is asked for does not come in time, or there is no room.
    static func unavailable(_ sentence: String, afterSeconds: Int = 1) -> HLSResource {
        refusal(.serviceUnavailable, sentence, headers: [.retryAfter: "\(afterSeconds)"])
    }
}
