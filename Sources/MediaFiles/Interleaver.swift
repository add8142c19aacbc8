import FLV
import NIOCore

/// Puts the tags of several tracks in the order of their times, where a file has them in longer stretches.
///
/// A tag goes out when every track has one waiting, for then none can come that is earlier. A track that has ended
/// or pauses would hold up the others, so the wait is bounded in time and in bytes.
struct Interleaver {
    private struct Entry {
        var time: Int64
        var tag: FLVTag
    }

    private var tracks: [CircularBuffer<Entry>]
    private let spreadNanosecondsMax: Int64
    private let bytesMax: Int
    private var bytes = 0
    private var newest = Int64.min
    private var isFinished = false

    /// - Parameters:
    ///   - trackCount: how many tracks there are.
    ///   - spreadMillisecondsMax: how much later than the earliest waiting tag another may be.
    ///   - bytesMax: how many bytes of tags may wait.
    init(trackCount: Int, spreadMillisecondsMax: Int64, bytesMax: Int = 64 << 20) {
        tracks = Array(repeating: CircularBuffer(), count: trackCount)
        spreadNanosecondsMax = spreadMillisecondsMax * 1_000_000
        self.bytesMax = bytesMax
    }

    /// Takes a tag.
    ///
    /// - Parameters:
    ///   - tag: its timestamp does not count.
    ///   - time: when it is decoded, in nanoseconds.
    ///   - track: 0 to the number of tracks less one.
    mutating func push(_ tag: FLVTag, time: Int64, track: Int) {
        tracks[track].append(Entry(time: time, tag: tag))
        bytes += tag.body.readableBytes
        newest = max(newest, time)
    }

    /// There will be no more.
    mutating func finish() {
        isFinished = true
    }

    /// The next tag and its time; nil when more must come first.
    mutating func pop() -> (tag: FLVTag, time: Int64)? {
        var earliest: (track: Int, time: Int64)?
        var isComplete = true
        for (index, track) in tracks.enumerated() {
            guard let head = track.first else {
                isComplete = false
                continue
            }
            if head.time < earliest?.time ?? .max { earliest = (index, head.time) }
        }
        guard let earliest,
            isComplete || isFinished || newest &- earliest.time > spreadNanosecondsMax || bytes > bytesMax,
            let entry = tracks[earliest.track].popFirst()
        else { return nil }
        bytes -= entry.tag.body.readableBytes
        return (entry.tag, entry.time)
    }
}
