import Foundation
import Testing

/// `sluice bench`, the program, against servers of ours and of others.
@Suite("sluice bench", .timeLimit(.minutes(60)))
struct BenchTests {
    /// What a test reads of the JSON report.
    private struct Report: Decodable {
        struct Row: Decodable {
            let `protocol`: String
            let connected: Int
            let watching: Int
            let failed: Int
            let video_frames: Int
            let gaps: Int
            let disorders: Int
            let latency_ms: Latency
        }

        struct Latency: Decodable {
            let n: Int
            let p50: Double?
        }

        let rows: [Row]
        let problems: [String]
    }

    private static func bench(_ arguments: [String]) async throws -> (end: ProgramEnd, report: Report?) {
        let directory = try TemporaryDirectory()
        let path = directory.path("report.json")
        let program = try ServerProcess.start(["bench", "--quiet", "--json", path] + arguments)
        let end = await program.ended(within: .seconds(240))
        guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else { return (end, nil) }
        return (end, try JSONDecoder().decode(Report.self, from: data))
    }

    /// A busy machine may delay pictures; it may not lose or reorder any.
    @Test func everyProtocolBringsEveryPicture() async throws {
        try await withServer { server in
            let webSocket = server.http("live/b.flv").replacing("http://", with: "ws://")
            let urls = [
                server.rtmp("live/b"), server.http("live/b.flv"), webSocket, server.http("live/b.mp4"),
                server.http("live/b.ts"),
            ]
            let (end, report) = try await Self.bench(urls + ["--viewers", "15", "--ramp", "20", "--duration", "4"])
            let rows = try #require(report, "\(end.errors)").rows
            #expect(rows.map(\.protocol) == ["RTMP", "HTTP-FLV", "WS-FLV", "HTTP-MP4", "HTTP-TS"])
            for row in rows {
                #expect(row.connected == 3 && row.watching == 3 && row.failed == 0, "\(row)")
                #expect(row.video_frames > 0 && row.gaps == 0 && row.disorders == 0, "\(row)")
                #expect(row.latency_ms.n > 0, "\(row)")
            }
        }
    }

    @Test func whatTheServerRefusesIsToldAndFails() async throws {
        try await withServer { server in
            let url = server.http("live/nobody.flv")
            let (end, report) = try await Self.bench([url, "--viewers", "3", "--duration", "1"])
            #expect(end.reason == .exit(1))
            #expect(try #require(report).problems.contains { $0.contains("3 × refused: 40") }, "\(end.outputText)")
        }
    }

    @Test func aForeignServerIsLeftAlone() async throws {
        let (end, report) = try await Self.bench(["rtmp://192.0.2.1/live/b"])
        #expect(end.reason == .exit(1))
        #expect(end.errors.contains("--i-own-this-server"))
        #expect(report == nil)
    }

    @Test(arguments: [["--viewers", "0"], ["--duration", "4000"], ["--slow", "200"], ["--rate", "0"]])
    func mistakesInUsageAreTold(arguments: [String]) async throws {
        let (end, _) = try await Self.bench(["rtmp://127.0.0.1/live/b"] + arguments)
        #expect(end.reason == .exit(2), "\(end.errors)")
    }
}
