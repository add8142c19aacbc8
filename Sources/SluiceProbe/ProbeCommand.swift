import ArgumentParser
import CommandOutput
import NIOCore
import PlainText
import RTMP
import RTMPClient
import StreamInspection
import StreamSources

/// `sluice probe`: tells everything about a stream or a file.
package struct ProbeCommand: AsyncParsableCommand {
    /// What `sluice probe --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Tell everything about a stream or a file, in words and pictures.",
        discussion: """
            SOURCE is a file (FLV, plain or fragmented MP4, MPEG-TS) or a URL: rtmp://,
            rtmps://, http(s):// of a live FLV, MP4 or TS body or of an HLS playlist, or
            ws(s)://. Nothing is decoded, and no other program is needed.

            Told are the tracks with their parameter sets field by field, the groups
            of pictures drawn picture by picture, bit rate and frame rate over time,
            how evenly frames come, gaps, and how sound lies to pictures; of a URL
            also how long joining took.

            With --check, what breaks players is told with its rule and the rule's source.
            With --chunks, the conversation with an RTMP server is told as it goes on:
            handshake, each message in words, and the chunks it came in. Keys are left out.
            --pcap tells the same of a conversation that tcpdump or Wireshark captured.

            EXAMPLES:
              sluice probe talk.mp4
              sluice probe rtmp://localhost/live/talk --duration 30
              sluice probe --check talk.ts && echo good
              sluice probe --chunks rtmp://localhost/live/talk --duration 2
              tcpdump -w talk.pcap port 1935; sluice probe --pcap talk.pcap
              sluice probe --json talk.ts | jq .tracks[0].codecs
              sluice probe --json --pcap talk.pcap | jq -r 'select(.message) | .words'

            Exit codes: 0 looked at, 1 failed, or --check found what breaks players, 2 a
            mistake in usage.
            """)

    @Argument(help: ArgumentHelp("What to look at.", valueName: "source"))
    package var source: String?

    @Option(
        help: ArgumentHelp("How long to listen to a URL (10 unless told); how much of a file.", valueName: "seconds"))
    package var duration: Double?

    @Flag(help: "Tell it as JSON on standard output: one document, or with --chunks and --pcap one a line.")
    package var json = false

    @Flag(help: "Look for what breaks players; exit with 1 where something does.")
    package var check = false

    @Flag(help: "Tell the conversation with an RTMP server chunk by chunk, instead of the stream.")
    package var chunks = false

    @Option(
        help: ArgumentHelp(
            "Tell the RTMP conversations in a capture (pcap or pcapng), chunk by chunk.", valueName: "file"))
    package var pcap: String?

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
        let target = try target()
        switch target {
        case .capture:
            guard source == nil else {
                throw ValidationError("--pcap names what is looked at: leave out the other source")
            }
            guard !check else { throw ValidationError("--check looks at streams: leave out --pcap") }
        case .rtmp where chunks:
            guard !check else { throw ValidationError("--chunks tells the conversation, --check looks at the stream") }
        case .file where chunks, .web where chunks:
            throw ValidationError("--chunks is for rtmp:// and rtmps:// URLs")
        case .rtmp, .file, .web: break
        }
    }

    /// Looks, and tells.
    package func run() async throws {
        switch try target() {
        case .capture(let path):
            let text = CaptureText(style: Terminal.output.style)
            let teller: any CaptureTeller = json ? CaptureDocuments() : text
            try await CaptureProbe.tell(path, as: teller) { Terminal.output.write($0) }
        case .file, .rtmp, .web: try tell(await look())
        }
    }

    private func tell(_ result: ProbeResult) throws {
        if let end = result.end { Console(style: .quiet).notice("the stream ended early: \(end)") }
        if chunks { return }
        let findings = check ? result.report.findings : nil
        if json {
            Terminal.output.write([result.document(findings: findings).text])
        } else {
            let style = Terminal.output.style
            Terminal.output.write(result.text(style) + (findings.map { StreamReport.text($0, style: style) } ?? []))
        }
        if findings?.contains(where: { $0.rule.severity == .breaks }) == true { throw ExitCode.failure }
    }

    private func look() async throws -> ProbeResult {
        switch try target() {
        case .capture: throw ValidationError("a capture has no report")
        case .file(let path):
            return ProbeResult(title: path, report: try await FileProbe.inspect(path, seconds: duration))
        case .rtmp(let url):
            var options = RTMPClientOptions()
            if insecure { options.trust = .anyone }
            if chunks {
                let text = WireText(style: Terminal.output.style, zero: .now())
                let teller: any WireTeller = json ? WireDocuments(zero: .now()) : text
                options.onWire = { events, dropped in
                    Terminal.output.write(
                        events.flatMap { teller.lines($0) } + (dropped > 0 ? teller.lines(dropped: dropped) : []))
                }
            }
            return try await live(url.redacted) { [options] listening throws(ProbeError) in
                try await RTMPProbe.listen(to: url, options: options, listening)
            }
        case .web(let url):
            let trust: RTMPClientOptions.Trust = insecure ? .anyone : .system
            return try await live(url.redacted) { listening throws(ProbeError) in
                try await WebProbe.listen(to: url, trust: trust, listening)
            }
        }
    }

    private func live(
        _ title: String, _ listen: @escaping @Sendable (LiveListening) async throws(ProbeError) -> Void
    ) async throws -> ProbeResult {
        try await LiveProbe.run(
            title: title, seconds: duration ?? Self.secondsDefault,
            console: Console(style: !chunks && Terminal.error.canRewrite ? .terminal : .quiet), listen)
    }

    /// What is to be looked at.
    private enum Target {
        case file(String)
        case rtmp(RTMPURL)
        case web(SourceURL)
        case capture(String)
    }

    private func target() throws -> Target {
        if let pcap { return .capture(pcap) }
        guard let source else { throw ValidationError("name a URL or a file to look at") }
        guard source.contains("://") else { return .file(source) }
        do {
            let url = try SourceURL(parsing: source)
            if case .rtmp(let url) = url { return .rtmp(url) }
            return .web(url)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
