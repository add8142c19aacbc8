import HTTPTypes
import NIOCore

/// Answers requests on the event loop with bytes that are shared: playlists, segments, the page's files. Nothing is
/// copied and no task begins, so that a thousand requests for one segment cost what the kernel's part costs.
public protocol HTTPResourceProvider: Sendable {
    /// Called on the connection's event loop, for every request, before live streams and the responder are asked; must
    /// be quick.
    ///
    /// For OPTIONS any answer says that the path is the provider's: the client gets what a browser asks before it reads
    /// from another origin, and the resource is not looked at.
    ///
    /// - Returns: nil when the path is not this provider's.
    func answer(_ request: HTTPResourceRequest, on eventLoop: any EventLoop) -> HTTPResourceAnswer?
}

/// What a provider learns of a request.
public struct HTTPResourceRequest: Sendable, Equatable {
    /// GET, HEAD, or what the client made up.
    public var method: HTTPRequest.Method
    /// The path as it was sent, with "%20" and the like, without the query.
    public var path: String
    /// What follows the first "?", as it was sent; nil without one.
    public var query: String?

    /// Makes a request; see the properties.
    public init(method: HTTPRequest.Method, path: String, query: String? = nil) {
        self.method = method
        self.path = path
        self.query = query
    }
}

/// A provider's answer.
public enum HTTPResourceAnswer: Sendable {
    /// It is here.
    case now(HTTPResource)
    /// It comes; the connection takes no other request until then. A future of any event loop, and soon: the
    /// connection has no time limit while it waits. One that fails is answered with 500.
    case later(EventLoopFuture<HTTPResource>)
}

/// What a path names, as long as it is sent: the transport does HEAD, conditions, ranges, the choice of gzip and the
/// fields about the connection.
public struct HTTPResource: Sendable {
    /// 200 for what there is; a range or a condition of the client may make 206, 304 or 416 of it. Others go out as
    /// they are.
    public var status: HTTPResponse.Status
    /// The media type, such as "video/mp4".
    public var contentType: String
    /// The field Cache-Control, such as "public, max-age=31536000, immutable".
    public var cacheControl: String
    /// An entity tag with its quotes, such as "\"5f3c\"", or weak as "W/\"5f3c\"". Specification: RFC 9110, 8.8.3.
    public var etag: String?
    /// The bytes; shared, never copied.
    public var body: ByteBuffer
    /// The same compressed, for clients that accept gzip. Sent with the entity tag made weak, since the bytes differ.
    /// Text that has an entity tag is compressed by the transport, once for all who ask.
    public var gzipBody: ByteBuffer?
    /// Whether a part may be asked for. Specification: RFC 9110, 14.
    public var isRangeable: Bool
    /// Whether pages of other origins may read it.
    public var isShared: Bool
    /// Further fields, such as Location or Retry-After.
    public var headers: HTTPFields

    /// Makes a resource; see the properties.
    public init(
        status: HTTPResponse.Status = .ok, contentType: String, cacheControl: String, etag: String? = nil,
        body: ByteBuffer, gzipBody: ByteBuffer? = nil, isRangeable: Bool = false, isShared: Bool = true,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.etag = etag
        self.body = body
        self.gzipBody = gzipBody
        self.isRangeable = isRangeable
        self.isShared = isShared
        self.headers = headers
    }
}
