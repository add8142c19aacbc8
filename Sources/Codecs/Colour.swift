/// How chroma is sampled. Specification: ISO/IEC 14496-10, Table 6-1 (chroma_format_idc).
public enum ChromaFormat: UInt8, Sendable, Hashable, CaseIterable {
    /// No chroma: 4:0:0.
    case monochrome = 0
    /// Half the width and half the height: 4:2:0.
    case yuv420 = 1
    /// Half the width: 4:2:2.
    case yuv422 = 2
    /// The same size as luma: 4:4:4.
    case yuv444 = 3

    /// Luma samples a chroma sample spans across; 1 without chroma.
    var widthFactor: Int {
        self == .yuv420 || self == .yuv422 ? 2 : 1
    }

    /// Luma samples a chroma sample spans down; 1 without chroma.
    var heightFactor: Int {
        self == .yuv420 ? 2 : 1
    }
}

extension ChromaFormat: CustomStringConvertible {
    /// "4:2:0" and so on.
    public var description: String {
        switch self {
        case .monochrome: "4:0:0"
        case .yuv420: "4:2:0"
        case .yuv422: "4:2:2"
        case .yuv444: "4:4:4"
        }
    }
}

/// What the sample values mean. Source: ISO/IEC 23091-2 (ITU-T H.273), which all video codecs refer to.
public struct ColourDescription: Sendable, Hashable {
    /// ColourPrimaries; 1 is BT.709, 2 unspecified, 9 BT.2020.
    public var primaries: UInt8
    /// TransferCharacteristics; 1 is BT.709, 2 unspecified, 16 PQ, 18 HLG.
    public var transfer: UInt8
    /// MatrixCoefficients; 1 is BT.709, 2 unspecified, 9 BT.2020 non-constant luminance.
    public var matrix: UInt8
    /// Whether samples use their whole range (0…255), and not the studio range (16…235).
    public var isFullRange: Bool

    /// Makes a description; see the properties. 2 is unspecified.
    public init(primaries: UInt8 = 2, transfer: UInt8 = 2, matrix: UInt8 = 2, isFullRange: Bool = false) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.isFullRange = isFullRange
    }
}

/// The shape of a pixel: width to height. Specification: ISO/IEC 14496-10, Table E-1.
public struct SampleAspectRatio: Sendable, Hashable {
    /// The width's share; never 0.
    public var width: Int
    /// The height's share; never 0.
    public var height: Int

    /// Makes a ratio; see the properties.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// aspect_ratio_idc 1 to 16.
    private static let table: [(Int, Int)] = [
        (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11), (15, 11),
        (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
    ]

    /// Reads aspect_ratio_idc and, where it says Extended_SAR, the ratio itself; nil where it is unspecified.
    static func read(_ reader: inout SyntaxReader) throws(CodecError) -> SampleAspectRatio? {
        let idc = try reader.u(8)
        if idc == 255 {
            let width = try reader.u(16)
            let height = try reader.u(16)
            return width > 0 && height > 0 ? SampleAspectRatio(width: width, height: height) : nil
        }
        guard (1...table.count).contains(idc) else { return nil }
        return SampleAspectRatio(width: table[idc - 1].0, height: table[idc - 1].1)
    }
}

/// The part of the video usability information that H.264 and HEVC begin alike.
/// Specification: ISO/IEC 14496-10, E.1.1; ISO/IEC 23008-2, E.2.1.
struct VideoSignal {
    var sampleAspectRatio: SampleAspectRatio?
    var colour: ColourDescription?

    init(_ reader: inout SyntaxReader) throws(CodecError) {
        if try reader.flag() { sampleAspectRatio = try SampleAspectRatio.read(&reader) }
        if try reader.flag() { try reader.skip(1) }  // overscan_appropriate_flag
        if try reader.flag() {
            try reader.skip(3)  // video_format
            var description = ColourDescription(isFullRange: try reader.flag())
            if try reader.flag() {
                description.primaries = try reader.byte()
                description.transfer = try reader.byte()
                description.matrix = try reader.byte()
            }
            colour = description
        }
        if try reader.flag() {
            _ = try reader.ue()  // chroma_sample_loc_type_top_field
            _ = try reader.ue()  // chroma_sample_loc_type_bottom_field
        }
    }
}
