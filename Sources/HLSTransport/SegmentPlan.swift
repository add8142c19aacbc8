/// Decides where segments end. Times are nanoseconds on the stream's timeline.
///
/// Segments end at the keyframe that comes nearest to the wanted length. The target duration, which must never change
/// and never be exceeded (RFC 8216bis, 4.4.3.1), is settled when the first playlist is shown: by then the distance of
/// keyframes is known. A group of pictures that would exceed it is cut at a picture that is no keyframe.
struct SegmentPlan: Sendable {
    /// Segments in the beginning that are as short as keyframes allow, so that the first viewer soon has three.
    static let shortSegments = 3
    /// The shortest of those.
    private static let shortest: Int64 = 1_000_000_000

    private let wanted: Int64
    private let longestAllowed: Int64
    /// Seconds; nil until it is settled.
    private(set) var targetDuration: Int?
    /// When the present segment began.
    private(set) var segmentStart: Int64 = 0
    private var lastKeyframe: Int64?
    private var groupOfPictures: Int64 = 0
    private var longest: Int64 = 0
    private var count = 0

    /// - Parameters:
    ///   - wanted: how long segments should be.
    ///   - longestAllowed: the longest target duration.
    init(wanted: Int64, longestAllowed: Int64) {
        self.wanted = max(Self.shortest, wanted)
        self.longestAllowed = max(wanted, longestAllowed)
    }

    /// No segment may be longer than this. Durations count to the nearest second, and timestamps are not exact: a
    /// keyframe may come a little later than it should.
    var limit: Int64 { targetDuration.map { Int64($0) &* 1_000_000_000 &+ Self.slack } ?? longestAllowed }

    private static let slack: Int64 = 400_000_000

    /// Media begins, or begins anew.
    mutating func begin(at time: Int64) {
        segmentStart = time
        lastKeyframe = nil
    }

    /// Whether a segment should end before the keyframe at `time`.
    mutating func endsSegment(beforeKeyframeAt time: Int64) -> Bool {
        if let lastKeyframe { groupOfPictures = max(0, time &- lastKeyframe) }
        lastKeyframe = time
        let elapsed = time &- segmentStart
        guard elapsed > 0 else { return false }
        if count < Self.shortSegments, elapsed >= min(Self.shortest, wanted) { return true }
        return elapsed &+ groupOfPictures > limit || elapsed >= wanted &- groupOfPictures / 2
    }

    /// Whether a segment must end before the frame at `time`, because that would make it too long.
    ///
    /// - Parameter duration: what the frame probably lasts.
    func mustEndSegment(before time: Int64, duration: Int64) -> Bool {
        time &+ duration &- segmentStart > limit
    }

    /// Whether a segment of audio alone should end before the frame at `time`.
    func endsSegment(beforeAudioAt time: Int64, duration: Int64) -> Bool {
        let length = count < Self.shortSegments ? min(wanted, 2 * Self.shortest) : wanted
        return time &+ duration &- segmentStart > length
    }

    /// A segment has ended.
    mutating func end(at time: Int64) {
        longest = max(longest, time &- segmentStart)
        segmentStart = time
        count += 1
    }

    /// Settles the target duration. - Returns: seconds.
    mutating func settleTargetDuration() -> Int {
        if let targetDuration { return targetDuration }
        let gop = min(groupOfPictures, longestAllowed)
        let whole = max((wanted &+ 999_999_999) / 1_000_000_000, (max(longest, gop) &+ 500_000_000) / 1_000_000_000)
        let seconds = Int(whole)
        targetDuration = seconds
        return seconds
    }
}
