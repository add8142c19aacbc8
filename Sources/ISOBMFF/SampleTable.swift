import NIOCore

/// A sample of an unfragmented file. Specification: ISO/IEC 14496-12, 8.6 and 8.7.
public struct IndexedSample: Sendable, Hashable {
    /// When the sample is decoded, in the track's ticks.
    public var decodeTime: Int64
    /// Until the next sample is decoded, in the track's ticks.
    public var duration: UInt32
    /// How long after it is decoded the sample is shown, in the track's ticks; may be negative.
    public var compositionOffset: Int32
    /// Whether decoding can begin here.
    public var isSync: Bool
    /// Where the sample's first byte lies in the file. Nobody has checked that the file has it.
    public var offset: UInt64
    /// The sample's bytes.
    public var size: UInt32
}

/// The samples of one track in an unfragmented file.
///
/// The tables stay as they are in the file; a ``Cursor`` walks them, so that nothing is allocated on a claimed count.
/// Specification: ISO/IEC 14496-12, 8.6 (times) and 8.7 (places).
public struct SampleTable: Sendable, Equatable {
    /// How many samples the track claims to have. A cursor ends earlier where the tables do.
    public let sampleCount: Int

    /// `stts`: sample_count, sample_delta.
    fileprivate let times: Entries
    /// `ctts`: sample_count, sample_offset.
    fileprivate let offsets: Entries?
    /// `stss`: sample_number. Without it every sample is a sync sample.
    fileprivate let syncSamples: Entries?
    /// `stsc`: first_chunk, samples_per_chunk, sample_description_index.
    fileprivate let chunkRuns: Entries
    /// `stco` or `co64`: chunk_offset.
    fileprivate let chunks: Entries
    fileprivate let sizes: SampleSizes

    /// - Parameters:
    ///   - box: `stbl`.
    ///   - limits: what a peer can make the parser do.
    /// - Throws: ``ISOBMFFError`` when a table is missing, cut short or beyond a limit.
    init(parsing box: Box, limits: ISOBMFFLimits) throws(ISOBMFFError) {
        let boxes = try box.children(limits: limits)
        times = try Entries(parsing: try boxes.required(.stts, in: .stbl), entryBytes: 8)
        offsets = try Entries(optional: boxes.first(.ctts), entryBytes: 8)
        syncSamples = try Entries(optional: boxes.first(.stss), entryBytes: 4)
        chunkRuns = try Entries(parsing: try boxes.required(.stsc, in: .stbl), entryBytes: 12)
        if let wide = boxes.first(.co64) {
            chunks = try Entries(parsing: wide, entryBytes: 8)
        } else {
            chunks = try Entries(parsing: try boxes.required(.stco, in: .stbl), entryBytes: 4)
        }
        if let compact = boxes.first(.stz2) {
            sizes = try SampleSizes(parsingCompact: compact)
        } else {
            sizes = try SampleSizes(parsing: try boxes.required(.stsz, in: .stbl))
        }
        sampleCount = sizes.count
        guard sampleCount <= limits.samplesPerTrackMax else {
            throw ISOBMFFError(.tooManySamples, "\(sampleCount) in a track, at most \(limits.samplesPerTrackMax)")
        }
    }

    /// A cursor before the first sample.
    public func makeCursor() -> Cursor {
        Cursor(self)
    }
}

/// Entries of one size behind their count, in a box with version and flags.
private struct Entries: Sendable, Equatable {
    let bytes: ByteBuffer
    let entryBytes: Int
    let count: Int

    init(parsing box: Box, entryBytes: Int) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        _ = try fields.versionAndFlags()
        count = Int(try fields.integer(UInt32.self))
        guard count <= fields.readableBytes / entryBytes else { throw fields.truncated }
        self.entryBytes = entryBytes
        bytes = fields.bytes
    }

    init?(optional box: Box?, entryBytes: Int) throws(ISOBMFFError) {
        guard let box else { return nil }
        try self.init(parsing: box, entryBytes: entryBytes)
    }

    /// A field of an entry; nil behind the last entry.
    func field<Value: FixedWidthInteger>(_ index: Int, _ offset: Int = 0, as: Value.Type = Value.self) -> Value? {
        guard index >= 0, index < count else { return nil }
        return bytes.getInteger(at: bytes.readerIndex &+ index &* entryBytes &+ offset)
    }
}

/// SampleSizeBox and CompactSampleSizeBox. Specification: ISO/IEC 14496-12, 8.7.3.
private struct SampleSizes: Sendable, Equatable {
    let bytes: ByteBuffer
    let count: Int
    /// The size of every sample; 0 where each has its own.
    let common: UInt32
    /// Bits of a size: 4, 8, 16 or 32.
    let fieldBits: Int

