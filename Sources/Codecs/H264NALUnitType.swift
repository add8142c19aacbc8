import NIOCore

/// What an H.264 NAL unit holds. Specification: ISO/IEC 14496-10, Table 7-1.
public struct H264NALUnitType: RawRepresentable, Hashable, Sendable {
    /// nal_unit_type, 0 to 31.
    public var rawValue: UInt8

    /// - Parameter rawValue: nal_unit_type, 0 to 31.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// - Parameter unit: a NAL unit; nil when it is empty.
    public init?(of unit: ByteBuffer) {
        guard let header = unit.getInteger(at: unit.readerIndex, as: UInt8.self) else { return nil }
        rawValue = header & 0x1F
    }

    /// A slice of a picture that is not an IDR picture.
    public static let slice = H264NALUnitType(rawValue: 1)
    /// Data partition A: a slice's header and motion.
    public static let sliceDataPartitionA = H264NALUnitType(rawValue: 2)
    /// A slice of an IDR picture, where decoding can begin.
    public static let idrSlice = H264NALUnitType(rawValue: 5)
    /// Supplemental enhancement information.
    public static let sei = H264NALUnitType(rawValue: 6)
    /// Sequence parameter set.
    public static let sequenceParameterSet = H264NALUnitType(rawValue: 7)
    /// Picture parameter set.
    public static let pictureParameterSet = H264NALUnitType(rawValue: 8)
    /// Access unit delimiter.
    public static let accessUnitDelimiter = H264NALUnitType(rawValue: 9)
    /// End of sequence.
    public static let endOfSequence = H264NALUnitType(rawValue: 10)
    /// End of stream.
    public static let endOfStream = H264NALUnitType(rawValue: 11)
    /// Filler data.
    public static let fillerData = H264NALUnitType(rawValue: 12)
    /// Sequence parameter set extension.
    public static let sequenceParameterSetExtension = H264NALUnitType(rawValue: 13)

    /// Whether the unit begins with a slice header: types 1, 2 and 5.
    public var hasSliceHeader: Bool {
        self == .slice || self == .sliceDataPartitionA || self == .idrSlice
    }
}
