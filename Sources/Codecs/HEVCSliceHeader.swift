import NIOCore

/// The beginning of an HEVC slice segment header. Specification: ISO/IEC 23008-2, 7.3.6.1.
public struct HEVCSliceHeader: Sendable, Hashable {
    /// first_slice_segment_in_pic_flag.
    public private(set) var isFirstInPicture: Bool
    /// slice_pic_parameter_set_id, 0 to 63.
    public private(set) var pictureParameterSetID: Int
    /// I, P or B; nil in later slice segments of a picture, where it stands behind an address whose size only the
    /// parameter sets tell.
    public private(set) var type: PictureType?

    /// Bytes of a slice that are unfolded: more than the fields read can take.
    private static let bytesMax = 32

    /// - Parameters:
    ///   - unit: the NAL unit of a slice segment, header included.
    ///   - extraBits: num_extra_slice_header_bits of the picture parameter set; 0 in all common streams.
    /// - Throws: ``CodecError`` when it is another NAL unit, cut short, or a field is out of its range.
    public init(_ unit: ByteBuffer, extraBits: Int = 0) throws(CodecError) {
        guard let unitType = HEVCNALUnitType(of: unit), unitType.hasSliceHeader else {
            throw CodecError(.malformed, "not a slice segment")
        }
        var reader = SyntaxReader(EmulationPrevention.removed(from: unit, bytesMax: Self.bytesMax))
        try reader.skip(16)
        isFirstInPicture = try reader.flag()
        if unitType.isRandomAccessPoint { try reader.skip(1) }  // no_output_of_prior_pics_flag
        pictureParameterSetID = try reader.ue("slice_pic_parameter_set_id", 0...63)
        guard isFirstInPicture else { return }
        try reader.skip(extraBits)  // slice_reserved_flag
        // Table 7-7.
        switch try reader.ue("slice_type", 0...2) {
        case 0: type = .bidirectional
        case 1: type = .predicted
        default: type = .intra
        }
    }
}
