import Foundation
import Testing

/// What operators and their scripts rely on: exit codes and one clear line.
@Suite("sluice serve, the program", .timeLimit(.minutes(6)))
struct CommandLineTests {
    @Test func healthIsAnsweredAndTermEndsWithZero() async throws {
        try await withServer { server in
            let answer = try await Stranger.curl.run(["-s", "-w", "%{http_code}", server.http("healthz")])
            #expect(answer.outputText == #"{"status":"ok"}200"#)
        }
    }

    @Test func interruptEndsWithZero() async throws {
        let program = try ServerProcess.start(["serve", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0"])
        let log = await program.errors.value(within: .seconds(10)) { $0.contains("at=http://") }
        #expect(log != nil)
        #expect(await program.interrupt().reason == .exit(0))
    }

    @Test func portInUseExitsWithOneAndOneLine() async throws {
        try await withServer { server in
            let second = try ServerProcess.start([
                "serve", "--rtmp", "127.0.0.1:\(server.rtmpPort)", "--http", "127.0.0.1:0",
            ])
            let end = await second.ended(within: .seconds(10))
            #expect(end.reason == .exit(1))
            #expect(end.errors.split(separator: "\n").count == 1, "\(end.errors)")
            #expect(end.errors.contains("127.0.0.1:\(server.rtmpPort) is in use"))
        }
    }

    @Test(arguments: [
        (["--frobnicate"], "frobnicate"),
        (["--rtmp", "nowhere"], "nowhere"),
        (["--rtmp", "127.0.0.1:99999"], "99999"),
        (["--loops", "0"], "loops"),
        (["--merge-window", "soon"], "soon"),
        (["--log-level", "loud"], "loud"),
    ])
    func badFlagExitsWithTwo(arguments: [String], said: String) async throws {
        let end = await (try ServerProcess.start(["serve"] + arguments)).ended(within: .seconds(10))
        #expect(end.reason == .exit(2))
        #expect(end.errors.contains(said), "\(end.errors)")
    }

    @Test func unknownKeyExitsWithOneAndNamesTheLine() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("limits:\n  conectionsMax: 3\n", as: "sluice.yaml")
        let end = await (try ServerProcess.start(["serve", "--config", file])).ended(within: .seconds(10))
        #expect(end.reason == .exit(1))
        #expect(end.errors.contains("conectionsMax"), "\(end.errors)")
        #expect(end.errors.contains("2"), "the line's number: \(end.errors)")
    }
}
