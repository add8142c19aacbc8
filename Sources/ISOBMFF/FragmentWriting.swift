import NIOCore

extension Fragment {
    /// Bytes that ``write(into:)`` appends.
    public var encodedBytes: Int {
        let layouts = tracks.map(TrackFragmentLayout.init)
        return Self.movieFragmentBytes(layouts) + Self.mediaHeaderBytes(layouts) + Self.mediaBytes(layouts)
    }

    /// Writes `moof` and `mdat`. Payloads are copied once; the buffer grows once.
    public func write(into buffer: inout ByteBuffer) {
        let layouts = tracks.map(TrackFragmentLayout.init)
        let movieFragmentBytes = Self.movieFragmentBytes(layouts)
        let headerBytes = Self.mediaHeaderBytes(layouts)
        let mediaBytes = Self.mediaBytes(layouts)
        buffer.reserveCapacity(minimumWritableBytes: movieFragmentBytes &+ headerBytes &+ mediaBytes)
        buffer.writeBox(.moof) { buffer in
            buffer.writeFullBox(.mfhd) { $0.writeInteger(sequenceNumber) }
            var offset = movieFragmentBytes &+ headerBytes
            for (track, layout) in zip(tracks, layouts) {
                track.write(layout, dataOffset: offset, into: &buffer)
                offset &+= layout.mediaBytes
            }
        }
        let boxBytes = headerBytes &+ mediaBytes
        if let boxBytes = UInt32(exactly: boxBytes) {
            buffer.writeMultipleIntegers(boxBytes, BoxType.mdat.rawValue)
        } else {
            buffer.writeMultipleIntegers(UInt32(1), BoxType.mdat.rawValue, UInt64(boxBytes))
        }
        for track in tracks {
            for sample in track.samples { buffer.writeImmutableBuffer(sample.payload) }
        }
    }

    /// `moof` with `mfhd`.
    private static func movieFragmentBytes(_ layouts: [TrackFragmentLayout]) -> Int {
        layouts.reduce(8 + 16) { $0 &+ $1.boxBytes }
    }

    private static func mediaBytes(_ layouts: [TrackFragmentLayout]) -> Int {
        layouts.reduce(0) { $0 &+ $1.mediaBytes }
    }

    private static func mediaHeaderBytes(_ layouts: [TrackFragmentLayout]) -> Int {
        mediaBytes(layouts) > Int(UInt32.max) - 8 ? 16 : 8
    }
}

/// Which fields a track's samples need, so that what they have in common is said once.
private struct TrackFragmentLayout {
    /// tf_flags, 8.8.7.1.
    private(set) var headerFlags: UInt32 = TrackFragmentHeaderFlags.defaultBaseIsMoof
    /// tr_flags, 8.8.8.1.
    private(set) var runFlags: UInt32 = TrackRunFlags.dataOffset
    /// Bytes of all payloads.
    private(set) var mediaBytes = 0
    /// Bytes of the `traf` box.
    private(set) var boxBytes = 0

    init(_ track: TrackFragment) {
        guard let first = track.samples.first else {
            boxBytes = 8 + 16 + 20 + 20
            return
        }
        let second = track.samples.dropFirst().first ?? first
        for (index, sample) in track.samples.enumerated() {
            mediaBytes &+= sample.payload.readableBytes
            if sample.duration != first.duration { runFlags |= TrackRunFlags.duration }
            if sample.payload.readableBytes != first.payload.readableBytes { runFlags |= TrackRunFlags.size }
            if index > 0, sample.flags != second.flags { runFlags |= TrackRunFlags.flags }
            if sample.compositionOffset != 0 { runFlags |= TrackRunFlags.compositionOffset }
        }
        if runFlags & TrackRunFlags.duration == 0 { headerFlags |= TrackFragmentHeaderFlags.duration }
        if runFlags & TrackRunFlags.size == 0 { headerFlags |= TrackFragmentHeaderFlags.size }
        if runFlags & TrackRunFlags.flags == 0 {
            headerFlags |= TrackFragmentHeaderFlags.flags
            if first.flags != second.flags { runFlags |= TrackRunFlags.firstSampleFlags }
        }
        let headerFields = (headerFlags & 0xFFFF).nonzeroBitCount
        let runFields = (runFlags & 0xFF).nonzeroBitCount
        let sampleFields = (runFlags & 0xF00).nonzeroBitCount
        boxBytes = 8 + (16 + 4 * headerFields) + 20 + (16 + 4 * runFields) + 4 * sampleFields &* track.samples.count
    }
}

extension TrackFragment {
    /// TrackFragmentBox, 8.8.6.
    ///
    /// - Parameter dataOffset: from the first byte of `moof` to the first payload.
    fileprivate func write(_ layout: TrackFragmentLayout, dataOffset: Int, into buffer: inout ByteBuffer) {
        buffer.writeBox(.traf) { buffer in
            buffer.writeFullBox(.tfhd, flags: layout.headerFlags) { buffer in
                buffer.writeInteger(trackID)
                guard let first = samples.first else { return }
                let flags = layout.headerFlags
                if flags & TrackFragmentHeaderFlags.duration != 0 { buffer.writeInteger(first.duration) }
                if flags & TrackFragmentHeaderFlags.size != 0 {
                    buffer.writeInteger(UInt32(clamping: first.payload.readableBytes))
                }
                if flags & TrackFragmentHeaderFlags.flags != 0 {
                    buffer.writeInteger((samples.dropFirst().first ?? first).flags.rawValue)
                }
            }
            buffer.writeFullBox(.tfdt, version: 1) { $0.writeInteger(baseDecodeTime) }
            // Version 1 has signed composition offsets.
            buffer.writeFullBox(.trun, version: 1, flags: layout.runFlags) { buffer in
                buffer.writeMultipleIntegers(
                    UInt32(truncatingIfNeeded: samples.count), Int32(truncatingIfNeeded: dataOffset))
                if layout.runFlags & TrackRunFlags.firstSampleFlags != 0, let first = samples.first {
                    buffer.writeInteger(first.flags.rawValue)
                }
                for sample in samples { sample.write(layout.runFlags, into: &buffer) }
            }
        }
    }
}

extension Sample {
    /// The fields of one sample in TrackRunBox, 8.8.8.2.
    fileprivate func write(_ runFlags: UInt32, into buffer: inout ByteBuffer) {
        if runFlags & TrackRunFlags.duration != 0 { buffer.writeInteger(duration) }
        if runFlags & TrackRunFlags.size != 0 { buffer.writeInteger(UInt32(clamping: payload.readableBytes)) }
        if runFlags & TrackRunFlags.flags != 0 { buffer.writeInteger(flags.rawValue) }
        if runFlags & TrackRunFlags.compositionOffset != 0 { buffer.writeInteger(compositionOffset) }
    }
}

/// tf_flags. Specification: ISO/IEC 14496-12, 8.8.7.1.
enum TrackFragmentHeaderFlags {
    static let baseDataOffset: UInt32 = 0x1
    static let descriptionIndex: UInt32 = 0x2
    static let duration: UInt32 = 0x8
    static let size: UInt32 = 0x10
    static let flags: UInt32 = 0x20
    static let defaultBaseIsMoof: UInt32 = 0x2_0000
}

/// tr_flags. Specification: ISO/IEC 14496-12, 8.8.8.1.
enum TrackRunFlags {
    static let dataOffset: UInt32 = 0x1
    static let firstSampleFlags: UInt32 = 0x4
    static let duration: UInt32 = 0x100
    static let size: UInt32 = 0x200
    static let flags: UInt32 = 0x400
    static let compositionOffset: UInt32 = 0x800
}
