import Codecs
import FLV
import NIOCore
import Synchronization

/// The memory that all streams' ``GOPCache``s may take together.
public final class GOPCacheBudget: Sendable {
    /// The most bytes.
    public let bytesMax: Int
    private let used = Atomic<Int>(0)

    /// - Parameter bytesMax: the most bytes of all caches together.
    public init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// The bytes taken now.
    public var bytesUsed: Int { used.load(ordering: .relaxed) }

    func take(_ bytes: Int) -> Bool {
        let total = used.wrappingAdd(bytes, ordering: .relaxed).newValue
        if total <= bytesMax { return true }
        used.wrappingSubtract(bytes, ordering: .relaxed)
        return false
    }

    func giveBack(_ bytes: Int) {
        used.wrappingSubtract(bytes, ordering: .relaxed)
    }
}

/// The frames since the newest video keyframe, from which the log of a format that nobody has watched so far is
/// filled.
///
/// Frames are copied into blocks that are used again for each group of pictures. Kept as they come they would be
/// slices of read buffers, and one frame of audio would hold 64 KB.
struct GOPCache: Sendable {
    /// A frame without its bytes.
    private struct Entry: Sendable {
        let kind: MediaFrame.Kind
        let role: MediaFrame.Role
        let track: UInt8
        let codec: FourCC
        let decodeTime: MediaTime
        let compositionOffset: MediaTime
        let source: Source
        let block: Int
        let range: Range<Int>
    }

    /// What an entry's bytes are.
    private enum Source: Sendable {
        case tagBody
        case payload
        case payloadCarriedByEarlierFrame
    }

    /// The bytes of a block: under glibc's threshold for mappings of their own, so that blocks are cheap to get.
    static let blockBytes = 64 << 10

    private let limits: LogLimits
    private let budget: GOPCacheBudget
    private var entries: [Entry] = []
    private var blocks: [ByteBuffer] = []
    /// The block being filled.
    private var current = 0
    private var bytesHeld = 0
    /// Whether the cache holds everything since a keyframe.
    private(set) var isComplete = false

    /// - Parameters:
    ///   - limits: how many bytes and seconds of a group of pictures are kept; a longer one is dropped as a whole.
    ///   - budget: shared with the other streams.
    init(limits: LogLimits, budget: GOPCacheBudget) {
        self.limits = limits
        self.budget = budget
    }

    /// Frames held.
    var count: Int { entries.count }

    /// Takes a frame up.
    ///
    /// - Parameter isEntry: whether its tag is a keyframe of the main video track, with which the cache begins anew.
    mutating func add(_ frame: MediaFrame, isEntry: Bool) {
        if isEntry { restart() }
        guard isComplete else { return }
        let bytes: ByteBuffer
        let source: Source
        switch frame.tagBody {
        case .original(let body): (bytes, source) = (body, .tagBody)
        case .none: (bytes, source) = (frame.payload, .payload)
        case .carriedByEarlierFrame: (bytes, source) = (frame.payload, .payloadCarriedByEarlierFrame)
        }
        let isTooLong = entries.first.map { frame.decodeTime - $0.decodeTime > limits.durationMax } ?? false
        guard !isTooLong, let (block, range) = write(bytes) else { return clear() }
        entries.append(
            Entry(
                kind: frame.kind, role: frame.role, track: frame.track, codec: frame.codec,
                decodeTime: frame.decodeTime, compositionOffset: frame.compositionOffset, source: source,
                block: block, range: range))
    }

    /// Calls `body` with each frame from the keyframe on.
    func forEach(_ body: (MediaFrame) -> Void) {
        for entry in entries { frame(entry).map(body) }
    }

    /// The first frame of each track: where a codec has no configuration, it tells what a decoder must know.
    func firstFrames() -> [MediaFrame] {
        var first: [Entry] = []
        for entry in entries where !first.contains(where: { $0.kind == entry.kind && $0.track == entry.track }) {
            first.append(entry)
        }
        return first.compactMap(frame)
    }

    private func frame(_ entry: Entry) -> MediaFrame? {
        let bytes = blocks[entry.block].getSlice(at: entry.range.lowerBound, length: entry.range.count)
        guard let bytes else { return nil }
        var frame = MediaFrame(
            kind: entry.kind, role: entry.role, track: entry.track, codec: entry.codec,
            decodeTime: entry.decodeTime, compositionOffset: entry.compositionOffset, payload: bytes)
        switch entry.source {
        case .payload: break
        case .payloadCarriedByEarlierFrame: frame.tagBody = .carriedByEarlierFrame
        case .tagBody:
            frame.payload = Self.payload(of: bytes, type: frame.tagType)
            frame.tagBody = .original(bytes)
        }
        return frame
    }

    private static func payload(of body: ByteBuffer, type: FLVTagType) -> ByteBuffer {
        do { return try MediaFrame.frames(type: type, time: .zero, body: body).first?.payload ?? ByteBuffer() } catch {
            // Cannot be: the body was parsed when it came.
            return ByteBuffer()
        }
    }

    /// Drops everything and gives the memory back.
    mutating func clear() {
        entries = []
        blocks = []
        current = 0
        isComplete = false
        budget.giveBack(bytesHeld)
        bytesHeld = 0
    }

    /// Drops the frames; keeps the blocks that the last group of pictures filled, for the next one.
    private mutating func restart() {
        entries.removeAll(keepingCapacity: true)
        blocks.removeLast(blocks.count - min(blocks.count, current + 1))
        blocks.removeAll { $0.capacity > Self.blockBytes }
        for index in blocks.indices { blocks[index].clear() }
        current = 0
        let bytes = blocks.reduce(0) { $0 + $1.capacity }
        budget.giveBack(bytesHeld - bytes)
        bytesHeld = bytes
        isComplete = true
    }

    private mutating func write(_ bytes: ByteBuffer) -> (block: Int, range: Range<Int>)? {
        let count = bytes.readableBytes
        while current < blocks.count, blocks[current].writableBytes < count {
            current += 1
        }
        if current == blocks.count {
            let block = ByteBufferAllocator().buffer(capacity: max(Self.blockBytes, count))
            guard bytesHeld + block.capacity <= limits.bytesMax, budget.take(block.capacity) else { return nil }
            bytesHeld += block.capacity
            blocks.append(block)
        }
        let start = blocks[current].writerIndex
        blocks[current].writeImmutableBuffer(bytes)
        return (current, start..<start + count)
    }
}
