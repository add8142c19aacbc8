import FanOut
import Logging
import MediaCore
import NIOCore
import RTMP

/// One RTMP connection: gives the session bytes, and does what it asks.
final class RTMPChannelHandler: ChannelInboundHandler, TendedConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let service: RTMPService
    private var session: RTMPServerSession
    private var context: ChannelHandlerContext?
    /// Kept, since a channel that has closed knows its peer no more.
    private var remoteAddress: SocketAddress?
    private var peer: String { remoteAddress?.peerText ?? "unknown" }
    private var publishers: [MessageStreamID: RTMPPublisher] = [:]
    private var subscribers: [MessageStreamID: RTMPSubscriber] = [:]
    /// Plays that were accepted and begin when the acceptance is written.
    private var joining: [MessageStreamID] = []
    private var needsFlush = false
    private var watchedConversations = 0
    /// Whether the session notes what is said.
    private var isTracing = false
    private var reading = ReadPace.prompt
    /// Since when the connection has nothing to do.
    private var idleSince = NIODeadline.now()

    init(service: RTMPService) {
        self.service = service
        session = RTMPServerSession(
            configuration: service.configuration.session, randomBytes: (0..<1528).map { _ in .random(in: 0...255) },
            now: .now())
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
        for publisher in publishers.values { end(publisher, clean: false) }
        for subscriber in subscribers.values { subscriber.leave() }
        publishers.removeAll()
        subscribers.removeAll()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.context != nil else { return }
        let now = NIODeadline.now()
        session.receive(unwrapInboundIn(data), at: now)
        advance(at: now)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        if reading == .promptOnce { adaptReading() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A peer that asks and does not read is not read from either.
        context.channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        log(.debug, "connection failed", ["why": "\(error)"])
        context.close(promise: nil)
    }

    // MARK: Session

    private func advance(at now: NIODeadline) {
        while let context {
            do {
                guard let action = try session.nextAction() else { break }
                perform(action, at: now)
            } catch {
                log(session.peer == nil ? .debug : .notice, "peer at fault", ["why": "\(error)"])
                if error.scope == .connection { close(context) }
            }
        }
        followConversations()
        startJoining(at: now)
    }

    private func perform(_ action: RTMPServerAction, at now: NIODeadline) {
        switch action {
        case .media(let id, let message): publishers[id]?.receive(message, at: now)
        case .send(let bytes): write(bytes)
        case .connectRequested: session.acceptConnect()
        case .publishRequested(let id, let request): publish(id, request, at: now)
        case .playRequested(let id, let request): play(id, request)
        case .publishEnded(let id): endPublisher(id, clean: true)
        case .playEnded(let id): endSubscriber(id)
        case .playControl(let id, let control):
            if subscribers[id]?.control(control) == true { joining.append(id) }
            if case .seek = control {
                session.sendStatus(
                    .seekFailed, description: "A live stream has no other place to go to.", on: id)
            }
        case .pong, .sharedObject: break
        case .commandIgnored(let name): log(.debug, "command ignored", ["command": "\(name)"])
        case .close(let error):
            log(.notice, "peer at fault", ["why": "\(error)"])
            flush()
            if let context { close(context) }
        }
    }

    // MARK: Publishing

    private func publish(_ id: MessageStreamID, _ request: PublishRequest, at now: NIODeadline) {
        guard let context else { return }
        do {
            let name = try StreamName(application: request.stream.app, stream: request.stream.name)
            let info = PublisherInfo(
                address: peer, transport: "rtmp", encoder: session.peer?.flashVersion)
            let publication = try service.registry.publish(name, by: info, at: now)
            publishers[id] = RTMPPublisher(name: name, publication: publication, at: now)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            publication.onAudienceChange { bound.eventLoop.execute { bound.value.adaptReading() } }
            adaptReading()
            session.acceptPublish(id)
            log(.info, "published", ["stream": "\(name)", "encoder": "\(info.encoder ?? "unknown")"])
        } catch {
            session.rejectPublish(id, code: .publishBadName, description: "\(error)")
            log(.notice, "publisher refused", ["stream": "\(request.stream.path)", "why": "\(error)"])
        }
    }

    private func endPublisher(_ id: MessageStreamID, clean: Bool) {
        guard let publisher = publishers.removeValue(forKey: id) else { return }
        idleSince = .now()
        end(publisher, clean: clean)
        adaptReading()
    }

    private func end(_ publisher: RTMPPublisher, clean: Bool) {
        if let conversation = publisher.conversation {
            conversation.end()
            service.conversations.remove(conversation, publishing: publisher.name)
        }
        publisher.publication.end(clean: clean, at: .now())
        log(.info, clean ? "unpublished" : "publisher lost", ["stream": "\(publisher.name)"])
    }

    /// Reads a stream that nobody watches in large pieces, which saves most of the work of taking it in; what is
    /// watched is read as it comes.
    private func adaptReading() {
        let isWatched = !subscribers.isEmpty || publishers.values.contains { $0.publication.isWatched }
        setReading(publishers.isEmpty || isWatched ? .prompt : .patient)
    }

    private func setReading(_ pace: ReadPace) {
        guard pace != reading, let context else { return }
        reading = pace
        pace.apply(to: context.channel)
    }

    // MARK: Conversation

    /// Shows a conversation once its publication stands, and goes on with those that somebody watches.
    private func followConversations() {
        for publisher in publishers.values where publisher.conversation == nil { show(publisher) }
        guard isTracing else { return }
        let (events, dropped) = session.takeTrace()
        guard !events.isEmpty || dropped > 0 else { return }
        for publisher in publishers.values { publisher.conversation?.append(events, dropped: dropped) }
    }

    private func show(_ publisher: RTMPPublisher) {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let conversation = RTMPConversation(peer: peer, opening: session.opening) { isWatched in
            bound.eventLoop.execute { bound.value.setTracing(isWatched) }
        }
        publisher.conversation = conversation
        service.conversations.add(conversation, publishing: publisher.name)
    }

    private func setTracing(_ isWatched: Bool) {
        // Another publication of the connection may be watched as well.
        watchedConversations += isWatched ? 1 : -1
        isTracing = watchedConversations > 0
        if isTracing { session.startTrace() } else { session.stopTrace() }
    }

    // MARK: Playing

    private func play(_ id: MessageStreamID, _ request: PlayRequest) {
        guard let context else { return }
        do {
            let name = try StreamName(application: request.stream.app, stream: request.stream.name)
            endSubscriber(id)
            defer { adaptReading() }
            subscribers[id] = RTMPSubscriber(
                id: id, name: name, channel: context.channel, service: service
            ) { [weak self] subscriber, end in self?.ended(subscriber, end) }
            joining.append(id)
            session.acceptPlay(id)
            log(.debug, "playing", ["stream": "\(name)"])
        } catch {
            session.rejectPlay(id, code: .playStreamNotFound, description: "\(error)")
            log(.notice, "viewer refused", ["stream": "\(request.stream.path)", "why": "\(error)"])
        }
    }

    private func startJoining(at now: NIODeadline) {
        guard !joining.isEmpty, context != nil else { return }
        flush()
        let ids = joining
        joining.removeAll()
        // Several plays on one connection write whole messages through the channel, so that they do not mix.
        if subscribers.count > 1 { for subscriber in subscribers.values { subscriber.viewer?.deliverThroughChannel() } }
        for id in ids {
            guard let subscriber = subscribers[id] else { continue }
            do {
                try subscriber.join(subscribers.count > 1 ? .channel : .descriptor)
            } catch {
                subscribers[id] = nil
                session.endPlay(id, code: .playFailed, description: "\(error)")
                log(.notice, "viewer refused", ["stream": "\(subscriber.name)", "why": "\(error)"])
                advance(at: now)
            }
        }
    }

    private func endSubscriber(_ id: MessageStreamID) {
        guard let subscriber = subscribers.removeValue(forKey: id) else { return }
        idleSince = .now()
        subscriber.leave()
        log(.debug, "stopped playing", ["stream": "\(subscriber.name)"])
    }

    private func ended(_ subscriber: RTMPSubscriber, _ end: ViewerEnd) {
        if subscribers[subscriber.id] === subscriber { subscribers[subscriber.id] = nil }
        log(.debug, "viewer gone", ["stream": "\(subscriber.name)", "why": "\(end)"])
        context?.close(promise: nil)
    }

    // MARK: Writing

    private func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        if subscribers.count == 1, let viewer = subscribers.first?.value.viewer {
            viewer.send(bytes)
            if viewer.privateBytes > service.configuration.answerBytesMax {
                log(.notice, "peer asks and does not read", [:])
                context.close(promise: nil)
            }
        } else {
            context.write(wrapOutboundOut(bytes), promise: nil)
            needsFlush = true
        }
    }

    private func flush() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    private func close(_ context: ChannelHandlerContext) {
        flush()
        context.close(promise: nil)
    }

    // MARK: Time and shutdown

    /// Once a second: whether the connection has had its time.
    func checkTime(_ now: NIODeadline) {
        guard let context else { return }
        let configuration = service.configuration
        // What is read patiently may have come a second ago.
        let patience: TimeAmount = reading == .prompt ? .zero : .seconds(1)
        // Once a second whatever has come is taken in, so that commands and the last words of a stream do not wait.
        if reading == .patient { setReading(.promptOnce) }
        if !session.isConnected {
            if now - idleSince > configuration.handshakeTimeout { expire(context, "no connect in time") }
        } else if !publishers.isEmpty {
            let last = publishers.values.lazy.map(\.lastMedia).max() ?? now
            if subscribers.isEmpty, now - last > configuration.idleTimeout + patience {
                expire(context, "publisher silent")
            }
        } else if subscribers.isEmpty, now - idleSince > configuration.idleTimeout {
            expire(context, "neither publishes nor plays")
        }
    }

    private func expire(_ context: ChannelHandlerContext, _ why: String) {
        log(.info, "connection timed out", ["why": "\(why)"])
        context.close(promise: nil)
    }

    func endPublications() {
        for id in Array(publishers.keys) {
            endPublisher(id, clean: true)
            session.endPublish(id, code: .unpublishSuccess, description: "The server is shutting down.")
        }
        advance(at: .now())
        flush()
    }

    func shutDown() {
        if let context { close(context) }
    }

    private func log(
        _ level: Logger.Level, _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Logger.Metadata
    ) {
        guard service.logger.logLevel <= level else { return }
        var metadata = metadata()
        metadata["peer"] = "\(peer)"
        service.logger.log(level: level, "\(message())", metadata: metadata)
    }
}
