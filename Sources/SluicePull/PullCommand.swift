import ArgumentParser
import CommandOutput
import NIOCore
import NIOPosix
import PlainText
import RTMPClient
import StreamSources
import UnixSignals

/// `sluice pull`: records a live stream.
package struct PullCommand: AsyncParsableCommand {
    /// What `sluice pull --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Record a live stream of any server.",
        discussion: """
            URL is rtmp://, rtmps://, http:// or https:// (FLV, fragmented MP4, MPEG-TS,
            and HLS, low latency too), ws:// or wss:// (FLV, fragmented MP4).
            FILE ends in .flv, .mp4 or .ts, or is - for standard output (with --format).
            Nothing is encoded again.

            A connection that breaks is made again, and the recording goes on in the
            same file. The server then begins with a keyframe: what is recorded already
            is left out, and what the server no longer has is missing. When the server's
            clock begins anew, the recording goes on without a gap.

            Files are split on keyframes. In FILE, %03d is a file's number, and the
            letters of strftime are the time; without either, the number goes in front of
            the extension. Each file begins at 0. A file that was cut off, by a crash or
            a full disk, can be played up to there.

            EXAMPLES:
              sluice pull rtmp://localhost/live/show show.mp4
              sluice pull http://HOST:8080/live/show.flv show.flv --duration 60
              sluice pull https://HOST/live/show.m3u8 show.ts --wait 300
              sluice pull rtmp://HOST/live/cam 'cam-%Y%m%d-%H%M%S.mp4' --split-time 3600
              sluice pull ws://HOST:8080/live/show.mp4 - --format ts | ffmpeg -i - …

            Exit codes: 0 at the stream's end or by Ctrl-C, 1 failed, 2 a mistake in usage.
            """)

    @Argument(help: ArgumentHelp("The stream.", valueName: "url"))
    package var url: String

    @Argument(help: ArgumentHelp("Where to record to.", valueName: "file"))
    package var file: String

    @Option(help: ArgumentHelp("flv, mp4 or ts, whatever the file's name is.", valueName: "format"))
    package var format: RecordingFormat?

    @Flag(help: "Write over files that are there.")
    package var force = false

    @Option(help: ArgumentHelp("Record so much, and end.", valueName: "seconds"))
    package var duration: Double?

    @Option(help: ArgumentHelp("Begin another file after so long.", valueName: "seconds"))
    package var splitTime: Double?

    @Option(help: ArgumentHelp("Begin another file after so many bytes, as 500M or 2G.", valueName: "size"))
    package var splitSize: ByteCountText?

    @OptionGroup(title: "The connection")
    package var source: SourceArguments

    @Flag(help: "Tell progress as a JSON document a line, every second, on standard output.")
    package var json = false

    @Flag(name: .shortAndLong, help: "Tell only what goes wrong.")
    package var quiet = false

    /// Made by ArgumentParser.
    package init() {}

    /// The longest duration and the longest file in seconds: a year.
    private static let secondsMax = Patience.secondsMax

    /// Looks the arguments over.
    package func validate() throws {
        _ = try parsedURL()
        _ = try chosenFormat()
        for (name, seconds) in [("--duration", duration), ("--split-time", splitTime)] {
            if let seconds, !(0.001...Self.secondsMax).contains(seconds) {
                throw ValidationError("\(name) \(seconds): give seconds, more than 0 and up to a year")
            }
        }
        guard !(json && quiet) else { throw ValidationError("--json and --quiet contradict each other") }
        guard file == "-" else { return }
        guard !json else { throw ValidationError("--json and FILE - both want standard output") }
        guard splitTime == nil, splitSize == nil else {
            throw ValidationError("standard output cannot be split: name a file")
        }
    }

    /// Records; returns at the stream's end, or after a signal.
    package func run() async throws {
        let style: Console.Style = json ? .json : quiet ? .quiet : .suiting
        let console = Console(style: style)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let stream = LiveStream(try parsedURL(), options: source.options, on: loop) { event in
            if style != .quiet || event.isTrouble { console.notice(event.words) }
        }
        let run = PullRun(stream, into: Recorder(try plan(), wallClock: unixSeconds), on: loop)
        let failure = await Self.supervise(run, console, on: loop)
        if let failure { throw PullError(failure) }
    }

    /// Records beside the status line; a signal ends both.
    private static func supervise(_ run: PullRun, _ console: Console, on loop: any EventLoop) async -> String? {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let recording = Task { await run.run() }
        let ending = Task {
            for await _ in signals { recording.cancel() }
        }
        let isJSON = console.style == .json
        let ticker = StatusTicker(console) {
            await run.report()
        } lines: { moment in
            let report = moment.report
            return [
                isJSON
                    ? report.json(after: moment.last, interval: moment.interval)
                    : report.line(after: moment.last, interval: moment.interval)
            ]
        }
        let telling = Task { await ticker.run { await loop.sleep(for: $0) } }
        let failure = await recording.value
        ending.cancel()
        telling.cancel()
        await telling.value
        return failure
    }

    private func plan() throws -> RecordingPlan {
        let isSplit = splitTime != nil || splitSize != nil
        var plan = RecordingPlan(names: FileNames(file, isSplit: isSplit), format: try chosenFormat())
        plan.isPipe = file == "-"
        plan.overwrites = force
        plan.splitMilliseconds = splitTime.map { Int64($0 * 1000) }
        plan.splitBytes = splitSize?.bytes
        plan.durationMilliseconds = duration.map { Int64($0 * 1000) }
        return plan
    }

    private func parsedURL() throws -> SourceURL {
        do {
            return try SourceURL(parsing: url)
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func chosenFormat() throws -> RecordingFormat {
        if let format { return format }
        if let format = RecordingFormat(fileName: file) { return format }
        throw ValidationError(
            file == "-"
                ? "standard output has no name that tells the format: give --format flv, mp4 or ts"
                : "\(file) ends in none of .flv, .mp4 and .ts: give --format flv, mp4 or ts")
    }
}

extension RecordingFormat: ExpressibleByArgument {}

/// "500M", "2G", "1.5G" or "1000000".
package struct ByteCountText: Sendable, Hashable, ExpressibleByArgument {
    package let bytes: Int

    /// From a keyframe's size to what no file system has.
    package static let range = 1_000...1_000_000_000_000_000

    package init?(argument: String) {
        guard let bytes = Quantity.parse(argument, in: Self.range) else { return nil }
        self.bytes = bytes
    }
}

extension LiveStreamEvent {
    /// What to tell people.
    package var words: String {
        switch self {
        case .connected(0): "connected"
        case .connected: "connected again"
        case .interrupted(let error): "\(error); trying again"
        }
    }

    /// Whether it is worth telling whoever wants to hear only what goes wrong.
    package var isTrouble: Bool {
        if case .interrupted = self { true } else { false }
    }
}
