import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A TCP proxy on loopback that can be made as bad as a real network: it cuts, stalls and limits connections.
///
/// What it is told counts for the connections that stand and for those that come.
public final class FaultyProxy: Sendable {
    /// How the network is.
    public enum Condition: Sendable, Hashable {
        /// All is well.
        case good
        /// Connections are reset, and new ones are, too.
        case cut
        /// Connections stand, and nothing comes through.
        case stalled
        /// What clients send comes through at so many bytes a second, all connections together.
        case limited(bytesPerSecond: Int)
    }

    /// Where clients connect to, on 127.0.0.1.
    public let port: Int
    /// How many connections clients have made so far.
    public var acceptedCount: Int { state.withLockedValue { $0.acceptedCount } }

    private struct State {
        var condition = Condition.good
        var acceptedCount = 0
        var pairs: [ObjectIdentifier: NIOLoopBound<ProxyPair>] = [:]
    }

    private let listener: any Channel
    private let state: NIOLockedValueBox<State>

    /// What a side may hold in the kernel: little, so that a limit is felt soon.
    private static let kernelBytes: ChannelOptions.Types.SocketOption.Value = 32 << 10

    private init(listener: any Channel, port: Int, state: NIOLockedValueBox<State>) {
        self.listener = listener
        self.port = port
        self.state = state
    }

    /// Begins to listen.
    ///
    /// - Parameter port: where the server is, on 127.0.0.1.
    public static func start(to port: Int) async throws -> FaultyProxy {
        let state = NIOLockedValueBox(State())
        // One loop for both ends of all connections, so that they share their limit without locks.
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let listener = try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(.so_rcvbuf), value: kernelBytes)
            .childChannelOption(.autoRead, value: false)
            // One piece for each time of asking: more would each ask for more, and pass the limit side by side.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .childChannelInitializer { client in
                accept(client, upstream: port, state)
                return client.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = listener.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        return FaultyProxy(listener: listener, port: port, state: state)
    }

    private static func accept(_ client: any Channel, upstream port: Int, _ state: NIOLockedValueBox<State>) {
        state.withLockedValue { $0.acceptedCount += 1 }
        let pair = ProxyPair(client: client) { state.withLockedValue { $0.condition } }
        let bound = NIOLoopBound(pair, eventLoop: client.eventLoop)
        let id = ObjectIdentifier(pair)
        state.withLockedValue { $0.pairs[id] = bound }
        client.closeFuture.whenComplete { _ in
            state.withLockedValue { $0.pairs[id] = nil }
            bound.value.end()
        }
        pair.open(to: port)
    }

    /// Makes the network so from now on.
    public func become(_ condition: Condition) async throws {
        let pairs = state.withLockedValue { state in
            state.condition = condition
            return Array(state.pairs.values)
        }
        try await listener.eventLoop.submit {
            for pair in pairs { pair.value.conditionChanged() }
        }.get()
    }

    /// Stops listening and ends all connections.
    public func stop() async throws {
        try await become(.cut)
        try await listener.close()
    }
}

/// A client's connection and the one to the server that belongs to it. Lives on one event loop.
final class ProxyPair {
    private let client: any Channel
    private var server: (any Channel)?
    private let condition: () -> FaultyProxy.Condition
    private var isWaiting = [false, false]

    init(client: any Channel, condition: @escaping () -> FaultyProxy.Condition) {
        self.client = client
        self.condition = condition
    }

    func open(to port: Int) {
        guard condition() != .cut else { return reset() }
        let bound = NIOLoopBound(self, eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(ProxyHandler(pair: bound.value, isClient: false))
                    try bound.value.client.pipeline.syncOperations.addHandler(
                        ProxyHandler(pair: bound.value, isClient: true))
                }
            }
            .connect(host: "127.0.0.1", port: port).whenComplete { result in
                switch result {
                case .success(let server):
                    bound.value.server = server
                    bound.value.readNext(fromClient: true)
                    bound.value.readNext(fromClient: false)
                case .failure: bound.value.reset()
                }
            }
    }

    func conditionChanged() {
        if condition() == .cut { return reset() }
        for (index, isWaiting) in isWaiting.enumerated() where isWaiting { readNext(fromClient: index == 0) }
    }

    /// Asks one end for more, unless nothing may come through.
    func readNext(fromClient isClient: Bool) {
        isWaiting[isClient ? 0 : 1] = condition() == .stalled
        guard condition() != .stalled else { return }
        (isClient ? client : server)?.read()
    }

    /// Passes bytes on; the next are read when these are gone and their time is over.
    func pass(_ bytes: ByteBuffer, fromClient isClient: Bool) {
        let bound = NIOLoopBound(self, eventLoop: client.eventLoop)
        let delay = delay(of: bytes.readableBytes, fromClient: isClient)
        (isClient ? server : client)?.writeAndFlush(bytes).whenSuccess {
            bound.value.client.eventLoop.scheduleTask(in: delay) { bound.value.readNext(fromClient: isClient) }
        }
    }

    private func delay(of bytes: Int, fromClient isClient: Bool) -> TimeAmount {
        guard isClient, case .limited(let rate) = condition() else { return .zero }
        return .nanoseconds(Int64(bytes) * 1_000_000_000 / Int64(max(1, rate)))
    }

    /// One end has closed: so does the other, once it has been told what there was.
    func closed(byClient isClient: Bool) {
        (isClient ? server : client)?.close(promise: nil)
    }

    func end() {
        server?.close(promise: nil)
    }

    /// Ends both connections at once with a reset, as a router that has lost its memory does.
    private func reset() {
        for channel in [client, server].compactMap(\.self) {
            guard let options = channel as? any SocketOptionProvider else { continue }
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}

/// One end of a pair.
private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let pair: ProxyPair
    private let isClient: Bool

    init(pair: ProxyPair, isClient: Bool) {
        self.pair = pair
        self.isClient = isClient
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pair.pass(unwrapInboundIn(data), fromClient: isClient)
    }

    func channelInactive(context: ChannelHandlerContext) {
        pair.closed(byClient: isClient)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
