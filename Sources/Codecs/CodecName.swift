extension FourCC {
    /// The codec as people call it: "H.264", "AAC"; "unknown" where the wire has no name for it.
    public var codecName: String {
        switch self {
        case .avc1: "H.264"
        case .hvc1: "HEVC"
        case .vvc1: "VVC"
        case .av01: "AV1"
        case .vp09: "VP9"
        case .vp08: "VP8"
        case .mp4a: "AAC"
        case .opus: "Opus"
        case .flac: "FLAC"
        case .ac3: "AC-3"
        case .eac3: "E-AC-3"
        case .mp3: "MP3"
        case FourCC(rawValue: 0): "unknown"
        default: description
        }
    }
}

extension H264NALUnitType: CustomStringConvertible {
    /// In a word: "IDR", "SEI". Specification: ISO/IEC 14496-10, Table 7-1.
    public var description: String {
        switch rawValue {
        case 1: "slice"
        case 2: "slice partition A"
        case 3: "slice partition B"
        case 4: "slice partition C"
        case 5: "IDR"
        case 6: "SEI"
        case 7: "SPS"
        case 8: "PPS"
        case 9: "AUD"
        case 10: "end of sequence"
        case 11: "end of stream"
        case 12: "filler"
        case 13: "SPS extension"
        case 14: "prefix"
        case 15: "subset SPS"
        case 19: "auxiliary slice"
        case 20: "slice extension"
        default: "type \(rawValue)"
        }
    }
}

extension HEVCNALUnitType: CustomStringConvertible {
    /// In a word, as the specification abbreviates it: "TRAIL_R", "IDR_N_LP". Specification: ISO/IEC 23008-2, Table 7-1.
    public var description: String {
        switch rawValue {
        case 0...9: Self.sliceNames[Int(rawValue)]
        case 16...21: Self.randomAccessNames[Int(rawValue) - 16]
        case 32: "VPS"
        case 33: "SPS"
        case 34: "PPS"
        case 35: "AUD"
        case 36: "end of sequence"
        case 37: "end of stream"
        case 38: "filler"
        case 39: "SEI"
        case 40: "SEI suffix"
        default: "type \(rawValue)"
        }
    }

    private static let sliceNames = [
        "TRAIL_N", "TRAIL_R", "TSA_N", "TSA_R", "STSA_N", "STSA_R", "RADL_N", "RADL_R", "RASL_N", "RASL_R",
    ]
    private static let randomAccessNames = ["BLA_W_LP", "BLA_W_RADL", "BLA_N_LP", "IDR_W_RADL", "IDR_N_LP", "CRA"]
}

extension AV1OBUType: CustomStringConvertible {
    /// In a word: "frame", "sequence header". Specification: AV1 Bitstream & Decoding Process, 6.2.2.
    public var description: String {
        switch self {
        case .sequenceHeader: "sequence header"
        case .temporalDelimiter: "temporal delimiter"
        case .frameHeader: "frame header"
        case .tileGroup: "tile group"
        case .metadata: "metadata"
        case .frame: "frame"
        case .redundantFrameHeader: "redundant frame header"
        case .tileList: "tile list"
        case .padding: "padding"
        default: "type \(rawValue)"
        }
    }
}
