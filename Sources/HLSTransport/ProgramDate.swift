/// Which time of day belongs to a time of the stream: that of the server's clock when the frame came, without the
/// network's jitter.
///
/// The shift between the two clocks is taken from the frames that came soonest, and follows the encoder's clock by at
/// most a thousandth, so that the dates of segments agree with their durations.
struct ProgramDate: Sendable {
    /// A difference that is no drift: the stream's timeline has jumped.
    private static let jump: Int64 = 1_000_000_000
    private static let slewPerSegmentDivisor: Int64 = 1_000

    private var shift: Int64?
    /// The least shift seen since the last segment began.
    private var newest: Int64?
    private var last: Int64 = 0

    /// A frame of `time` came at `date`; nanoseconds, since 1970.
    mutating func observe(_ time: Int64, at date: Int64) {
        newest = min(newest ?? .max, date &- time)
    }

    /// The date of a segment that begins at `time`, in nanoseconds since 1970.
    mutating func date(ofSegmentAt time: Int64) -> Int64 {
        if let newest, let present = shift {
            let difference = newest &- present
            let step = max(0, time &- last) / Self.slewPerSegmentDivisor
            shift = difference.magnitude > Self.jump.magnitude ? newest : present &+ min(step, max(-step, difference))
        } else {
            shift = shift ?? newest
        }
        newest = nil
        last = time
        return time &+ (shift ?? 0)
    }

    /// What was known is of another timeline.
    mutating func reset() {
        self = ProgramDate()
    }
}
