import NIOCore

/// What a file or a segment conforms to. Specification: ISO/IEC 14496-12, 4.3 and 8.16.2.
public struct FileType: Sendable, Hashable {
    /// The specification that describes the file best.
    public var majorBrand: BoxType
    /// The version of the major brand, for information.
    public var minorVersion: UInt32
    /// All specifications that the file conforms to.
    public var compatibleBrands: [BoxType]

    /// Makes a file type; see the properties.
    public init(majorBrand: BoxType, minorVersion: UInt32 = 0, compatibleBrands: [BoxType]) {
        self.majorBrand = majorBrand
        self.minorVersion = minorVersion
        self.compatibleBrands = compatibleBrands
    }

    /// An init segment of CMAF, whose offsets count from the fragment (iso5) and may be negative (iso6).
    /// Specification: ISO/IEC 23000-19, 7.2.
    public static let initSegment = FileType(
        majorBrand: BoxType("iso6"), compatibleBrands: [BoxType("iso6"), BoxType("cmfc"), BoxType("mp41")])
    /// A media segment of CMAF and DASH. Specification: ISO/IEC 23000-19, 7.3.3.1.
    public static let mediaSegment = FileType(
        majorBrand: BoxType("msdh"), compatibleBrands: [BoxType("msdh"), BoxType("msix"), BoxType("cmfs")])
    /// A part of a media segment: a chunk of CMAF. Specification: ISO/IEC 23000-19, 7.3.3.2.
    public static let chunk = FileType(
        majorBrand: BoxType("msdh"), compatibleBrands: [BoxType("msdh"), BoxType("cmfl")])

    /// Reads an `ftyp` or `styp` box.
    ///
    /// - Throws: ``ISOBMFFError`` when it is cut short.
    public init(parsing box: Box) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        majorBrand = BoxType(rawValue: try fields.integer())
        minorVersion = try fields.integer()
        compatibleBrands = []
        while fields.readableBytes >= 4 { compatibleBrands.append(BoxType(rawValue: try fields.integer())) }
    }

    /// Writes the box.
    ///
    /// - Parameters:
    ///   - type: ``BoxType/ftyp`` in front of a movie, ``BoxType/styp`` in front of fragments.
    ///   - buffer: where to append.
    public func write(as type: BoxType, into buffer: inout ByteBuffer) {
        buffer.writeBox(type) { buffer in
            buffer.writeMultipleIntegers(majorBrand.rawValue, minorVersion)
            for brand in compatibleBrands { buffer.writeInteger(brand.rawValue) }
        }
    }
}
