import FanOut
import Logging
import MediaCore
import NIOCore

/// What all RTMP connections of a server share.
public final class RTMPService: Sendable {
    let configuration: RTMPConfiguration
    let registry: StreamRegistry
    let fanOut: FanOutLoops
    let logger: Logger
    /// What publishers and the server say to each other, for those who look.
    public let conversations = RTMPConversations()
    /// The connections, for whoever shuts the server down.
    public let connections: ConnectionTable

    /// - Parameters:
    ///   - configuration: what a connection may do.
    ///   - registry: the streams.
    ///   - fanOut: sends streams to viewers; its loops own the connections.
    ///   - admission: counts connections, together with other transports'.
    ///   - group: the event loops of `fanOut`.
    ///   - logger: gets a line for each publication and each viewer.
    public init(
        configuration: RTMPConfiguration, registry: StreamRegistry, fanOut: FanOutLoops, admission: ConnectionAdmission,
        group: any EventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        self.registry = registry
        self.fanOut = fanOut
        self.logger = logger
        connections = ConnectionTable(group: group, admission: admission, logger: logger)
    }
}
