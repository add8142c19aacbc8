import ArgumentParser
import NIOCore
import RTMPClient
import StreamSources

/// How a stream is reached, for the commands that read one.
package struct SourceArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait so long for a stream that is not there yet (default: not at all).", valueName: "seconds"))
    package var wait = 0.0

    @Option(help: ArgumentHelp("Try so long to get a stream back that broke, or \"forever\".", valueName: "seconds"))
    package var patience = Patience.seconds(60)

    @Flag(help: "Go on when the stream ends: its publisher may return.")
    package var keep = false

    @Option(
        help: ArgumentHelp("Give a connection up when nothing has come for so long, 1 to 60.", valueName: "seconds"))
    package var stallTimeout = 10.0

    @Flag(help: "Take any certificate of a server: for one's own tests only.")
    package var insecure = false

    @Option(help: ArgumentHelp("A PEM file with the authorities to trust instead of the system's.", valueName: "file"))
    package var caFile: String?

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        guard (1...60).contains(stallTimeout) else {
            throw ValidationError("--stall-timeout \(stallTimeout): give 1 to 60 seconds")
        }
        guard (0...Patience.secondsMax).contains(wait) else {
            throw ValidationError("--wait \(wait): give up to \(Int(Patience.secondsMax)) seconds")
        }
        guard !insecure || caFile == nil else {
            throw ValidationError("--insecure and --ca-file contradict each other")
        }
    }

    /// The options for the stream.
    package var options: SourceOptions {
        var options = SourceOptions(
            stallTimeout: .milliseconds(Int64(stallTimeout * 1000)), patience: patience.time,
            firstPatience: .milliseconds(Int64(wait * 1000)), outlivesEnd: keep)
        if keep { options.patience = nil }
        if insecure { options.trust = .anyone }
        if let caFile { options.trust = .authorities(path: caFile) }
        return options
    }
}

/// "90" or "forever".
package enum Patience: Sendable, Hashable, ExpressibleByArgument {
    case seconds(Double)
    case forever

    /// A year.
    package static let secondsMax = 31_536_000.0

    package init?(argument: String) {
        if argument == "forever" {
            self = .forever
        } else if let seconds = Double(argument), (0...Self.secondsMax).contains(seconds) {
            self = .seconds(seconds)
        } else {
            return nil
        }
    }

    package var defaultValueDescription: String {
        switch self {
        case .forever: "forever"
        case .seconds(let seconds): "\(Int(seconds))"
        }
    }

    /// Nil is for ever.
    package var time: TimeAmount? {
        switch self {
        case .forever: nil
        case .seconds(let seconds): .milliseconds(Int64(seconds * 1000))
        }
    }
}
