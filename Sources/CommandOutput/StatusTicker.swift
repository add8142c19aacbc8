import NIOCore

/// Tells at a console's interval how something stands.
package struct StatusTicker<Report: Sendable>: Sendable {
    /// A report, and what it is to be compared with.
    package struct Moment: Sendable {
        /// How things stand.
        package var report: Report
        /// How they stood before; nil the first time.
        package var last: Report?
        /// The time between the two.
        package var interval: TimeAmount
        /// The time since the first.
        package var elapsed: TimeAmount
    }

    private let console: Console
    private let report: @Sendable () async -> Report
    private let lines: @Sendable (Moment) -> [String]

    /// - Parameters:
    ///   - console: where it is told.
    ///   - report: how things stand.
    ///   - lines: what to tell of it.
    package init(
        _ console: Console, report: @escaping @Sendable () async -> Report,
        lines: @escaping @Sendable (Moment) -> [String]
    ) {
        self.console = console
        self.report = report
        self.lines = lines
    }

    /// Tells until the task is cancelled, and then once more: the last word holds the totals.
    ///
    /// - Parameter pause: waits for so long, or until the task is cancelled.
    package func run(pause: (TimeAmount) async -> Void) async {
        let start = NIODeadline.now()
        var last: (report: Report, time: NIODeadline)?
        while true {
            if !Task.isCancelled { await pause(console.interval) }
            let report = await report()
            let now = NIODeadline.now()
            console.progress(
                lines(
                    Moment(
                        report: report, last: last?.report, interval: now - (last?.time ?? start),
                        elapsed: now - start)))
            if Task.isCancelled { return }
            last = (report, now)
        }
    }
}
