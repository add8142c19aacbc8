import NIOCore

/// What an HEVC NAL unit holds. Specification: ISO/IEC 23008-2, Table 7-1.
public struct HEVCNALUnitType: RawRepresentable, Hashable, Sendable {
    /// nal_unit_type, 0 to 63.
    public var rawValue: UInt8

    /// - Parameter rawValue: nal_unit_type, 0 to 63.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// - Parameter unit: a NAL unit; nil when it is empty.
    public init?(of unit: ByteBuffer) {
        guard let header = unit.getInteger(at: unit.readerIndex, as: UInt8.self) else { return nil }
        rawValue = (header >> 1) & 0x3F
    }

    /// A slice segment of a trailing picture that others do not refer to.
    public static let trailingNonReference = HEVCNALUnitType(rawValue: 0)
    /// A slice segment of a trailing picture.
    public static let trailing = HEVCNALUnitType(rawValue: 1)
    /// A slice segment of an instantaneous decoding refresh picture that may have leading pictures.
    public static let idrWithLeading = HEVCNALUnitType(rawValue: 19)
    /// A slice segment of an instantaneous decoding refresh picture without leading pictures.
    public static let idrWithoutLeading = HEVCNALUnitType(rawValue: 20)
    /// A slice segment of a clean random access picture.
    public static let cleanRandomAccess = HEVCNALUnitType(rawValue: 21)
    /// Video parameter set.
    public static let videoParameterSet = HEVCNALUnitType(rawValue: 32)
    /// Sequence parameter set.
    public static let sequenceParameterSet = HEVCNALUnitType(rawValue: 33)
    /// Picture parameter set.
    public static let pictureParameterSet = HEVCNALUnitType(rawValue: 34)
    /// Access unit delimiter.
    public static let accessUnitDelimiter = HEVCNALUnitType(rawValue: 35)
    /// Supplemental enhancement information before the slices.
    public static let prefixSEI = HEVCNALUnitType(rawValue: 39)
    /// Supplemental enhancement information after the slices.
    public static let suffixSEI = HEVCNALUnitType(rawValue: 40)

    /// Whether the unit begins with a slice segment header: types 0 to 9 and 16 to 21.
    public var hasSliceHeader: Bool {
        rawValue <= 9 || (16...21).contains(rawValue)
    }

    /// Whether the picture is an intra random access point: types 16 to 23.
    public var isRandomAccessPoint: Bool {
        (16...23).contains(rawValue)
    }
}
