import NIOCore

/// Reads a `moof` box with the media data behind it. Specification: ISO/IEC 14496-12, 8.8.4 to 8.8.12.
struct FragmentParser {
    /// The tracks, for what the fragment leaves unsaid.
    let initSegment: InitSegment
    let limits: ISOBMFFLimits
    /// Where the `moof` box begins in the file.
    let fragmentOffset: UInt64
    /// What the `mdat` box holds.
    let media: ByteBuffer
    /// Where that begins in the file.
    let mediaOffset: UInt64
    /// When the next sample of each track is decoded, for fragments that do not say.
    var nextDecodeTimes: [UInt32: UInt64]

    private var fragment = Fragment(sequenceNumber: 0, tracks: [])
    private var sampleCount = 0
    /// Where the data of the last track fragment ended, in the file.
    private var dataEnd: Int64 = 0

    init(
        initSegment: InitSegment, limits: ISOBMFFLimits, fragmentOffset: UInt64, media: ByteBuffer,
        mediaOffset: UInt64, nextDecodeTimes: [UInt32: UInt64]
    ) {
        self.initSegment = initSegment
        self.limits = limits
        self.fragmentOffset = fragmentOffset
        self.media = media
        self.mediaOffset = mediaOffset
        self.nextDecodeTimes = nextDecodeTimes
    }

    mutating func parse(_ box: Box) throws(ISOBMFFError) -> Fragment {
        let boxes = try box.children(limits: limits)
        var header = FieldReader(try boxes.required(.mfhd, in: .moof))
        _ = try header.versionAndFlags()
        fragment.sequenceNumber = try header.integer()
        dataEnd = Int64(clamping: fragmentOffset)
        for box in boxes where box.type == .traf {
            guard fragment.tracks.count < limits.tracksMax else {
                throw ISOBMFFError(.tooManyTracks, "over \(limits.tracksMax) in moof")
            }
            try parseTrack(box)
        }
        return fragment
    }

    /// TrackFragmentBox, 8.8.6.
    private mutating func parseTrack(_ box: Box) throws(ISOBMFFError) {
        let boxes = try box.children(limits: limits)
        let header = try TrackFragmentHeader(parsing: try boxes.required(.tfhd, in: .traf), initSegment)
        var base = nextDecodeTimes[header.trackID] ?? 0
        if let box = boxes.first(.tfdt) {
            var fields = FieldReader(box)
            base = try fields.wide(try fields.versionAndFlags().version == 1)
        }
        var track = TrackFragment(trackID: header.trackID, baseDecodeTime: base, samples: [])
        // Without a base of its own the first track counts from the fragment, a later one from the end of the data of
        // the one before it.
        let origin: Int64 =
            if let offset = header.baseDataOffset {
                Int64(clamping: offset)
            } else {
                header.isBaseMoof ? Int64(clamping: fragmentOffset) : dataEnd
            }
        dataEnd = origin
        for box in boxes where box.type == .trun {
            try parseRun(box, header, origin: origin, into: &track)
        }
        nextDecodeTimes[header.trackID] = base &+ track.duration
        fragment.tracks.append(track)
    }

    /// TrackRunBox, 8.8.8.
    private mutating func parseRun(
        _ box: Box, _ header: TrackFragmentHeader, origin: Int64, into track: inout TrackFragment
    ) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        let flags = try fields.versionAndFlags().flags
        let count = Int(try fields.integer(UInt32.self))
        if flags & TrackRunFlags.dataOffset != 0 { dataEnd = origin &+ Int64(try fields.integer(Int32.self)) }
        var firstFlags: SampleFlags?
        if flags & TrackRunFlags.firstSampleFlags != 0 { firstFlags = SampleFlags(rawValue: try fields.integer()) }
        let sampleBytes = 4 * (flags & 0xF00).nonzeroBitCount
        guard sampleBytes == 0 || count <= fields.readableBytes / sampleBytes else { throw fields.truncated }
        guard count <= limits.samplesPerFragmentMax &- sampleCount else {
            throw ISOBMFFError(.tooManySamples, "over \(limits.samplesPerFragmentMax) in moof")
        }
        sampleCount &+= count
        for index in 0..<count {
            var defaults = header.defaults
            if index == 0, let firstFlags { defaults.flags = firstFlags }
            if flags & TrackRunFlags.duration != 0 { defaults.duration = try fields.integer() }
            if flags & TrackRunFlags.size != 0 { defaults.size = try fields.integer() }
            if flags & TrackRunFlags.flags != 0 { defaults.flags = SampleFlags(rawValue: try fields.integer()) }
            // Writers of version 0 put negative offsets there too, in two's complement; none has offsets over 2³¹.
            let offset: Int32 = flags & TrackRunFlags.compositionOffset != 0 ? try fields.integer() : 0
            track.samples.append(
                Sample(
                    duration: defaults.duration, compositionOffset: offset, flags: defaults.flags,
                    payload: try payload(Int(defaults.size))))
        }
    }

    /// The next bytes of the media data.
    private mutating func payload(_ size: Int) throws(ISOBMFFError) -> ByteBuffer {
        let (offset, overflow) = dataEnd.subtractingReportingOverflow(Int64(clamping: mediaOffset))
        guard !overflow, offset >= 0, offset <= Int64(media.readableBytes),
            let slice = media.getSlice(at: media.readerIndex &+ Int(offset), length: size)
        else {
            throw ISOBMFFError(.sampleOutOfBounds, "\(size) bytes at \(dataEnd), mdat from \(mediaOffset)")
        }
        dataEnd &+= Int64(size)
        return slice
    }
}

/// TrackFragmentHeaderBox with what the movie says where it is silent. Specification: ISO/IEC 14496-12, 8.8.7.
private struct TrackFragmentHeader {
    let trackID: UInt32
    var baseDataOffset: UInt64?
    let isBaseMoof: Bool
    var defaults: SampleDefaults

    init(parsing box: Box, _ initSegment: InitSegment) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        let flags = try fields.versionAndFlags().flags
        trackID = try fields.integer()
        guard let track = initSegment.track(trackID) else {
            throw ISOBMFFError(.unknownTrack, "track_ID \(trackID)")
        }
        defaults = track.defaults
        isBaseMoof = flags & TrackFragmentHeaderFlags.defaultBaseIsMoof != 0
        if flags & TrackFragmentHeaderFlags.baseDataOffset != 0 { baseDataOffset = try fields.integer() }
        if flags & TrackFragmentHeaderFlags.descriptionIndex != 0 {
            let index: UInt32 = try fields.integer()
            guard index == 1 else { throw ISOBMFFError(.unsupported, "sample description \(index)") }
        }
        if flags & TrackFragmentHeaderFlags.duration != 0 { defaults.duration = try fields.integer() }
        if flags & TrackFragmentHeaderFlags.size != 0 { defaults.size = try fields.integer() }
        if flags & TrackFragmentHeaderFlags.flags != 0 {
            defaults.flags = SampleFlags(rawValue: try fields.integer())
        }
    }
}
