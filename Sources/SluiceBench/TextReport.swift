import LoadGeneration
import PlainText

/// A run's results for people.
package struct TextReport {
    private let report: LoadReport

    /// - Parameter report: the run.
    package init(_ report: LoadReport) {
        self.report = report
    }

    /// All of it, with a line end.
    package var text: String {
        var lines = [title, ""]
        if report.rows.count > 1 {
            lines += report.inTime.map { "  \($0.protocolName): \($0.url)" } + [""]
        }
        lines += table.lines
        lines.append("")
        lines += costs
        if report.problems.isEmpty {
            lines.append("Every viewer saw every frame, in order.")
        } else {
            lines.append("What went wrong:")
            lines += report.problems.map { "  \($0)" }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private var title: String {
        let measured =
            report.seconds > 0 ? "measured for \(NumberText.decimal(report.seconds, digits: 1)) s" : "nothing measured"
        return "\(NumberText.count(report.plan.viewers)) viewers, \(measured)"
            + (report.isBrokenOff ? " (ended early)" : "")
    }

    private var table: TextTable {
        var table = TextTable()
        table.add([""] + report.rows.map(\.protocolName))
        for figure in Figure.all where report.rows.contains(where: { figure.value($0, report) != nil }) {
            table.add([figure.name] + report.rows.map { figure.value($0, report) ?? "–" })
        }
        return table
    }

    private var costs: [String] {
        var table = TextTable()
        for cost in Figure.costs(report) { table.add([cost.name, cost.value]) }
        return table.lines + [""]
    }
}

/// A row of the table: what text and HTML both tell.
struct Figure {
    let name: String
    /// Nil where it does not apply.
    let value: @Sendable (LoadReport.Row, LoadReport) -> String?

    static let all: [Figure] = [
        Figure(name: "viewers connected at the end") { row, _ in NumberText.count(row.gauges.connected) },
        Figure(name: "connections begun") { row, _ in NumberText.count(row.whole.connects) },
        Figure(name: "connections failed") { row, _ in NumberText.count(row.whole.failed) },
        Figure(name: "first frame after, p50") { row, _ in optional(row.whole.join, 0.5) },
        Figure(name: "first frame after, p99") { row, _ in optional(row.whole.join, 0.99) },
        Figure(name: "first keyframe after, p50") { row, _ in optional(row.whole.firstKeyFrame, 0.5) },
        Figure(name: "latency p50") { row, _ in optional(row.measured.latency, 0.5) },
        Figure(name: "latency p95") { row, _ in optional(row.measured.latency, 0.95) },
        Figure(name: "latency p99") { row, _ in optional(row.measured.latency, 0.99) },
        Figure(name: "latency, longest") { row, _ in optional(row.measured.latency, 1) },
        Figure(name: "pictures received") { row, _ in NumberText.count(row.measured.videoFrames) },
        Figure(name: "pictures a second and viewer") { row, report in
            perViewer(row, report, Double(row.measured.videoFrames)).map { NumberText.decimal($0, digits: 2) }
        },
        Figure(name: "audio frames received") { row, _ in NumberText.count(row.measured.audioFrames) },
        Figure(name: "bit rate of a viewer") { row, report in
            perViewer(row, report, Double(row.measured.bytes) * 8).map { NumberText.bitRate($0) }
        },
        Figure(name: "gaps (missing pictures)") { row, _ in
            "\(NumberText.count(row.measured.gaps)) (\(NumberText.count(row.measured.missingFrames)))"
        },
        Figure(name: "pictures out of order") { row, _ in NumberText.count(row.measured.disorders) },
        Figure(name: "stalls") { row, _ in NumberText.count(row.measured.stalls) },
    ]

    /// What the run cost server, publishers and bench itself.
    static func costs(_ report: LoadReport) -> [(name: String, value: String)] {
        var costs: [(String, String)] = []
        if let server = report.server, let each = report.serverMicrosecondsPerViewer {
            let cores = Double(server.end.cpuMicroseconds - server.start.cpuMicroseconds) / 1e6 / report.seconds
            costs.append(("server's CPU", "\(NumberText.decimal(cores * 100, digits: 1)) % of a core"))
            costs.append(("server's CPU per viewer and second", "\(NumberText.significant(each)) µs"))
            costs.append(("server's memory", NumberText.bytes(server.end.residentBytes)))
        }
        if let bytes = report.serverBytesPerViewer {
            costs.append(("server's memory per viewer", NumberText.bytes(bytes)))
        }
        if !report.plan.publications.isEmpty {
            let late = report.publishers.late > 0 ? ", \(NumberText.count(report.publishers.late)) late" : ""
            costs.append(("pictures published", NumberText.count(report.publishers.frames) + late))
        }
        if let each = report.ownMicrosecondsPerViewer {
            costs.append(("bench's own CPU per viewer and second", "\(NumberText.significant(each)) µs"))
        }
        if let bytes = report.ownBytesPerViewer {
            costs.append(("bench's own memory per viewer", NumberText.bytes(bytes)))
        }
        return costs
    }

    private static func optional(_ histogram: Histogram, _ part: Double) -> String? {
        histogram.count > 0 ? NumberText.time(milliseconds: histogram.milliseconds(at: part)) : nil
    }

    private static func perViewer(_ row: LoadReport.Row, _ report: LoadReport, _ sum: Double) -> Double? {
        guard report.seconds > 0, row.gauges.connected > 0 else { return nil }
        return sum / report.seconds / Double(row.gauges.connected)
    }
}
