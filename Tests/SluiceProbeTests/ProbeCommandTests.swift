import ArgumentParser
import SluiceProbe
import Testing

@Suite("Arguments of probe")
struct ProbeCommandTests {
    @Test(arguments: [
        ["talk.mp4"], ["talk.ts", "--json"], ["rtmp://localhost/live/x", "--duration", "0.1"],
        ["rtmps://h/a/s?key=1", "--duration", "86400", "--insecure"],
        ["a.flv", "--check", "--json"], ["rtmp://localhost/live/x", "--chunks"],
    ])
    func goodOnesAreTaken(arguments: [String]) throws {
        let command = try ProbeCommand.parse(arguments)
        #expect(command.source == arguments[0])
    }

    @Test(arguments: [
        ([], "Missing expected argument"), (["a.mp4", "--duration", "0"], "give 0.1 to 86400 seconds"),
        (["a.mp4", "--duration", "86401"], "give 0.1 to 86400 seconds"), (["rtmp://"], "cannot be looked at"),
        (["gopher://h/x"], "cannot be looked at"),
        (["a.mp4", "--chunks"], "--chunks is for rtmp"),
        (["rtmp://h/a/s", "--chunks", "--json"], "--chunks goes with neither"),
        (["rtmp://h/a/s", "--chunks", "--check"], "--chunks goes with neither"),
    ])
    func badOnesAreExplained(arguments: [String], words: String) {
        #expect {
            try ProbeCommand.parse(arguments)
        } throws: { error in
            ProbeCommand.message(for: error).contains(words)
        }
    }

    @Test func missingFilesAreNamed() async throws {
        var command = try ProbeCommand.parse(["/nowhere/at/all.mp4"])
        await #expect(throws: ProbeError("/nowhere/at/all.mp4: no such file or directory")) {
            try await command.run()
        }
    }
}
