import NIOCore

/// What an H.264 decoder must know before the first picture: profile, level, parameter sets and the size of NAL unit
/// lengths. Source: ISO/IEC 14496-15, 5.3.3.1.
public struct AVCDecoderConfigurationRecord: Sendable, Hashable {
    /// AVCProfileIndication: profile_idc of the sequence parameter sets.
    public var profile: UInt8
    /// profile_compatibility: the byte of constraint flags.
    public var profileCompatibility: UInt8
    /// AVCLevelIndication: level_idc of the sequence parameter sets.
    public var level: UInt8
    /// Bytes of the length in front of each NAL unit: 1, 2 or 4.
    public var lengthSize: Int
    /// Sequence parameter sets, NAL unit header included. At most 31.
    public var sequenceParameterSets: [ByteBuffer]
    /// Picture parameter sets, NAL unit header included. At most 255.
    public var pictureParameterSets: [ByteBuffer]
    /// What profiles above Main add; old writers leave it out.
    public var highProfileFields: HighProfileFields?

    /// The end of the record, for the profiles above Main.
    public struct HighProfileFields: Sendable, Hashable {
        /// How chroma is sampled.
        public var chromaFormat: ChromaFormat
        /// Bits of a luma sample, 8 to 15.
        public var bitDepthLuma: Int
        /// Bits of a chroma sample, 8 to 15.
        public var bitDepthChroma: Int
        /// Sequence parameter set extensions, NAL unit header included. At most 255.
        public var sequenceParameterSetExtensions: [ByteBuffer]

        /// Makes the fields; see the properties.
        public init(
            chromaFormat: ChromaFormat, bitDepthLuma: Int, bitDepthChroma: Int,
            sequenceParameterSetExtensions: [ByteBuffer] = []
        ) {
            self.chromaFormat = chromaFormat
            self.bitDepthLuma = bitDepthLuma
            self.bitDepthChroma = bitDepthChroma
            self.sequenceParameterSetExtensions = sequenceParameterSetExtensions
        }
    }

    /// Reads a record; bytes after it are ignored.
    ///
    /// - Throws: ``CodecError`` when it is cut short, of another version, or has NAL unit lengths of three bytes.
    public init(_ bytes: ByteBuffer) throws(CodecError) {
        var bytes = bytes
        guard let version = bytes.readInteger(as: UInt8.self),
            let (profile, compatibility, level, sizeField) = bytes.readMultipleIntegers(
                as: (UInt8, UInt8, UInt8, UInt8).self),
            let setCount = bytes.readInteger(as: UInt8.self)
        else { throw CodecError(.truncated, "AVCDecoderConfigurationRecord") }
        guard version == 1 else { throw CodecError(.unsupported, "configurationVersion \(version)") }
        guard sizeField & 3 != 2 else { throw CodecError(.malformed, "lengthSizeMinusOne is 2") }
        self.profile = profile
        profileCompatibility = compatibility
        self.level = level
        lengthSize = Int(sizeField & 3) + 1
        sequenceParameterSets = try bytes.readParameterSets(count: Int(setCount & 0x1F))
        guard let pictureSetCount = bytes.readInteger(as: UInt8.self) else {
            throw CodecError(.truncated, "numOfPictureParameterSets")
        }
        pictureParameterSets = try bytes.readParameterSets(count: Int(pictureSetCount))
        highProfileFields = Self.hasHighProfileFields(profile) ? try HighProfileFields(&bytes) : nil
    }

