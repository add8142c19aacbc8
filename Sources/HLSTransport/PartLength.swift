/// Decides where parts end. A part must not be longer than the part target, and, but for a segment's last, not shorter
/// than 85 % of it (RFC 8216bis, 4.4.4.9); the target must therefore fit a whole number of frames.
///
/// Where frames last very differently, as of a screen, there is no target that both hold for: a part with a long frame in
/// it is then longer than it may be.
struct PartLength: Sendable {
    private let wanted: Int64
    private var frames: FrameLength
    /// What the playlist says, once it does.
    private var settled: Int64?

    /// - Parameters:
    ///   - wanted: how long parts should be.
    ///   - frame: what each frame lasts; nil where that is to be seen.
    init(wanted: Int64, frame: Int64?) {
        self.wanted = wanted
        frames = FrameLength(frame)
    }

    /// A frame has lasted this long.
    mutating func observe(_ duration: Int64) {
        frames.observe(duration)
    }

    /// The part target.
    var target: Int64 {
        if let settled { return settled }
        let frame = frames.typical
        let count = max(1, (wanted + frame / 2) / frame)
        // Timestamps in whole milliseconds make frames differ by one; unsteady encoders by more.
        let margin = frames.isFixed ? 1_000_000 : max(2_000_000, min(4 * frames.deviation, count * frame / 10))
        // In whole milliseconds, as it is written.
        return (count * frame + margin + 999_999) / 1_000_000 * 1_000_000
    }

    /// The target is told to players now.
    mutating func settle(atLeast longest: Int64) {
        settled = max(target, longest)
    }

    /// The target was told to players before.
    mutating func settle(at target: Int64) {
        settled = target
    }

    /// Whether the part that began at `start` ends before the frame at `time`.
    func endsPart(from start: Int64, before time: Int64) -> Bool {
        time &+ frames.typical &- start > target
    }
}

/// What a frame of a track lasts, and how much that varies; nanoseconds.
struct FrameLength: Sendable {
    /// Whether every frame lasts the same, by its codec.
    let isFixed: Bool
    private(set) var typical: Int64
    private(set) var deviation: Int64 = 0
    private var count = 0
    private static let framesToKnow = 8

    /// - Parameter fixed: what each frame lasts; nil where that is to be seen.
    init(_ fixed: Int64?) {
        isFixed = fixed != nil
        typical = max(1, fixed ?? 33_333_333)
    }

    /// A frame has lasted this long.
    mutating func observe(_ duration: Int64) {
        // A hole in the stream is no frame.
        guard !isFixed, duration > 0, duration < 1_000_000_000 else { return }
        count += 1
        guard count > 1 else {
            typical = duration
            return
        }
        let weight = Int64(min(count, 16))
        // A frame that was lost makes its neighbour twice as long, and says nothing of those to come.
        let most = count > Self.framesToKnow ? typical / 8 : .max
        let difference = max(-most, min(most, duration - typical))
        deviation += (abs(difference) - deviation) / weight
        typical += difference / weight
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
