import ArgumentParser
import NIOCore
import ServerConfig
import SluiceCommandLine
import SluiceServe
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Command line")
struct CommandLineProgramTests {
    @Test func flagsBecomeSettings() throws {
        let command = try #require(
            try SluiceCommand.parseAsRoot([
                "serve", "--rtmp", ":1", "--rtmp", "[::1]:2", "--http", "127.0.0.1:3", "--loops", "4",
                "--merge-window", "100ms..400ms", "--config", "a.yaml", "--demo", "--log-level", "debug",
                "--log-format",
                "json",
            ]) as? ServeCommand)
        #expect(
            command.settings == [
                "rtmp.listen": [":1", "[::1]:2"], "http.listen": ["127.0.0.1:3"], "loops": ["4"],
                "mergeWindow": ["100ms..400ms"], "log.level": ["debug"], "log.format": ["json"], "https.listen": [],
                "https.certificate": [], "https.privateKey": [], "https.selfSigned": [],
            ])
        #expect(command.config == "a.yaml")
        #expect(command.demo)
    }

    @Test func withoutFlagsNothingIsSet() throws {
        let command = try #require(try SluiceCommand.parseAsRoot(["serve"]) as? ServeCommand)
        #expect(command.settings.values.allSatisfy { $0.isEmpty })
        #expect(!command.demo)
    }

    @Test func everyFlagOfTheTableIsAFlagOfServe() throws {
        let help = SluiceCommand.helpMessage(for: ServeCommand.self, columns: 120)
        let command = try #require(try SluiceCommand.parseAsRoot(["serve"]) as? ServeCommand)
        for key in ConfigurationKey.all {
            #expect((key.flag != nil) == (command.settings[key.name] != nil), "\(key.name)")
            if let flag = key.flag {
                // Behind it stands a value, or, where naming it is enough, its explanation.
                #expect(help.contains("\(flag) "), "\(flag)")
            }
        }
    }

    @Test(
        arguments: [
            (["serve", "--bogus"], 2, "Unknown option '--bogus'"), (["bogus"], 2, "Unexpected argument 'bogus'"),
            (["serve", "--rtmp"], 2, "Missing value for '--rtmp"),
            (["serve", "--loops", "many"], 2, "sluice: --loops: \"many\" is neither auto nor"),
            (["serve", "--http", "nowhere", "--rtmp", "x"], 2, "--http: \"nowhere\" has no port"),
            (["serve", "--config", "/nonexistent/a.yaml"], 1, "sluice: /nonexistent/a.yaml: there is no such file"),
            (["check-config", "/nonexistent/a.yaml"], 1, "sluice: /nonexistent/a.yaml: there is no such file"),
            (["check-config", "/"], 1, "sluice: /: cannot be read"),
            (["--version"], 0, "sluice \(SluiceVersion.current)"), (["--help"], 0, "EXAMPLES:"),
            (["serve", "--help"], 0, "--merge-window <floor[..ceiling]>"), ([], 0, "serve"),
        ] as [([String], Int32, String)])
    func outcomeIsClear(arguments: [String], exitCode: Int32, words: String) async {
        let outcome = await CommandLineProgram.outcome(of: arguments)
        #expect(outcome.exitCode == exitCode, "\(outcome.text)")
        #expect(outcome.text.contains(words), "\(outcome.text)")
    }

    @Test(
        arguments: [
            ("rtmp:\n  lisen: 1\n", 1, ":2:3: unknown key \"rtmp.lisen\"; did you mean \"rtmp.listen\"?"),
            ("loops: 2\n", 0, ""), ("", 0, ""),
        ] as [(String, Int32, String)])
    func fileIsLookedOver(yaml: String, exitCode: Int32, words: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID()).yaml")
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = await CommandLineProgram.outcome(of: ["check-config", file.path])
        #expect(outcome.exitCode == exitCode)
        #expect(outcome.text.hasSuffix(words))
    }

    @Test func bundledClipIsAnFLVFileUnderAMegabyte() {
        let clip = BundledClip.flv
        #expect(clip.getString(at: clip.readerIndex, length: 3) == "FLV")
        #expect((100_000...1_000_000).contains(clip.readableBytes))
    }
}
