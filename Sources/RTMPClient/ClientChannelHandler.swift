import FLV
import NIOCore
import RTMP

/// Gives a client session the connection's bytes and does what it asks for.
///
/// It lives on the connection's event loop. Everything that is told to the outside goes through ``ready``, ``ended``,
/// and the two closures.
final class ClientChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What became of the attempt to publish or play.
    let ready: EventLoopPromise<Void>
    /// Fulfilled at the end of the connection; fails with why, unless this end closed it.
    let ended: EventLoopPromise<Void>

    private let options: RTMPClientOptions
    private let onEvent: @Sendable (RTMPClientEvent) -> Void
    /// Takes a tag; returns whether reading must stop.
    private let onMedia: @Sendable (FLVTag) -> Bool
    private var session: RTMPClientSession
    private var context: ChannelHandlerContext?
    private var gauge: TransportGauge?
    private var failure: RTMPClientError?
    private var isClosing = false
    private var bytesSent: UInt64 = 0
    private var acceptTimer: Scheduled<Void>?
    private var stallTimer: RepeatedTask?
    private var stallWatch = StallWatch()
    private var writabilityWaiters: [EventLoopPromise<Void>] = []

    /// How often a stall is looked for.
    private static let stallCheckInterval = TimeAmount.milliseconds(500)
    /// How long the server may take to close after our last word.
    private static let closeTimeout = TimeAmount.seconds(1)

    init(
        session: RTMPClientSession, options: RTMPClientOptions, eventLoop: any EventLoop,
        onEvent: @escaping @Sendable (RTMPClientEvent) -> Void, onMedia: @escaping @Sendable (FLVTag) -> Bool
    ) {
        self.session = session
        self.options = options
        self.onEvent = onEvent
        self.onMedia = onMedia
        ready = eventLoop.makePromise()
        ended = eventLoop.makePromise()
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session.receive(unwrapInboundIn(data), at: .now())
        advance(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { wakeWriters() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(RTMPClientError(connection: error, to: session.configuration.url))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(RTMPClientError(.connectionLost, "the server closed the connection"))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(RTMPClientError(.connectionLost, "the connection is gone"))
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard gauge == nil else { return }
        let gauge = TransportGauge(context.channel)
        if case .publish = session.configuration.purpose { gauge.limitUnsent(toBytes: options.sendBufferBytesMax / 4) }
        self.gauge = gauge
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        acceptTimer = context.eventLoop.scheduleTask(in: options.acceptTimeout) {
            bound.value.0.giveUp(bound.value.1)
        }
        if options.onWire != nil { session.startTrace() }
        session.start()
        advance(context)
    }

    // MARK: The session

    private func advance(_ context: ChannelHandlerContext) {
        defer { tellWire() }
        do {
            while let action = try nextAction() { perform(action, context) }
        } catch {
            fail(RTMPClientError(error))
            context.close(promise: nil)
        }
        context.flush()
    }

    /// Tells those who want to hear it what was said since the last time.
    private func tellWire() {
        guard let onWire = options.onWire else { return }
        let (events, dropped) = session.takeTrace()
        if !events.isEmpty || dropped > 0 { onWire(events, dropped) }
    }

    /// The session's next action, past messages that are malformed and harmless.
    private func nextAction() throws(RTMPError) -> RTMPClientAction? {
        while true {
            do throws(RTMPError) {
                return try session.nextAction()
            } catch  where error.scope != .connection {
                onEvent(.malformedMessage(error))
            }
        }
    }

    private func perform(_ action: RTMPClientAction, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let bytes):
            bytesSent &+= UInt64(bytes.readableBytes)
            context.write(wrapOutboundOut(bytes), promise: nil)
        case .connected: break
        case .publishing:
            accepted()
            watchForStalls(context)
        case .playing: accepted()
        case .media(let message):
            let type = FLVTagType(rawValue: message.typeID.rawValue)
            if onMedia(FLVTag(type: type, timestamp: message.timestamp, body: message.payload)) { setReading(false) }
        case .status(let event): onEvent(.status(event))
        case .streamEnded: onEvent(.streamEnded)
        case .reconnectRequested(let tcURL, let description):
            onEvent(.reconnectRequested(session.configuration.url.moved(to: tcURL), description: description))
        case .rejected(let code, let description):
            fail(.refused(code, description, session.configuration.url))
        case .close(let error):
            if let error { fail(RTMPClientError(error)) }
            close(context)
        }
    }

    private func accepted() {
        acceptTimer?.cancel()
        acceptTimer = nil
        ready.succeed()
    }

    // MARK: Ends

    /// Keeps the first reason for the end; the ones that follow are its consequences.
    private func fail(_ error: RTMPClientError) {
        if failure == nil { failure = error }
    }

    private func giveUp(_ context: ChannelHandlerContext) {
        let seconds = options.acceptTimeout.nanoseconds / 1_000_000_000
        fail(
            RTMPClientError(
                .timedOut,
                "\(session.configuration.url.authority) has not accepted the stream within \(seconds) s; is it an RTMP "
                    + "server?"))
        context.close(promise: nil)
    }

    /// The connection is gone, and nothing can be sent from here on. `loss` is why, if there is no earlier reason.
    private func end(_ loss: RTMPClientError) {
        acceptTimer?.cancel()
        stallTimer?.cancel()
        acceptTimer = nil
        stallTimer = nil
        context = nil
        if !isClosing {
            let error = failure ?? loss
            failure = error
            ready.fail(error)
            ended.fail(error)
        } else {
            ready.fail(RTMPClientError(.cancelled, "closed"))
            ended.succeed()
        }
        wakeWriters()
    }

    private func wakeWriters() {
        let waiters = writabilityWaiters
        writabilityWaiters = []
        for waiter in waiters { waiter.succeed() }
    }

    /// Lets what is written go out, then ends the connection; the server gets a moment to end it first.
    private func close(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.closeTimeout) { bound.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            bound.value.close(mode: .output, promise: nil)
        }
    }

    private func watchForStalls(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        stallTimer = context.eventLoop.scheduleRepeatedTask(
            initialDelay: Self.stallCheckInterval, delay: Self.stallCheckInterval
        ) { _ in bound.value.0.checkForStall(bound.value.1) }
    }

    private func checkForStall(_ context: ChannelHandlerContext) {
        let waiting = queuedBytes(context) + (gauge?.unacknowledgedBytes ?? 0)
        guard stallWatch.isStalled(sent: bytesSent, waiting: waiting, at: .now(), after: options.stallTimeout) else {
            return
        }
        let seconds = options.stallTimeout.nanoseconds / 1_000_000_000
        fail(RTMPClientError(.stalled, "the server has taken nothing for \(seconds) s; \(waiting) bytes wait"))
        context.close(promise: nil)
    }

    // MARK: What the outside asks for, on the event loop

    /// Sends tags; they are gone when the connection is.
    ///
    /// - Returns: nil when more may come at once, else what is fulfilled when more may come.
    func send(_ tags: some Sequence<FLVTag>) throws(RTMPClientError) -> EventLoopFuture<Void>? {
        guard let context, session.isRunning else { throw endReason }
        for tag in tags {
            guard tag.body.readableBytes <= FLVWriter.bodyBytesMax else {
                throw RTMPClientError(.tagTooLong, "a tag of \(tag.body.readableBytes) bytes does not fit a message")
            }
            let body = tag.type == .script ? ScriptData.settingDataFrame(tag.body) : tag.body
            session.write(MessageTypeID(rawValue: tag.type.rawValue), timestamp: tag.timestamp, payload: body)
        }
        advance(context)
        guard !context.channel.isWritable else { return nil }
        let promise = context.eventLoop.makePromise(of: Void.self)
        writabilityWaiters.append(promise)
        return promise.futureResult
    }

    /// Why nothing can be sent any more.
    var endReason: RTMPClientError {
        failure ?? RTMPClientError(isClosing ? .cancelled : .connectionLost, "the connection is closed")
    }

    /// Ends the stream in good order.
    func stop() {
        guard let context, !isClosing else { return }
        isClosing = true
        if session.isClosed {
            close(context)
        } else {
            session.stop()
            advance(context)
        }
    }

    /// Stops or resumes reading.
    func setReading(_ isReading: Bool) {
        guard let context else { return }
        context.channel.setOption(.autoRead, value: isReading).whenFailure { _ in }
        if isReading { context.read() }
    }

    var statistics: RTMPClientStatistics {
        var statistics = RTMPClientStatistics()
        statistics.bytesSent = bytesSent
        statistics.bytesReceived = session.bytesReceived
        if let acknowledged = session.bytesAcknowledgedByPeer {
            // Sequence numbers wrap at 2³²: it is the last such number that we have reached.
            let behind = UInt32(truncatingIfNeeded: bytesSent) &- acknowledged
            statistics.acknowledgedBytes = bytesSent &- min(UInt64(behind), bytesSent)
        }
        guard let context else { return statistics }
        statistics.queuedBytes = queuedBytes(context)
        statistics.unacknowledgedBytes = gauge?.unacknowledgedBytes
        statistics.roundTripMicroseconds = gauge?.roundTripMicroseconds
        return statistics
    }

    private func queuedBytes(_ context: ChannelHandlerContext) -> Int {
        do {
            return try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
        } catch {
            return 0
        }
    }
}
