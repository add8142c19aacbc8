import FanOut
import Logging
import NIOCore
import NIOPosix
import Testing

@Suite("Connection table", .timeLimit(.minutes(1)))
struct ConnectionTableTests {
    /// A connection that does nothing but count.
    private final class Guest: ChannelInboundHandler, TendedConnection {
        typealias InboundIn = ByteBuffer
        private let table: ConnectionTable

        init(table: ConnectionTable) {
            self.table = table
        }

        func channelActive(context: ChannelHandlerContext) {
            if !table.admit(self, on: context.channel) { context.close(promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            table.remove(self, on: context.eventLoop)
        }

        func checkTime(_ now: NIODeadline) {}
        func endPublications() {}
        func shutDown() {}
    }

    /// An address of this machine that is not loopback's, since loopback has no limit.
    private static let address: SocketAddress? = {
        do {
            return try System.enumerateDevices().compactMap(\.address).first { address in
                address.protocol == .inet && address.ipAddress?.hasPrefix("127.") == false
            }
        } catch {
            return nil
        }
    }()

    @Test("an address has its place again when its connection has ended", .enabled(if: address != nil))
    func placesAreGivenBack() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let admission = ConnectionAdmission(connectionsMax: 10, connectionsPerAddressMax: 1)
        let table = ConnectionTable(group: group, admission: admission, logger: Logger(label: "test"))
        var place = try #require(Self.address)
        place.port = 0
        let listener = try await ConnectionListener.bind(to: place, group: group) { channel in
            try channel.pipeline.syncOperations.addHandler(Guest(table: table))
        }
        let server = try #require(listener.localAddress)
        for _ in 0..<3 {
            let first = try await ClientBootstrap(group: group).connect(to: server).get()
            while admission.count == 0 { await Task.yield() }
            let second = try await ClientBootstrap(group: group).connect(to: server).get()
            try await second.closeFuture.get()
            #expect(admission.count == 1)
            try await first.close()
            while admission.count > 0 { await Task.yield() }
        }
        await listener.close()
        try await group.shutdownGracefully()
    }
}
