import ControlAPI
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// A context without a connection, so that routes are asked without a server.
struct BareContext: RequestContext {
    struct Source: RequestContextSource {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    }

    var coreContext: CoreRequestContextStorage

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

/// An answer, whole.
struct Answer {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: String
}

/// Streams that do not change.
struct FixedDirectory: StreamDirectory {
    var reports: [StreamReport]

    func streams() -> [StreamReport] {
        reports
    }
}

/// The control routes over a fixed directory.
struct RouterHarness {
    let router: Router<BareContext>

    init(_ reports: [StreamReport] = [], readiness: Readiness = .ok, xray: Xray? = nil) {
        self.init(directory: FixedDirectory(reports: reports), readiness: readiness, xray: xray)
    }

    init(directory: any StreamDirectory, readiness: Readiness = .ok, xray: Xray? = nil) {
        let server = ServerReport(
            version: "1.2.3", rtmpPort: 1935, httpPort: 8080, httpsPort: 8443, uptimeSeconds: 7,
            time: 1_763_726_400_000)
        router = ControlRoutes(
            directory: directory, server: { server }, readiness: { readiness }, xray: xray
        ).makeRouter()
    }

    /// An answer whose body has not been read: one that goes on.
    func open(_ path: String) async throws -> Response {
        let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: path)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        return try await router.buildResponder()
            .respond(to: request, context: BareContext(source: BareContext.Source()))
    }

    func ask(_ path: String, _ method: HTTPRequest.Method = .get, headers: HTTPFields = [:]) async throws -> Answer {
        let head = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        do {
            let response = try await router.buildResponder()
                .respond(to: request, context: BareContext(source: BareContext.Source()))
            let collector = BodyCollector()
            try await response.body.write(collector)
            return Answer(status: response.status, headers: response.headers, body: collector.text)
        } catch let error as any HTTPResponseError {
            return Answer(status: error.status, headers: [:], body: "\(error)")
        }
    }
}

/// Gathers a body.
private final class BodyCollector: ResponseBodyWriter {
    private(set) var text = ""

    func write(_ buffer: ByteBuffer) async throws {
        text += String(buffer: buffer)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
