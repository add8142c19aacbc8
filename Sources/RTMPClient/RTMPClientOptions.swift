import NIOCore
import RTMP

/// How a publisher or player connects, how long it waits, and how much it holds.
public struct RTMPClientOptions: Sendable {
    /// Whom an rtmps client believes to be the server it asked for.
    public enum Trust: Sendable, Hashable {
        /// Who has a certificate for the host's name from an authority that the system knows.
        case system
        /// Who has a certificate for the host's name from an authority in this PEM file.
        case authorities(path: String)
        /// Anyone. Only for tests and for servers on one's own network.
        case anyone
    }

    /// How long the name may take to resolve and the connection to stand.
    public var connectTimeout: TimeAmount
    /// How long the server may take from then on until it has accepted the stream; with rtmps the TLS handshake counts.
    public var acceptTimeout: TimeAmount
    /// How long the server may take nothing of what is waiting for it before a publisher's connection is given up. TCP
    /// alone would try for a quarter of an hour.
    public var stallTimeout: TimeAmount
    /// How many bytes a publisher's connection holds, besides what the kernel does, before ``RTMPPublisher/send(_:)``
    /// waits. A fifth of a second at 10 Mbit/s: what is in here can no longer be dropped.
    public var sendBufferBytesMax: Int
    /// How many bytes of tags a player holds for a slow reader before it stops reading: a keyframe and some seconds of
    /// HD video.
    public var receiveBufferBytesMax: Int
    /// Whether a player goes on after its stream has ended, for a publisher that comes back.
    public var playsOnAfterEnd: Bool
    /// Who may be the server, with rtmps.
    public var trust: Trust
    /// Whether the handshake holds a digest, which some servers ask of players of H.264.
    public var usesDigest: Bool
    /// What the client calls itself ("flashVer"). Servers take a name that begins with FMLE for an encoder.
    public var flashVersion: String
    /// What the client offers beyond RTMP 1.0.
    public var capabilities: EnhancedCapabilities
    /// Hears what is said on the wire, from the handshake on, in order, and how many events there was no room for. It
    /// is called on the connection's event loop and must be quick. With nil, which costs nothing, nothing is noted.
    public var onWire: (@Sendable ([WireEvent], Int) -> Void)?

    /// Makes options; see the properties.
    public init(
        connectTimeout: TimeAmount = .seconds(10), acceptTimeout: TimeAmount = .seconds(10),
        stallTimeout: TimeAmount = .seconds(10), sendBufferBytesMax: Int = 256 << 10,
        receiveBufferBytesMax: Int = 4 << 20, playsOnAfterEnd: Bool = false, trust: Trust = .system,
        usesDigest: Bool = true, flashVersion: String = "FMLE/3.0 (compatible; Sluice)",
        capabilities: EnhancedCapabilities = .forwardingEverything
    ) {
        self.connectTimeout = connectTimeout
        self.acceptTimeout = acceptTimeout
        self.stallTimeout = stallTimeout
        self.sendBufferBytesMax = max(1, sendBufferBytesMax)
        self.receiveBufferBytesMax = max(1, receiveBufferBytesMax)
        self.playsOnAfterEnd = playsOnAfterEnd
        self.trust = trust
        self.usesDigest = usesDigest
        self.flashVersion = flashVersion
        self.capabilities = capabilities
    }
}
