import NIOCore

/// An AV1 sequence header: what holds for all frames of a coded sequence.
/// Specification: AV1 Bitstream & Decoding Process, 5.5.
public struct AV1SequenceHeader: Sendable, Hashable {
    /// seq_profile: 0 Main, 1 High, 2 Professional.
    public private(set) var profile: Int
    /// reduced_still_picture_header: a single picture, with a short header.
    public private(set) var isReducedStillPicture: Bool
    /// seq_level_idx of the first operating point, 0 to 31.
    public private(set) var level = 0
    /// seq_tier of the first operating point: the High tier.
    public private(set) var isHighTier = false
    /// Frames a second; nil where unspecified or where it varies.
    public private(set) var frameRate: Double?
    /// max_frame_width, in pixels.
    public private(set) var width = 0
    /// max_frame_height, in pixels.
    public private(set) var height = 0
    /// Bits of a sample: 8, 10 or 12.
    public private(set) var bitDepth = 8
    /// How chroma is sampled.
    public private(set) var chromaFormat = ChromaFormat.yuv420
    /// The colours' meaning; 2 is unspecified.
    public private(set) var colour = ColourDescription()

    /// Reads a sequence header.
    ///
    /// - Parameter payload: of an open bitstream unit of type 1.
    /// - Throws: ``CodecError`` when it is cut short or a field is out of its range.
    public init(_ payload: ByteBuffer) throws(CodecError) {
        var reader = SyntaxReader(payload)
        profile = try reader.u(3)
        guard profile <= 2 else { throw CodecError(.unsupported, "seq_profile \(profile)") }
        try reader.skip(1)  // still_picture
        isReducedStillPicture = try reader.flag()
        if isReducedStillPicture {
            level = try reader.u(5)
        } else {
            try readOperatingPoints(&reader)
        }
        let widthBits = try reader.u(4) + 1
        let heightBits = try reader.u(4) + 1
        width = try reader.u(widthBits) + 1
        height = try reader.u(heightBits) + 1
        try readTools(&reader)
        try readColour(&reader)
    }

    /// The sequence header among the units of a temporal unit or a configuration; nil when there is none.
    ///
    /// - Throws: ``CodecError`` when a unit before it, or it itself, cannot be read.
    public static func first(in units: ByteBuffer) throws(CodecError) -> AV1SequenceHeader? {
        var units = AV1OBUs(units)
        while let unit = try units.next() {
            if unit.type == .sequenceHeader { return try AV1SequenceHeader(unit.payload) }
        }
        return nil
    }

    private mutating func readOperatingPoints(_ reader: inout SyntaxReader) throws(CodecError) {
        var delayBits: Int?
        if try reader.flag() {
            try readTiming(&reader)
            if try reader.flag() {
                delayBits = try reader.u(5) + 1
                try reader.skip(32 + 5 + 5)  // num_units_in_decoding_tick, two lengths
            }
        }
        let hasDisplayDelay = try reader.flag()
        let count = try reader.u(5) + 1
        for index in 0..<count {
            try reader.skip(12)  // operating_point_idc
            let pointLevel = try reader.u(5)
            let pointTier = pointLevel > 7 ? try reader.flag() : false
            if let delayBits, try reader.flag() { try reader.skip(2 * delayBits + 1) }
            if hasDisplayDelay, try reader.flag() { try reader.skip(4) }
            if index == 0 { (level, isHighTier) = (pointLevel, pointTier) }
        }
    }

    /// timing_info(), 5.5.3.
    private mutating func readTiming(_ reader: inout SyntaxReader) throws(CodecError) {
        let unitsInTick = try reader.u(32)
        let timeScale = try reader.u(32)
        // uvlc() is ue(v) by another name.
        guard try reader.flag() else { return }
        let ticks = try reader.ue() + 1
        if unitsInTick > 0, timeScale > 0 { frameRate = Double(timeScale) / (Double(unitsInTick) * Double(ticks)) }
    }

    private mutating func readTools(_ reader: inout SyntaxReader) throws(CodecError) {
        if !isReducedStillPicture, try reader.flag() { try reader.skip(7) }  // frame ids and their lengths
        try reader.skip(3)  // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
        if !isReducedStillPicture {
            try reader.skip(4)  // interintra, masked, warped, dual filter
            let hasOrderHint = try reader.flag()
            if hasOrderHint { try reader.skip(2) }  // enable_jnt_comp, enable_ref_frame_mvs
            // seq_choose_screen_content_tools leaves the choice to each frame, as does seq_choose_integer_mv.
            let forcesScreenContent = try reader.flag() ? true : try reader.flag()
            if forcesScreenContent, try !reader.flag() { try reader.skip(1) }
            if hasOrderHint { try reader.skip(3) }  // order_hint_bits_minus_1
        }
        try reader.skip(3)  // enable_superres, enable_cdef, enable_restoration
    }

    /// color_config(), 5.5.2.
    private mutating func readColour(_ reader: inout SyntaxReader) throws(CodecError) {
        if try reader.flag() {
            bitDepth = profile == 2 ? (try reader.flag() ? 12 : 10) : 10
        }
        let isMonochrome = profile == 1 ? false : try reader.flag()
        if try reader.flag() {
            colour.primaries = try reader.byte()
            colour.transfer = try reader.byte()
            colour.matrix = try reader.byte()
        }
        if isMonochrome {
            chromaFormat = .monochrome
            colour.isFullRange = try reader.flag()
        } else if (colour.primaries, colour.transfer, colour.matrix) == (1, 13, 0) {
            // sRGB: always full range and 4:4:4.
            chromaFormat = .yuv444
            colour.isFullRange = true
        } else {
            colour.isFullRange = try reader.flag()
            chromaFormat = try readSubsampling(&reader)
        }
    }

    private func readSubsampling(_ reader: inout SyntaxReader) throws(CodecError) -> ChromaFormat {
        switch profile {
        case 0: return .yuv420
        case 1: return .yuv444
        default:
            guard bitDepth == 12 else { return .yuv422 }
            guard try reader.flag() else { return .yuv444 }
            return try reader.flag() ? .yuv420 : .yuv422
        }
    }
}
