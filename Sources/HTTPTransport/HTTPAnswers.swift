import HTTPTypes
import Hummingbird
import MediaCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// NIO's requests to Hummingbird's, Hummingbird's bodies to bytes, and the answers that need no responder.
extension HTTPChannelHandler {
    static func request(_ head: HTTPRequestHead, _ body: ByteBuffer) -> Request? {
        do {
            let request = HTTPRequest(
                method: try HTTPRequest.Method(head.method), scheme: "http",
                authority: head.headers.first(name: "host"), path: head.uri,
                headerFields: HTTPFields(head.headers, splitCookie: false))
            return Request(head: request, body: RequestBody(buffer: body))
        } catch {
            return nil
        }
    }

    /// Runs a body's writer. - Returns: nil when it fails.
    static func collect(_ body: ResponseBody) async -> ByteBuffer? {
        let sink = BodySink()
        do {
            try await body.write(sink)
            return sink.bytes
        } catch {
            return nil
        }
    }

    static func plain(_ status: HTTPResponse.Status, _ sentence: String) -> (response: Response, body: ByteBuffer) {
        let body = ByteBuffer(string: sentence + "\n")
        let headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .contentLength: "\(body.readableBytes)",
            .accessControlAllowOrigin: "*", .cacheControl: "no-store",
        ]
        return (Response(status: status, headers: headers), body)
    }

    static func noSuchStream(_ name: StreamName) -> (response: Response, body: ByteBuffer) {
        plain(.notFound, "nobody publishes \(name); ?wait=SECONDS waits for a publisher")
    }

    /// The answer to a browser that asks before it reads from another origin. Source: Fetch, 3.2.
    static func preflight() -> (response: Response, body: ByteBuffer) {
        let headers: HTTPFields = [
            .accessControlAllowOrigin: "*", .accessControlAllowMethods: "GET, HEAD, OPTIONS",
            .accessControlAllowHeaders: "*", .accessControlMaxAge: "86400",
        ]
        return (Response(status: .noContent, headers: headers), ByteBuffer())
    }
}

extension HTTPVersion {
    /// The version to answer a request of this one in: HTTP/1.1, or 1.0 to a client that knows no more.
    var answered: HTTPVersion {
        self == .http1_0 || self == .http0_9 ? .http1_0 : .http1_1
    }

    /// How a body without a known length is sent. Specification: RFC 9112, 7.1.
    var liveFraming: LiveFraming {
        answered == .http1_1 ? .chunked : .untilClose
    }
}

/// Gathers what a response body writes. Safety: one task writes, and the bytes are read when it has finished.
private final class BodySink: ResponseBodyWriter, @unchecked Sendable {
    var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        bytes.writeImmutableBuffer(buffer)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
