import NIOCore

/// Counts frames and bytes by the second in which they came, for rates over the last few seconds.
struct RateMeter: Sendable {
    /// Seconds a rate is taken over.
    static let window: Int64 = 5

    private struct Second: Sendable {
        var number: Int64 = -1
        var frames = 0
        var bytes = 0
    }

    private var seconds = [Second](repeating: Second(), count: 8)
    private var first: Int64?

    mutating func add(bytes: Int, at now: NIODeadline) {
        let number = Self.second(of: now)
        if first == nil { first = number }
        let place = Int(number & 7)
        if seconds[place].number != number { seconds[place] = Second(number: number) }
        seconds[place].frames += 1
        seconds[place].bytes += bytes
    }

    /// Frames and bits a second over the last whole seconds; nil before the first has passed.
    func rates(at now: NIODeadline) -> (framesPerSecond: Double, bitsPerSecond: Int)? {
        let present = Self.second(of: now)
        // The second in which the first frame came is a part of one only.
        guard let first, present > first + 1 else { return nil }
        let range = max(first + 1, present - Self.window)..<present
        let counted = seconds.filter { range.contains($0.number) }
        let frames = counted.reduce(0) { $0 + $1.frames }
        let bytes = counted.reduce(0) { $0 + $1.bytes }
        return (Double(frames) / Double(range.count), bytes * 8 / range.count)
    }

    private static func second(of now: NIODeadline) -> Int64 {
        Int64(truncatingIfNeeded: now.uptimeNanoseconds / 1_000_000_000)
    }
}
