import FanOut
import NIOCore

/// Takes RTMP connections.
public enum RTMPListener {
    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - address: where; port 0 takes a free one.
    ///   - group: the event loops that connections are spread over.
    ///   - service: what connections share.
    /// - Throws: the system's error, such as `EADDRINUSE` as an `IOError`.
    public static func bind(
        to address: SocketAddress, group: any EventLoopGroup, service: RTMPService
    ) async throws -> ConnectionListener {
        try await ConnectionListener.bind(to: address, group: group) { channel in
            try channel.pipeline.syncOperations.addHandler(RTMPChannelHandler(service: service))
        }
    }
}
