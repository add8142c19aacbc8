import FanOut
import NIOCore
import NIOHTTP1

/// Takes HTTP connections.
public enum HTTPListener {
    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - address: where; port 0 takes a free one.
    ///   - group: the event loops that connections are spread over.
    ///   - service: what connections share.
    /// - Throws: the system's error, such as `EADDRINUSE` as an `IOError`.
    public static func bind(
        to address: SocketAddress, group: any EventLoopGroup, service: HTTPService
    ) async throws -> ConnectionListener {
        try await ConnectionListener.bind(to: address, group: group) { channel in
            try HTTPPipeline.install(on: channel, service: service)
        }
    }
}

/// The handlers that make bytes HTTP, kept by name so that a viewer's channel can be rid of them.
struct HTTPPipeline {
    private let codecs: [any RemovableChannelHandler]

    static func install(on channel: any Channel, service: HTTPService) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = service.configuration.headBytesMax
        limits.maxHeaderListSize = service.configuration.headBytesMax
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits))
        let encoder = HTTPResponseEncoder()
        let handler = HTTPChannelHandler(service: service, pipeline: HTTPPipeline(codecs: [encoder, decoder]))
        try channel.pipeline.syncOperations.addHandlers([encoder, decoder, handler])
    }

    /// Takes HTTP out of the channel. From then on bytes written are bytes sent.
    func remove(from channel: any Channel) {
        for codec in codecs { channel.pipeline.syncOperations.removeHandler(codec, promise: nil) }
    }
}
