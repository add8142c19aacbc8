import NIOCore
import RTMPClient

/// How sources connect, how long they wait, and how much they hold.
package struct SourceOptions: Sendable {
    /// How long a connection, a handshake or an answer may take, and how long nothing may come of a stream that flows.
    package var stallTimeout: TimeAmount
    /// For how long one tries to get a stream back that broke; nil is for ever.
    package var patience: TimeAmount?
    /// For how long one tries to get a stream that is not there at the beginning.
    package var firstPatience: TimeAmount
    /// Whether a stream that has ended in good order is waited for as one that broke.
    package var outlivesEnd: Bool
    /// Whom to believe to be the server.
    package var trust: RTMPClientOptions.Trust

    /// How many bytes of a body wait for a slow reader before reading stops.
    static let receiveBufferBytesMax = 4 << 20
    /// The longest playlist or init segment.
    package static let documentBytesMax = 4 << 20
    /// Redirections that are followed, one after another.
    package static let redirectionsMax = 5
    /// How much of a page that nobody wants is read: a connection costs less than a longer one.
    package static let unreadBytesMax = 64 << 10

    /// Makes options; see the properties.
    package init(
        stallTimeout: TimeAmount = .seconds(10), patience: TimeAmount? = .seconds(60),
        firstPatience: TimeAmount = .zero, outlivesEnd: Bool = false, trust: RTMPClientOptions.Trust = .system
    ) {
        self.stallTimeout = stallTimeout
        self.patience = patience
        self.firstPatience = firstPatience
        self.outlivesEnd = outlivesEnd
        self.trust = trust
    }
}
