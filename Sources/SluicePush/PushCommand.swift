import ArgumentParser
import CommandOutput
import NIOCore
import NIOPosix
import RTMP
import RTMPClient
import UnixSignals

/// `sluice push`: publishes a source to one or several servers.
package struct PushCommand: AsyncParsableCommand {
    /// What `sluice push --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Publish a file, a camera, a screen or a test pattern to one or several servers.",
        discussion: """
            SOURCE is one of
              FILE              FLV, MP4 and MPEG-TS go as they are, where their codecs
                                can; FFmpeg encodes other files, and any file when
                                encoder settings are given
              -                 FLV or MPEG-TS on standard input
              test:             a moving pattern with a clock, and a beep every second
              v4l2:/dev/video0  a camera
              x11::0.0          a screen
              alsa:default      a microphone
              rtsp://…          or another address that FFmpeg reads

            Every URL has its own connection and its own queue. A connection that breaks
            is made again and begins at a keyframe. One that is slower than the stream
            loses B pictures first, then pictures up to a keyframe, sound last. Ctrl-C
            ends the streams in good order.

            EXAMPLES:
              sluice push talk.mp4 rtmp://localhost/live/talk
              sluice push --loop forever a.flv rtmp://HOST/live/a rtmps://HOST/app/KEY
              sluice push test: rtmp://localhost/live/test --size 1920x1080 --fps 60
              sluice push v4l2:/dev/video0 --audio alsa: rtmp://localhost/live/cam
              ffmpeg … -f mpegts - | sluice push --no-pacing - rtmp://localhost/live/b

            Exit codes: 0 at the end or by Ctrl-C, 1 failed, 2 a mistake in usage.
            """)

    @Argument(help: ArgumentHelp("What to publish.", valueName: "source"))
    package var source: String

    @Argument(help: ArgumentHelp("Where to: rtmp://HOST[:PORT]/APP/STREAM, or rtmps://….", valueName: "url"))
    package var urls: [String]

    @Option(help: ArgumentHelp("Read a file again: so many times in all, or \"forever\".", valueName: "n|forever"))
    package var loop: String?

    @Flag(help: "Send as fast as the source comes, for one that is live already.")
    package var noPacing = false

    @Option(help: ArgumentHelp("A second source, for sound: alsa:default.", valueName: "source"))
    package var audio: String?

    @OptionGroup(title: "Encoder settings (with any of them, FFmpeg encodes)")
    package var encoder: EncoderOptions

    @OptionGroup(title: "Connections")
    package var connections: ConnectionOptions

    @Flag(help: "Tell progress as a JSON document a line, every second, on standard output.")
    package var json = false

    @Flag(name: .shortAndLong, help: "Tell only what goes wrong.")
    package var quiet = false

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        guard !urls.isEmpty else { throw ValidationError("name at least one URL to publish to") }
        guard !(json && quiet) else { throw ValidationError("--json and --quiet contradict each other") }
        _ = try parsedURLs()
        let rounds = try rounds()
        if source == "-" || !InputName(source).isFile, rounds != .times(1) {
            throw ValidationError("--loop is for files: \(source) has no beginning to go back to")
        }
        if source == "-", encoder.isGiven {
            throw ValidationError(
                "standard input goes as it is: leave out the encoder settings, or pipe it through ffmpeg")
        }
        if audio != nil, source == "-" || InputName(source).isFile {
            throw ValidationError("--audio goes with a device such as v4l2:/dev/video0")
        }
    }

    /// Pushes; returns at the end of the source, or after a signal.
    package func run() async throws {
        let style: Console.Style = json ? .json : quiet ? .quiet : .suiting
        let console = Console(style: style)
        let choice = SourceChoice(
            source: source, encoding: encoder.encoding(audioSource: audio.map(InputName.init)),
            wantsEncoding: encoder.isGiven, program: encoder.ffmpeg)
        let opened = try await choice.open()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let uplinks = try parsedURLs().map { url in
            Uplink(
                url: url, on: loop, options: connections.options, isPatient: connections.keepTrying,
                notice: { if style != .quiet { console.notice($0) } }, onChange: { change.yield() })
        }
        let run = PushRun(
            opened, rounds: try rounds(), isPaced: choice.needsPacing && !noPacing, to: uplinks, changes: changes,
            on: loop)
        let failures = await Self.supervise(run, uplinks, console, on: loop)
        if !failures.isEmpty { throw PushError(failures.joined(separator: "\nsluice: ")) }
    }

    /// Runs the push beside the status line; a signal ends both.
    private static func supervise(
        _ run: PushRun, _ uplinks: [Uplink], _ console: Console, on loop: any EventLoop
    ) async -> [String] {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let pushing = Task { await run.run() }
        let ending = Task {
            for await _ in signals { pushing.cancel() }
        }
        let telling = Task { await ticker(uplinks, console).run { await loop.sleep(for: $0) } }
        let failures = await pushing.value
        ending.cancel()
        telling.cancel()
        await telling.value
        return failures
    }

    private static func ticker(_ uplinks: [Uplink], _ console: Console) -> StatusTicker<[Uplink.Report]> {
        StatusTicker(console) {
            var reports: [Uplink.Report] = []
            for uplink in uplinks { reports.append(await uplink.report()) }
            return reports
        } lines: { moment in
            let isJSON = console.style == .json
            return moment.report.enumerated().map { index, report in
                let status = UplinkStatus(
                    report, after: moment.last?[index], interval: moment.interval, elapsed: moment.elapsed)
                return isJSON ? status.json : status.line
            }
        }
    }

    private func parsedURLs() throws -> [RTMPURL] {
        try urls.map { text in
            let url: RTMPURL
            do {
                url = try RTMPURL(parsing: text)
            } catch {
                throw ValidationError("\(text) is no address to publish to: \(error)")
            }
            guard !url.streamName.isEmpty else {
                throw ValidationError("\(text) names no stream: write rtmp://HOST/APP/STREAM")
            }
            return url
        }
    }

    private func rounds() throws -> Rounds {
        guard let loop else { return .times(1) }
        if loop == "forever" { return .forever }
        guard let count = Int(loop), count > 0 else {
            throw ValidationError("--loop \(loop): give a number from 1 on, or \"forever\"")
        }
        return .times(count)
    }
}
