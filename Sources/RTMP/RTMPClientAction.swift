import AMF
import NIOCore

/// What a ``RTMPClientSession`` wants done, in order.
public enum RTMPClientAction: Sendable, Equatable {
    /// Send these bytes.
    case send(ByteBuffer)
    /// The server accepted connect; the stream is asked for next.
    indirect case connected(ConnectResponse)
    /// The server accepted the publication: write media now.
    case publishing(MessageStreamID)
    /// The server accepted the play: media follows.
    case playing(MessageStreamID)
    /// Audio, video or AMF 0 data of the stream played. Aggregates are taken apart; data of type 15 arrives as type 18.
    case media(RTMPMessage)
    /// Anything else the server says: that a publisher came or left, that playing was reset.
    indirect case status(StatusEvent)
    /// StreamEOF: there will be no more of the stream played, unless a publisher returns.
    case streamEnded(MessageStreamID)
    /// The server refused the connection or the stream; `close` follows.
    indirect case rejected(StatusCode, description: String)
    /// The server asks to be connected anew, elsewhere if a URL is given. Source: Enhanced RTMP v2, "Reconnect Request".
    indirect case reconnectRequested(tcURL: String?, description: String)
    /// Close the connection; without an error when both ends are done.
    indirect case close(RTMPError?)
}

/// What a server says of itself when it accepts connect. Specification: RTMP 1.0, 7.2.1.1.
public struct ConnectResponse: Sendable, Equatable {
    /// "fmsVer", for the log; empty when the server does not say.
    public var serverVersion: String
    /// What the server can do beyond RTMP 1.0.
    public var capabilities: EnhancedCapabilities
    /// The information object.
    public var event: StatusEvent

    /// Reads the `_result` of connect. Servers put the capabilities into either of the two objects.
    public init(_ result: Command) {
        let properties = result.commandObject.object ?? [:]
        event = StatusEvent(result.argument(0))
        serverVersion = properties["fmsVer"]?.asAMF0.string ?? ""
        let stated = EnhancedCapabilities(event.properties)
        capabilities = stated == .none ? EnhancedCapabilities(properties) : stated
    }
}
