import HTTPTypes
import MediaCore
import NIOCore
import NIOHTTP1

/// A whole answer: a status, fields by names in small letters, and a body whose length is known.
struct HTTPAnswer {
    var status: HTTPResponse.Status
    var headers: HTTPHeaders
    var body = ByteBuffer()
    /// The body's length as the field tells it: for HEAD that of the body that is not sent; nil where there is no
    /// such field, as with 304.
    var contentLength: Int?

    init(_ status: HTTPResponse.Status, _ headers: HTTPHeaders, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
        contentLength = body.readableBytes
    }

    init(withoutBody status: HTTPResponse.Status, _ headers: HTTPHeaders) {
        self.status = status
        self.headers = headers
    }

    /// A sentence for a person.
    static func plain(_ status: HTTPResponse.Status, _ sentence: String) -> HTTPAnswer {
        let headers: HTTPHeaders = [
            "content-type": "text/plain; charset=utf-8", "access-control-allow-origin": "*",
            "cache-control": "no-store",
        ]
        return HTTPAnswer(status, headers, body: ByteBuffer(string: sentence + "\n"))
    }

    static func noSuchStream(_ name: StreamName) -> HTTPAnswer {
        plain(.notFound, "nobody publishes \(name); ?wait=SECONDS waits for a publisher")
    }

    /// The answer to a browser that asks before it reads from another origin. Source: Fetch, 3.2.
    static func preflight() -> HTTPAnswer {
        HTTPAnswer(
            withoutBody: .noContent,
            [
                "access-control-allow-origin": "*", "access-control-allow-methods": "GET, HEAD, OPTIONS",
                "access-control-allow-headers": "*", "access-control-max-age": "86400",
            ])
    }
}

extension HTTPAnswer {
    /// What a client gets of a resource.
    ///
    /// - Parameters:
    ///   - resource: the whole of it.
    ///   - method: GET, HEAD, or whatever the provider answered to.
    ///   - request: the request's fields.
    init(_ resource: HTTPResource, method: HTTPMethod, request: HTTPHeaders) {
        self.init(resource.status, HTTPHeaders(), body: resource.body)
        headers.reserveCapacity(12)
        headers.add(name: "content-type", value: resource.contentType)
        headers.add(name: "cache-control", value: resource.cacheControl)
        if resource.isShared {
            headers.add(name: "access-control-allow-origin", value: "*")
            headers.add(name: "access-control-expose-headers", value: "*")
        }
        for field in resource.headers { headers.add(name: field.name.canonicalName, value: field.value) }
        select(resource, method: method, request: request)
        if method == .HEAD { body.clear() }
    }

    /// Conditions come before ranges. Specification: RFC 9110, 13.2.2.
    private mutating func select(_ resource: HTTPResource, method: HTTPMethod, request: HTTPHeaders) {
        var etag = resource.etag
        let isWanted = resource.status == .ok && (method == .GET || method == .HEAD)
        let range = isWanted && resource.isRangeable ? request.first(name: "range") : nil
        if resource.gzipBody != nil || GzipCache.isWorthwhile(resource) {
            headers.add(name: "vary", value: "accept-encoding")
            if range == nil, let gzipBody = resource.gzipBody, AcceptedEncodings.hasGzip(request["accept-encoding"]) {
                headers.add(name: "content-encoding", value: "gzip")
                etag = etag.map { $0.hasPrefix("W/") ? $0 : "W/" + $0 }
                setBody(gzipBody)
            }
        }
        if let etag { headers.add(name: "etag", value: etag) }
        guard isWanted else { return }
        if resource.isRangeable { headers.add(name: "accept-ranges", value: "bytes") }
        if let etag, EntityTags.matches(etag, anyOf: request["if-none-match"]) {
            status = .notModified
            headers.remove(name: "content-encoding")
            body = ByteBuffer()
            contentLength = nil
        } else if let range, request.first(name: "if-range").map({ EntityTags.isSame($0, as: etag) }) ?? true {
            selectRange(range)
        }
    }

    private mutating func selectRange(_ field: String) {
        let count = body.readableBytes
        switch ByteRange(field, of: count) {
        case .whole: break
        case .part(let range):
            guard let slice = body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count) else {
                return
            }
            status = .partialContent
            headers.add(name: "content-range", value: "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(count)")
            setBody(slice)
        case .unsatisfiable:
            status = .rangeNotSatisfiable
            headers.add(name: "content-range", value: "bytes */\(count)")
            headers.replaceOrAdd(name: "cache-control", value: "no-store")
            setBody(ByteBuffer())
        }
    }

    private mutating func setBody(_ body: ByteBuffer) {
        self.body = body
        contentLength = body.readableBytes
    }
}
