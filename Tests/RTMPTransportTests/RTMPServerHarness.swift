import FanOut
import Logging
import MediaCore
import MediaTesting
import NIOCore
import NIOPosix
import RTMP
import RTMPTransport
import Testing

/// A server of RTMP alone, on a free port of this process.
final class RTMPServerHarness: Sendable {
    let registry: StreamRegistry
    let admission: ConnectionAdmission
    let service: RTMPService
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let listener: ConnectionListener

    /// What a test changes of the server.
    struct Options {
        var rtmp = RTMPConfiguration()
        var registry = StreamRegistry.Configuration()
        var fanOut = FanOutConfiguration()
        var connectionsMax = 10_000
        var connectionsPerAddressMax = 10_000
        /// The address to listen at. Loopback is exempt from the limit per address, others of this machine are not.
        var address = "127.0.0.1"
    }

    init(_ change: (inout Options) -> Void = { _ in }) async throws {
        var options = Options()
        options.registry.hub.publisherGrace = .seconds(5)
        change(&options)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        registry = StreamRegistry(configuration: options.registry)
        admission = ConnectionAdmission(
            connectionsMax: options.connectionsMax, connectionsPerAddressMax: options.connectionsPerAddressMax)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        service = RTMPService(
            configuration: options.rtmp, registry: registry,
            fanOut: FanOutLoops(group: group, configuration: options.fanOut), admission: admission, group: group,
            logger: logger)
        listener = try await RTMPListener.bind(
            to: SocketAddress(ipAddress: options.address, port: 0), group: group, service: service)
        port = listener.localAddress?.port ?? 0
    }

    func shutDown() async throws {
        await listener.close()
        try await group.shutdownGracefully()
    }

    func publisher(_ stream: String) throws -> RTMPTestClient {
        try RTMPTestClient(port: port, purpose: .publish(.live), stream: stream)
    }

    func player(_ stream: String, receiveBytes: CInt? = nil) throws -> RTMPTestClient {
        try RTMPTestClient(port: port, purpose: .play(start: -1000), stream: stream, receiveBytes: receiveBytes)
    }

    /// Waits until something that another thread brings about is so; an end in itself is awaited on a connection.
    func eventually(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<500 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try condition()
    }

    func snapshot(_ stream: String) throws -> StreamSnapshot? {
        registry.stream(named: try StreamName(application: "live", stream: stream))?.snapshot(at: .now())
    }
}

/// Runs each test on a thread of its own: clients here block.
struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(BlockingExecutor()) { try await body() }
    }
}

extension Trait where Self == OwnThread {
    static var ownThread: OwnThread { OwnThread() }
}
