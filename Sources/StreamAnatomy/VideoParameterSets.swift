import Codecs
import NIOCore

extension ParameterSetDescription {
    /// Specification: ISO/IEC 14496-10, 7.3.2.1.1 and E.1.1.
    static func fieldsOfH264Sequence(_ unit: ByteBuffer) throws(CodecError) -> [Field] {
        let set = try H264SequenceParameterSet(unit)
        var fields = [
            Field("profile_idc", set.profile, set.profileName),
            Field("constraint_set_flags", "0x" + String(set.constraintFlags, radix: 16)),
            Field("level_idc", set.level, set.levelName),
            Field("seq_parameter_set_id", set.id),
            Field("chroma_format_idc", set.chromaFormat.rawValue, "\(set.chromaFormat)"),
            Field("bit_depth_luma_minus8", set.bitDepthLuma - 8, "\(set.bitDepthLuma) bits"),
            Field("bit_depth_chroma_minus8", set.bitDepthChroma - 8, "\(set.bitDepthChroma) bits"),
            Field(
                "log2_max_frame_num_minus4", set.frameNumberBits - 4,
                "frame_num wraps after \(1 << set.frameNumberBits)"),
        ]
        switch set.pictureOrder {
        case .lowBits(let bits):
            fields.append(Field("pic_order_cnt_type", 0, "\(bits) low bits in each slice"))
        case .differences: fields.append(Field("pic_order_cnt_type", 1, "differences from a cycle"))
        case .frameNumber: fields.append(Field("pic_order_cnt_type", 2, "shown in decoding order, no B pictures"))
        }
        fields += [
            Field("max_num_ref_frames", set.referenceFrames),
            Field("width", set.width, "pixels after cropping"),
            Field("height", set.height, "pixels after cropping"),
            Field("frame_mbs_only_flag", set.isFrameOnly, set.isFrameOnly ? "progressive" : "may be interlaced"),
            Field("vui_parameters_present_flag", set.usability != nil),
        ]
        return fields + (set.usability.map(Self.fields) ?? [])
    }

    private static func fields(of usability: H264VideoUsability) -> [Field] {
        var fields: [Field] = []
        if let ratio = usability.sampleAspectRatio {
            fields.append(Field("sample_aspect_ratio", "\(ratio.width):\(ratio.height)"))
        }
        fields += usability.colour.map(colourFields) ?? []
        if let timing = usability.timing {
            fields += [
                Field("num_units_in_tick", timing.unitsInTick),
                Field("time_scale", timing.timeScale, Meaning.frameRate(timing.frameRate)),
                Field("fixed_frame_rate_flag", timing.isFixedFrameRate),
            ]
        }
        fields += [
            Field("hrd_parameters_present_flag", usability.delayLengths != nil),
            Field("pic_struct_present_flag", usability.hasPictureStructure),
        ]
        if let frames = usability.reorderFrames {
            fields.append(Field("max_num_reorder_frames", frames, frames == 0 ? "no B pictures wait" : ""))
        }
        return fields
    }

    private static func colourFields(_ colour: ColourDescription) -> [Field] {
        colour.fields(
            "video_full_range_flag", "colour_primaries", "transfer_characteristics", "matrix_coefficients")
    }

    /// Specification: ISO/IEC 14496-10, 7.3.2.2.
    static func fieldsOfH264Picture(_ unit: ByteBuffer) throws(CodecError) -> [Field] {
        let set = try H264PictureParameterSet(unit)
        return [
            Field("pic_parameter_set_id", set.id),
            Field("seq_parameter_set_id", set.sequenceParameterSetID),
            Field("entropy_coding_mode_flag", set.usesCABAC, set.usesCABAC ? "CABAC" : "CAVLC"),
            Field("bottom_field_pic_order_in_frame_present_flag", set.hasFieldOrderInFrames),
            Field("num_slice_groups_minus1", set.sliceGroups - 1),
            Field("num_ref_idx_l0_default_active_minus1", set.activeReferencesList0 - 1),
            Field("num_ref_idx_l1_default_active_minus1", set.activeReferencesList1 - 1),
            Field("weighted_pred_flag", set.hasWeightedPrediction),
            Field(
                "weighted_bipred_idc", set.weightedBipredictionMode,
                ["none", "explicit", "implicit", ""][min(max(set.weightedBipredictionMode, 0), 3)]),
            Field("redundant_pic_cnt_present_flag", set.hasRedundantPictures),
            Field("transform_8x8_mode_flag", set.uses8x8Transform),
        ]
    }

    /// Specification: ISO/IEC 23008-2, 7.3.2.1.
    static func fieldsOfHEVCVideo(_ unit: ByteBuffer) throws(CodecError) -> [Field] {
        let set = try HEVCVideoParameterSet(unit)
        return [
            Field("vps_video_parameter_set_id", set.id),
            Field("vps_max_sub_layers_minus1", set.temporalLayers - 1),
        ] + fields(of: set.profileTierLevel) + timingFields("vps", set.timing)
    }

