import MediaCore

/// What threads of a run tell each other: the phase it is in, and what viewers and publishers saw since last asked.
package final class RunBoard: Sendable {
    /// How far a run is.
    package enum Phase: Int, Sendable, Hashable {
        /// Viewers come.
        case ramp
        /// It counts.
        case measuring
        /// Viewers leave.
        case done
        /// Publishers leave too, after the viewers: none shall see the end of its stream.
        case over
    }

    /// Counts of now, not sums.
    package struct Gauges: Sendable, Hashable {
        /// Viewers that are connected.
        package var connected = 0
        /// Viewers whose first frame has come.
        package var watching = 0
        /// Viewers whose last picture is older than a stall, or that never had one.
        package var starving = 0
        /// Viewers begun so far.
        package var opened = 0

        package init() {}

        static func + (left: Gauges, right: Gauges) -> Gauges {
            var sum = left
            sum.connected += right.connected
            sum.watching += right.watching
            sum.starving += right.starving
            sum.opened += right.opened
            return sum
        }
    }

    /// What publishers did.
    package struct PublisherCounters: Sendable, Hashable {
        package var publishing = 0
        package var frames = 0
        package var bytes = 0
        /// Frames that went out more than 20 ms after their time.
        package var late = 0
        package var failures: [String: Int] = [:]

        package init() {}
    }

    private struct State {
        var phase = Phase.ramp
        var counters: [[LoadCounters]]
        var gauges: [[Gauges]]
        var publishers = PublisherCounters()
    }

    private let state: Locked<State>
    private let rows: Int

    /// - Parameters:
    ///   - rows: groups of viewers.
    ///   - threads: that report.
    package init(rows: Int, threads: Int) {
        self.rows = rows
        let none = [LoadCounters](repeating: LoadCounters(), count: rows)
        let noGauges = [Gauges](repeating: Gauges(), count: rows)
        state = Locked(
            State(counters: [none, none], gauges: [[Gauges]](repeating: noGauges, count: threads)))
    }

    /// How far the run is. Setting it is for the one that keeps time.
    package var phase: Phase {
        get { state.withLock { $0.phase } }
        set { state.withLock { $0.phase = newValue } }
    }

    /// Adds what a thread's viewers saw in a phase, and how they stand.
    func report(_ counters: [LoadCounters], in phase: Phase, gauges: [Gauges], thread: Int) {
        state.withLock { state in
            for row in counters.indices { state.counters[min(phase.rawValue, 1)][row].add(counters[row]) }
            state.gauges[thread] = gauges
        }
    }

    /// Tells how the publishers stand.
    func report(_ publishers: PublisherCounters) {
        state.withLock { $0.publishers = publishers }
    }

    /// Takes what was seen in a phase since the last time.
    package func take(_ phase: Phase) -> [LoadCounters] {
        let none = [LoadCounters](repeating: LoadCounters(), count: rows)
        return state.withLock { state in
            defer { state.counters[min(phase.rawValue, 1)] = none }
            return state.counters[min(phase.rawValue, 1)]
        }
    }

    /// How viewers stand, by row.
    package var gauges: [Gauges] {
        state.withLock { state in
            state.gauges.reduce([Gauges](repeating: Gauges(), count: rows)) { zip($0, $1).map(+) }
        }
    }

    /// How the publishers stand.
    package var publishers: PublisherCounters {
        state.withLock { $0.publishers }
    }
}
