import ArgumentParser
import RTMP
import RTMPClient
import StreamInspection

/// `sluice probe`: tells everything about a stream or a file.
package struct ProbeCommand: AsyncParsableCommand {
    /// What `sluice probe --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Tell everything about a stream or a file, in words and pictures.",
        discussion: """
            SOURCE is an rtmp:// or rtmps:// URL, or a file: FLV, MP4 (plain or
            fragmented) or MPEG-TS. Nothing is decoded, and no other program is needed.

            Told are the tracks with their parameter sets field by field, the groups
            of pictures drawn picture by picture, bit rate and frame rate over time,
            how evenly frames come, gaps, and how sound lies to pictures; of a URL
            also how long joining took.

            EXAMPLES:
              sluice probe talk.mp4
              sluice probe rtmp://localhost/live/talk --duration 30
              sluice probe --json talk.ts | jq .tracks[0].codecs

            Exit codes: 0 looked at, 1 failed, 2 a mistake in usage.
            """)

    @Argument(help: ArgumentHelp("What to look at.", valueName: "source"))
    package var source: String

    @Option(
        help: ArgumentHelp("How long to listen to a URL (10 unless told); how much of a file.", valueName: "seconds"))
    package var duration: Double?

    @Flag(help: "Tell it as one JSON document on standard output.")
    package var json = false

    @Flag(help: "Take any certificate of a server: for one's own tests only.")
    package var insecure = false

    /// Made by ArgumentParser.
    package init() {}

    /// How long a stream is listened to.
    private static let secondsDefault = 10.0
    /// The longest time: a day.
    private static let secondsMax = 86_400.0

    /// Looks the arguments over.
    package func validate() throws {
        if let duration, !(0.1...Self.secondsMax).contains(duration) {
            throw ValidationError("--duration \(duration): give 0.1 to 86400 seconds")
        }
        _ = try target()
    }

    /// Looks, and tells.
    package func run() async throws {
        let (report, join, end): (StreamReport, JoinTimes?, ProbeError?)
        let title: String
        switch try target() {
        case .file(let path):
            title = path
            (report, join, end) = (try await FileProbe.inspect(path, seconds: duration), nil, nil)
        case .rtmp(let url):
            title = url.redacted
            var options = RTMPClientOptions()
            if insecure { options.trust = .anyone }
            (report, join, end) = try await LiveProbe.run(
                seconds: duration ?? Self.secondsDefault, showsProgress: Terminal.showsProgress
            ) { [options] listening throws(ProbeError) in
                try await RTMPProbe.listen(to: url, options: options, listening)
            }
        }
        if let end { Terminal.notice("the stream ended early: \(end)") }
        let result = ProbeResult(title: title, report: report, join: join)
        Terminal.print(json ? [result.document.text] : result.text(Terminal.style))
    }

    /// What is to be looked at.
    private enum Target {
        case file(String)
        case rtmp(RTMPURL)
    }

    private func target() throws -> Target {
        guard source.contains("://") else { return .file(source) }
        do {
            return .rtmp(try RTMPURL(parsing: source))
        } catch {
            throw ValidationError("\(source) cannot be looked at: \(error)")
        }
    }
}
