import ArgumentParser
import LoadGeneration
import PlainText

/// How many viewers there are, and how they behave.
package struct ViewerOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Viewers in all.", valueName: "n"))
    var viewers = 100

    @Option(help: ArgumentHelp("New viewers a second.", valueName: "n"))
    var ramp = 1000.0

    @Option(help: ArgumentHelp("Viewers a second that leave and are replaced.", valueName: "n"))
    var churn = 0.0

    @Option(
        help: ArgumentHelp(
            "Viewers that do not keep up: half of them read 20 kB a second, the others stop reading.", valueName: "n"))
    var slow = 0

    @Option(help: ArgumentHelp("Threads that viewers are spread over.", valueName: "n"))
    var threads = 1

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        guard (1...LoadPlan.viewersMax).contains(viewers) else {
            throw ValidationError("--viewers \(viewers): give 1 to \(LoadPlan.viewersMax)")
        }
        guard (1...100_000).contains(ramp) else { throw ValidationError("--ramp \(ramp): give 1 to 100000 a second") }
        guard (0...10_000).contains(churn) else { throw ValidationError("--churn \(churn): give 0 to 10000 a second") }
        guard slow >= 0 else { throw ValidationError("--slow \(slow): give a number of viewers") }
        guard (1...64).contains(threads) else { throw ValidationError("--threads \(threads): give 1 to 64") }
    }
}

/// What is published, and where.
package struct PublisherOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Streams to publish (default: 1 where the place is known, else 0).", valueName: "n"))
    var publishers: Int?

    @Option(
        help: ArgumentHelp(
            "Where to publish: rtmp://HOST/APP/STREAM (default: the first rtmp:// URL).", valueName: "url"))
    var publishTo: String?

    @Option(help: ArgumentHelp("Pictures a second.", valueName: "n"))
    var rate = 30

    @Option(help: ArgumentHelp("Seconds between keyframes.", valueName: "seconds"))
    var gop = 2.0

    @Option(help: ArgumentHelp("Bits a second of the pictures, as 1M or 800k.", valueName: "rate"))
    var bitrate = BitRate(bitsPerSecond: 1_000_000)

    @Option(help: ArgumentHelp("Publish this FLV file again and again, instead of a made stream.", valueName: "flv"))
    var file: String?

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        if let publishers, !(0...LoadPlan.publishersMax).contains(publishers) {
            throw ValidationError("--publishers \(publishers): give 0 to \(LoadPlan.publishersMax)")
        }
        guard (1...240).contains(rate) else { throw ValidationError("--rate \(rate): give 1 to 240 pictures a second") }
        guard (0.1...60).contains(gop) else { throw ValidationError("--gop \(gop): give 0.1 to 60 seconds") }
    }
}

/// "1M", "2.5M", "800k" or "1000000".
struct BitRate: Sendable, Hashable, ExpressibleByArgument, CustomStringConvertible {
    let bitsPerSecond: Int

    /// What one stream may ask of a loopback.
    private static let range = 50_000...200_000_000

    init(bitsPerSecond: Int) {
        self.bitsPerSecond = bitsPerSecond
    }

    init?(argument: String) {
        guard let bits = Quantity.parse(argument, in: Self.range) else { return nil }
        bitsPerSecond = bits
    }

    var description: String { Quantity.text(bitsPerSecond) }
}

/// How long it is measured, and where the results go.
package struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Seconds to measure.", valueName: "seconds"))
    var duration = 10

    @Option(
        name: .customLong("server-pid"),
        help: ArgumentHelp("The server's process on this machine; may be given several times.", valueName: "pid"))
    var serverProcesses: [Int] = []

    @Option(help: ArgumentHelp("Write the results as JSON; \"-\" is standard output.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the results as one HTML page with plots.", valueName: "file"))
    var html: String?

    @Flag(help: "Exit with 0 although viewers failed or missed pictures.")
    var tolerate = false

    @Flag(name: .shortAndLong, help: "Show nothing while it runs.")
    var quiet = false

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        guard (1...LoadPlan.secondsMax).contains(duration) else {
            throw ValidationError("--duration \(duration): give 1 to \(LoadPlan.secondsMax) seconds")
        }
        guard serverProcesses.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("--server-pid takes a process's number")
        }
    }

    /// Opens what is to be written, so that a mistake is told at once.
    func openFiles() throws(BenchError) -> ResultFiles {
        ResultFiles(json: try json.map(SystemFile.create), html: try html.map(SystemFile.create))
    }
}

/// Files that wait for the results.
struct ResultFiles {
    let json: Int32?
    let html: Int32?

    var writesJSONToStandardOutput: Bool {
        json == SystemFile.standardOutput || html == SystemFile.standardOutput
    }

    func write(_ report: LoadReport) throws(BenchError) {
        if let json { try SystemFile.write(JSONReport(report).text, to: json) }
        if let html { try SystemFile.write(HTMLReport(report).text, to: html) }
    }
}
