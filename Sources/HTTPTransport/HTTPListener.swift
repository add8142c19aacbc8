import FanOut
import NIOCore
import NIOHTTP1
import TransportSecurity

/// Takes HTTP connections.
public enum HTTPListener {
    /// What connections of HTTPS may speak, the best first. Specification: RFC 7301, 6.
    public static let applicationProtocols = ["h2", "http/1.1"]

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - address: where; port 0 takes a free one.
    ///   - group: the event loops that connections are spread over.
    ///   - service: what connections share.
    ///   - security: what connections are secured with, which also makes them speak HTTP/2; nil for plain HTTP/1.
    /// - Throws: the system's error, such as `EADDRINUSE` as an `IOError`.
    public static func bind(
        to address: SocketAddress, group: any EventLoopGroup, service: HTTPService, security: TLSContextSource? = nil
    ) async throws -> ConnectionListener {
        try await ConnectionListener.bind(to: address, group: group) { channel in
            guard let security else {
                return try HTTP1Pipeline.install(on: channel, service: service, isSecure: false, host: service)
            }
            try channel.pipeline.syncOperations.addHandlers([
                security.makeHandler(), SecureHTTPConnection(service: service),
            ])
        }
    }
}

/// The handlers of an HTTP/1 connection.
enum HTTP1Pipeline {
    static func install(
        on channel: any Channel, service: HTTPService, isSecure: Bool, host: any HTTPHandlerHost
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = service.configuration.headBytesMax
        limits.maxHeaderListSize = service.configuration.headBytesMax
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits))
        let handler = HTTPChannelHandler(
            service: service, wire: .http1(decoder: decoder, isSecure: isSecure), host: host)
        try channel.pipeline.syncOperations.addHandlers([decoder, handler])
    }
}

/// Looks after the time of the handlers of HTTP; always on their event loop.
protocol HTTPHandlerHost: AnyObject {
    /// Takes a handler in. - Returns: false when it is one too many and must be closed.
    func take(_ handler: HTTPChannelHandler, on channel: any Channel) -> Bool
    /// Forgets a handler.
    func release(_ handler: HTTPChannelHandler, on eventLoop: any EventLoop)
}

/// A connection that is HTTP/1 from its first byte is looked after by the table of connections.
extension HTTPService: HTTPHandlerHost {
    func take(_ handler: HTTPChannelHandler, on channel: any Channel) -> Bool {
        connections.admit(handler, on: channel)
    }

    func release(_ handler: HTTPChannelHandler, on eventLoop: any EventLoop) {
        connections.remove(handler, on: eventLoop)
    }
}
