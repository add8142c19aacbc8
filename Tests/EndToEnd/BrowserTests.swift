import Foundation
import Testing

/// Chromium and Firefox look at the page and play every way it has. The checks are Tests/Browser/checks.py.
@Suite("the page in browsers", .serialized, .timeLimit(.minutes(20)))
struct BrowserTests {
    @Test(arguments: ["chromium", "firefox"])
    func browserPassesEveryCheck(browser: String) async throws {
        let script = Stranger.packageDirectory.appending(path: "Tests/Browser/run.sh").path
        let program = try RunningProgram(script, ["--browser", browser, "--sluice", try ServerProcess.binary])
        let end = await program.ended(within: .seconds(1140))
        let lines = end.outputText.split(separator: "\n")
        for line in lines where line.hasPrefix("FAILED") {
            Issue.record("\(line)")
        }
        #expect(end.isSuccess, "\(end.errors.suffix(2000))")
        #expect(lines.contains { $0.hasPrefix("ok \(browser) live-plays") }, "\(lines)")
    }
}
