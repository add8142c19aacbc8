import ArgumentParser
import CommandOutput
import LoadGeneration
import UnixSignals

/// `sluice bench`: loads a server with publishers and viewers, and tells how it bears them.
package struct BenchCommand: AsyncParsableCommand {
    /// What `sluice bench --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Load a server with publishers and viewers, and measure how it bears them.",
        discussion: """
            URL says what viewers do: rtmp://HOST/APP/STREAM, http://HOST:PORT/… with .flv, \
            .mp4, .ts or .m3u8 (HLS, with low latency where the server has it), \
            ws://HOST:PORT/… with .flv or .mp4. Several URLs share the viewers, and each has its \
            row in the report. Any server will do.

            An rtmp:// URL is published to as well: a made stream with a clock in each picture, \
            by which viewers tell its latency. --publishers 0 watches what is there already; \
            where it has no clock, joins, continuity and bit rate are measured still. \
            --publish-to names where to publish when viewers use HTTP. With several publishers, \
            {n} in a URL stands for the number of the stream; without it the number is put \
            behind the stream's name.

            Measured are the time to the first frame and to the first keyframe, latency from the \
            publisher's clock to the last byte of each picture, gaps, pictures out of order, \
            stalls, and refusals in words; with --server-pid, the server's CPU time and memory \
            per viewer. Counting begins 3 s after the last viewer has come and has frames.

            EXAMPLES:
              sluice bench rtmp://127.0.0.1/live/b -v 1000 --server-pid $(pidof sluice)
              sluice bench http://127.0.0.1:8080/live/b.flv \\
                  --publish-to rtmp://127.0.0.1/live/b
              sluice bench rtmp://127.0.0.1/live/b http://127.0.0.1:8080/live/b.m3u8
              sluice bench rtmp://127.0.0.1/live/b{n} --publishers 50 --viewers 500
              sluice bench rtmp://127.0.0.1/live/b --churn 50 --slow 20 --html b.html

            Exit codes: 0 all viewers saw everything, 1 some did not, 2 a mistake in usage.
            """)

    @Argument(help: ArgumentHelp("What viewers open.", valueName: "url"))
    package var urls: [String]

    @OptionGroup(title: "Viewers")
    package var viewers: ViewerOptions

    @OptionGroup(title: "Publishers")
    package var publishers: PublisherOptions

    @OptionGroup(title: "Measuring and telling")
    package var output: OutputOptions

    @Flag(
        name: .customLong("i-own-this-server"),
        help: "Load a server that is not on this machine. Only do so where its owner wants it.")
    package var ownsServer = false

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        guard !urls.isEmpty else { throw ValidationError("name at least one URL to load") }
        guard urls.count <= 16 else { throw ValidationError("at most 16 URLs") }
        guard viewers.slow <= viewers.viewers else {
            throw ValidationError("--slow \(viewers.slow) is more than the \(viewers.viewers) viewers there are")
        }
        let maker = planMaker
        do throws(BenchError) { try maker.checkURLs() } catch { throw ValidationError(error.description) }
    }

    private var planMaker: PlanMaker {
        PlanMaker(urls: urls, viewers: viewers, publishers: publishers, output: output, ownsServer: ownsServer)
    }

    /// Runs, and tells.
    package func run() async throws {
        let plan = try planMaker.plan()
        // Before anything is measured, not after it.
        let files = try output.openFiles()
        let table = LiveTable(Console(style: output.quiet ? .quiet : .suiting))
        table.begin(plan)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let running = Task { try await LoadRun(plan).run { table.show($0) } }
        let ending = Task {
            for await _ in signals { running.cancel() }
        }
        defer { ending.cancel() }
        let report: LoadReport
        do {
            report = try await running.value
        } catch let error as ScanError {
            throw BenchError(error.description)
        }
        table.end()
        try files.write(report)
        if !files.writesJSONToStandardOutput { Terminal.output.write(TextReport(report).text) }
        if !report.problems.isEmpty, !output.tolerate { throw ExitCode(1) }
    }
}

/// Why a run cannot be, in words.
package struct BenchError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