    /// Makes the record of a stream from its parameter sets, as they come in MPEG-TS or RTP.
    ///
    /// - Parameters:
    ///   - sequenceParameterSets: NAL units; at least one, at most 31; the first one gives profile and level.
    ///   - pictureParameterSets: NAL units; at most 255.
    ///   - lengthSize: bytes of the length in front of each NAL unit: 1, 2 or 4.
    /// - Throws: ``CodecError`` when the first sequence parameter set cannot be read, or there are too many.
    public init(
        sequenceParameterSets: [ByteBuffer], pictureParameterSets: [ByteBuffer], lengthSize: Int = 4
    ) throws(CodecError) {
        guard let first = sequenceParameterSets.first else {
            throw CodecError(.malformed, "no sequence parameter set")
        }
        guard sequenceParameterSets.count <= 31, pictureParameterSets.count <= 255 else {
            throw CodecError(.limitExceeded, "parameter sets")
        }
        let parsed = try H264SequenceParameterSet(first)
        profile = parsed.profile
        profileCompatibility = parsed.constraintFlags
        level = parsed.level
        self.lengthSize = lengthSize
        self.sequenceParameterSets = sequenceParameterSets
        self.pictureParameterSets = pictureParameterSets
        if Self.hasHighProfileFields(parsed.profile) {
            highProfileFields = HighProfileFields(
                chromaFormat: parsed.chromaFormat, bitDepthLuma: parsed.bitDepthLuma,
                bitDepthChroma: parsed.bitDepthChroma)
        }
    }

    /// Appends the record to a buffer. Sets beyond the counts that the record can say are left out.
    public func write(to buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(UInt8(1), profile, profileCompatibility, level)
        buffer.writeInteger(UInt8(truncatingIfNeeded: 0xFC | ((lengthSize &- 1) & 3)))
        buffer.writeInteger(0xE0 | UInt8(truncatingIfNeeded: min(sequenceParameterSets.count, 31)))
        buffer.writeParameterSets(sequenceParameterSets.prefix(31))
        buffer.writeInteger(UInt8(truncatingIfNeeded: min(pictureParameterSets.count, 255)))
        buffer.writeParameterSets(pictureParameterSets.prefix(255))
        if let fields = highProfileFields {
            buffer.writeInteger(0xFC | fields.chromaFormat.rawValue)
            buffer.writeInteger(0xF8 | UInt8(truncatingIfNeeded: (fields.bitDepthLuma &- 8) & 7))
            buffer.writeInteger(0xF8 | UInt8(truncatingIfNeeded: (fields.bitDepthChroma &- 8) & 7))
            buffer.writeInteger(UInt8(truncatingIfNeeded: min(fields.sequenceParameterSetExtensions.count, 255)))
            buffer.writeParameterSets(fields.sequenceParameterSetExtensions.prefix(255))
        }
    }

    /// Which profiles have the record's last fields. The specification names these four; 244 is what took the place
    /// of 144, and every reader and writer treats it alike.
    private static func hasHighProfileFields(_ profile: UInt8) -> Bool {
        [100, 110, 122, 144, 244].contains(profile)
    }
}

extension AVCDecoderConfigurationRecord.HighProfileFields {
    /// nil where the record ends before the fields, which old writers do.
    fileprivate init?(_ bytes: inout ByteBuffer) throws(CodecError) {
        guard
            let (chroma, luma, chromaDepth, count) = bytes.readMultipleIntegers(as: (UInt8, UInt8, UInt8, UInt8).self),
            let chromaFormat = ChromaFormat(rawValue: chroma & 3)
        else { return nil }
        self.chromaFormat = chromaFormat
        bitDepthLuma = 8 + Int(luma & 7)
        bitDepthChroma = 8 + Int(chromaDepth & 7)
        sequenceParameterSetExtensions = try bytes.readParameterSets(count: Int(count))
    }
}

extension ByteBuffer {
    /// Parameter sets, each behind a length of two bytes, as slices.
    mutating func readParameterSets(count: Int) throws(CodecError) -> [ByteBuffer] {
        var sets: [ByteBuffer] = []
        for _ in 0..<count {
            guard let length = readInteger(as: UInt16.self), let set = readSlice(length: Int(length)) else {
                throw CodecError(.truncated, "parameter set")
            }
            sets.append(set)
        }
        return sets
    }

    /// Parameter sets, each behind a length of two bytes. A set is never longer; one that were would be cut.
    mutating func writeParameterSets(_ sets: some Sequence<ByteBuffer>) {
        for set in sets {
            var set = set
            let length = min(set.readableBytes, Int(UInt16.max))
            writeInteger(UInt16(truncatingIfNeeded: length))
            if var cut = set.readSlice(length: length) { writeBuffer(&cut) }
        }
    }
}
