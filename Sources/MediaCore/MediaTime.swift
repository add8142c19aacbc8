/// A point on a stream's timeline, or a distance on it: 64-bit nanoseconds, which never wrap.
///
/// RTMP's milliseconds, Enhanced RTMP's nanosecond offsets and the 90 kHz clocks of MPEG-TS and RTP all convert
/// without drift.
public struct MediaTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since the stream's zero.
    public var nanoseconds: Int64

    /// - Parameter nanoseconds: since the stream's zero.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// - Parameter milliseconds: since the stream's zero.
    public init(milliseconds: Int64) {
        nanoseconds = milliseconds &* 1_000_000
    }

    /// The stream's zero.
    public static let zero = MediaTime(nanoseconds: 0)

    /// Whole milliseconds, rounded towards the past.
    public var milliseconds: Int64 {
        let quotient = nanoseconds / 1_000_000
        return nanoseconds % 1_000_000 < 0 ? quotient - 1 : quotient
    }

    /// Earlier than.
    public static func < (left: MediaTime, right: MediaTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The sum; wraps instead of trapping, since both sides may come from a peer.
    public static func + (left: MediaTime, right: MediaTime) -> MediaTime {
        MediaTime(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    /// The difference; wraps instead of trapping, since both sides may come from a peer.
    public static func - (left: MediaTime, right: MediaTime) -> MediaTime {
        MediaTime(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }
}