    init(parsing box: Box) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        _ = try fields.versionAndFlags()
        common = try fields.integer()
        count = Int(try fields.integer(UInt32.self))
        fieldBits = 32
        guard common > 0 || count <= fields.readableBytes / 4 else { throw fields.truncated }
        bytes = fields.bytes
    }

    init(parsingCompact box: Box) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        _ = try fields.versionAndFlags()
        fieldBits = Int(try fields.integer(UInt32.self) & 0xFF)
        guard [4, 8, 16].contains(fieldBits) else { throw ISOBMFFError(.malformed, "field_size \(fieldBits)") }
        count = Int(try fields.integer(UInt32.self))
        common = 0
        guard (count &* fieldBits &+ 7) / 8 <= fields.readableBytes else { throw fields.truncated }
        bytes = fields.bytes
    }

    subscript(_ index: Int) -> UInt32? {
        guard index >= 0, index < count else { return nil }
        if common > 0 { return common }
        let position = bytes.readerIndex &+ index &* fieldBits / 8
        switch fieldBits {
        case 32: return bytes.getInteger(at: position, as: UInt32.self)
        case 16: return bytes.getInteger(at: position, as: UInt16.self).map(UInt32.init)
        case 8: return bytes.getInteger(at: position, as: UInt8.self).map(UInt32.init)
        default:
            // Two in a byte, the first one in its upper half.
            return bytes.getInteger(at: position, as: UInt8.self).map { UInt32(index & 1 == 0 ? $0 >> 4 : $0 & 15) }
        }
    }
}

extension SampleTable {
    /// Walks the samples of a track in decode order.
    public struct Cursor: Sendable {
        private let table: SampleTable
        private var index = 0
        private var decodeTime: Int64 = 0
        private var times: RunCursor
        private var offsets: RunCursor?
        private var syncIndex = 0
        private var chunk = ChunkCursor()

        fileprivate init(_ table: SampleTable) {
            self.table = table
            times = RunCursor(table.times)
            offsets = table.offsets.map(RunCursor.init)
        }

        /// The next sample, or nil at the end of the track.
        ///
        /// - Throws: ``ISOBMFFError`` when the tables contradict each other.
        public mutating func next() throws(ISOBMFFError) -> IndexedSample? {
            guard let size = table.sizes[index] else { return nil }
            guard let offset = try chunk.next(size: size, in: table) else { return nil }
            guard let duration = times.next() else {
                throw ISOBMFFError(.malformed, "stts ends before sample \(index)")
            }
            let sample = IndexedSample(
                decodeTime: decodeTime, duration: duration,
                compositionOffset: Int32(bitPattern: offsets?.next() ?? 0), isSync: isSync(), offset: offset,
                size: size)
            decodeTime &+= Int64(duration)
            index += 1
            return sample
        }

        /// Whether the sample at hand is in `stss`, which numbers samples from 1 in rising order.
        private mutating func isSync() -> Bool {
            guard let table = table.syncSamples else { return true }
            while let number: UInt32 = table.field(syncIndex), Int(number) <= index { syncIndex += 1 }
            return table.field(syncIndex, as: UInt32.self).map { Int($0) == index + 1 } ?? false
        }
    }

    /// Unrolls `stts` or `ctts`: a count of samples and what each of them has.
    private struct RunCursor: Sendable {
        let entries: Entries
        var index = 0
        var used: UInt32 = 0

        init(_ entries: Entries) {
            self.entries = entries
        }

        mutating func next() -> UInt32? {
            while let count: UInt32 = entries.field(index) {
                if used < count {
                    used += 1
                    return entries.field(index, 4)
                }
                index += 1
                used = 0
            }
            return nil
        }
    }

    /// Finds where samples lie: `stsc` tells how many there are in a chunk, `stco` where the chunk is.
    private struct ChunkCursor: Sendable {
        var chunk = 0
        var run = 0
        var samplesLeft: UInt32 = 0
        var offset: UInt64 = 0

        /// The place of a sample; nil when no chunk is left.
        mutating func next(size: UInt32, in table: SampleTable) throws(ISOBMFFError) -> UInt64? {
            while samplesLeft == 0 {
                guard let start = table.chunkOffset(chunk) else { return nil }
                // first_chunk counts from 1.
                while let first: UInt32 = table.chunkRuns.field(run + 1), Int(first) <= chunk + 1 { run += 1 }
                guard let count: UInt32 = table.chunkRuns.field(run, 4),
                    let description: UInt32 = table.chunkRuns.field(run, 8)
                else { throw ISOBMFFError(.malformed, "stsc is empty") }
                guard description == 1 else { throw ISOBMFFError(.unsupported, "sample description \(description)") }
                samplesLeft = count
                offset = start
                chunk += 1
            }
            defer {
                samplesLeft -= 1
                offset &+= UInt64(size)
            }
            return offset
        }
    }

    /// Where a chunk begins; nil behind the last.
    private func chunkOffset(_ index: Int) -> UInt64? {
        if chunks.entryBytes == 8 { return chunks.field(index, as: UInt64.self) }
        return chunks.field(index, as: UInt32.self).map(UInt64.init)
    }
}
