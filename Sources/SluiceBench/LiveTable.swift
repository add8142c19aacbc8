import CommandOutput
import LoadGeneration
import MediaCore
import PlainText

/// What is seen while a run goes on: on a terminal one table that is rewritten every second, elsewhere a line every five.
final class LiveTable: Sendable {
    private let console: Console
    private let momentsTold = Locked(0)

    /// A line is told so many seconds after the last one.
    private static let lineSeconds = 5

    init(_ console: Console) {
        self.console = console
    }

    /// Says what is about to be done.
    func begin(_ plan: LoadPlan) {
        guard console.style != .quiet else { return }
        let streams = plan.publications.count
        let published = streams == 0 ? "" : ", \(streams) publisher\(streams == 1 ? "" : "s")"
        let coming = Double(plan.viewers) / plan.viewersPerSecond
        let seconds = Int(coming.rounded(.up)) + LoadPlan.settlingSeconds + plan.seconds
        console.notice(
            "\(plan.viewers) viewer\(plan.viewers == 1 ? "" : "s")\(published), about \(seconds) s; Ctrl-C ends it early"
        )
    }

    /// Tells how things stand.
    func show(_ report: LoadReport) {
        guard let moment = report.moments.last else { return }
        let count = momentsTold.withLock { count in
            count += 1
            return count
        }
        if console.style == .terminal {
            console.progress(Self.table(report, moment))
        } else if count % Self.lineSeconds == 0 {
            console.progress([Self.line(moment)])
        }
    }

    /// Takes the table away: the report says it all.
    func end() {
        console.clear()
    }

    private static func phase(_ moment: LoadReport.Moment, _ plan: LoadPlan?) -> String {
        switch moment.phase {
        case .ramp: "viewers come"
        case .measuring: plan.map { "measuring \($0.seconds) s" } ?? "measuring"
        case .done, .over: "done"
        }
    }

    static func line(_ moment: LoadReport.Moment) -> String {
        let server = moment.serverCores.map { ", server \(NumberText.decimal($0 * 100, digits: 0)) % CPU" } ?? ""
        return
            "\(NumberText.decimal(moment.time, digits: 0)) s, \(phase(moment, nil)): \(moment.watching) of \(moment.connected) watching, "
            + "\(NumberText.bitRate(1e6 * moment.megabitsPerSecond)), latency "
            + "\(NumberText.time(milliseconds: moment.latencyMedian)) p50 \(NumberText.time(milliseconds: moment.latency99)) p99, "
            + "\(moment.gaps) gaps, \(moment.failures) failed\(server)"
    }

    static func table(_ report: LoadReport, _ moment: LoadReport.Moment) -> [String] {
        var table = TextTable()
        table.add(["", "connected", "watching", "first frame", "latency p50", "p99", "gaps", "stalls", "failed"])
        for row in report.rows {
            let latency = row.measured.latency.count > 0 ? row.measured.latency : row.whole.latency
            table.add([
                row.protocolName, "\(row.gauges.connected)", "\(row.gauges.watching)",
                NumberText.time(milliseconds: row.whole.join.milliseconds(at: 0.5)),
                NumberText.time(milliseconds: latency.milliseconds(at: 0.5)),
                NumberText.time(milliseconds: latency.milliseconds(at: 0.99)),
                "\(row.measured.gaps)", "\(row.measured.stalls)", "\(row.whole.failed)",
            ])
        }
        let server = moment.serverCores.map {
            "server \(NumberText.decimal($0 * 100, digits: 0)) % CPU, \(NumberText.bytes(moment.serverBytes ?? 0)); "
        }
        let head =
            "\(NumberText.decimal(moment.time, digits: 0)) s  \(phase(moment, report.plan))  "
            + "\(NumberText.bitRate(1e6 * moment.megabitsPerSecond))  \(NumberText.decimal(moment.framesPerSecond, digits: 0)) frames/s"
        let foot = "\(server ?? "")bench itself \(NumberText.decimal(moment.ownCores * 100, digits: 0)) % CPU"
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
        return "\(String(text))  highest \(NumberText.time(milliseconds: highest))"
    }
}
