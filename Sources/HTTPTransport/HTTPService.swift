import FanOut
import Hummingbird
import Logging
import MediaCore
import NIOCore

/// What all HTTP connections of a server share.
public final class HTTPService: Sendable {
    /// Answers everything that is no live stream.
    public typealias Responder = @Sendable (Request, any Channel, Logger) async -> Response

    let configuration: HTTPConfiguration
    let registry: StreamRegistry
    let fanOut: FanOutLoops
    let logger: Logger
    let resources: [any HTTPResourceProvider]
    let responder: Responder
    let date = HTTPDate()
    let gzip = GzipCache()
    /// The connections, for whoever shuts the server down.
    public let connections: ConnectionTable

    /// - Parameters:
    ///   - configuration: what a connection may do.
    ///   - registry: the streams.
    ///   - fanOut: sends streams to viewers; its loops own the connections.
    ///   - admission: counts connections, together with other transports'.
    ///   - group: the event loops of `fanOut`.
    ///   - logger: gets a line for what goes wrong, and at debug level for each viewer.
    ///   - resources: answer what is theirs with shared bytes, asked in this order and before anything else.
    ///   - responder: answers everything that is no live stream.
    public init(
        configuration: HTTPConfiguration, registry: StreamRegistry, fanOut: FanOutLoops, admission: ConnectionAdmission,
        group: any EventLoopGroup, logger: Logger, resources: [any HTTPResourceProvider] = [],
        responder: some HTTPResponder<BasicRequestContext>
    ) {
        self.configuration = configuration
        self.registry = registry
        self.fanOut = fanOut
        self.logger = logger
        self.resources = resources
        self.responder = { request, channel, logger in
            let context = BasicRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            do {
                return try await responder.respond(to: request, context: context)
            } catch let error as any HTTPResponseError {
                do { return try error.response(from: request, context: context) } catch {
                    return Response(status: .internalServerError)
                }
            } catch {
                logger.error("request failed", metadata: ["path": "\(request.uri.path)", "why": "\(error)"])
                return Response(status: .internalServerError)
            }
        }
        connections = ConnectionTable(group: group, admission: admission, logger: logger)
    }
}
