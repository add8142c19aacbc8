import RTMP

/// What a server tells a client besides media.
public enum RTMPClientEvent: Sendable, Equatable {
    /// A notice, such as that a stream's publisher came or left.
    case status(StatusEvent)
    /// The stream that is played has ended. It goes on when a publisher returns, if
    /// ``RTMPClientOptions/playsOnAfterEnd``.
    case streamEnded
    /// The server asks to be connected anew, at the other address if there is one; it goes on serving for a while.
    /// Source: Enhanced RTMP v2, "Reconnect Request".
    case reconnectRequested(RTMPURL?, description: String)
    /// A message was malformed and was passed over.
    case malformedMessage(RTMPError)
}

/// What a connection has carried, and how it stands.
public struct RTMPClientStatistics: Sendable, Hashable {
    /// Bytes handed to the connection.
    public var bytesSent: UInt64 = 0
    /// Bytes received.
    public var bytesReceived: UInt64 = 0
    /// Bytes that wait in the program for the kernel to take them.
    public var queuedBytes = 0
    /// Bytes that the kernel holds and the server's kernel has not acknowledged; nil where the system does not tell.
    public var unacknowledgedBytes: Int?
    /// The server's last RTMP acknowledgement, in bytes; nil before the first. Many servers send few or none.
    public var acknowledgedBytes: UInt64?
    /// TCP's smoothed round-trip time in microseconds; nil where the system does not tell.
    public var roundTripMicroseconds: UInt32?

    /// Makes statistics of nothing.
    public init() {}
}
