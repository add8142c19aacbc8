import LoadGeneration
import MediaCore

/// What is seen while a run goes on: on a terminal one table that is rewritten every second, elsewhere a line every five.
final class LiveTable: Sendable {
    private let isQuiet: Bool
    private let isTerminal: Bool
    /// The lines that stand on the terminal now, and the moments told.
    private let shown = Locked<(lines: Int, moments: Int)>((0, 0))

    /// A line is told so many seconds after the last one.
    private static let lineSeconds = 5

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isTerminal = Terminal.isTerminal
    }

    /// Says what is about to be done.
    func begin(_ plan: LoadPlan) {
        guard !isQuiet else { return }
        let streams = plan.publications.count
        let published = streams == 0 ? "" : ", \(streams) publisher\(streams == 1 ? "" : "s")"
        let coming = Double(plan.viewers) / plan.viewersPerSecond
        let seconds = Int(coming.rounded(.up)) + LoadPlan.settlingSeconds + plan.seconds
        Terminal.write(
            "sluice bench: \(plan.viewers) viewer\(plan.viewers == 1 ? "" : "s")\(published), about \(seconds) s; "
                + "Ctrl-C ends it early\n", to: .error)
    }

    /// Tells how things stand.
    func show(_ report: LoadReport) {
        guard !isQuiet, let moment = report.moments.last else { return }
        shown.withLock { shown in
            shown.moments += 1
            if isTerminal {
                let size = Terminal.size
                let lines = Self.table(report, moment).prefix(size.rows - 1).map { $0.prefix(size.columns - 1) }
                Terminal.write(Self.erasing(shown.lines) + lines.map { $0 + "\n" }.joined(), to: .error)
                shown.lines = lines.count
            } else if shown.moments % Self.lineSeconds == 0 {
                Terminal.write(Self.line(moment) + "\n", to: .error)
            }
        }
    }

    /// Takes the table away: the report says it all.
    func end() {
        shown.withLock { shown in
            if isTerminal, shown.lines > 0 { Terminal.write(Self.erasing(shown.lines), to: .error) }
            shown.lines = 0
        }
    }

    /// To the beginning of the first line, and all from there on gone. Source: ECMA-48, CPL and ED.
    private static func erasing(_ lines: Int) -> String {
        lines == 0 ? "" : "\u{1B}[\(lines)F\u{1B}[J"
    }

    private static func phase(_ moment: LoadReport.Moment, _ plan: LoadPlan?) -> String {
        switch moment.phase {
        case .ramp: "viewers come"
        case .measuring: plan.map { "measuring \($0.seconds) s" } ?? "measuring"
        case .done, .over: "done"
        }
    }

    static func line(_ moment: LoadReport.Moment) -> String {
        let server = moment.serverCores.map { ", server \(NumberText.fixed($0 * 100, 0)) % CPU" } ?? ""
        return
            "\(NumberText.fixed(moment.time, 0)) s, \(phase(moment, nil)): \(moment.watching) of \(moment.connected) watching, "
            + "\(NumberText.bitRate(megabits: moment.megabitsPerSecond)), latency "
            + "\(NumberText.milliseconds(moment.latencyMedian)) p50 \(NumberText.milliseconds(moment.latency99)) p99, "
            + "\(moment.gaps) gaps, \(moment.failures) failed\(server)"
    }

    static func table(_ report: LoadReport, _ moment: LoadReport.Moment) -> [String] {
        var table = TextTable()
        table.add(["", "connected", "watching", "first frame", "latency p50", "p99", "gaps", "stalls", "failed"])
        for row in report.rows {
            let latency = row.measured.latency.count > 0 ? row.measured.latency : row.whole.latency
            table.add([
                row.protocolName, "\(row.gauges.connected)", "\(row.gauges.watching)",
                NumberText.milliseconds(row.whole.join.milliseconds(at: 0.5)),
                NumberText.milliseconds(latency.milliseconds(at: 0.5)),
                NumberText.milliseconds(latency.milliseconds(at: 0.99)),
                "\(row.measured.gaps)", "\(row.measured.stalls)", "\(row.whole.failed)",
            ])
        }
        let server = moment.serverCores.map {
            "server \(NumberText.fixed($0 * 100, 0)) % CPU, \(NumberText.bytes(Double(moment.serverBytes ?? 0))); "
        }
        let head =
            "\(NumberText.fixed(moment.time, 0)) s  \(phase(moment, report.plan))  "
            + "\(NumberText.bitRate(megabits: moment.megabitsPerSecond))  \(NumberText.fixed(moment.framesPerSecond, 0)) frames/s"
        let foot = "\(server ?? "")bench itself \(NumberText.fixed(moment.ownCores * 100, 0)) % CPU"
        return ["", "  " + head, ""] + table.lines + ["", "  " + foot, "  latency now  " + spark(report.moments)]
    }

    /// The last minute's median latency as bars.
    private static func spark(_ moments: [LoadReport.Moment]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        let values = moments.suffix(60).map(\.latencyMedian)
        let highest = max(values.compactMap { $0 }.max() ?? 0, 0.001)
        let text = values.map { value in
            guard let value else { return Character("·") }
            return bars[min(bars.count - 1, Int(value / highest * Double(bars.count)))]
        }
        return "\(String(text))  highest \(NumberText.milliseconds(highest))"
    }
}
