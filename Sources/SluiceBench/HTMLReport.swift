import LoadGeneration
import PlainText

/// A run's results as one page that needs nothing else: figures, and plots over time, light and dark.
package struct HTMLReport {
    private let report: LoadReport

    /// - Parameter report: the run.
    package init(_ report: LoadReport) {
        self.report = report
    }

    /// The page.
    package var text: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>sluice bench</title>
        <style>
        \(Self.style)
        </style></head><body>
        <h1>sluice bench</h1>
        <p>\(Self.escaped(summary))</p>
        \(verdict)
        <h2>Viewers</h2>
        \(table)
        <h2>Costs</h2>
        \(costs)
        <h2>Over time</h2>
        <p class="note">Shaded: viewers come; it is not counted.</p>
        <div class="plots">
        \(plots.map(\.html).joined())</div>
        </body></html>

        """
    }

    private var summary: String {
        let published = report.plan.publications.isEmpty ? "" : ", \(report.plan.publications.count) published"
        let slow = report.plan.slowViewers > 0 ? ", \(report.plan.slowViewers) of them slow" : ""
        let churn =
            report.plan.churnPerSecond > 0
            ? ", \(NumberText.significant(report.plan.churnPerSecond)) a second replaced" : ""
        return "\(NumberText.count(report.plan.viewers)) viewers\(slow)\(churn)\(published); measured for "
            + "\(NumberText.decimal(report.seconds, digits: 1)) s\(report.isBrokenOff ? " (ended early)" : "")"
    }

    private var verdict: String {
        guard !report.problems.isEmpty else { return "<p class=\"good\">Every viewer saw every frame, in order.</p>" }
        let items = report.problems.map { "<li>\(Self.escaped($0))</li>" }.joined()
        return "<div class=\"bad\">What went wrong:<ul>\(items)</ul></div>"
    }

    private var table: String {
        let head = report.rows.map {
            "<th title=\"\(Self.escaped($0.url))\">\(Self.escaped($0.protocolName))</th>"
        }
        let rows = Figure.all.filter { figure in report.rows.contains { figure.value($0, report) != nil } }.map {
            figure in
            let cells = report.rows.map { "<td>\(Self.escaped(figure.value($0, report) ?? "–"))</td>" }
            return "<tr><th scope=\"row\">\(figure.name)</th>\(cells.joined())</tr>"
        }
        return "<table><tr><th></th>\(head.joined())</tr>\n\(rows.joined(separator: "\n"))</table>"
    }

    private var costs: String {
        let rows = Figure.costs(report).map {
            "<tr><th scope=\"row\">\(Self.escaped($0.name))</th><td>\(Self.escaped($0.value))</td></tr>"
        }
        return "<table>\(rows.joined(separator: "\n"))</table>"
    }

    private var plots: [Plot] {
        let moments = report.moments
        let measuredFrom = moments.first { $0.phase != .ramp }?.time
        func plot(_ title: String, _ unit: String, _ lines: [Plot.Line]) -> Plot {
            Plot(title: title, unit: unit, times: moments.map(\.time), measuredFrom: measuredFrom, lines: lines)
        }
        return [
            plot(
                "Latency", "milliseconds",
                [
                    Plot.Line(name: "p50", style: "a", values: moments.map(\.latencyMedian)),
                    Plot.Line(name: "p99", style: "b", values: moments.map(\.latency99)),
                ]),
            plot(
                "Viewers", "count",
                [
                    Plot.Line(name: "connected", style: "b", values: moments.map { Double($0.connected) }),
                    Plot.Line(name: "watching", style: "a", values: moments.map { Double($0.watching) }),
                ]),
            plot("Received", "Mbit/s", [Plot.Line(name: "all", style: "a", values: moments.map(\.megabitsPerSecond))]),
            plot(
                "CPU", "% of a core",
                [
                    Plot.Line(name: "server", style: "a", values: moments.map { $0.serverCores.map { $0 * 100 } }),
                    Plot.Line(name: "bench", style: "b", values: moments.map { $0.ownCores * 100 }),
                ]),
            plot(
                "The server's memory", "MB",
                [
                    Plot.Line(
                        name: "resident", style: "a", values: moments.map { $0.serverBytes.map { Double($0) / 1e6 } })
                ]),
            plot(
                "Troubles", "a second",
                [
                    Plot.Line(name: "gaps", style: "a", values: moments.map { Double($0.gaps) }),
                    Plot.Line(name: "failures", style: "b", values: moments.map { Double($0.failures) }),
                ]),
        ]
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1a2230; --paper: #fff; --soft: #66707f; --line: #d8dde5; --ramp: #f1f3f6;
          --a: #0b6bcb; --b: #c2570c; --good: #11703a; --bad: #b3261e }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --paper: #12161d; --soft: #98a2b3; --line: #303846;
          --ramp: #1b212b; --a: #6bb3ff; --b: #ffa25c; --good: #5fd38d; --bad: #ff8a80 } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 84rem;
          margin: 2rem auto; padding: 0 1rem }
        h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
        th, td { padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); text-align: right }
        th[scope=row] { text-align: left; font-weight: 400; color: var(--soft) }
        .good { color: var(--good) } .bad { color: var(--bad) } .note, figcaption { color: var(--soft) }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1rem }
        figure { margin: 0 } svg { width: 100%; height: auto } svg text { fill: var(--soft); font-size: 11px }
        .grid { stroke: var(--line) } .ramp { fill: var(--ramp) } .line { fill: none; stroke-width: 1.8 }
        .line.a { stroke: var(--a) } .line.b { stroke: var(--b); stroke-dasharray: 6 2 }
        .key.a { color: var(--a) } .key.b { color: var(--b) }
        """

    /// Text in HTML.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
