import NIOCore

/// An HEVC sequence parameter set, up to the timing of its usability information.
/// Specification: ISO/IEC 23008-2, 7.3.2.2.
public struct HEVCSequenceParameterSet: Sendable, Hashable {
    /// sps_video_parameter_set_id, 0 to 15.
    public private(set) var videoParameterSetID: Int
    /// Temporal layers, 1 to 7.
    public private(set) var temporalLayers: Int
    /// sps_temporal_id_nesting_flag.
    public private(set) var isTemporalIDNested: Bool
    /// What a decoder must be able to do.
    public private(set) var profileTierLevel: HEVCProfileTierLevel
    /// sps_seq_parameter_set_id, 0 to 15.
    public private(set) var id: Int
    /// How chroma is sampled.
    public private(set) var chromaFormat = ChromaFormat.yuv420
    /// Width after cropping, in pixels.
    public private(set) var width = 0
    /// Height after cropping, in pixels.
    public private(set) var height = 0
    /// Bits of a luma sample, 8 to 16.
    public private(set) var bitDepthLuma = 8
    /// Bits of a chroma sample, 8 to 16.
    public private(set) var bitDepthChroma = 8
    /// sps_max_num_reorder_pics of the highest temporal layer, 0 to 15.
    public private(set) var reorderDepth = 0
    /// Video usability information; nil where there is none or it is damaged, which does no harm to the rest.
    public private(set) var usability: HEVCVideoUsability?

    /// Pixels of a side at most. Level 6.2 allows 16 888; beyond this the numbers are noise.
    static let sideMax = 65_535

    /// Reads a parameter set.
    ///
    /// - Parameter unit: the NAL unit, header included.
    /// - Throws: ``CodecError`` when it is another NAL unit, cut short, or a field is out of its range.
    public init(_ unit: ByteBuffer) throws(CodecError) {
        guard HEVCNALUnitType(of: unit) == .sequenceParameterSet else {
            throw CodecError(.malformed, "not a sequence parameter set")
        }
        var reader = SyntaxReader(EmulationPrevention.removed(from: unit))
        try reader.skip(16)
        videoParameterSetID = try reader.u(4)
        let subLayersMinus1 = try reader.u(3)
        guard subLayersMinus1 <= 6 else { throw CodecError(.malformed, "sps_max_sub_layers_minus1 is 7") }
        temporalLayers = subLayersMinus1 + 1
        isTemporalIDNested = try reader.flag()
        profileTierLevel = try HEVCProfileTierLevel(&reader, subLayersMinus1: subLayersMinus1)
        id = try reader.ue("sps_seq_parameter_set_id", 0...15)
        try readSize(&reader)
        bitDepthLuma = try reader.ue("bit_depth_luma_minus8", 0...8) + 8
        bitDepthChroma = try reader.ue("bit_depth_chroma_minus8", 0...8) + 8
        let orderBits = try reader.ue("log2_max_pic_order_cnt_lsb_minus4", 0...12) + 4
        try readOrdering(&reader, subLayersMinus1: subLayersMinus1)
        // Coding block and transform block sizes and depths.
        for _ in 0..<6 { _ = try reader.ue() }
        if try reader.flag(), try reader.flag() { try HEVCScalingLists.skip(&reader) }
        try reader.skip(2)  // amp_enabled_flag, sample_adaptive_offset_enabled_flag
        if try reader.flag() {
            try reader.skip(8)  // pcm_sample_bit_depth_luma_minus1, _chroma_minus1
            _ = try reader.ue()  // log2_min_pcm_luma_coding_block_size_minus3
            _ = try reader.ue()  // log2_diff_max_min_pcm_luma_coding_block_size
            try reader.skip(1)  // pcm_loop_filter_disabled_flag
        }
        try HEVCReferencePictureSets.skip(&reader)
        if try reader.flag() {
            let count = try reader.ue("num_long_term_ref_pics_sps", 0...32)
            try reader.skip(count * (orderBits + 1))  // lt_ref_pic_poc_lsb_sps, used_by_curr_pic_lt_sps_flag
        }
        try reader.skip(2)  // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
        if try reader.flag() { readUsability(&reader) }
    }

    private mutating func readSize(_ reader: inout SyntaxReader) throws(CodecError) {
        let idc = try reader.ue("chroma_format_idc", 0...3)
        chromaFormat = ChromaFormat(rawValue: UInt8(truncatingIfNeeded: idc)) ?? .yuv420
        var windowChroma = chromaFormat
        if chromaFormat == .yuv444, try reader.flag() { windowChroma = .monochrome }  // separate_colour_plane_flag
        width = try reader.ue("pic_width_in_luma_samples", 1...Self.sideMax)
        height = try reader.ue("pic_height_in_luma_samples", 1...Self.sideMax)
        guard try reader.flag() else { return }
        let (left, right) = (try reader.ue(), try reader.ue())
        let (top, bottom) = (try reader.ue(), try reader.ue())
        width -= (left + right) * windowChroma.widthFactor
        height -= (top + bottom) * windowChroma.heightFactor
        guard width > 0, height > 0 else { throw CodecError(.malformed, "conformance window leaves nothing") }
    }

