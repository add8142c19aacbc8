import FLV
import Logging
import NIOCore
import NIOPosix
import RTMP

/// Publishes the demonstration clip as "live/demo" through our own RTMP client, as any encoder would.
struct DemoPublisher: Sendable {
    /// Where the server is.
    let server: SocketAddress
    let group: MultiThreadedEventLoopGroup
    let logger: Logger

    /// The stream's name for people and URLs.
    static let streamName = "live/demo"

    /// Publishes until the task is cancelled, and again when the connection is lost.
    func run() async {
        while !Task.isCancelled {
            do {
                let clip = try DemoClip()
                let channel = try await connect(clip)
                try await withTaskCancellationHandler {
                    try await channel.closeFuture.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
                try await Task.sleep(for: .seconds(1))
            } catch is CancellationError {
                return
            } catch {
                logger.warning("the demo cannot be published", metadata: ["why": "\(error)"])
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    private func connect(_ clip: DemoClip) async throws -> any Channel {
        let url = RTMPURL(
            host: server.ipAddress ?? "127.0.0.1", port: server.port, app: "live", streamName: "demo")
        let logger = logger
        return try await ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DemoChannelHandler(clip: clip, url: url, logger: logger))
                }
            }
            .connect(to: server).get()
    }
}

/// The demo's connection: gives the session bytes, and the clip's tags when their time has come.
private final class DemoChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let clip: DemoClip
    private let logger: Logger
    private var session: RTMPClientSession
    private var ticker: RepeatedTask?
    private var started = NIODeadline.now()
    private var nextTag = 0
    private var round: UInt32 = 0

    init(clip: DemoClip, url: RTMPURL, logger: Logger) {
        self.clip = clip
        self.logger = logger
        session = RTMPClientSession(
            configuration: RTMPClientSession.Configuration(url: url, purpose: .publish(.live)),
            randomBytes: (0..<1528).map { _ in .random(in: 0...255) }, now: .now())
    }

    func channelActive(context: ChannelHandlerContext) {
        session.start()
        advance(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session.receive(unwrapInboundIn(data), at: .now())
        advance(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ticker?.cancel()
        ticker = nil
    }

    private func advance(_ context: ChannelHandlerContext) {
        do {
            while let action = try session.nextAction() {
                switch action {
                case .send(let bytes): context.write(wrapOutboundOut(bytes), promise: nil)
                case .publishing: play(context)
                case .rejected(let code, let description):
                    logger.warning(
                        "the demo is refused", metadata: ["code": "\(code.rawValue)", "why": "\(description)"])
                case .close: context.close(promise: nil)
                case .connected, .playing, .media, .status, .streamEnded, .reconnectRequested: break
                }
            }
        } catch {
            logger.warning("the demo failed", metadata: ["why": "\(error)"])
            context.close(promise: nil)
        }
        context.flush()
    }

    private func play(_ context: ChannelHandlerContext) {
        started = .now()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ticker = context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(10)) { _ in
            bound.value.0.sendDue(bound.value.1)
        }
    }

    /// Sends what is due by the clock, round after round on one timeline.
    private func sendDue(_ context: ChannelHandlerContext) {
        guard !clip.tags.isEmpty else { return }
        let elapsed = (NIODeadline.now() - started).nanoseconds / 1_000_000
        while true {
            let tag = clip.tags[nextTag]
            let timestamp = round &* clip.durationMilliseconds &+ tag.timestamp
            guard Int64(round) * Int64(clip.durationMilliseconds) + Int64(tag.timestamp) <= elapsed else { break }
            session.write(
                MessageTypeID(rawValue: tag.type.rawValue), timestamp: timestamp, payload: tag.body)
            nextTag += 1
            if nextTag == clip.tags.count {
                nextTag = 0
                round += 1
            }
        }
        advance(context)
    }
}
