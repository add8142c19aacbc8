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

    private var tracks: [CircularBuffer<Entry>] = []
    private let spreadNanosecondsMax: Int64
    private let bytesMax: Int
    private var bytes = 0
    private var newest = Int64.min
    private(set) var isFinished = false
    /// The time that is 0 in tags; nil before the first, whose time it is.
    private var zero: Int64?

    /// - Parameters:
    ///   - spreadMillisecondsMax: how much later than the earliest waiting tag another may be.
    ///   - keepsTimes: whether tags keep their times; else the first has time 0.
    ///   - bytesMax: how many bytes of tags may wait.
    init(spreadMillisecondsMax: Int64, keepsTimes: Bool, bytesMax: Int = 64 << 20) {
        zero = keepsTimes ? 0 : nil
        spreadNanosecondsMax = spreadMillisecondsMax * 1_000_000
        self.bytesMax = bytesMax
    }

    /// Other tracks follow, on the same clock; nothing of earlier ones is waiting.
    mutating func begin(trackCount: Int) {
        tracks = Array(repeating: CircularBuffer(), count: trackCount)
        bytes = 0
        newest = .min
        isFinished = false
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

    /// The next tag, with its timestamp; nil when more must come first.
    mutating func pop() -> FLVTag? {
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
        let zero = zero ?? entry.time
        self.zero = zero
        var tag = entry.tag
        tag.timestamp = wireMilliseconds(entry.time &- zero)
        return tag
    }
}

/// A reader of a container in which tracks stand in longer stretches than their tags go out.
protocol InterleavedTagReader: TagReader {
    var pieces: PieceReader { get set }
    var interleaver: Interleaver { get set }

    /// Takes the next element of what was read; false when it is not there whole.
    mutating func takeElement() throws(MediaFileError) -> Bool
    /// Takes what had waited for more; there is none.
    mutating func takeRest() throws(MediaFileError)
}

extension InterleavedTagReader {
    mutating func next() async throws(MediaFileError) -> FLVTag? {
        while true {
            if let tag = interleaver.pop() { return tag }
            if try takeElement() { continue }
            if try await pieces.readMore() { continue }
            guard !interleaver.isFinished else { return nil }
            try takeRest()
            interleaver.finish()
        }
    }

    mutating func takeRest() throws(MediaFileError) {}
}
