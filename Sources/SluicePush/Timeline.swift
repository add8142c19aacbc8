import FLV

/// Puts tags of one source, read again and again, on one timeline that begins at 0, never wraps and never jumps.
package struct Timeline: Sendable {
    private struct Track: Sendable {
        var time: Int64
        /// From the tag before the last to the last, where that was more than nothing.
        var interval: Int64
    }

    /// What is added to a tag's own time; nil before the first tag of a round.
    private var offset: Int64?
    /// The last tag's own time, unwrapped.
    private var lastOwnTime: Int64 = 0
    private var tracks: [FLVTagType: Track] = [:]

    /// How far a source's times may jump ahead before that is taken for a new beginning: recordings of live streams have
    /// pauses of seconds.
    package static let forwardMillisecondsMax: Int64 = 10_000
    /// How far they may fall back: sound and pictures that are not quite in order.
    package static let backwardMillisecondsMax: Int64 = 1000
    /// What a frame lasts where nothing tells: 25 pictures a second.
    private static let intervalDefault: Int64 = 40

    /// Where a round after this one begins: behind the longest track, by what its last frame lasts.
    private var end: Int64 {
        tracks.values.map { $0.time + ($0.interval > 0 ? $0.interval : Self.intervalDefault) }.max() ?? 0
    }

    /// Makes a timeline without a frame.
    package init() {}

    /// The source is read from its beginning again.
    package mutating func beginRound() {
        offset = nil
    }

    /// The time of a tag in milliseconds.
    package mutating func place(_ tag: FLVTag) -> Int64 {
        // Metadata says 0 whatever follows it.
        guard tag.type != .script else { return tracks.values.map(\.time).max() ?? 0 }
        let ownTime = unwrap(tag.timestamp)
        let distance = ownTime - lastOwnTime
        if offset == nil || distance > Self.forwardMillisecondsMax || distance < -Self.backwardMillisecondsMax {
            offset = end - ownTime
        }
        lastOwnTime = ownTime
        let last = tracks[tag.type]
        // A track's times do not fall back, whatever the source says.
        let time = max(ownTime + (offset ?? 0), last?.time ?? 0)
        let interval = time - (last?.time ?? time)
        tracks[tag.type] = Track(time: time, interval: interval > 0 ? interval : last?.interval ?? 0)
        return time
    }

    private func unwrap(_ timestamp: UInt32) -> Int64 {
        lastOwnTime + Int64(Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: lastOwnTime)))
    }
}
