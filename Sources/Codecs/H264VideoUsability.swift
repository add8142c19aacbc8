/// H.264 video usability information: how to show what is decoded. Specification: ISO/IEC 14496-10, E.1.1.
public struct H264VideoUsability: Sendable, Hashable {
    /// The pixels' shape; nil where unspecified.
    public private(set) var sampleAspectRatio: SampleAspectRatio?
    /// The colours' meaning; nil where unspecified.
    public private(set) var colour: ColourDescription?
    /// The clock of the pictures; nil where unspecified.
    public private(set) var timing: Timing?
    /// How picture timing messages are laid out when they tell delays; nil when they do not.
    public private(set) var delayLengths: DelayLengths?
    /// Whether picture timing messages tell the pictures' structure (fields, repeats).
    public private(set) var hasPictureStructure = false
    /// max_num_reorder_frames, 0 to 16; nil where unspecified.
    public private(set) var reorderFrames: Int?

    /// num_units_in_tick and what follows it.
    public struct Timing: Sendable, Hashable {
        /// num_units_in_tick: units of a field's duration; never 0.
        public var unitsInTick: UInt32
        /// time_scale: units of a second; never 0.
        public var timeScale: UInt32
        /// Whether all frames last equally long.
        public var isFixedFrameRate: Bool

        /// Frames a second; a frame lasts two ticks.
        public var frameRate: Double {
            Double(timeScale) / (2 * Double(unitsInTick))
        }
    }

    /// Bits of the delays in buffering and timing messages. Specification: E.1.2.
    public struct DelayLengths: Sendable, Hashable {
        /// Bits of cpb_removal_delay, 1 to 32.
        public var removalDelayBits: Int
        /// Bits of dpb_output_delay, 1 to 32.
        public var outputDelayBits: Int
        /// Bits of time_offset, 0 to 31.
        public var timeOffsetBits: Int
    }

    init(_ reader: inout SyntaxReader) throws(CodecError) {
        let signal = try VideoSignal(&reader)
        sampleAspectRatio = signal.sampleAspectRatio
        colour = signal.colour
        if try reader.flag() {
            let unitsInTick = UInt32(truncatingIfNeeded: try reader.u(32))
            let timeScale = UInt32(truncatingIfNeeded: try reader.u(32))
            let isFixed = try reader.flag()
            if unitsInTick > 0, timeScale > 0 {
                timing = Timing(unitsInTick: unitsInTick, timeScale: timeScale, isFixedFrameRate: isFixed)
            }
        }
        if try reader.flag() { delayLengths = try DelayLengths(&reader) }
        if try reader.flag() { delayLengths = try DelayLengths(&reader) }
        if delayLengths != nil { try reader.skip(1) }  // low_delay_hrd_flag
        hasPictureStructure = try reader.flag()
        if try reader.flag() {
            try reader.skip(1)  // motion_vectors_over_pic_boundaries_flag
            // max_bytes_per_pic_denom, max_bits_per_mb_denom, log2_max_mv_length_horizontal and _vertical
            for _ in 0..<4 { _ = try reader.ue() }
            reorderFrames = try reader.ue("max_num_reorder_frames", 0...16)
            _ = try reader.ue("max_dec_frame_buffering", 0...16)
        }
    }
}

extension H264VideoUsability.DelayLengths {
    /// Reads hrd_parameters() and keeps the lengths.
    fileprivate init(_ reader: inout SyntaxReader) throws(CodecError) {
        let count = try reader.ue("cpb_cnt_minus1", 0...31) + 1
        try reader.skip(8)  // bit_rate_scale, cpb_size_scale
        for _ in 0..<count {
            _ = try reader.ue()  // bit_rate_value_minus1
            _ = try reader.ue()  // cpb_size_value_minus1
            try reader.skip(1)  // cbr_flag
        }
        try reader.skip(5)  // initial_cpb_removal_delay_length_minus1
        removalDelayBits = try reader.u(5) + 1
        outputDelayBits = try reader.u(5) + 1
        timeOffsetBits = try reader.u(5)
    }
}
