import NIOCore

extension FragmentSample {
    /// The most samples of a fragment; a segment of a minute at 60 frames a second has 3600 pictures.
    private static let countMax = 20_000

    /// Adds the samples of a `moof`. Specification: ISO/IEC 14496-12, 8.8.6 to 8.8.8.
    static func append(
        in buffer: ByteBuffer, at index: Int, end: Int, _ tracks: [FragmentTrack], to samples: inout [FragmentSample]
    ) {
        BoxHead.forEach(in: buffer, at: index, end: end) { box, content, end in
            guard box.type == BoxHead.traf else { return }
            var run = TrackRun()
            BoxHead.forEach(in: buffer, at: content, end: end) { box, content, end in
                var fields = BoxFields(buffer, content, end)
                switch box.type {
                case BoxHead.tfhd: run.readHeader(&fields, tracks)
                case BoxHead.tfdt: run.readTime(&fields)
                case BoxHead.trun: run.readSamples(&fields, to: &samples, max: countMax)
                default: return
                }
            }
        }
    }
}

/// A `traf` while it is read.
private struct TrackRun {
    private var kind: ScannedFrame.Kind?
    private var timescale: Int64 = 1000
    private var time: UInt64 = 0
    private var duration: UInt32 = 0
    private var size: UInt32 = 0
    private var flags: UInt32 = 0
    private var nextOffset = 0

    /// `sample_is_non_sync_sample`.
    private static let nonSync: UInt32 = 0x1_0000

    mutating func readHeader(_ fields: inout BoxFields, _ tracks: [FragmentTrack]) {
        let present = fields.next() & 0xFF_FFFF
        let id = fields.next()
        guard let track = tracks.first(where: { $0.id == id }) else { return }
        kind = track.kind
        timescale = Int64(track.timescale)
        if present & 0x1 != 0 { fields.skip(8) }
        if present & 0x2 != 0 { fields.skip(4) }
        duration = present & 0x8 != 0 ? fields.next() : track.defaultDuration
        size = present & 0x10 != 0 ? fields.next() : track.defaultSize
        flags = present & 0x20 != 0 ? fields.next() : track.defaultFlags
    }

    mutating func readTime(_ fields: inout BoxFields) {
        let isLong = fields.next() >> 24 == 1
        time = isLong ? UInt64(fields.next()) << 32 | UInt64(fields.next()) : UInt64(fields.next())
    }

    mutating func readSamples(_ fields: inout BoxFields, to samples: inout [FragmentSample], max: Int) {
        let present = fields.next() & 0xFF_FFFF
        let count = fields.next()
        if present & 0x1 != 0 { nextOffset = Int(Int32(bitPattern: fields.next())) }
        let firstFlags = present & 0x4 != 0 ? fields.next() : nil
        for index in 0..<count {
            guard let kind, samples.count < max, !fields.isPast else { return }
            let duration = present & 0x100 != 0 ? fields.next() : duration
            let size = present & 0x200 != 0 ? fields.next() : size
            var flags = present & 0x400 != 0 ? fields.next() : flags
            if index == 0, let firstFlags { flags = firstFlags }
            if present & 0x800 != 0 { fields.skip(4) }
            guard !fields.isPast else { return }
            samples.append(
                FragmentSample(
                    offset: nextOffset, size: Int(size),
                    frame: ScannedFrame(
                        kind: kind, isKey: kind == .video && flags & Self.nonSync == 0,
                        milliseconds: Int64(truncatingIfNeeded: time.multipliedReportingOverflow(by: 1000).partialValue)
                            / timescale)))
            nextOffset &+= Int(size)
            time &+= UInt64(duration)
        }
    }
}

/// The 32-bit fields of a box, one after the other; zeros behind its end.
private struct BoxFields {
    private let buffer: ByteBuffer
    private var index: Int
    private let end: Int
    /// Whether more was read than there is.
    private(set) var isPast = false

    init(_ buffer: ByteBuffer, _ index: Int, _ end: Int) {
        self.buffer = buffer
        self.index = index
        self.end = end
    }

    mutating func next() -> UInt32 {
        guard end - index >= 4, let word = buffer.getInteger(at: index, as: UInt32.self) else {
            isPast = true
            return 0
        }
        index += 4
        return word
    }

    mutating func skip(_ count: Int) {
        index += count
        if index > end { isPast = true }
    }
}
