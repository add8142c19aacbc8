import FanOut
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import MediaCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import WebSocket

/// One HTTP/1 connection, or one stream of an HTTP/2 connection: requests for live streams leave HTTP for the fan-out,
/// all others go to the providers of resources and to the responder, one after the other.
final class HTTPChannelHandler: ChannelInboundHandler, TendedConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    enum State {
        /// Between requests. The client sends a head next.
        case idle
        /// A head has come; its body follows.
        case receiving(HTTPRequestHead, body: ByteBuffer)
        /// A provider, or the responder in a task, is at work. What is read in the meantime waits.
        case asking(Task<Void, Never>?)
        /// The responder's body is being sent as it is made.
        case streaming(StreamedBody)
        /// A long body is being sent; this much is left, for when the client has taken what it has.
        case sending(ByteBuffer)
        /// The connection is a viewer's; what the client sends is not looked at.
        case viewing(LiveSubscriber)
        /// The last answer is written and the connection ends, or the client of a stream has yet to end its own part.
        case closed
    }

    let service: HTTPService
    private(set) var wire: HTTPWire
    private let host: any HTTPHandlerHost
    private(set) var state = State.idle
    private var stateSince = NIODeadline.now()
    /// Since when the client has not taken what was written.
    private var unwritableSince: NIODeadline?
    /// The answer under way, or the last.
    var exchange = HTTPExchange()
    private var requestCount = 0
    /// Parts of requests that wait for the answer to an earlier one: what one read brought, no more.
    private var pipelined = CircularBuffer<HTTPServerRequestPart>()
    private var isResuming = false
    private var isReading = true
    private(set) var context: ChannelHandlerContext?
    /// Kept, since a channel that has closed knows its peer no more.
    private var remoteAddress: SocketAddress?
    private var peer: String { remoteAddress?.peerText ?? "unknown" }

    /// - Parameters:
    ///   - service: what connections share.
    ///   - wire: what answers are written to.
    ///   - host: looks after the connection's time.
    init(service: HTTPService, wire: HTTPWire, host: any HTTPHandlerHost) {
        self.service = service
        self.wire = wire
        self.host = host
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard self.context == nil else { return }
        guard host.take(self, on: context.channel) else {
            context.close(promise: nil)
            return
        }
        // Of the channel, not the context: a stream of HTTP/2 has its connection's address there alone.
        remoteAddress = context.channel.remoteAddress
        self.context = context
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.context != nil else { return }
        self.context = nil
        host.release(self, on: context.eventLoop)
        switch state {
        case .viewing(let subscriber): subscriber.leave()
        case .asking(let task): task?.cancel()
        case .streaming(let body): body.cancel()
        case .idle, .receiving, .sending, .closed: break
        }
        enter(.closed)
        pipelined.removeAll()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .viewing, .closed: return
        case .idle, .receiving, .asking, .streaming, .sending:
            pipelined.append(unwrapInboundIn(data))
            resume(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            unwritableSince = nil
            if case .idle = state { stateSince = .now() }
            resume(context)
        } else {
            unwritableSince = .now()
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        service.logger.debug("connection failed", metadata: ["peer": "\(peer)", "why": "\(error)"])
        if error is HTTPParserError, case .idle = state {
            respond(.plain(.badRequest, "this is no HTTP request"), to: nil, context)
        } else {
            context.close(promise: nil)
        }
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
                respond(.plain(.contentTooLarge, "no resource here takes so long a body"), to: nil, context)
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
        guard !answerResource(head, context) else { return }
        do {
            let live = try LiveRequest(URI(head.uri), waitMax: service.configuration.waitMax)
            guard let live else { return dispatch(head, body, context) }
            switch head.method {
            case .GET: view(live, head, context)
            case .HEAD: answerHead(live, head, context)
            case .OPTIONS: respond(.preflight(), to: head, context)
            default:
                var answer = HTTPAnswer.plain(.methodNotAllowed, "a live stream is read with GET")
                answer.headers.add(name: "allow", value: "GET, HEAD, OPTIONS")
                respond(answer, to: head, context)
            }
        } catch {
            respond(.plain(.badRequest, "\(error)"), to: head, context)
        }
    }

    // MARK: Live streams

    private func view(_ live: LiveRequest, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard live.wait != nil || isPublished(live.name) else {
            return respond(.noSuchStream(live.name), to: head, context)
        }
        if let hub = service.registry.stream(named: live.name), let why = LiveSubscriber.obstacle(live, hub) {
            return respond(.plain(.notFound, why), to: head, context)
        }
        do {
            let accept = try webSocketAccept(head)
            let framing = accept == nil ? liveFraming(head) : .webSocket
            let subscriber = try LiveSubscriber(
                live, framing: framing, registry: service.registry, channel: context.channel
            ) { [weak self] end in self?.ended(end) }
            enter(.viewing(subscriber))
            let bytes =
                if let accept { try beginWebSocket(subscriber, accept: accept, context) } else {
                    beginBody(live, framing: framing, endsHere: false, context)
                }
            setReading(true, context)
            subscriber.start(
                after: bytes, on: service.fanOut.loop(of: context.eventLoop), delivery: wire.delivery)
            log("viewing", live.name, ["peer": "\(peer)"])
        } catch let refusal as WebSocketHandshake.Refusal {
            respond(.noWebSocket(refusal), to: head, context)
        } catch {
            respond(.plain(.serviceUnavailable, "\(error)"), to: head, context)
        }
    }

    private func answerHead(_ live: LiveRequest, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard isPublished(live.name) else {
            return respond(.noSuchStream(live.name), to: head, context)
        }
        let bytes = beginBody(live, framing: liveFraming(head), endsHere: true, context)
        switch wire {
        case .http1:
            context.write(wrapOutboundOut(bytes), promise: nil)
            closeWhenSent(context)
        case .http2:
            context.flush()
            enter(.closed)
        }
    }

    private func liveFraming(_ head: HTTPRequestHead) -> LiveFraming {
        switch wire {
        case .http1: head.version.answered == .http1_1 ? .chunked : .untilClose
        case .http2: .http2
        }
    }

    /// Takes HTTP/1 out of the channel, or sends the head that HTTP/2 has as a frame of its own.
    ///
    /// - Returns: the bytes that go before the body's.
    private func beginBody(
        _ live: LiveRequest, framing: LiveFraming, endsHere: Bool, _ context: ChannelHandlerContext
    ) -> ByteBuffer {
        switch wire {
        case .http1:
            takeDecoder().map { context.channel.pipeline.syncOperations.removeHandler($0, promise: nil) }
            return LiveSubscriber.head(live, framing: framing)
        case .http2(let stream):
            let headers = HTTPHeaders(LiveSubscriber.fields(live))
            stream.writeHead(.ok, headers, .unknown, date: service.date.text, endsStream: endsHere)
            return ByteBuffer()
        }
    }

    /// Takes HTTP/1's decoder out of the handler's hands, and gives back what requests needed: a viewer stays for hours.
    func takeDecoder() -> (any RemovableChannelHandler)? {
        guard case .http1(let decoder, let isSecure) = wire else { return nil }
        wire = .http1(decoder: nil, isSecure: isSecure)
        pipelined = CircularBuffer()
        return decoder
    }

    private func isPublished(_ name: StreamName) -> Bool {
        service.registry.stream(named: name)?.isPublished ?? false
    }

    private func ended(_ end: ViewerEnd) {
        if case .viewing(let subscriber) = state { log("viewer gone", subscriber.name, ["why": "\(end)"]) }
        endBody(isWhole: end == .streamEnded)
    }

    /// Ends a live body. A stream of HTTP/2 that ends without a mark is a broken one.
    private func endBody(isWhole: Bool) {
        if isWhole, case .http2(let stream) = wire {
            stream.writeBody(ByteBuffer(), endsStream: true)
            context?.flush()
            enter(.closed)
        } else {
            context?.close(promise: nil)
        }
    }

    // MARK: One after the other

    /// Takes up what has come, and reads on when that is done. A client that asks and does not read its answers is
    /// not read from either, or they would fill the memory.
    func resume(_ context: ChannelHandlerContext) {
        guard !isResuming else { return }
        isResuming = true
        defer { isResuming = false }
        while true {
            switch state {
            case .idle, .receiving:
                guard let part = pipelined.first else { return setReading(true, context) }
                guard context.channel.isWritable else { return setReading(false, context) }
                pipelined.removeFirst()
                receive(part, context)
            case .asking: return setReading(pipelined.isEmpty, context)
            case .streaming(let body):
                if context.channel.isWritable { body.goOn() }
                return setReading(pipelined.isEmpty, context)
            case .sending(let rest):
                guard context.channel.isWritable else { return setReading(pipelined.isEmpty, context) }
                enter(.asking(nil))
                sendRest(rest, context)
            case .viewing, .closed: return
            }
        }
    }

    private func setReading(_ isReading: Bool, _ context: ChannelHandlerContext) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        context.channel.setOption(.autoRead, value: isReading).whenFailure { _ in }
    }

    func enter(_ state: State) {
        self.state = state
        stateSince = .now()
    }

    // MARK: Time and shutdown

    func checkTime(_ now: NIODeadline) {
        guard let context else { return }
        let hasExpired =
            switch state {
            case .idle where unwritableSince == nil:
                now - stateSince
                    > (requestCount == 0 ? service.configuration.headTimeout : service.configuration.keepAliveTimeout)
            case .receiving: now - stateSince > service.configuration.headTimeout
            case .viewing(let subscriber): subscriber.checkTime(now)
            case .closed: now - stateSince > service.configuration.keepAliveTimeout
            case .idle, .asking, .streaming, .sending:
                unwritableSince.map { now - $0 > service.configuration.keepAliveTimeout } ?? false
            }
        guard hasExpired else { return }
        if case .viewing(let subscriber) = state {
            subscriber.completeBody()
            subscriber.leave()
            endBody(isWhole: true)
        } else {
            context.close(promise: nil)
        }
    }

    func endPublications() {}

    func shutDown() {
        context?.close(promise: nil)
    }

    private func log(_ message: Logger.Message, _ name: StreamName, _ metadata: Logger.Metadata) {
        service.logger.debug(message, metadata: metadata.merging(["stream": "\(name)"]) { old, _ in old })
    }
}
