/// HEVC video usability information, up to its timing. Specification: ISO/IEC 23008-2, E.2.1.
public struct HEVCVideoUsability: Sendable, Hashable {
    /// The pixels' shape; nil where unspecified.
    public private(set) var sampleAspectRatio: SampleAspectRatio?
    /// The colours' meaning; nil where unspecified.
    public private(set) var colour: ColourDescription?
    /// Whether each picture is a field.
    public private(set) var isFieldSequence: Bool
    /// The clock of the pictures; nil where unspecified.
    public private(set) var timing: HEVCTiming?

    init(_ reader: inout SyntaxReader) throws(CodecError) {
        let signal = try VideoSignal(&reader)
        sampleAspectRatio = signal.sampleAspectRatio
        colour = signal.colour
        try reader.skip(1)  // neutral_chroma_indication_flag
        isFieldSequence = try reader.flag()
        try reader.skip(1)  // frame_field_info_present_flag
        if try reader.flag() {
            for _ in 0..<4 { _ = try reader.ue() }  // default display window
        }
        if try reader.flag() { timing = try HEVCTiming(&reader) }
    }

    /// Frames a second; a frame of a field sequence is two pictures. nil without timing.
    public var frameRate: Double? {
        guard let rate = timing?.pictureRate else { return nil }
        return isFieldSequence ? rate / 2 : rate
    }
}

/// The clock of the pictures, in usability information or a video parameter set.
/// Specification: ISO/IEC 23008-2, 7.3.2.1 and E.2.1.
public struct HEVCTiming: Sendable, Hashable {
    /// num_units_in_tick: units of a picture's duration; never 0.
    public var unitsInTick: UInt32
    /// time_scale: units of a second; never 0.
    public var timeScale: UInt32

    /// nil where a number is 0, which means nothing.
    init?(_ reader: inout SyntaxReader) throws(CodecError) {
        unitsInTick = UInt32(truncatingIfNeeded: try reader.u(32))
        timeScale = UInt32(truncatingIfNeeded: try reader.u(32))
        guard unitsInTick > 0, timeScale > 0 else { return nil }
    }

    /// Pictures a second.
    public var pictureRate: Double {
        Double(timeScale) / Double(unitsInTick)
    }
}
