import NIOCore
import NIOPosix

/// Carries a plan out: threads of viewers and publishers, and beside them a look every second.
package struct LoadRun: Sendable {
    private let plan: LoadPlan
    private let board: RunBoard

    /// How long publishers may take to be accepted before the first viewer comes.
    private static let publishSeconds = 10

    /// - Parameter plan: what is to be done.
    package init(_ plan: LoadPlan) {
        self.plan = plan
        board = RunBoard(rows: plan.rows, threads: plan.threads)
    }

    /// Runs; a cancelled task ends it early, and the report tells of what was seen.
    ///
    /// - Parameter onMoment: hears how things stand, every second.
    /// - Throws: ``ScanError`` when the system gives no threads or sockets, or a server's process is not there.
    package func run(onMoment: @Sendable (LoadReport) -> Void) async throws -> LoadReport {
        let pool = NIOThreadPool(numberOfThreads: plan.threads + 1)
        pool.start()
        var watch = RunWatch(plan, board)
        try watch.readServer()
        async let publishing = plan.publications.isEmpty ? nil : publish(on: pool)
        if !plan.publications.isEmpty { await awaitPublishers() }
        var outcome = await withTaskGroup(of: String?.self) { group in
            for thread in 0..<plan.threads { group.addTask { await view(thread, on: pool) } }
            await watch.run(onMoment: onMoment)
            board.phase = .done
            var failure: String?
            for await text in group { failure = failure ?? text }
            watch.finish()
            return failure
        }
        board.phase = .over
        outcome = await publishing ?? outcome
        try await pool.shutdownGracefully()
        if let outcome { throw ScanError(outcome) }
        return watch.report
    }

    private func view(_ thread: Int, on pool: NIOThreadPool) async -> String? {
        await Self.onThread(of: pool) { () throws(ScanError) in try ViewerLoop(plan, board, thread: thread).run() }
    }

    private func publish(on pool: NIOThreadPool) async -> String? {
        await Self.onThread(of: pool) { () throws(ScanError) in try PublisherLoop(plan, board).run() }
    }

    /// Runs what blocks; nil when it went well.
    private static func onThread(
        of pool: NIOThreadPool, _ body: @escaping @Sendable () throws(ScanError) -> Void
    ) async -> String? {
        do {
            return try await pool.runIfActive {
                do throws(ScanError) {
                    try body()
                    return nil
                } catch {
                    return error.description
                }
            }
        } catch {
            return "\(error)"
        }
    }

    /// Until all publish, or one has failed, or it takes too long.
    private func awaitPublishers() async {
        let deadline = NIODeadline.now() + .seconds(Int64(Self.publishSeconds))
        while NIODeadline.now() < deadline, !Task.isCancelled {
            let publishers = board.publishers
            if publishers.publishing + publishers.failures.values.reduce(0, +) >= plan.publications.count { return }
            await Self.pause(milliseconds: 50)
        }
    }

    /// A pause that a cancelled task does not make.
    static func pause(milliseconds: Int) async {
        do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
    }
}

/// Looks at a run every second, and keeps time.
private struct RunWatch {
    private let plan: LoadPlan
    private let board: RunBoard
    private(set) var report: LoadReport
    private let start = NIODeadline.now()
    private var lastMoment = NIODeadline.now()
    private var lastOwn = ProcessUsage.own
    private var lastServer: ProcessUsage?
    private var measuringSince: NIODeadline?
    private var settlingSince: NIODeadline?

    private static let momentMilliseconds = 1000
    private static let checkMilliseconds = 20

    init(_ plan: LoadPlan, _ board: RunBoard) {
        self.plan = plan
        self.board = board
        report = LoadReport(plan)
        report.own.before = lastOwn
    }

    /// How the server stands before anybody comes.
    mutating func readServer() throws(ScanError) {
        guard !plan.serverProcesses.isEmpty else { return }
        guard let usage = ProcessUsage(of: plan.serverProcesses) else {
            let list = plan.serverProcesses.map(String.init).joined(separator: ", ")
            throw ScanError("no process \(list) on this machine: --server-pid is for a server that runs here")
        }
        report.server = (usage, usage, usage)
        lastServer = usage
    }

