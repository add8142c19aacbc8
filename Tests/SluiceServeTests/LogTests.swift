import Logging
import SluiceServe
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps lines.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] {
        lines.withLock { $0 }
    }

    func logger(_ area: String, _ shape: LogShape, level: Logger.Level = .trace) -> Logger {
        Logger(label: area) { label in
            LineLogHandler(
                area: label, level: level, shape: shape,
                now: { LogTime(seconds: 1_795_230_184, milliseconds: 7) },
                write: { line in self.lines.withLock { $0.append(line) } })
        }
    }
}

@Suite("Log lines")
struct LogTests {
    @Test func textReadsWell() throws {
        let lines = Lines()
        lines.logger("rtmp", .text(isColoured: false))
            .info("live/x published from 10.0.0.7:5123 (OBS 29)", metadata: ["viewers": "3", "app": "a b"])
        let line = try #require(lines.all.first)
        // The hour is the local one.
        #expect(
            line.dropFirst(2)
                == ":03:04.007 INFO   rtmp    live/x published from 10.0.0.7:5123 (OBS 29)  app=\"a b\"  viewers=3")
    }

    @Test func colourIsOnlyAround() throws {
        let (plain, coloured) = (Lines(), Lines())
        plain.logger("hub", .text(isColoured: false)).error("gone", metadata: ["a": "b"])
        coloured.logger("hub", .text(isColoured: true)).error("gone", metadata: ["a": "b"])
        var stripped = try #require(coloured.all.first)
        #expect(stripped.contains("\u{1B}[1;31mERROR \u{1B}[0m"))
        for code in ["2", "1;31", "0"] {
            stripped = stripped.split(separator: "\u{1B}[\(code)m", omittingEmptySubsequences: false).joined()
        }
        #expect(stripped == plain.all.first)
    }

    @Test func jsonIsOneObject() throws {
        let lines = Lines()
        lines.logger("http", .json).warning("a \"quoted\" \\ text\n\u{1}", metadata: ["name": "直播"])
        let line = try #require(lines.all.first)
        #expect(!line.contains("\n"))
        struct Line: Decodable, Equatable {
            var time, level, area, message: String
            var metadata: [String: String]
        }
        #expect(
            try JSONDecoder().decode(Line.self, from: Data(line.utf8))
                == Line(
                    time: "2026-11-21T03:03:04.007Z", level: "warning", area: "http",
                    message: "a \"quoted\" \\ text\n\u{1}", metadata: ["name": "直播"]))
    }

    @Test(arguments: [LogShape.text(isColoured: false), .json])
    func strangersForgeNoLines(shape: LogShape) {
        let lines = Lines()
        lines.logger("rtmp", shape).info("live/\n12:00:00 x\u{1B}[2J\u{85}", metadata: ["a\r": "b\n\u{9B}"])
        #expect(lines.all.count == 1)
        for scalar in lines.all.joined().unicodeScalars {
            #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
    }

    @Test(arguments: [
        ("live/x?key=abc published", "live/x?… published"), ("\"live/x?key=abc\"", "\"live/x?…\""),
        ("from rtmp://me:abc@host/app/x?k=abc.", "from rtmp://…@host/app/x?…"),
        ("why? because a=b", "why? because a=b"),
        ("mail@host and a?b", "mail@host and a?b"), ("(live/x?key=abc)", "(live/x?…)"),
    ])
    func secretsAreNotLogged(message: String, logged: String) throws {
        for shape in [LogShape.text(isColoured: false), .json] {
            let lines = Lines()
            lines.logger("rtmp", shape).info("\(message)", metadata: ["key": "abc", "tcURL": "rtmp://h/a?b=abc"])
            let line = try #require(lines.all.first)
            #expect(!line.contains("abc"))
            if shape == .text(isColoured: false) {
                #expect(line.contains("  \(logged)  key=…  tcURL=rtmp://h/a?…"))
            }
        }
    }

    @Test func levelHoldsBack() {
        let lines = Lines()
        let logger = lines.logger("rtmp", .json, level: .notice)
        logger.info("no")
        logger.notice("yes")
        #expect(lines.all.count == 1)
    }

    @Test func metadataOfTheLoggerIsAddedAndOverridden() throws {
        let lines = Lines()
        var logger = lines.logger("rtmp", .text(isColoured: false))
        logger[metadataKey: "peer"] = "10.0.0.7"
        logger[metadataKey: "stream"] = "live/a"
        logger.info("hello", metadata: ["stream": "live/b"])
        #expect(try #require(lines.all.first).hasSuffix("hello  peer=10.0.0.7  stream=live/b"))
    }
}