    private mutating func readOrdering(_ reader: inout SyntaxReader, subLayersMinus1: Int) throws(CodecError) {
        let isPresentForAll = try reader.flag()
        for _ in (isPresentForAll ? 0 : subLayersMinus1)...subLayersMinus1 {
            _ = try reader.ue("sps_max_dec_pic_buffering_minus1", 0...15)
            reorderDepth = try reader.ue("sps_max_num_reorder_pics", 0...15)
            _ = try reader.ue()  // sps_max_latency_increase_plus1
        }
    }

    /// A damaged end does no harm to what is known already: only extensions follow it.
    private mutating func readUsability(_ reader: inout SyntaxReader) {
        do { usability = try HEVCVideoUsability(&reader) } catch { usability = nil }
    }
}

/// Scaling matrices, which nobody needs to forward video and which stand before what is needed.
/// Specification: ISO/IEC 23008-2, 7.3.4.
private enum HEVCScalingLists {
    static func skip(_ reader: inout SyntaxReader) throws(CodecError) {
        for size in 0..<4 {
            for _ in stride(from: 0, to: 6, by: size == 3 ? 3 : 1) {
                guard try reader.flag() else {
                    _ = try reader.ue()  // scaling_list_pred_matrix_id_delta
                    continue
                }
                if size > 1 { _ = try reader.se() }  // scaling_list_dc_coef_minus8
                for _ in 0..<min(64, 1 << (4 + (size << 1))) { _ = try reader.se() }
            }
        }
    }
}

/// Short-term reference picture sets. Each may be told as a change of the one before, which is why their contents must
/// be followed although only their end matters. Specification: ISO/IEC 23008-2, 7.3.7 and 7.4.8.
enum HEVCReferencePictureSets {
    /// Distances of the pictures of one set: earlier ones, nearest first, then later ones, nearest first.
    private struct Set {
        var negative: [Int] = []
        var positive: [Int] = []
    }

    /// Pictures of one set before or after the current one at most: sps_max_dec_pic_buffering_minus1 is at most 15.
    private static let picturesMax = 16

    static func skip(_ reader: inout SyntaxReader) throws(CodecError) {
        let count = try reader.ue("num_short_term_ref_pic_sets", 0...64)
        var previous = Set()
        for index in 0..<count {
            if index > 0, try reader.flag() {
                previous = try predicted(from: previous, &reader)
            } else {
                previous = try explicit(&reader)
            }
        }
    }

    private static func explicit(_ reader: inout SyntaxReader) throws(CodecError) -> Set {
        let negativeCount = try reader.ue("num_negative_pics", 0...picturesMax)
        let positiveCount = try reader.ue("num_positive_pics", 0...picturesMax)
        var set = Set()
        var distance = 0
        for _ in 0..<negativeCount {
            distance -= try reader.ue("delta_poc_s0_minus1", 0...32767) + 1
            try reader.skip(1)  // used_by_curr_pic_s0_flag
            set.negative.append(distance)
        }
        distance = 0
        for _ in 0..<positiveCount {
            distance += try reader.ue("delta_poc_s1_minus1", 0...32767) + 1
            try reader.skip(1)  // used_by_curr_pic_s1_flag
            set.positive.append(distance)
        }
        return set
    }

    private static func predicted(from other: Set, _ reader: inout SyntaxReader) throws(CodecError) -> Set {
        let isNegative = try reader.flag()
        let magnitude = try reader.ue("abs_delta_rps_minus1", 0...32767) + 1
        let delta = isNegative ? -magnitude : magnitude
        var kept: [Int] = []
        // One entry for each picture of the other set and one for that set's own picture, distance 0.
        for distance in other.negative + other.positive + [0] {
            var isKept = try reader.flag()  // used_by_curr_pic_flag
            if !isKept { isKept = try reader.flag() }  // use_delta_flag
            if isKept { kept.append(distance + delta) }
        }
        // Formulas 7-61 and 7-62 order by distance; the current picture itself, distance 0, is in neither part.
        let set = Set(negative: kept.filter { $0 < 0 }.sorted(by: >), positive: kept.filter { $0 > 0 }.sorted())
        guard set.negative.count <= picturesMax, set.positive.count <= picturesMax else {
            throw CodecError(.malformed, "reference picture set")
        }
        return set
    }
}
