import HTTPTypes
import Hummingbird
import MediaCore

/// The control API and the page, as routes for an HTTP server.
package struct ControlRoutes: Sendable {
    private let directory: any StreamDirectory
    let events: StreamEvents
    let xray: Xray?
    private let server: @Sendable () -> ServerReport
    private let readiness: @Sendable () -> Readiness

    /// - Parameters:
    ///   - directory: knows the streams.
    ///   - server: describes the server now.
    ///   - readiness: says whether the server is at work.
    ///   - xray: shows the anatomy of streams; nil where that is not offered.
    package init(
        directory: any StreamDirectory, server: @escaping @Sendable () -> ServerReport,
        readiness: @escaping @Sendable () -> Readiness, xray: Xray? = nil
    ) {
        self.directory = directory
        self.xray = xray
        events = StreamEvents(directory: directory)
        self.server = server
        self.readiness = readiness
    }

    /// A router with these routes alone; HEAD is answered wherever GET is.
    package func makeRouter<Context: RequestContext>(context: Context.Type = Context.self) -> Router<Context> {
        let router = Router(context: context, options: .autoGenerateHeadEndpoints)
        add(to: router)
        return router
    }

    /// Adds the routes to a router that has others, too.
    package func add<Context: RequestContext>(to router: Router<Context>) {
        router.get("healthz") { _, _ in try jsonResponse(HealthReport(status: "ok")) }
        router.get("readyz") { [readiness] _, _ in
            let state = readiness()
            return try jsonResponse(
                HealthReport(status: state.rawValue), status: state == .ok ? .ok : .serviceUnavailable)
        }
        PageRoutes().add(to: router)
        addStreams(to: router.group("api/v1"))
    }

    private func addStreams<Context: RequestContext>(to group: RouterGroup<Context>) {
        group.get("server") { [server] _, _ in try jsonResponse(server()) }
        group.get("streams") { [directory] _, _ in
            try jsonResponse(StreamList(streams: directory.streams().sorted { $0.name < $1.name }))
        }
        group.get("streams/{app}/{stream}") { [directory] _, context in
            let app = try context.parameters.require("app")
            let stream = try context.parameters.require("stream")
            guard let report = Self.name(app, stream).flatMap(directory.stream(named:)) else {
                throw Self.noSuchStream
            }
            return try jsonResponse(report)
        }
        addEvents(to: group)
        group.get("openapi.json") { _, _ in
            textResponse(OpenAPIDocument.json, contentType: "application/json; charset=utf-8")
        }
    }

    static func name(_ app: String, _ stream: String) -> StreamName? {
        do { return try StreamName(urlPath: "\(app)/\(stream)") } catch { return nil }
    }
}
