import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Who answers: providers of resources first, on the event loop, then the responder, in a task.
extension HTTPChannelHandler {
    /// The longest body of known length that is gathered before it is sent; longer ones are sent as they come.
    private static let gatheredBytesMax = 256 << 10

    // MARK: Resources

    /// Answers with a provider's resource. - Returns: false when the path is no provider's.
    func answerResource(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        guard !service.resources.isEmpty, let request = Self.resourceRequest(head) else { return false }
        for provider in service.resources {
            guard let answer = provider.answer(request, on: context.eventLoop) else { continue }
            switch answer {
            case _ where head.method == .OPTIONS: respond(.preflight(), to: head, context)
            case .now(let resource):
                respond(resource, to: head, context)
            case .later(let resource): wait(for: resource, head, context)
            }
            return true
        }
        return false
    }

    private func wait(
        for resource: EventLoopFuture<HTTPResource>, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        enter(.asking(nil))
        resource.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
            guard let context = self.context, case .asking = self.state else { return }
            switch result {
            case .success(let resource):
                self.respond(resource, to: head, context)
            case .failure(let error):
                self.service.logger.error("request failed", metadata: ["path": "\(head.uri)", "why": "\(error)"])
                self.respond(.plain(.internalServerError, "the answer could not be made"), to: head, context)
            }
        }
    }

    private func respond(_ resource: HTTPResource, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var resource = resource
        if resource.gzipBody == nil, GzipCache.isWorthwhile(resource),
            AcceptedEncodings.hasGzip(head.headers["accept-encoding"])
        {
            resource.gzipBody = service.gzip.body(of: resource, target: head.uri)
        }
        respond(HTTPAnswer(resource, method: head.method, request: head.headers), to: head, context)
    }

    private static func resourceRequest(_ head: HTTPRequestHead) -> HTTPResourceRequest? {
        let method: HTTPRequest.Method
        switch head.method {
        case .GET: method = .get
        case .HEAD: method = .head
        default:
            guard let other = HTTPRequest.Method(head.method.rawValue) else { return nil }
            method = other
        }
        guard head.uri.utf8.first == UInt8(ascii: "/") else {
            let uri = URI(head.uri)
            return HTTPResourceRequest(method: method, path: uri.path, query: uri.query)
        }
        let target = head.uri
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            return HTTPResourceRequest(method: method, path: target)
        }
        return HTTPResourceRequest(
            method: method, path: String(target[..<mark]), query: String(target[target.utf8.index(after: mark)...]))
    }

    // MARK: The responder

    /// Asks the responder in a task, which ends with the connection.
    func dispatch(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let request = Self.request(head, body, scheme: wire.scheme) else {
            return respond(.plain(.badRequest, "this method cannot be"), to: head, context)
        }
        let asking = Asking(
            head: head, handler: NIOLoopBound(self, eventLoop: context.eventLoop), channel: context.channel,
            service: service)
        enter(.asking(Task { await asking.run(request) }))
    }

    private static func request(_ head: HTTPRequestHead, _ body: ByteBuffer, scheme: String) -> Request? {
        do {
            let request = HTTPRequest(
                method: try HTTPRequest.Method(head.method), scheme: scheme,
                authority: head.headers.first(name: "host"), path: head.uri,
                headerFields: HTTPFields(head.headers, splitCookie: false))
            return Request(head: request, body: RequestBody(buffer: body))
        } catch {
            return nil
        }
    }

    /// One request at the responder.
    private struct Asking: Sendable {
        let head: HTTPRequestHead
        let handler: NIOLoopBound<HTTPChannelHandler>
        let channel: any Channel
        let service: HTTPService

        func run(_ request: Request) async {
            let response = await service.responder(request, channel, service.logger)
            do {
                if head.method == .HEAD {
                    try await finish(response, ByteBuffer())
                } else if let count = response.body.contentLength, count <= gatheredBytesMax {
                    try await finish(response, await BodySink.collect(response.body))
                } else {
                    try await stream(response)
                }
            } catch {
                // The event loop is shut down, and the connection with it.
                return
            }
        }

        private func finish(_ response: Response, _ body: ByteBuffer?) async throws {
            try await channel.eventLoop.submit { handler.value.finish(response, body, head) }.get()
        }

        private func stream(_ response: Response) async throws {
            try await channel.eventLoop.submit { handler.value.beginStream(response, head) }.get()
            var isWhole = true
            do {
                try await response.body.write(StreamedBodyWriter(handler: handler, eventLoop: channel.eventLoop))
            } catch {
                isWhole = false
            }
            let end = isWhole
            try await channel.eventLoop.submit { handler.value.endStream(isWhole: end) }.get()
        }
    }

    /// Writes a responder's whole answer.
    private func finish(_ response: Response, _ body: ByteBuffer?, _ head: HTTPRequestHead) {
        guard let context, case .asking = state else { return }
        guard let body else {
            return respond(.plain(.internalServerError, "the answer could not be made"), to: head, context)
        }
        let headers = Self.headers(response)
        guard response.status != .noContent, response.status != .notModified else {
            return respond(HTTPAnswer(withoutBody: response.status, headers), to: head, context)
        }
        var answer = HTTPAnswer(response.status, headers, body: body)
        if head.method == .HEAD {
            // The field tells of the body that GET would get; the body itself is gone already.
            answer.contentLength = response.headers[.contentLength].flatMap { Int($0) } ?? response.body.contentLength
        }
        respond(answer, to: head, context)
    }
}
