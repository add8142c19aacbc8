import FLV
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTMP

/// An RTMP server on loopback for tests of clients: it answers as it is told, and keeps what it hears.
public final class RTMPTestServer: Sendable {
    /// How it answers.
    public enum Behaviour: Sendable {
        /// Takes every publisher; plays these tags to every player and then ends the stream.
        case accepts(playing: [FLVTag] = [])
        /// Refuses publish and play.
        case refuses(StatusCode, String)
        /// Refuses connect.
        case refusesConnect(StatusCode, String)
        /// Takes connections and says nothing.
        case isSilent
        /// Says something that is no RTMP.
        case says(String)
        /// Takes every publisher and reads nothing from then on.
        case stopsReading
        /// Takes every publisher and asks it to connect anew.
        case moves(toTCURL: String?)
        /// Takes every publisher and closes the connection after so many messages of media.
        case closes(afterMessages: Int)
    }

    /// What it heard from one connection.
    public struct Heard: Sendable {
        /// Media messages, in order.
        public var media: [RTMPMessage] = []
        /// Whether the stream was ended in good order.
        public var isEnded = false
        /// What connect said.
        public var connect: ConnectRequest?
    }

    /// Where it listens, on 127.0.0.1.
    public let port: Int
    /// What it heard, by connection.
    public var heard: [Heard] { log.withLockedValue { $0 } }

    private let listener: any Channel
    private let log: NIOLockedValueBox<[Heard]>

    private init(listener: any Channel, port: Int, log: NIOLockedValueBox<[Heard]>) {
        self.listener = listener
        self.port = port
        self.log = log
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - behaviour: how it answers.
    ///   - host: an address of loopback.
    ///   - port: 0 for one that is free.
    ///   - prepare: what is done with a connection first, such as TLS.
    public static func start(
        _ behaviour: Behaviour = .accepts(), host: String = "127.0.0.1", port: Int = 0,
        prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws -> RTMPTestServer {
        let log = NIOLockedValueBox<[Heard]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(.so_rcvbuf), value: 32 << 10)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    let index = log.withLockedValue { log in
                        log.append(Heard())
                        return log.count - 1
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        TestServerHandler(behaviour) { change in log.withLockedValue { change(&$0[index]) } })
                }
            }
            .bind(host: host, port: port).get()
        guard let port = listener.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        return RTMPTestServer(listener: listener, port: port, log: log)
    }

    /// Stops listening.
    public func stop() async throws {
        try await listener.close()
    }

    /// The URL of a stream here.
    public func url(_ stream: String = "show", app: String = "live") -> RTMPURL {
        RTMPURL(host: "127.0.0.1", port: port, app: app, streamName: stream)
    }
}

/// One connection of the server.
private final class TestServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let behaviour: RTMPTestServer.Behaviour
    private let note: ((inout RTMPTestServer.Heard) -> Void) -> Void
    private var mediaCount = 0
    private var session = RTMPServerSession(
        randomBytes: (0..<1528).map { UInt8(truncatingIfNeeded: $0) }, now: .now())

    init(
        _ behaviour: RTMPTestServer.Behaviour, note: @escaping ((inout RTMPTestServer.Heard) -> Void) -> Void
    ) {
        self.behaviour = behaviour
        self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch behaviour {
        case .isSilent: return
        case .says(let text):
            return context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        default: break
        }
        session.receive(unwrapInboundIn(data), at: .now())
        advance(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func advance(_ context: ChannelHandlerContext) {
        do {
            while let action = try session.nextAction() { perform(action, context) }
        } catch {
            context.close(promise: nil)
        }
        context.flush()
    }

    private func perform(_ action: RTMPServerAction, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let bytes): context.write(wrapOutboundOut(bytes), promise: nil)
        case .connectRequested(let request):
            note { $0.connect = request }
            if case .refusesConnect(let code, let description) = behaviour {
                session.rejectConnect(code: code, description: description)
            } else {
                session.acceptConnect()
            }
        case .publishRequested(let id, _): answerPublish(id, context)
        case .playRequested(let id, _): answerPlay(id, context)
        case .media(_, let message):
            mediaCount += 1
            note { $0.media.append(message) }
            if case .closes(let count) = behaviour, mediaCount >= count { context.close(promise: nil) }
        case .publishEnded, .playEnded: note { $0.isEnded = true }
        case .close:
            context.flush()
            context.close(promise: nil)
        default: break
        }
    }

    private func answerPublish(_ id: MessageStreamID, _ context: ChannelHandlerContext) {
        if case .refuses(let code, let description) = behaviour {
            return session.rejectPublish(id, code: code, description: description)
        }
        session.acceptPublish(id)
        switch behaviour {
        case .stopsReading: context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        case .moves(let tcURL): session.requestReconnect(tcURL: tcURL, description: "moving")
        default: break
        }
    }

    private func answerPlay(_ id: MessageStreamID, _ context: ChannelHandlerContext) {
        guard case .accepts(let tags) = behaviour else {
            if case .refuses(let code, let description) = behaviour {
                session.rejectPlay(id, code: code, description: description)
            }
            return
        }
        session.acceptPlay(id)
        advance(context)
        var bytes = ByteBuffer()
        for tag in tags {
            ChunkWriter.writeUncompressed(
                typeID: MessageTypeID(rawValue: tag.type.rawValue), streamID: id, timestamp: tag.timestamp,
                payload: tag.body, on: .video, chunkSize: session.configuration.outboundChunkSize, into: &bytes)
        }
        context.write(wrapOutboundOut(bytes), promise: nil)
        session.send(.streamEOF(id))
    }
}
