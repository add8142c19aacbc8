import NIOCore

/// What the HTTP server allows a connection.
public struct HTTPConfiguration: Sendable {
    /// From the connection's first moment, or from the end of the last response, to a whole request head.
    public var headTimeout = TimeAmount.seconds(10)
    /// How long a connection may stay open between two requests.
    public var keepAliveTimeout = TimeAmount.seconds(30)
    /// The most bytes of a request's target and header fields together. Browsers with many cookies send 8 KB.
    public var headBytesMax = 32 << 10
    /// The most bytes of a request's body. No resource of the server takes more.
    public var bodyBytesMax = 64 << 10
    /// The longest a viewer may ask to wait for a stream that nobody publishes yet.
    public var waitMax = TimeAmount.seconds(300)

    /// The defaults.
    public init() {}
}
