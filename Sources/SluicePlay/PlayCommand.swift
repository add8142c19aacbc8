import ArgumentParser
import CommandOutput
import NIOCore
import NIOPosix
import RTMPClient
import SluicePull
import StreamSources
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `sluice play`: shows a live stream.
package struct PlayCommand: AsyncParsableCommand {
    /// What `sluice play --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Show a live stream in ffplay or mpv, or take a picture of it.",
        discussion: """
            URL is what sluice pull takes. The stream goes to the player through a pipe,
            with its timestamps put right, and across connections that break.

            Told are the time from connecting to the first keyframe, and how far behind
            the newest picture that keyframe is: what one sees is later by so much, and by
            what the player holds back.

            EXAMPLES:
              sluice play rtmp://localhost/live/show
              sluice play https://HOST/live/show.m3u8 --player mpv
              sluice play http://localhost:8080/live/show.flv --snapshot now.png

            Exit codes: 0 at the stream's end, when the player is closed or by Ctrl-C,
            1 failed, 2 a mistake in usage.
            """)

    @Argument(help: ArgumentHelp("The stream.", valueName: "url"))
    package var url: String

    @Option(help: ArgumentHelp("The player (default: ffplay, else mpv).", valueName: "program"))
    package var player: String?

    @Option(help: ArgumentHelp("Write a picture (.png, .jpg) and end; no player is needed.", valueName: "file"))
    package var snapshot: String?

    @Flag(help: "Write over a picture that is there.")
    package var force = false

    @Option(help: ArgumentHelp("The FFmpeg program, for pictures.", valueName: "path"))
    package var ffmpeg = "ffmpeg"

    @OptionGroup(title: "The connection")
    package var source: SourceArguments

    @Flag(name: .shortAndLong, help: "Tell only what goes wrong.")
    package var quiet = false

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        _ = try parsedURL()
        guard snapshot == nil || player == nil else {
            throw ValidationError("--snapshot needs no --player: leave one out")
        }
    }

    /// Shows; returns at the stream's end, when the player is closed, or after a signal.
    package func run() async throws {
        let program = try program()
        let console = Console(style: quiet ? .quiet : .lines)
        let isQuiet = quiet
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let stream = LiveStream(try parsedURL(), options: source.options, on: loop) { event in
            if !isQuiet || event.isTrouble { console.notice(event.words) }
        }
        let run = PlayRun(stream, on: loop) { if !isQuiet { console.notice($0) } }
        let isSnapshot = snapshot != nil
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let playing = Task {
            isSnapshot ? try await run.takeSnapshot(program) : try await run.play(program)
        }
        let ending = Task {
            for await _ in signals {
                playing.cancel()
                await stream.close()
            }
        }
        defer { ending.cancel() }
        do {
            try await playing.value
        } catch is CancellationError {
            // Wanted.
        } catch let error as SourceError {
            throw PlayError("\(stream.url.redacted): \(error)")
        }
    }

    private func program() throws -> PlayerProgram {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let find = { name in
            PlayerProgram.find(name, path: path) { access($0, X_OK) == 0 }
        }
        if let snapshot {
            guard force || access(snapshot, F_OK) != 0 else {
                throw PlayError("\(snapshot): file exists; name another file, or give --force")
            }
            guard let found = find(ffmpeg) else {
                throw PlayError(
                    "a picture needs FFmpeg, and there is no program \(ffmpeg): install it (apt-get install ffmpeg), or "
                        + "name it with --ffmpeg PATH")
            }
            return .snapshot(found, to: snapshot)
        }
        let names = player.map { [$0] } ?? PlayerProgram.known
        guard let found = names.lazy.compactMap(find).first else {
            throw PlayError(
                "there is no player \(names.joined(separator: " or ")): install one (apt-get install ffmpeg), name one "
                    + "with --player PROGRAM, or record with sluice pull")
        }
        return .player(found, title: try parsedURL().redacted)
    }

    private func parsedURL() throws -> SourceURL {
        do {
            return try SourceURL(parsing: url)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