    mutating func run(onMoment: @Sendable (LoadReport) -> Void) async {
        while !Task.isCancelled, !isOver {
            await LoadRun.pause(milliseconds: Self.checkMilliseconds)
            advance()
            guard NIODeadline.now() - lastMoment >= .milliseconds(Int64(Self.momentMilliseconds)) else { continue }
            look()
            onMoment(report)
        }
        report.isBrokenOff = Task.isCancelled
        if let measuringSince { report.seconds = Double((NIODeadline.now() - measuringSince).nanoseconds) / 1e9 }
        readUsage()
    }

    /// The threads have ended, and told the last they saw.
    mutating func finish() {
        var rest = LoadReport.Moment()
        take(into: &rest, 1)
    }

    private mutating func readUsage() {
        report.own.end = .own
        if lastServer != nil, let usage = ProcessUsage(of: plan.serverProcesses) { report.server?.end = usage }
    }

    private var isOver: Bool {
        if !plan.publications.isEmpty, board.publishers.failures.values.reduce(0, +) >= plan.publications.count {
            return true
        }
        guard let measuringSince else { return false }
        return NIODeadline.now() - measuringSince >= .seconds(Int64(plan.seconds))
    }

    /// From coming to settling to measuring.
    private mutating func advance() {
        guard measuringSince == nil else { return }
        let opened = board.gauges.reduce(0) { $0 + $1.opened }
        guard opened >= plan.viewers else { return }
        guard let settlingSince else { return settlingSince = .now() }
        let settling = NIODeadline.now() - settlingSince
        guard settling >= .seconds(Int64(LoadPlan.settlingSeconds)) else { return }
        // A server that is slow to begin is waited for, so that beginning and going on are measured apart.
        let isWaitingForFrames = board.gauges.contains { $0.watching < $0.connected }
        guard !isWaitingForFrames || settling >= .seconds(Int64(LoadPlan.joiningSecondsMax)) else { return }
        measuringSince = .now()
        board.phase = .measuring
        report.own.start = .own
        if let usage = ProcessUsage(of: plan.serverProcesses) { report.server?.start = usage }
    }

    private mutating func look() {
        let now = NIODeadline.now()
        let seconds = Double((now - lastMoment).nanoseconds) / 1e9
        lastMoment = now
        var moment = LoadReport.Moment()
        moment.time = Double((now - start).nanoseconds) / 1e9
        moment.phase = board.phase
        take(into: &moment, seconds)
        let own = ProcessUsage.own
        moment.ownCores = Double(own.cpuMicroseconds - lastOwn.cpuMicroseconds) / 1e6 / seconds
        lastOwn = own
        report.own.end = own
        if let last = lastServer, let usage = ProcessUsage(of: plan.serverProcesses) {
            moment.serverCores = Double(usage.cpuMicroseconds - last.cpuMicroseconds) / 1e6 / seconds
            moment.serverBytes = usage.residentBytes
            lastServer = usage
            report.server?.end = usage
        }
        report.moments.append(moment)
    }

    private mutating func take(into moment: inout LoadReport.Moment, _ seconds: Double) {
        let gauges = board.gauges
        let measured = board.take(.measuring)
        let ramp = board.take(.ramp)
        report.publishers = board.publishers
        var latency = Histogram()
        for row in report.rows.indices {
            report.rows[row].gauges = gauges[row]
            report.rows[row].measured.add(measured[row])
            for counters in [ramp[row], measured[row]] {
                report.rows[row].whole.add(counters)
                moment.megabitsPerSecond += Double(counters.bytes) * 8 / 1e6 / seconds
                moment.framesPerSecond += Double(counters.videoFrames) / seconds
                if !report.rows[row].isSlow {
                    latency.add(counters.latency)
                    moment.gaps += counters.gaps
                    moment.failures += counters.failed
                }
            }
            moment.connected += gauges[row].connected
            moment.watching += gauges[row].watching
            moment.starving += gauges[row].starving
        }
        moment.latencyMedian = latency.milliseconds(at: 0.5)
        moment.latency99 = latency.milliseconds(at: 0.99)
    }
}
