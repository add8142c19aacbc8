import ControlAPI
import HTTPTypes
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Control API")
struct ControlRoutesTests {
    private func decode<Value: Decodable>(_ type: Value.Type, _ answer: Answer) throws -> Value {
        try JSONDecoder().decode(type, from: Data(answer.body.utf8))
    }

    @Test func streamsAreListedByName() async throws {
        let answer = try await RouterHarness([.full, .bare]).ask("/api/v1/streams")
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
        #expect(answer.headers[.cacheControl] == "no-cache, no-store")
        #expect(try decode(StreamList.self, answer).streams == [.bare, .full])
    }

    @Test func noStreamsIsAnEmptyList() async throws {
        #expect(try await RouterHarness().ask("/api/v1/streams").body == #"{"streams":[]}"#)
    }

    @Test func otherOriginsMayNotReadTheAPI() async throws {
        let answer = try await RouterHarness([.full]).ask("/api/v1/streams")
        #expect(answer.headers[.accessControlAllowOrigin] == nil)
    }

    @Test(arguments: ["/api/v1/streams/live/show", "/api/v1/streams/l%69ve/sho%77"])
    func oneStreamIsFoundByName(path: String) async throws {
        let answer = try await RouterHarness([.full, .bare]).ask(path)
        #expect(try decode(StreamReport.self, answer) == .full)
    }

    @Test func streamNameMayHoldAnyText() async throws {
        var report = StreamReport.full
        report.name = "直播/a b?<script>"
        let answer = try await RouterHarness([report]).ask(
            "/api/v1/streams/%E7%9B%B4%E6%92%AD/a%20b%3F%3Cscript%3E")
        #expect(try decode(StreamReport.self, answer).name == report.name)
    }

    @Test func slashInsideAStreamIsEncoded() async throws {
        var report = StreamReport.full
        report.name = "live/room/cam"
        let answer = try await RouterHarness([report]).ask("/api/v1/streams/live/room%2Fcam")
        #expect(try decode(StreamReport.self, answer).name == report.name)
    }

    @Test(arguments: [
        "/api/v1/streams/live/other", "/api/v1/streams/live", "/api/v1/streams/live/show/x", "/api/v1/streams/live/%zz",
        "/api/v1/streams/live/show%2", "/api/v1/streams/live/%FF", "/api/v2/streams", "/nothing", "/live/show.flv",
    ])
    func whatIsNotThereIsNotFound(path: String) async throws {
        #expect(try await RouterHarness([.full]).ask(path).status == .notFound)
    }

    @Test(arguments: ["/healthz", "/readyz", "/api/v1/streams", "/", "/assets/list.js"])
    func headIsAnsweredLikeGet(path: String) async throws {
        let harness = RouterHarness([.full])
        let (head, get) = (try await harness.ask(path, .head), try await harness.ask(path))
        #expect(head.status == .ok)
        #expect(head.headers == get.headers)
    }

    @Test(
        arguments: [
            (.starting, 503, "starting"), (.ok, 200, "ok"), (.draining, 503, "draining"),
        ] as [(Readiness, Int, String)])
    func readinessFollowsTheServer(readiness: Readiness, status: Int, word: String) async throws {
        let harness = RouterHarness(readiness: readiness)
        let answer = try await harness.ask("/readyz")
        #expect(answer.status.code == status)
        #expect(try decode(HealthReport.self, answer).status == word)
        #expect(try await harness.ask("/healthz").status == .ok)
    }

    @Test func serverTellsWhereToPublish() async throws {
        let report = try decode(ServerReport.self, try await RouterHarness().ask("/api/v1/server"))
        #expect(report.version == "1.2.3" && report.uptimeSeconds == 7 && report.time == 1_763_726_400_000)
        #expect(report.rtmpPort == 1935 && report.httpPort == 8080 && report.httpsPort == 8443)
    }
}
