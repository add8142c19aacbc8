import Codecs
import NIOCore

extension SampleDescription {
    /// Reads the first entry of an `stsd` box.
    ///
    /// - Parameters:
    ///   - box: SampleDescriptionBox.
    ///   - handler: the track's handler, which decides how entries are read.
    ///   - timescale: the track's.
    init(
        parsing box: Box, handler: BoxType, timescale: UInt32, limits: ISOBMFFLimits
    ) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        _ = try fields.versionAndFlags()
        try fields.skip(4)  // entry_count
        var entries = BoxSequence(fields.bytes, depth: box.depth + 1, limits: limits)
        guard let entry = try entries.next() else { throw ISOBMFFError(.missingBox, "no sample entry") }
        var body = FieldReader(entry)
        try body.skip(8)  // reserved, data_reference_index
        switch handler {
        case .vide: try self.init(video: entry, &body, limits: limits)
        case .soun: try self.init(audio: entry, &body, timescale: timescale, limits: limits)
        default: self.init(codec: FourCC(rawValue: entry.type.rawValue), media: .other(handler))
        }
    }

    /// VisualSampleEntry, 12.1.3.2.
    private init(video entry: Box, _ body: inout FieldReader, limits: ISOBMFFLimits) throws(ISOBMFFError) {
        try body.skip(16)  // pre_defined, reserved
        let width: UInt16 = try body.integer()
        let height: UInt16 = try body.integer()
        try body.skip(50)  // resolutions, frame_count, compressorname, depth
        let boxes = try BoxSequence(body.bytes, depth: entry.depth + 1, limits: limits).all()
        var format = VideoSampleFormat(width: Int(width), height: Int(height))
        if let box = boxes.first(.colr) { format.colour = try Self.colour(box) }
        if let box = boxes.first(.pasp) { format.sampleAspectRatio = try Self.sampleAspectRatio(box) }
        let configuration = try CodecBox(video: entry.type, in: boxes)
        self.init(
            codec: configuration.codec, configuration: configuration.configuration,
            hasInBandParameterSets: entry.type == .avc3 || entry.type == .hev1 || entry.type == .vvi1,
            media: .video(format), bitRate: try BitRate(parsing: boxes.first(.btrt)))
    }

    /// AudioSampleEntry, 12.2.3.2, and the longer forms of QuickTime.
    private init(
        audio entry: Box, _ body: inout FieldReader, timescale: UInt32, limits: ISOBMFFLimits
    ) throws(ISOBMFFError) {
        let version: UInt16 = try body.integer()
        try body.skip(6)  // reserved
        let channels: UInt16 = try body.integer()
        try body.skip(6)  // samplesize, pre_defined, reserved
        let rate: UInt32 = try body.integer()
        // QuickTime File Format, "Sound Sample Description (Version 1)" and "(Version 2)".
        if version == 1 { try body.skip(16) }
        if version == 2 { try body.skip(36) }
        var boxes = try BoxSequence(body.bytes, depth: entry.depth + 1, limits: limits).all()
        if let wave = boxes.first(.wave) { boxes += try wave.children(limits: limits) }
        let configuration = try CodecBox(audio: entry.type, in: boxes)
        let sampleRate = rate >> 16 > 0 ? rate >> 16 : timescale
        self.init(
            codec: configuration.codec, configuration: configuration.configuration,
            media: .audio(AudioSampleFormat(channels: Int(channels), sampleRate: Int(sampleRate))),
            bitRate: try BitRate(parsing: boxes.first(.btrt)))
    }

    /// ColourInformationBox, 12.1.5; nil for profiles of the ICC, which describe stills.
    private static func colour(_ box: Box) throws(ISOBMFFError) -> ColourDescription? {
        var fields = FieldReader(box)
        let type = BoxType(rawValue: try fields.integer())
        guard type == .nclx || type == BoxType("nclc") else { return nil }
        let primaries: UInt16 = try fields.integer()
        let transfer: UInt16 = try fields.integer()
        let matrix: UInt16 = try fields.integer()
        let range: UInt8 = type == .nclx ? try fields.integer() : 0
        return ColourDescription(
            primaries: UInt8(truncatingIfNeeded: primaries), transfer: UInt8(truncatingIfNeeded: transfer),
            matrix: UInt8(truncatingIfNeeded: matrix), isFullRange: range & 0x80 != 0)
    }

    /// PixelAspectRatioBox, 12.1.4; nil where a side is 0.
    private static func sampleAspectRatio(_ box: Box) throws(ISOBMFFError) -> SampleAspectRatio? {
        var fields = FieldReader(box)
        let width: UInt32 = try fields.integer()
        let height: UInt32 = try fields.integer()
        return width > 0 && height > 0 ? SampleAspectRatio(width: Int(width), height: Int(height)) : nil
    }
}

extension BitRate {
    /// Reads a `btrt` box, where there is one.
    init?(parsing box: Box?) throws(ISOBMFFError) {
        guard let box else { return nil }
        var fields = FieldReader(box)
        bufferSize = try fields.integer()
        maximum = try fields.integer()
        average = try fields.integer()
    }

    func write(into buffer: inout ByteBuffer) {
        buffer.writeBox(.btrt) { $0.writeMultipleIntegers(bufferSize, maximum, average) }
    }
}