    /// Specification: ISO/IEC 23008-2, 7.3.2.2 and E.2.1.
    static func fieldsOfHEVCSequence(_ unit: ByteBuffer) throws(CodecError) -> [Field] {
        let set = try HEVCSequenceParameterSet(unit)
        var fields =
            [
                Field("sps_video_parameter_set_id", set.videoParameterSetID),
                Field("sps_max_sub_layers_minus1", set.temporalLayers - 1),
                Field("sps_temporal_id_nesting_flag", set.isTemporalIDNested),
            ] + fields(of: set.profileTierLevel)
        fields += [
            Field("sps_seq_parameter_set_id", set.id),
            Field("chroma_format_idc", set.chromaFormat.rawValue, "\(set.chromaFormat)"),
            Field("width", set.width, "pixels after cropping"),
            Field("height", set.height, "pixels after cropping"),
            Field("bit_depth_luma_minus8", set.bitDepthLuma - 8, "\(set.bitDepthLuma) bits"),
            Field("bit_depth_chroma_minus8", set.bitDepthChroma - 8, "\(set.bitDepthChroma) bits"),
            Field("sps_max_num_reorder_pics", set.reorderDepth),
            Field("vui_parameters_present_flag", set.usability != nil),
        ]
        guard let usability = set.usability else { return fields }
        if let ratio = usability.sampleAspectRatio {
            fields.append(Field("sample_aspect_ratio", "\(ratio.width):\(ratio.height)"))
        }
        fields += usability.colour.map(colourFields) ?? []
        fields.append(
            Field("field_seq_flag", usability.isFieldSequence, usability.isFieldSequence ? "fields" : "frames"))
        return fields + timingFields("vui", usability.timing)
    }

    private static func fields(of level: HEVCProfileTierLevel) -> [Field] {
        [
            Field("general_tier_flag", level.isHighTier, level.isHighTier ? "High" : "Main"),
            Field("general_profile_idc", level.profile, level.profileName),
            Field("general_level_idc", level.level, level.levelName),
        ]
    }

    private static func timingFields(_ prefix: String, _ timing: HEVCTiming?) -> [Field] {
        guard let timing else { return [] }
        return [
            Field("\(prefix)_num_units_in_tick", timing.unitsInTick),
            Field("\(prefix)_time_scale", timing.timeScale, Meaning.frameRate(timing.pictureRate)),
        ]
    }

    /// Source: AV1 Codec ISO Media File Format Binding, 2.3.
    static func fields(of record: AV1CodecConfigurationRecord) -> [Field] {
        [
            Field("seq_profile", record.profile, profileName(av1: Int(record.profile))),
            Field("seq_level_idx_0", record.level, levelName(av1: Int(record.level))),
            Field("seq_tier_0", record.isHighTier, record.isHighTier ? "High" : "Main"),
            Field("bit_depth", record.bitDepth),
            Field("chroma_subsampling", "\(record.chromaFormat)"),
        ]
    }

    /// Specification: AV1 Bitstream & Decoding Process, 5.5.
    static func fieldsOfAV1(_ payload: ByteBuffer) throws(CodecError) -> [Field] {
        let header = try AV1SequenceHeader(payload)
        return [
            Field("seq_profile", header.profile, profileName(av1: header.profile)),
            Field("reduced_still_picture_header", header.isReducedStillPicture),
            Field("seq_level_idx", header.level, levelName(av1: header.level)),
            Field("seq_tier", header.isHighTier, header.isHighTier ? "High" : "Main"),
            Field("max_frame_width_minus_1", header.width - 1, "\(header.width) pixels"),
            Field("max_frame_height_minus_1", header.height - 1, "\(header.height) pixels"),
            Field("BitDepth", header.bitDepth),
            Field("chroma_subsampling", "\(header.chromaFormat)"),
        ]
            + header.colour.fields(
                "color_range", "color_primaries", "transfer_characteristics", "matrix_coefficients")
            + (header.frameRate.map { [Field("frame_rate", Meaning.frameRate($0))] } ?? [])
    }

    /// Source: VP Codec ISO Media File Format Binding, "VP Codec Configuration Box".
    static func fieldsOfVP(_ bytes: ByteBuffer) throws(CodecError) -> [Field] {
        let record = try VPCodecConfigurationRecord(bytes)
        return [
            Field("profile", record.profile),
            Field(
                "level", record.level, record.level == 0 ? "unspecified" : "\(record.level / 10).\(record.level % 10)"),
            Field("bitDepth", record.bitDepth),
            Field("chromaSubsampling", record.chromaSubsampling, "\(record.chromaFormat)"),
        ]
            + record.colour.fields(
                "videoFullRangeFlag", "colourPrimaries", "transferCharacteristics", "matrixCoefficients")
    }

    private static func profileName(av1 profile: Int) -> String {
        profile < 3 ? ["Main", "High", "Professional"][max(profile, 0)] : ""
    }

    /// Specification: AV1 Bitstream & Decoding Process, A.3.
    private static func levelName(av1 level: Int) -> String {
        level == 31 ? "no limit" : "\(2 + level / 4).\(level % 4)"
    }
}
