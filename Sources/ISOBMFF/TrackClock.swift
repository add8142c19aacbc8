/// Turns a stream's nanoseconds into a track's ticks.
///
/// Video times are converted one by one, from zero, so that errors do not add up. Frames of audio have a length that is
/// known to the sample, and times that are usually rounded to milliseconds: they are counted, and the count is held to
/// the times only where it has left them by more than rounding can explain.
public struct TrackClock: Sendable {
    /// Ticks a second.
    public let timescale: UInt32
    /// Ticks of a frame; nil where frames have no fixed length.
    private let frameTicks: Int64?
    /// How far the count may be from the times, in ticks.
    private let toleranceTicks: Int64
    /// What the next frame's time is by counting.
    private var expected: Int64?
    /// The time given last.
    private var last: Int64?

    /// - Parameters:
    ///   - timescale: ticks a second; 0 becomes 1.
    ///   - frameTicks: what a frame of audio lasts; nil for video and for audio of frames that differ.
    public init(timescale: UInt32, frameTicks: Int? = nil) {
        self.timescale = max(1, timescale)
        self.frameTicks = frameTicks.map { Int64($0) }
        // Half a frame tells a lost frame from an unsteady clock; 5 ms are less than an ear notices.
        toleranceTicks = max(Int64(frameTicks ?? 0) / 2, Int64(self.timescale) / 200)
    }

    /// The ticks at which the next frame is decoded: later than those of the frame before it, by one at least.
    ///
    /// - Parameter nanoseconds: the frame's time on the stream's timeline.
    public mutating func advance(to nanoseconds: Int64) -> Int64 {
        let ticks = peek(nanoseconds)
        last = ticks
        expected = frameTicks.map { ticks &+ $0 }
        return ticks
    }

    /// What ``advance(to:)`` would return.
    public func peek(_ nanoseconds: Int64) -> Int64 {
        var ticks = Self.ticks(nanoseconds: nanoseconds, timescale: timescale)
        if let expected, (ticks &- expected).magnitude <= toleranceTicks.magnitude { ticks = expected }
        guard let last else { return max(0, ticks) }
        return max(ticks, last &+ 1)
    }

    /// Nanoseconds in ticks, to the nearest.
    public static func ticks(nanoseconds: Int64, timescale: UInt32) -> Int64 {
        let (seconds, rest) = floorDivide(nanoseconds, by: 1_000_000_000)
        return seconds &* Int64(timescale) &+ (rest &* Int64(timescale) &+ 500_000_000) / 1_000_000_000
    }

    /// Ticks in nanoseconds, to the nearest.
    ///
    /// - Parameter timescale: ticks a second; 0 is taken for 1.
    public static func nanoseconds(ticks: Int64, timescale: UInt32) -> Int64 {
        let scale = Int64(max(1, timescale))
        let (seconds, rest) = floorDivide(ticks, by: scale)
        return seconds &* 1_000_000_000 &+ (rest &* 1_000_000_000 &+ scale / 2) / scale
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
