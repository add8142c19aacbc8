/// What a run came to.
package struct LoadReport: Sendable {
    /// One row: the viewers of a URL, or the slow ones.
    package struct Row: Sendable {
        package var url: String
        package var protocolName: String
        /// Whether these viewers read slowly on purpose.
        package var isSlow: Bool
        /// Of the whole run: connects, joins, failures.
        package var whole = LoadCounters()
        /// Of the time that was measured.
        package var measured = LoadCounters()
        /// At the end.
        package var gauges = RunBoard.Gauges()

        package init(url: String, protocolName: String, isSlow: Bool) {
            self.url = url
            self.protocolName = protocolName
            self.isSlow = isSlow
        }
    }

    /// One second of the run, for plots and the live table.
    package struct Moment: Sendable {
        /// Seconds since the run began.
        package var time = 0.0
        package var phase = RunBoard.Phase.ramp
        package var connected = 0
        package var watching = 0
        package var starving = 0
        package var megabitsPerSecond = 0.0
        package var framesPerSecond = 0.0
        /// Of this second, in milliseconds; nil without stamped frames.
        package var latencyMedian: Double?
        package var latency99: Double?
        package var gaps = 0
        package var failures = 0
        /// Parts of a core; nil without the server's process.
        package var serverCores: Double?
        package var serverBytes: Int?
        package var ownCores = 0.0

        package init() {}
    }

    package var plan: LoadPlan
    package var rows: [Row]
    package var moments: [Moment] = []
    package var publishers = RunBoard.PublisherCounters()
    /// How long it was measured, in seconds.
    package var seconds = 0.0
    /// Whether it was broken off.
    package var isBrokenOff = false
    /// The server before the first viewer, at the beginning and at the end of measuring; nil without its process.
    package var server: (before: ProcessUsage, start: ProcessUsage, end: ProcessUsage)?
    /// This program, likewise.
    package var own = (before: ProcessUsage(), start: ProcessUsage(), end: ProcessUsage())

    package init(_ plan: LoadPlan) {
        self.plan = plan
        let names = plan.groups.map { $0.targets.first?.protocolName ?? "" }
        rows = plan.groups.enumerated().map { index, group in
            // Rows of the same protocol are told apart by a number.
            let count = names[...index].count { $0 == names[index] }
            let isOnly = names.count { $0 == names[index] } == 1
            return Row(
                url: group.url, protocolName: isOnly ? names[index] : "\(names[index]) \(count)", isSlow: false)
        }
        if plan.slowViewers > 0 { rows.append(Row(url: "slow viewers", protocolName: "slow", isSlow: true)) }
    }

    /// Viewers connected at the end.
    package var connected: Int {
        rows.reduce(0) { $0 + $1.gauges.connected }
    }

    /// Of the viewers that read in time.
    package var inTime: [Row] {
        rows.filter { !$0.isSlow }
    }

    /// The server's CPU time for one viewer and one second, in microseconds.
    package var serverMicrosecondsPerViewer: Double? {
        guard let server, seconds > 0, connected > 0 else { return nil }
        return Double(server.end.cpuMicroseconds - server.start.cpuMicroseconds) / seconds / Double(connected)
    }

    /// What a viewer adds to the server's memory, in bytes.
    package var serverBytesPerViewer: Double? {
        guard let server, connected > 0 else { return nil }
        return Double(server.end.residentBytes - server.before.residentBytes) / Double(connected)
    }

    /// This program's own CPU time for one viewer and one second, in microseconds.
    package var ownMicrosecondsPerViewer: Double? {
        guard seconds > 0, connected > 0 else { return nil }
        return Double(own.end.cpuMicroseconds - own.start.cpuMicroseconds) / seconds / Double(connected)
    }

    /// What a viewer adds to this program's own memory, in bytes.
    package var ownBytesPerViewer: Double? {
        guard connected > 0 else { return nil }
        return Double(own.end.residentBytes - own.before.residentBytes) / Double(connected)
    }

    /// What went wrong, in words; empty when every viewer saw everything.
    package var problems: [String] {
        var problems: [String] = []
        for (reason, count) in publishers.failures.sorted(by: { $0.key < $1.key }) {
            problems.append("\(count) publisher\(count == 1 ? "" : "s"): \(reason)")
        }
        for row in inTime {
            let reasons = row.whole.failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            for (reason, count) in reasons { problems.append("\(row.protocolName): \(count) × \(reason)") }
            let silent = row.gauges.connected - row.gauges.watching
            if silent > 0 { problems.append("\(row.protocolName): \(silent) viewers are connected and got no frame") }
            if row.gauges.starving > 0 {
                problems.append("\(row.protocolName): \(row.gauges.starving) viewers get nothing at the end")
            }
            if row.measured.gaps > 0 {
                let frames = row.measured.missingFrames > 0 ? ", \(row.measured.missingFrames) frames missing" : ""
                problems.append("\(row.protocolName): \(row.measured.gaps) gaps\(frames)")
            }
            if row.measured.disorders > 0 {
                problems.append("\(row.protocolName): \(row.measured.disorders) frames out of order")
            }
        }
        return problems
    }
}
