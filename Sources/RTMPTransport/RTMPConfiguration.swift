import NIOCore
import RTMP

/// What the RTMP server allows a connection.
public struct RTMPConfiguration: Sendable {
    /// What a session tells its peer, and what it takes from it.
    public var session = RTMPServerSession.Configuration()
    /// From the connection's first moment to its accepted connect command. Half-open handshakes hold memory.
    public var handshakeTimeout = TimeAmount.seconds(10)
    /// A publisher without a whole media message for so long is gone; a connection that neither publishes nor plays
    /// for so long is of no use.
    public var idleTimeout = TimeAmount.seconds(30)
    /// Bytes of answers that may wait for one connection. A peer that asks without reading is closed.
    public var answerBytesMax = 256 << 10

    /// The defaults.
    public init() {
        session.outboundChunkSize = RTMPFrameRenderer.chunkSize
    }
}
