import FanOut
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import MediaCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// One HTTP connection: requests for live streams leave HTTP for the fan-out, all others go to the responder, one
/// after the other.
final class HTTPChannelHandler: ChannelInboundHandler, TendedConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests. The client sends a head next.
        case idle
        /// A head has come; its body follows.
        case receiving(HTTPRequestHead, body: ByteBuffer)
        /// The responder is at work. Nothing more is read until it is done.
        case responding
        /// The connection is a viewer's; what the client sends is not looked at.
        case viewing(LiveSubscriber)
        /// The connection ends.
        case closed
    }

    private let service: HTTPService
    /// The handlers that make bytes HTTP; nil once the connection is a viewer's.
    private var pipeline: HTTPPipeline?
    private var state = State.idle
    private var stateSince = NIODeadline.now()
    private var requestCount = 0
    /// Parts of requests that wait for the answer to an earlier one: what one read brought, no more.
    private var pipelined: [HTTPServerRequestPart] = []
    private var isResuming = false
    private var isReading = true
    private var context: ChannelHandlerContext?
    /// Kept, since a channel that has closed knows its peer no more.
    private var remoteAddress: SocketAddress?
    private var peer: String { remoteAddress?.peerText ?? "unknown" }

    init(service: HTTPService, pipeline: HTTPPipeline) {
        self.service = service
        self.pipeline = pipeline
    }

    // MARK: Channel

    func channelActive(context: ChannelHandlerContext) {
        guard service.connections.admit(self, on: context.channel) else {
            context.close(promise: nil)
            return
        }
        remoteAddress = context.remoteAddress
        self.context = context
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.context != nil else { return }
        self.context = nil
        service.connections.remove(self, on: context.eventLoop)
        if case .viewing(let subscriber) = state { subscriber.leave() }
        enter(.closed)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .viewing, .closed: return
        case .responding: pipelined.append(unwrapInboundIn(data))
        case .idle, .receiving:
            pipelined.append(unwrapInboundIn(data))
            resume(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        switch state {
        case .idle, .receiving: resume(context)
        case .responding, .viewing, .closed: break
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        service.logger.debug("connection failed", metadata: ["peer": "\(peer)", "why": "\(error)"])
        if error is HTTPParserError, case .idle = state {
            respond(Self.plain(.badRequest, "this is no HTTP request"), to: nil, context)
        }
        context.close(promise: nil)
    }

    // MARK: Requests

    private func receive(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, state) {
        case (.head(let head), .idle):
            enter(.receiving(head, body: ByteBuffer()))
        case (.body(let bytes), .receiving(let head, var body)):
            state = .closed
            body.writeImmutableBuffer(bytes)
            if body.readableBytes > service.configuration.bodyBytesMax {
                respond(Self.plain(.contentTooLarge, "no resource here takes so long a body"), to: nil, context)
                context.close(promise: nil)
            } else {
                state = .receiving(head, body: body)
            }
        case (.end, .receiving(let head, let body)):
            requestCount += 1
            handle(head, body, context)
        default:
            context.close(promise: nil)
        }
    }

    private func handle(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        do {
            let live = try LiveRequest(URI(head.uri), waitMax: service.configuration.waitMax)
            guard let live else { return dispatch(head, body, context) }
            switch head.method {
            case .GET: view(live, head, context)
            case .HEAD: answerHead(live, head, context)
            case .OPTIONS: respond(Self.preflight(), to: head, context)
            default:
                var response = Self.plain(.methodNotAllowed, "a live stream is read with GET")
                response.response.headers[.allow] = "GET, HEAD, OPTIONS"
                respond(response, to: head, context)
            }
        } catch {
            respond(Self.plain(.badRequest, "\(error)"), to: head, context)
        }
    }

    private func dispatch(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let request = Self.request(head, body) else {
            return respond(Self.plain(.badRequest, "this method cannot be"), to: head, context)
        }
        enter(.responding)
        setReading(false, context)
        let channel = context.channel
        let service = service
        context.eventLoop.makeFutureWithTask {
            let response = await service.responder(request, channel, service.logger)
            return (response, await Self.collect(response.body))
        }.assumeIsolated().whenSuccess { response, body in
            self.finish(response, body, head)
        }
    }

    private func finish(_ response: Response, _ body: ByteBuffer?, _ head: HTTPRequestHead) {
        guard let context else { return }
        guard let body else {
            return respond(Self.plain(.internalServerError, "the answer could not be made"), to: head, context)
        }
        var response = response
        if head.method != .HEAD { response.headers[.contentLength] = "\(body.readableBytes)" }
        respond((response, body), to: head, context)
    }

    // MARK: Live streams

    private func view(_ live: LiveRequest, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard live.wait != nil || isPublished(live.name) else {
            return respond(Self.noSuchStream(live.name), to: head, context)
        }
        let framing = head.version.liveFraming
        do {
            let subscriber = try LiveSubscriber(
                live, framing: framing, registry: service.registry, channel: context.channel
            ) { [weak self] end in self?.ended(end) }
            enter(.viewing(subscriber))
            pipeline?.remove(from: context.channel)
            pipeline = nil
            setReading(true, context)
            subscriber.start(
                after: LiveSubscriber.head(live, framing: framing), on: service.fanOut.loop(of: context.eventLoop))
            log("viewing", live.name, ["peer": "\(peer)"])
        } catch {
            respond(Self.plain(.serviceUnavailable, "\(error)"), to: head, context)
        }
    }

    private func answerHead(_ live: LiveRequest, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard isPublished(live.name) else {
            return respond(Self.noSuchStream(live.name), to: head, context)
        }
        // As for a viewer, past HTTP's encoder: it would end a body in chunks that there is not.
        enter(.closed)
        pipeline?.remove(from: context.channel)
        pipeline = nil
        context.channel.writeAndFlush(LiveSubscriber.head(live, framing: head.version.liveFraming), promise: nil)
        context.close(promise: nil)
    }

    private func isPublished(_ name: StreamName) -> Bool {
        service.registry.stream(named: name)?.isPublished ?? false
    }

    private func ended(_ end: ViewerEnd) {
        if case .viewing(let subscriber) = state { log("viewer gone", subscriber.name, ["why": "\(end)"]) }
        context?.close(promise: nil)
    }

    // MARK: Responses

    private func respond(
        _ answer: (response: Response, body: ByteBuffer), to head: HTTPRequestHead?, _ context: ChannelHandlerContext
    ) {
        let isKept = head?.isKeepAlive ?? false
        var headers = HTTPHeaders(answer.response.headers)
        if !isKept { headers.replaceOrAdd(name: "connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: answer.response.status.code)
        let version = (head?.version ?? .http1_1).answered
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: version, status: status, headers: headers))), promise: nil)
        if head?.method != .HEAD, answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        guard isKept else {
            enter(.closed)
            context.close(promise: nil)
            return
        }
        enter(.idle)
        resume(context)
    }

    /// Takes up what has come, and reads on when that is done. A client that asks and does not read its answers is
    /// not read from either, or they would fill the memory.
    private func resume(_ context: ChannelHandlerContext) {
        guard !isResuming else { return }
        isResuming = true
        defer { isResuming = false }
        while true {
            switch state {
            case .idle, .receiving: break
            case .responding, .viewing, .closed: return
            }
            guard context.channel.isWritable else { return setReading(false, context) }
            guard !pipelined.isEmpty else { return setReading(true, context) }
            receive(pipelined.removeFirst(), context)
        }
    }

    private func setReading(_ isReading: Bool, _ context: ChannelHandlerContext) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        context.channel.setOption(.autoRead, value: isReading).whenFailure { _ in }
    }

    private func enter(_ state: State) {
        self.state = state
        stateSince = .now()
    }

    // MARK: Time and shutdown

    func checkTime(_ now: NIODeadline) {
        guard let context else { return }
        let hasExpired =
            switch state {
            case .idle:
                now - stateSince
                    > (requestCount == 0 ? service.configuration.headTimeout : service.configuration.keepAliveTimeout)
            case .receiving: now - stateSince > service.configuration.headTimeout
            case .viewing(let subscriber): subscriber.hasWaitedInVain(now)
            case .responding, .closed: false
            }
        guard hasExpired else { return }
        if case .viewing(let subscriber) = state { subscriber.completeBody() }
        context.close(promise: nil)
    }

    func endPublications() {}

    func shutDown() {
        context?.close(promise: nil)
    }

    private func log(_ message: Logger.Message, _ name: StreamName, _ metadata: Logger.Metadata) {
        service.logger.debug(message, metadata: metadata.merging(["stream": "\(name)"]) { old, _ in old })
    }
}
