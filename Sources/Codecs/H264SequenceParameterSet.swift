import NIOCore

/// An H.264 sequence parameter set: what holds for all pictures of a coded sequence.
/// Specification: ISO/IEC 14496-10, 7.3.2.1.1.
public struct H264SequenceParameterSet: Sendable, Hashable {
    /// profile_idc.
    public private(set) var profile: UInt8
    /// The byte between profile and level: constraint_set0_flag is its highest bit.
    public private(set) var constraintFlags: UInt8
    /// level_idc: ten times the level.
    public private(set) var level: UInt8
    /// seq_parameter_set_id, 0 to 31.
    public private(set) var id = 0
    /// How chroma is sampled.
    public private(set) var chromaFormat = ChromaFormat.yuv420
    /// Whether the three colour planes of 4:4:4 are coded apart.
    public private(set) var hasSeparateColourPlanes = false
    /// Bits of a luma sample, 8 to 14.
    public private(set) var bitDepthLuma = 8
    /// Bits of a chroma sample, 8 to 14.
    public private(set) var bitDepthChroma = 8
    /// Bits of frame_num in slice headers, 4 to 16.
    public private(set) var frameNumberBits = 4
    /// How slice headers tell the pictures' order.
    public private(set) var pictureOrder = PictureOrder.frameNumber
    /// max_num_ref_frames, 0 to 16.
    public private(set) var referenceFrames = 0
    /// Width after cropping, in pixels.
    public private(set) var width = 0
    /// Height after cropping, in pixels.
    public private(set) var height = 0
    /// frame_mbs_only_flag: whether there are no field pictures and no interlaced macroblocks.
    public private(set) var isFrameOnly = true
    /// Macroblocks of a frame, before cropping.
    public private(set) var frameMacroblocks = 0
    /// Video usability information; nil where there is none or it is damaged, which does no harm to the rest.
    public private(set) var usability: H264VideoUsability?

    /// pic_order_cnt_type with what belongs to it.
    public enum PictureOrder: Sendable, Hashable {
        /// Type 0: slice headers hold the order's low bits, 4 to 16 of them.
        case lowBits(Int)
        /// Type 1: slice headers hold differences from a cycle, unless these are always zero.
        case differences(alwaysZero: Bool)
        /// Type 2: pictures are shown in the order in which they are decoded.
        case frameNumber
    }

    /// Macroblocks across or down at most. Level 6.2 allows 1055; beyond this the numbers are noise.
    static let macroblocksPerSideMax = 4096

    /// Reads a parameter set.
    ///
    /// - Parameter unit: the NAL unit, header included.
    /// - Throws: ``CodecError`` when it is another NAL unit, cut short, or a field is out of its range.
    public init(_ unit: ByteBuffer) throws(CodecError) {
        guard H264NALUnitType(of: unit) == .sequenceParameterSet else {
            throw CodecError(.malformed, "not a sequence parameter set")
        }
        var reader = SyntaxReader(EmulationPrevention.removed(from: unit))
        try reader.skip(8)
        profile = try reader.byte()
        constraintFlags = try reader.byte()
        level = try reader.byte()
        id = try reader.ue("seq_parameter_set_id", 0...31)
        if Self.profilesWithChroma.contains(profile) { try readChroma(&reader) }
        frameNumberBits = try reader.ue("log2_max_frame_num_minus4", 0...12) + 4
        pictureOrder = try PictureOrder(&reader)
        referenceFrames = try reader.ue("max_num_ref_frames", 0...16)
        try reader.skip(1)  // gaps_in_frame_num_value_allowed_flag
        try readSize(&reader)
        if try reader.flag() { readUsability(&reader) }
    }

    private static let profilesWithChroma: Set<UInt8> = [
        100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
    ]

    private mutating func readChroma(_ reader: inout SyntaxReader) throws(CodecError) {
        let idc = try reader.ue("chroma_format_idc", 0...3)
        chromaFormat = ChromaFormat(rawValue: UInt8(truncatingIfNeeded: idc)) ?? .yuv420
        if chromaFormat == .yuv444 { hasSeparateColourPlanes = try reader.flag() }
        bitDepthLuma = try reader.ue("bit_depth_luma_minus8", 0...6) + 8
        bitDepthChroma = try reader.ue("bit_depth_chroma_minus8", 0...6) + 8
        try reader.skip(1)  // qpprime_y_zero_transform_bypass_flag
        if try reader.flag() {
            try H264ScalingLists.skip(&reader, count: chromaFormat == .yuv444 ? 12 : 8)
        }
    }

