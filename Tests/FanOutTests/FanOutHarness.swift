import FanOut
import MediaCore
import MediaTesting
import NIOCore
import NIOPosix
import Testing

/// A fan-out on real sockets: each connection becomes a viewer of one log, and clients are plain descriptors, so that a
/// test decides when they read.
final class FanOutHarness: Sendable {
    let group: MultiThreadedEventLoopGroup
    let fanOut: FanOutLoops
    let log: BroadcastLog
    let counters = ViewerCounters()
    let ends = Locked<[ViewerEnd]>([])
    private let listener: any Channel
    private let viewers = Locked<[ViewerBox]>([])

    /// A viewer and its delegate, kept alive by its connection's handler.
    final class ViewerBox: ChannelInboundHandler, ViewerDelegate, Sendable {
        typealias InboundIn = ByteBuffer
        let harness: FanOutHarness
        let delivery: ViewerDelivery
        let preamble: ByteBuffer
        let channel = Locked<(any Channel)?>(nil)
        private let viewer = Locked<NIOLoopBound<Viewer>?>(nil)

        init(harness: FanOutHarness, delivery: ViewerDelivery, preamble: ByteBuffer) {
            self.harness = harness
            self.delivery = delivery
            self.preamble = preamble
        }

        func channelActive(context: ChannelHandlerContext) {
            let log = harness.log
            let start = ViewerStart(
                log: log, cursor: log.joinPoint?.position ?? log.head, preamble: preamble,
                rejoin: { log.joinPoint.map { ($0.position, FanOutHarness.message(kind: .rejoin, sequence: 0)) } },
                counters: harness.counters)
            channel.withLock { $0 = context.channel }
            harness.viewers.withLock { $0.append(self) }
            guard let loop = harness.fanOut.loop(of: context.eventLoop) else { return }
            let joined = loop.join(context.channel, at: start, delivery: delivery, delegate: self)
            viewer.withLock { $0 = NIOLoopBound(joined, eventLoop: context.eventLoop) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            viewer.withLock { $0 }?.value.leave()
        }

        func viewerEnded(_ viewer: Viewer, _ end: ViewerEnd) {
            harness.ends.withLock { $0.append(end) }
            channel.withLock { $0 }?.close(promise: nil)
        }

        func send(_ message: ByteBuffer) {
            guard let channel = channel.withLock({ $0 }) else { return }
            channel.eventLoop.execute { self.viewer.withLock { $0 }?.value.send(message) }
        }
    }

    init(
        loops: Int = 1, configuration: FanOutConfiguration = FanOutConfiguration(), limits: LogLimits = LogLimits(),
        delivery: ViewerDelivery = .descriptor, preamble: ByteBuffer = ByteBuffer()
    ) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        fanOut = FanOutLoops(group: group, configuration: configuration)
        log = BroadcastLog(limits: limits)
        let holder = Holder()
        listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let harness = holder.harness.withLock({ $0 }) else { return }
                    try channel.pipeline.syncOperations.addHandler(
                        ViewerBox(harness: harness, delivery: delivery, preamble: preamble))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        holder.harness.withLock { $0 = self }
    }

    private final class Holder: Sendable {
        let harness = Locked<FanOutHarness?>(nil)
    }

    var joinedViewers: [ViewerBox] { viewers.withLock { $0 } }

    func shutDown() async throws {
        try await listener.close()
        try await group.shutdownGracefully()
    }

    /// A client that reads only when told to.
    ///
    /// - Parameter receiveBytes: of kernel buffer; small ones stall the server soon.
    func connect(receiveBytes: CInt? = nil) throws -> TestClient {
        try TestClient(port: listener.localAddress?.port ?? 0, receiveBytes: receiveBytes)
    }

    // MARK: Messages

    enum Kind: UInt8 {
        case delta, keyframe, preamble, rejoin, personal
    }

    /// A message that can be checked: its length, its kind, its number, and filler that follows from the number.
    static func message(kind: Kind, sequence: UInt32, count: Int = 64) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt32(count + 9))
        bytes.writeInteger(kind.rawValue)
        bytes.writeInteger(sequence)
        bytes.writeRepeatingByte(UInt8(truncatingIfNeeded: sequence), count: count)
        return bytes
    }

    func append(_ kind: Kind, _ sequence: UInt32, count: Int = 64) {
        log.append(
            Self.message(kind: kind, sequence: sequence, count: count),
            time: MediaTime(milliseconds: Int64(sequence) * 40), isJoinPoint: kind == .keyframe, urgency: .now)
    }
}

/// One received message.
struct Received: Equatable {
    let kind: FanOutHarness.Kind
    let sequence: UInt32
}

/// A client that checks what it reads. Used by one test at a time.
final class TestClient {
    private let socket: TestSocket
    private var pending = ByteBuffer()

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    init(port: Int, receiveBytes: CInt?) throws {
        socket = try TestSocket(port: port, receiveBytes: receiveBytes, timeoutSeconds: 60)
    }

    /// The next message; nil when the server has closed.
    func next() throws -> Received? {
        while true {
            if let message = try parse() { return message }
            guard var bytes = try socket.receive() else { return nil }
            pending.writeBuffer(&bytes)
        }
    }

    /// All messages up to and including the one of that number.
    func messages(upTo sequence: UInt32) throws -> [Received] {
        var all: [Received] = []
        while let message = try next() {
            all.append(message)
            if message.sequence == sequence, [.delta, .keyframe].contains(message.kind) { return all }
        }
        throw Broken(description: "closed after \(all.count) messages")
    }

    private func parse() throws -> Received? {
        guard let length = pending.getInteger(at: pending.readerIndex, as: UInt32.self),
            pending.readableBytes >= Int(length)
        else { return nil }
        guard length >= 9, pending.readInteger(as: UInt32.self) != nil,
            let kind = pending.readInteger(as: UInt8.self).flatMap(FanOutHarness.Kind.init),
            let sequence = pending.readInteger(as: UInt32.self),
            let filler = pending.readBytes(length: Int(length) - 9),
            filler.allSatisfy({ $0 == UInt8(truncatingIfNeeded: sequence) })
        else { throw Broken(description: "a message is damaged") }
        return Received(kind: kind, sequence: sequence)
    }
}
