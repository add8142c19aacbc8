import ArgumentParser
import SluiceProbe
import Testing

@Suite("Arguments of probe")
struct ProbeCommandTests {
    @Test(arguments: [
        ["talk.mp4"], ["talk.ts", "--json"], ["rtmp://localhost/live/x", "--duration", "0.1"],
        ["rtmps://h/a/s?key=1", "--duration", "86400", "--insecure"],
        ["a.flv", "--check", "--json"], ["rtmp://localhost/live/x", "--chunks"],
        ["rtmp://localhost/live/x", "--chunks", "--json"],
        ["https://localhost/live/x.m3u8"], ["ws://localhost/live/x.flv", "--check"],
    ])
    func goodOnesAreTaken(arguments: [String]) throws {
        let command = try ProbeCommand.parse(arguments)
        #expect(command.source == arguments[0])
    }

    @Test(arguments: [
        ([], "name a URL or a file to look at"), (["a.mp4", "--duration", "0"], "give 0.1 to 86400 seconds"),
        (["a.mp4", "--duration", "86401"], "give 0.1 to 86400 seconds"), (["rtmp://"], "no address of a stream"),
        (["gopher://h/x"], "begin it with rtmp, rtmps, http, https, ws or wss"),
        (["a.mp4", "--chunks"], "--chunks is for rtmp"), (["http://h/x.flv", "--chunks"], "--chunks is for rtmp"),
        (["--pcap", "a.pcap", "--check"], "leave out --pcap"),
        (["x", "--pcap", "a.pcap"], "leave out the other"),
        (["rtmp://h/a/s", "--chunks", "--check"], "--check looks at the stream"),
    ])
    func badOnesAreExplained(arguments: [String], words: String) {
        #expect {
            try ProbeCommand.parse(arguments)
        } throws: { error in
            ProbeCommand.message(for: error).contains(words)
        }
    }

    @Test func capturesNeedNoSource() throws {
        #expect(try ProbeCommand.parse(["--pcap", "a.pcap"]).pcap == "a.pcap")
        #expect(try ProbeCommand.parse(["--pcap", "a.pcap", "--json"]).json)
    }

    @Test func missingFilesAreNamed() async throws {
        var command = try ProbeCommand.parse(["/nowhere/at/all.mp4"])
        await #expect(throws: ProbeError("/nowhere/at/all.mp4: no such file or directory")) {
            try await command.run()
        }
    }

    @Test func otherFilesAreNamed() async throws {
        var command = try ProbeCommand.parse([#filePath])
        let words = "\(#filePath) is neither FLV nor MP4 nor MPEG-TS; captures are told with --pcap"
        await #expect(throws: ProbeError(words)) { try await command.run() }
    }
}
