import NIOCore

/// Where the fragments of a segment lie. Specification: ISO/IEC 14496-12, 8.16.3.
public struct SegmentIndex: Sendable, Hashable {
    /// The track whose times these are.
    public var trackID: UInt32
    /// Ticks a second; that of the track.
    public var timescale: UInt32
    /// When the first sample is shown, in ticks.
    public var earliestPresentationTime: UInt64
    /// Bytes between this box and the first fragment.
    public var firstOffset: UInt64
    /// The fragments in order, at most 65535.
    public var references: [Reference]

    /// One fragment, or several with boxes in front of them, or another index.
    public struct Reference: Sendable, Hashable {
        /// Whether it is another index.
        public var isIndex: Bool
        /// Bytes, below 2³¹.
        public var size: UInt32
        /// Ticks.
        public var duration: UInt32
        /// Whether decoding can begin with its first sample.
        public var startsWithSync: Bool

        /// Makes a reference; see the properties.
        public init(isIndex: Bool = false, size: UInt32, duration: UInt32, startsWithSync: Bool) {
            self.isIndex = isIndex
            self.size = size
            self.duration = duration
            self.startsWithSync = startsWithSync
        }
    }

    /// Makes an index; see the properties.
    public init(
        trackID: UInt32, timescale: UInt32, earliestPresentationTime: UInt64, firstOffset: UInt64 = 0,
        references: [Reference]
    ) {
        self.trackID = trackID
        self.timescale = timescale
        self.earliestPresentationTime = earliestPresentationTime
        self.firstOffset = firstOffset
        self.references = references
    }

    /// Reads a `sidx` box.
    ///
    /// - Throws: ``ISOBMFFError`` when it is cut short.
    public init(parsing box: Box) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        let isWide = try fields.versionAndFlags().version == 1
        trackID = try fields.integer()
        timescale = try fields.integer()
        earliestPresentationTime = try fields.wide(isWide)
        firstOffset = try fields.wide(isWide)
        try fields.skip(2)  // reserved
        let count: UInt16 = try fields.integer()
        guard Int(count) <= fields.readableBytes / 12 else { throw fields.truncated }
        references = []
        for _ in 0..<count {
            let size: UInt32 = try fields.integer()
            let duration: UInt32 = try fields.integer()
            let access: UInt32 = try fields.integer()
            references.append(
                Reference(
                    isIndex: size >> 31 == 1, size: size & 0x7FFF_FFFF, duration: duration,
                    startsWithSync: access >> 31 == 1))
        }
    }

    /// Writes the box, which stands in front of the fragments that it tells of.
    public func write(into buffer: inout ByteBuffer) {
        let references = references.prefix(Int(UInt16.max))
        buffer.writeFullBox(.sidx, version: 1) { buffer in
            buffer.writeMultipleIntegers(trackID, timescale, earliestPresentationTime, firstOffset)
            buffer.writeMultipleIntegers(UInt16(0), UInt16(references.count))
            for reference in references {
                // A stream access point of type 1: from it on every picture is decodable and shown in order.
                buffer.writeMultipleIntegers(
                    (reference.isIndex ? 1 << 31 : 0) | reference.size & 0x7FFF_FFFF, reference.duration,
                    UInt32(reference.startsWithSync ? 0x9000_0000 : 0))
            }
        }
    }
}
