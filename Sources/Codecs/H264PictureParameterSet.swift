import NIOCore

/// An H.264 picture parameter set. Specification: ISO/IEC 14496-10, 7.3.2.2.
public struct H264PictureParameterSet: Sendable, Hashable {
    /// pic_parameter_set_id, 0 to 255.
    public private(set) var id: Int
    /// The sequence parameter set that it goes with, 0 to 31.
    public private(set) var sequenceParameterSetID: Int
    /// entropy_coding_mode_flag: CABAC, and not CAVLC.
    public private(set) var usesCABAC: Bool
    /// Whether slice headers of frames tell the bottom field's order too.
    public private(set) var hasFieldOrderInFrames: Bool
    /// Slice groups, 1 to 8.
    public private(set) var sliceGroups: Int
    /// Default number of active references in list 0, 1 to 32.
    public private(set) var activeReferencesList0: Int
    /// Default number of active references in list 1, 1 to 32.
    public private(set) var activeReferencesList1: Int
    /// Whether P slices are predicted with weights.
    public private(set) var hasWeightedPrediction: Bool
    /// weighted_bipred_idc, 0 to 2.
    public private(set) var weightedBipredictionMode: Int
    /// redundant_pic_cnt_present_flag.
    public private(set) var hasRedundantPictures: Bool
    /// Whether macroblocks may use the 8×8 transform.
    public private(set) var uses8x8Transform = false

    /// Reads a parameter set.
    ///
    /// - Parameter unit: the NAL unit, header included.
    /// - Throws: ``CodecError`` when it is another NAL unit, cut short, or a field is out of its range.
    public init(_ unit: ByteBuffer) throws(CodecError) {
        guard H264NALUnitType(of: unit) == .pictureParameterSet else {
            throw CodecError(.malformed, "not a picture parameter set")
        }
        var reader = SyntaxReader(EmulationPrevention.removed(from: unit))
        try reader.skip(8)
        id = try reader.ue("pic_parameter_set_id", 0...255)
        sequenceParameterSetID = try reader.ue("seq_parameter_set_id", 0...31)
        usesCABAC = try reader.flag()
        hasFieldOrderInFrames = try reader.flag()
        sliceGroups = try reader.ue("num_slice_groups_minus1", 0...7) + 1
        if sliceGroups > 1 { try Self.skipSliceGroups(&reader, count: sliceGroups) }
        activeReferencesList0 = try reader.ue("num_ref_idx_l0_default_active_minus1", 0...31) + 1
        activeReferencesList1 = try reader.ue("num_ref_idx_l1_default_active_minus1", 0...31) + 1
        hasWeightedPrediction = try reader.flag()
        weightedBipredictionMode = try reader.u(2)
        for _ in 0..<3 { _ = try reader.se() }  // pic_init_qp_minus26, pic_init_qs_minus26, chroma_qp_index_offset
        try reader.skip(2)  // deblocking_filter_control_present_flag, constrained_intra_pred_flag
        hasRedundantPictures = try reader.flag()
        if reader.hasMoreRBSPData { uses8x8Transform = try reader.flag() }
    }

    private static func skipSliceGroups(_ reader: inout SyntaxReader, count: Int) throws(CodecError) {
        switch try reader.ue("slice_group_map_type", 0...6) {
        case 0:
            for _ in 0..<count { _ = try reader.ue() }  // run_length_minus1
        case 2:
            for _ in 1..<count {
                _ = try reader.ue()  // top_left
                _ = try reader.ue()  // bottom_right
            }
        case 3, 4, 5:
            try reader.skip(1)  // slice_group_change_direction_flag
            _ = try reader.ue()  // slice_group_change_rate_minus1
        case 6:
            let idBits = count > 4 ? 3 : count > 2 ? 2 : 1
            let mapUnits = try reader.ue() + 1
            try reader.skip(mapUnits * idBits)  // slice_group_id
        default: break
        }
    }
}
