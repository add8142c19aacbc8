/// When to write which program clock reference. Specification: ISO/IEC 13818-1, 2.4.2.2 and 2.7.2 (every 100 ms).
struct ProgramClock: Sendable {
    /// A reference to be written with an access unit.
    struct Reference: Sendable, Hashable {
        var time: TSTime
        /// Whether the clock jumps here.
        var isDiscontinuous: Bool
    }

    /// References may lie apart so far.
    static let intervalMax = TSTime(milliseconds: 100)
    /// What overdue references lie apart, with room for the access unit behind them.
    private static let overdueStep = TSTime(milliseconds: 80)
    /// A clock that goes on over a longer gap than this, or backwards, is another clock.
    private static let jump = TSTime(milliseconds: 10_000)
    /// Tracks may lie apart so far without the clock's jumping back.
    private static let disorder = TSTime(milliseconds: 1000)

    private let lead: TSTime
    private let interval: TSTime
    private var newest: TSTime?
    private var isWanted = true
    private var isDiscontinuous = false

    init(_ configuration: TSWriterConfiguration) {
        lead = configuration.clockLead
        interval = configuration.clockInterval
    }

    mutating func beginSegment(isDiscontinuous: Bool) {
        isWanted = true
        if isDiscontinuous {
            self.isDiscontinuous = newest != nil
            newest = nil
        }
    }

    /// The next reference that must be written before an access unit of any track, so that none is missed.
    mutating func overdue(_ decodeTime: TSTime) -> TSTime? {
        let time = decodeTime - lead
        guard let newest, time - newest > Self.intervalMax, time - newest <= Self.jump else { return nil }
        let next = newest + Self.overdueStep
        self.newest = next
        return next
    }

    /// The reference to be written with an access unit of the clock's own track; nil where none is needed.
    mutating func reference(_ decodeTime: TSTime) -> Reference? {
        var time = decodeTime - lead
        var isJump = isDiscontinuous
        if let newest {
            isJump = time - newest > Self.jump || newest - time > Self.disorder
            guard isWanted || isJump || time - newest >= interval else { return nil }
            // Another track may have been ahead. The clock never runs backwards.
            if !isJump { time = max(time, newest) }
        }
        newest = time
        isWanted = false
        isDiscontinuous = false
        return Reference(time: time, isDiscontinuous: isJump)
    }
}