    private mutating func readSize(_ reader: inout SyntaxReader) throws(CodecError) {
        let sides = 0...(Self.macroblocksPerSideMax - 1)
        let widthInMacroblocks = try reader.ue("pic_width_in_mbs_minus1", sides) + 1
        let heightInMapUnits = try reader.ue("pic_height_in_map_units_minus1", sides) + 1
        isFrameOnly = try reader.flag()
        if !isFrameOnly { try reader.skip(1) }  // mb_adaptive_frame_field_flag
        try reader.skip(1)  // direct_8x8_inference_flag
        let fields = isFrameOnly ? 1 : 2
        frameMacroblocks = widthInMacroblocks * heightInMapUnits * fields
        width = widthInMacroblocks * 16
        height = heightInMapUnits * 16 * fields
        guard try reader.flag() else { return }
        // Table 6-1: planes coded apart are cropped like pictures without chroma.
        let chroma = hasSeparateColourPlanes ? ChromaFormat.monochrome : chromaFormat
        let (left, right) = (try reader.ue(), try reader.ue())
        let (top, bottom) = (try reader.ue(), try reader.ue())
        width -= (left + right) * chroma.widthFactor
        height -= (top + bottom) * chroma.heightFactor * fields
        guard width > 0, height > 0 else { throw CodecError(.malformed, "frame cropping leaves nothing") }
    }

    /// A damaged end does no harm to what is known already: nothing follows it.
    private mutating func readUsability(_ reader: inout SyntaxReader) {
        do { usability = try H264VideoUsability(&reader) } catch { usability = nil }
    }
}

extension H264SequenceParameterSet {
    /// Frames a second, from the timing information; nil without it.
    public var frameRate: Double? {
        usability?.timing?.frameRate
    }

    /// How many pictures may wait for one that is shown before them: max_num_reorder_frames, and where it is not
    /// said, what E.2.1 infers.
    public var reorderDepth: Int {
        if let frames = usability?.reorderFrames { return frames }
        if profile == 66 || pictureOrder == .frameNumber { return 0 }
        let isIntraProfile = constraintFlags & 0x10 != 0 && [44, 86, 100, 110, 122, 244].contains(profile)
        return isIntraProfile ? 0 : decodedPictureFramesMax
    }

    /// MaxDpbFrames. Specification: A.3.1 h, Table A-1.
    private var decodedPictureFramesMax: Int {
        let macroblocks =
            switch level {
            case 0...10: 396
            case 11: isLevel1b ? 396 : 900
            case 12, 13, 20: 2376
            case 21: 4752
            case 22, 30: 8100
            case 31: 18_000
            case 32: 20_480
            case 40, 41: 32_768
            case 42: 34_816
            case 50: 110_400
            case 51, 52: 184_320
            default: 696_320
            }
        return frameMacroblocks > 0 ? min(macroblocks / frameMacroblocks, 16) : 16
    }

    private var isLevel1b: Bool {
        level == 9 || (level == 11 && constraintFlags & 0x10 != 0 && [66, 77, 88].contains(profile))
    }

    /// The level as people write it: "3.1", "4.0", "1b".
    public var levelName: String {
        isLevel1b ? "1b" : "\(level / 10).\(level % 10)"
    }

    /// The profile as the specification names it. Specification: A.2.
    public var profileName: String {
        let set1 = constraintFlags & 0x40 != 0
        let isIntra = constraintFlags & 0x10 != 0
        switch profile {
        case 66: return set1 ? "Constrained Baseline" : "Baseline"
        case 77: return "Main"
        case 88: return "Extended"
        case 100:
            switch constraintFlags & 0x0C {
            case 0x0C: return "Constrained High"
            case 0x08: return "Progressive High"
            default: return "High"
            }
        case 110: return isIntra ? "High 10 Intra" : "High 10"
        case 122: return isIntra ? "High 4:2:2 Intra" : "High 4:2:2"
        case 244: return isIntra ? "High 4:4:4 Intra" : "High 4:4:4 Predictive"
        case 44: return "CAVLC 4:4:4 Intra"
        case 118: return "Multiview High"
        case 128: return "Stereo High"
        default: return "Profile \(profile)"
        }
    }
}

extension H264SequenceParameterSet.PictureOrder {
    /// Reads pic_order_cnt_type and what depends on it.
    fileprivate init(_ reader: inout SyntaxReader) throws(CodecError) {
        switch try reader.ue("pic_order_cnt_type", 0...2) {
        case 0:
            self = .lowBits(try reader.ue("log2_max_pic_order_cnt_lsb_minus4", 0...12) + 4)
        case 1:
            self = .differences(alwaysZero: try reader.flag())
            _ = try reader.se()  // offset_for_non_ref_pic
            _ = try reader.se()  // offset_for_top_to_bottom_field
            let cycle = try reader.ue("num_ref_frames_in_pic_order_cnt_cycle", 0...255)
            for _ in 0..<cycle { _ = try reader.se() }
        default:
            self = .frameNumber
        }
    }
}

/// Scaling matrices, which nobody needs to forward video and which stand before what is needed.
/// Specification: ISO/IEC 14496-10, 7.3.2.1.1.1.
enum H264ScalingLists {
    static func skip(_ reader: inout SyntaxReader, count: Int) throws(CodecError) {
        for index in 0..<count where try reader.flag() {
            try skipList(&reader, size: index < 6 ? 16 : 64)
        }
    }

    private static func skipList(_ reader: inout SyntaxReader, size: Int) throws(CodecError) {
        var lastScale = 8
        for _ in 0..<size {
            let delta = try reader.se()
            guard (-128...127).contains(delta) else { throw CodecError(.malformed, "delta_scale is \(delta)") }
            let nextScale = (lastScale + delta + 256) % 256
            if nextScale == 0 { return }
            lastScale = nextScale
        }
    }
}
