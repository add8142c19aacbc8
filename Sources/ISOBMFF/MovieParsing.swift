import NIOCore

extension InitSegment {
    /// Reads a movie box; samples that it may list are passed over, see ``Movie``.
    ///
    /// - Parameters:
    ///   - box: `moov`.
    ///   - fileType: from the `ftyp` box in front, where there was one.
    ///   - limits: what a peer can make the parser do.
    /// - Throws: ``ISOBMFFError`` when a box is missing, cut short or beyond a limit.
    public init(
        parsing box: Box, fileType: FileType = .initSegment, limits: ISOBMFFLimits = .init()
    ) throws(ISOBMFFError) {
        let boxes = try box.children(limits: limits)
        try self.init(boxes, fileType: fileType, limits: limits) { _ throws(ISOBMFFError) in }
    }

    /// - Parameter visit: is given the sample table of each track.
    init(
        _ boxes: [Box], fileType: FileType, limits: ISOBMFFLimits, visit: (Box) throws(ISOBMFFError) -> Void
    ) throws(ISOBMFFError) {
        var header = FieldReader(try boxes.required(.mvhd, in: .moov))
        let isWide = try header.versionAndFlags().version == 1
        try header.skip(isWide ? 16 : 8)  // creation_time, modification_time
        self.init(fileType: fileType, tracks: [])
        movieTimescale = try header.integer()
        guard movieTimescale > 0 else { throw ISOBMFFError(.malformed, "timescale 0 in mvhd") }
        let duration = try header.wide(isWide)
        // All ones is "unknown".
        self.duration = duration == (isWide ? UInt64.max : UInt64(UInt32.max)) ? 0 : duration
        let defaults = try Self.defaults(boxes.first(.mvex), limits: limits)
        for box in boxes where box.type == .trak {
            guard tracks.count < limits.tracksMax else {
                throw ISOBMFFError(.tooManyTracks, "over \(limits.tracksMax)")
            }
            let parser = try TrackParser(parsing: box, limits: limits)
            var track = parser.track
            track.defaults = defaults.first { $0.trackID == track.id }?.defaults ?? SampleDefaults()
            tracks.append(track)
            try visit(parser.sampleTable)
        }
    }

    /// The `trex` boxes, 8.8.3.
    private static func defaults(
        _ box: Box?, limits: ISOBMFFLimits
    ) throws(ISOBMFFError) -> [(trackID: UInt32, defaults: SampleDefaults)] {
        guard let box else { return [] }
        var result: [(trackID: UInt32, defaults: SampleDefaults)] = []
        for box in try box.children(limits: limits) where box.type == .trex {
            guard result.count < limits.tracksMax else {
                throw ISOBMFFError(.tooManyTracks, "over \(limits.tracksMax) in mvex")
            }
            var fields = FieldReader(box)
            _ = try fields.versionAndFlags()
            let trackID: UInt32 = try fields.integer()
            try fields.skip(4)  // default_sample_description_index
            let defaults = SampleDefaults(
                duration: try fields.integer(), size: try fields.integer(),
                flags: SampleFlags(rawValue: try fields.integer()))
            result.append((trackID, defaults))
        }
        return result
    }
}

/// Reads a `trak` box. Specification: ISO/IEC 14496-12, 8.3 to 8.5.
private struct TrackParser {
    let track: Track
    /// `stbl`.
    let sampleTable: Box

    init(parsing box: Box, limits: ISOBMFFLimits) throws(ISOBMFFError) {
        let boxes = try box.children(limits: limits)
        let id = try Self.trackID(try boxes.required(.tkhd, in: .trak))
        let media = try boxes.required(.mdia, in: .trak).children(limits: limits)
        let (timescale, language) = try Self.mediaHeader(try media.required(.mdhd, in: .mdia))
        var handlerFields = FieldReader(try media.required(.hdlr, in: .mdia))
        try handlerFields.skip(8)  // version, flags, pre_defined
        let handler = BoxType(rawValue: try handlerFields.integer())
        let information = try media.required(.minf, in: .mdia).children(limits: limits)
        sampleTable = try information.required(.stbl, in: .minf)
        let tables = try sampleTable.children(limits: limits)
        let description = try SampleDescription(
            parsing: try tables.required(.stsd, in: .stbl), handler: handler, timescale: timescale, limits: limits)
        var edits: [Edit] = []
        if let list = try boxes.first(.edts)?.children(limits: limits).first(.elst) {
            edits = try Self.edits(list)
        }
        track = Track(id: id, timescale: timescale, language: language, description: description, edits: edits)
    }

    /// TrackHeaderBox, 8.3.2.
    private static func trackID(_ box: Box) throws(ISOBMFFError) -> UInt32 {
        var fields = FieldReader(box)
        try fields.skip(try fields.versionAndFlags().version == 1 ? 16 : 8)  // creation_time, modification_time
        let id: UInt32 = try fields.integer()
        guard id > 0 else { throw ISOBMFFError(.malformed, "track_ID 0") }
        return id
    }

    /// MediaHeaderBox, 8.4.2.
    private static func mediaHeader(_ box: Box) throws(ISOBMFFError) -> (timescale: UInt32, language: String) {
        var fields = FieldReader(box)
        let isWide = try fields.versionAndFlags().version == 1
        try fields.skip(isWide ? 16 : 8)  // creation_time, modification_time
        let timescale: UInt32 = try fields.integer()
        guard timescale > 0 else { throw ISOBMFFError(.malformed, "timescale 0 in mdhd") }
        try fields.skip(isWide ? 8 : 4)  // duration
        let code: UInt16 = try fields.integer()
        let letters = [10, 5, 0].map { UInt8(truncatingIfNeeded: code >> $0) & 0x1F + 0x60 }
        // QuickTime's numbers of languages, which are below 0x400, are no letters.
        let isLanguage = letters.allSatisfy { (0x61...0x7A).contains($0) }
        return (timescale, isLanguage ? String(decoding: letters, as: UTF8.self) : "und")
    }

    /// EditListBox, 8.6.6. The entries' rate is not considered.
    private static func edits(_ box: Box) throws(ISOBMFFError) -> [Edit] {
        var fields = FieldReader(box)
        let isWide = try fields.versionAndFlags().version == 1
        let count: UInt32 = try fields.integer()
        guard Int(count) <= fields.readableBytes / (isWide ? 20 : 12) else { throw fields.truncated }
        var edits: [Edit] = []
        for _ in 0..<count {
            let duration = try fields.wide(isWide)
            let time = isWide ? try fields.integer(Int64.self) : Int64(try fields.integer(Int32.self))
            try fields.skip(4)  // media_rate
            edits.append(Edit(segmentDuration: duration, mediaTime: time))
        }
        return edits
    }
}
