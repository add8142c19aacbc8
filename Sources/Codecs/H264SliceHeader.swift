import NIOCore

/// The beginning of an H.264 slice header. Specification: ISO/IEC 14496-10, 7.3.3.
public struct H264SliceHeader: Sendable, Hashable {
    /// first_mb_in_slice; 0 in the first slice of a picture.
    public private(set) var firstMacroblock: Int
    /// I, P or B; SP counts as P, SI as I.
    public private(set) var type: PictureType
    /// The picture parameter set, 0 to 255.
    public private(set) var pictureParameterSetID: Int

    /// Bytes of a slice that are unfolded: more than first_mb, type, ids and order can take.
    private static let bytesMax = 64

    /// Reads what needs no parameter set.
    ///
    /// - Parameter unit: the NAL unit of a slice, header included.
    /// - Throws: ``CodecError`` when it is another NAL unit, cut short, or a field is out of its range.
    public init(_ unit: ByteBuffer) throws(CodecError) {
        var reader = try Self.reader(unit)
        try self.init(&reader)
    }

    private static func reader(_ unit: ByteBuffer) throws(CodecError) -> SyntaxReader {
        guard let type = H264NALUnitType(of: unit), type.hasSliceHeader else {
            throw CodecError(.malformed, "not a slice")
        }
        var reader = SyntaxReader(EmulationPrevention.removed(from: unit, bytesMax: bytesMax))
        try reader.skip(8)
        return reader
    }

    private init(_ reader: inout SyntaxReader) throws(CodecError) {
        let sides = H264SequenceParameterSet.macroblocksPerSideMax
        firstMacroblock = try reader.ue("first_mb_in_slice", 0...(sides * sides))
        // Table 7-6: 5 to 9 are 0 to 4, and all slices of the picture are alike.
        switch try reader.ue("slice_type", 0...9) % 5 {
        case 0, 3: type = .predicted
        case 1: type = .bidirectional
        default: type = .intra
        }
        pictureParameterSetID = try reader.ue("pic_parameter_set_id", 0...255)
    }

    /// Where a picture stands among its neighbours: the part of a slice header that needs the parameter sets.
    public struct Order: Sendable, Hashable {
        /// frame_num.
        public internal(set) var frameNumber: Int
        /// Whether the picture is one field.
        public internal(set) var isField = false
        /// Whether the picture is a bottom field.
        public internal(set) var isBottomField = false
        /// idr_pic_id; nil when the picture is not an IDR picture.
        public internal(set) var idrPictureID: Int?
        /// pic_order_cnt_lsb; nil for other picture order types.
        public internal(set) var pictureOrderLowBits: Int?
        /// delta_pic_order_cnt_bottom, or delta_pic_order_cnt[0]; 0 where it is not said.
        public internal(set) var pictureOrderDelta = 0
    }

    /// Reads frame number and picture order.
    ///
    /// - Parameters:
    ///   - unit: the NAL unit of a slice, header included.
    ///   - sequence: the sequence parameter set in force.
    ///   - picture: the picture parameter set that the slice names.
    /// - Throws: ``CodecError`` when it is another NAL unit, cut short, or a field is out of its range.
    public static func order(
        of unit: ByteBuffer, sequence: H264SequenceParameterSet, picture: H264PictureParameterSet
    ) throws(CodecError) -> Order {
        var reader = try Self.reader(unit)
        _ = try H264SliceHeader(&reader)
        if sequence.hasSeparateColourPlanes { try reader.skip(2) }  // colour_plane_id
        var order = Order(frameNumber: try reader.u(sequence.frameNumberBits))
        if !sequence.isFrameOnly {
            order.isField = try reader.flag()
            if order.isField { order.isBottomField = try reader.flag() }
        }
        if H264NALUnitType(of: unit) == .idrSlice { order.idrPictureID = try reader.ue("idr_pic_id", 0...65535) }
        switch sequence.pictureOrder {
        case .lowBits(let count):
            order.pictureOrderLowBits = try reader.u(count)
            if picture.hasFieldOrderInFrames, !order.isField { order.pictureOrderDelta = try reader.se() }
        case .differences(alwaysZero: false):
            order.pictureOrderDelta = try reader.se()
        case .differences(alwaysZero: true), .frameNumber:
            break
        }
        return order
    }
}
