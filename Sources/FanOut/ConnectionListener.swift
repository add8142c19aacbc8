import NIOCore
import NIOPosix

/// Takes TCP connections at one address for a transport.
public final class ConnectionListener: Sendable {
    private let channel: any Channel

    /// Where it listens; the port is the real one where 0 was asked for.
    public var localAddress: SocketAddress? { channel.localAddress }

    private init(channel: any Channel) {
        self.channel = channel
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - address: where; port 0 takes a free one.
    ///   - group: the event loops that connections are spread over.
    ///   - install: gives a new connection's channel its handlers, on its event loop.
    /// - Throws: the system's error, such as `EADDRINUSE` as an `IOError`.
    public static func bind(
        to address: SocketAddress, group: any EventLoopGroup, install: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> ConnectionListener {
        let bootstrap = TransientReceiveAllocator.apply(to: ServerBootstrap(group: group))
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try install(channel) }
            }
        return ConnectionListener(channel: try await bootstrap.bind(to: address).get())
    }

    /// Stops listening. Connections go on.
    public func close() async {
        do { try await channel.close() } catch { return }
    }
}
