/// A point on a stream's timeline, or a distance on it: 64-bit ticks of 90 kHz, which never wrap.
///
/// On the wire times have 33 bits and wrap every 26.5 hours. Specification: ISO/IEC 13818-1, 2.4.3.7.
public struct TSTime: Hashable, Comparable, Sendable {
    /// Ticks of 90 kHz.
    public var ticks: Int64

    /// Ticks a second.
    public static let ticksPerSecond: Int64 = 90_000
    /// The stream's zero.
    public static let zero = TSTime(ticks: 0)

    /// - Parameter ticks: of 90 kHz.
    public init(ticks: Int64) {
        self.ticks = ticks
    }

    /// - Parameter nanoseconds: taken to the nearest tick.
    public init(nanoseconds: Int64) {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 100_000)
        ticks = quotient &* 9 &+ (remainder &* 9 &+ (remainder < 0 ? -50_000 : 50_000)) / 100_000
    }

    /// - Parameter milliseconds: whole milliseconds.
    public init(milliseconds: Int64) {
        ticks = milliseconds &* 90
    }

    /// The nearest nanosecond; wraps beyond 292 years. ``init(nanoseconds:)`` gives the same ticks back.
    public var nanoseconds: Int64 {
        let (quotient, remainder) = ticks.quotientAndRemainder(dividingBy: 9)
        return quotient &* 100_000 &+ (remainder &* 100_000 &+ (remainder < 0 ? -4 : 4)) / 9
    }

    /// The 33 bits on the wire.
    var wire: UInt64 {
        UInt64(bitPattern: ticks) & 0x1_FFFF_FFFF
    }

    /// Earlier than.
    public static func < (left: TSTime, right: TSTime) -> Bool {
        left.ticks < right.ticks
    }

    /// The sum; wraps instead of trapping, since both sides may come from a peer.
    public static func + (left: TSTime, right: TSTime) -> TSTime {
        TSTime(ticks: left.ticks &+ right.ticks)
    }

    /// The difference; wraps instead of trapping, since both sides may come from a peer.
    public static func - (left: TSTime, right: TSTime) -> TSTime {
        TSTime(ticks: left.ticks &- right.ticks)
    }

    /// The time with these 33 bits that lies nearest to another time.
    ///
    /// - Parameters:
    ///   - wire: 33 bits; higher ones do not count.
    ///   - reference: what lies less than 13 hours away.
    public static func unwrap(_ wire: UInt64, near reference: TSTime) -> TSTime {
        let distance = (wire &- UInt64(bitPattern: reference.ticks)) & 0x1_FFFF_FFFF
        let signed = Int64(bitPattern: distance << 31) >> 31
        return TSTime(ticks: reference.ticks &+ signed)
    }
}
