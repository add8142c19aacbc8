/// What a box holds, or a brand, or a handler: four characters. Specification: ISO/IEC 14496-12, 4.2.
public struct BoxType: RawRepresentable, Hashable, Sendable {
    /// The four characters, first one in the highest byte.
    public var rawValue: UInt32

    /// - Parameter rawValue: the four characters, first one in the highest byte.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// - Parameter characters: four characters of ASCII; further ones are left out.
    public init(_ characters: StaticString) {
        rawValue = characters.withUTF8Buffer { bytes in
            bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}

extension BoxType: CustomStringConvertible {
    /// The four characters; bytes outside printable ASCII become "?".
    public var description: String {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) }
        return String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}

extension BoxType {
    /// FileTypeBox, 4.3.
    public static let ftyp = BoxType("ftyp")
    /// SegmentTypeBox, 8.16.2.
    public static let styp = BoxType("styp")
    /// MovieBox, 8.2.1.
    public static let moov = BoxType("moov")
    /// MovieFragmentBox, 8.8.4.
    public static let moof = BoxType("moof")
    /// MediaDataBox, 8.1.1.
    public static let mdat = BoxType("mdat")
    /// SegmentIndexBox, 8.16.3.
    public static let sidx = BoxType("sidx")
    /// ProducerReferenceTimeBox, 8.16.5.
    public static let prft = BoxType("prft")
    /// DASHEventMessageBox. Specification: ISO/IEC 23009-1, 5.10.3.3.
    public static let emsg = BoxType("emsg")
    /// A box of a type that 16 bytes name, 4.2.
    public static let uuid = BoxType("uuid")

    static let mvhd = BoxType("mvhd")
    static let trak = BoxType("trak")
    static let tkhd = BoxType("tkhd")
    static let edts = BoxType("edts")
    static let elst = BoxType("elst")
    static let mdia = BoxType("mdia")
    static let mdhd = BoxType("mdhd")
    static let hdlr = BoxType("hdlr")
    static let minf = BoxType("minf")
    static let vmhd = BoxType("vmhd")
    static let smhd = BoxType("smhd")
    static let nmhd = BoxType("nmhd")
    static let dinf = BoxType("dinf")
    static let dref = BoxType("dref")
    static let url = BoxType("url ")
    static let stbl = BoxType("stbl")
    static let stsd = BoxType("stsd")
    static let stts = BoxType("stts")
    static let ctts = BoxType("ctts")
    static let stss = BoxType("stss")
    static let stsc = BoxType("stsc")
    static let stsz = BoxType("stsz")
    static let stz2 = BoxType("stz2")
    static let stco = BoxType("stco")
    static let co64 = BoxType("co64")
    static let mvex = BoxType("mvex")
    static let trex = BoxType("trex")
    static let mfhd = BoxType("mfhd")
    static let traf = BoxType("traf")
    static let tfhd = BoxType("tfhd")
    static let tfdt = BoxType("tfdt")
    static let trun = BoxType("trun")
}

/// Sample entries, the boxes in them, and handlers.
extension BoxType {
    static let avc1 = BoxType("avc1")
    static let avc3 = BoxType("avc3")
    static let avcC = BoxType("avcC")
    static let hvc1 = BoxType("hvc1")
    static let hev1 = BoxType("hev1")
    static let hvcC = BoxType("hvcC")
    static let vvc1 = BoxType("vvc1")
    static let vvi1 = BoxType("vvi1")
    static let vvcC = BoxType("vvcC")
    static let av01 = BoxType("av01")
    static let av1C = BoxType("av1C")
    static let vp08 = BoxType("vp08")
    static let vp09 = BoxType("vp09")
    static let vpcC = BoxType("vpcC")
    static let mp4a = BoxType("mp4a")
    static let esds = BoxType("esds")
    static let wave = BoxType("wave")
    static let mp3 = BoxType(".mp3")
    static let opus = BoxType("Opus")
    static let dOps = BoxType("dOps")
    static let flac = BoxType("fLaC")
    static let dfLa = BoxType("dfLa")
    static let ac3 = BoxType("ac-3")
    static let dac3 = BoxType("dac3")
    static let eac3 = BoxType("ec-3")
    static let dec3 = BoxType("dec3")
    static let btrt = BoxType("btrt")
    static let colr = BoxType("colr")
    static let nclx = BoxType("nclx")
    static let pasp = BoxType("pasp")

    /// The handler of video tracks, 12.1.1.
    public static let vide = BoxType("vide")
    /// The handler of audio tracks, 12.2.1.
    public static let soun = BoxType("soun")
}
