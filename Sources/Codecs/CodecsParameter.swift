// What stands behind the dot of the codecs parameter of RFC 6381, where more than a number does. HEVC's is with its
// profile, tier and level.

extension AV1CodecConfigurationRecord {
    /// As in "0.04M.08", or in the long form with chroma and colours where those are not what players assume: 4:2:0 and
    /// BT.709, which is also how they take colours that are left unspecified.
    /// Source: AV1 Codec ISO Media File Format Binding, 5.
    ///
    /// - Parameter colour: from the sequence header; nil where there is none.
    func codecsParameter(colour: ColourDescription?) -> String {
        let depth = UInt8(truncatingIfNeeded: bitDepth).twoDigits
        let short = "\(profile).\(level.twoDigits)\(isHighTier ? "H" : "M").\(depth)"
        let colour = colour ?? ColourDescription()
        guard chromaFormat != .yuv420 || !colour.isAssumed else { return short }
        let sampling =
            switch chromaFormat {
            case .monochrome: "110"
            case .yuv420: "11\(chromaSamplePosition & 3)"
            case .yuv422: "100"
            case .yuv444: "000"
            }
        return "\(short).\(chromaFormat == .monochrome ? 1 : 0).\(sampling).\(colour.specified.fields)"
            + ".\(colour.isFullRange ? 1 : 0)"
    }
}

extension VPCodecConfigurationRecord {
    /// As in "00.31.08", or in the long form with chroma and colours where those are not what players assume: 4:2:0 and
    /// BT.709. Source: VP Codec ISO Media File Format Binding, "Codecs Parameter String".
    ///
    /// A level left unspecified is written as the lowest one: players refuse a parameter with a level that is none.
    var codecsParameter: String {
        let depth = UInt8(truncatingIfNeeded: bitDepth)
        let short = "\(profile.twoDigits).\((level == 0 ? 10 : level).twoDigits).\(depth.twoDigits)"
        guard chromaSubsampling > 1 || !colour.isAssumed else { return short }
        return "\(short).\(chromaSubsampling.twoDigits).\(colour.specified.fields).\(colour.isFullRange ? "01" : "00")"
    }
}

extension MPEGAudioHeader {
    /// The object type of MPEG-1 Audio, or of MPEG-2 Audio with its lower sample rates, as MP4 has it.
    /// Source: RFC 6381, 3.3; MP4 Registration Authority, object types.
    var codecsParameter: String {
        version == .mpeg1 ? "mp4a.6B" : "mp4a.69"
    }
}

extension ColourDescription {
    /// Whether it is what players assume where nothing is said.
    fileprivate var isAssumed: Bool {
        specified == ColourDescription(primaries: 1, transfer: 1, matrix: 1)
    }

    /// With BT.709 in place of what is unspecified.
    fileprivate var specified: ColourDescription {
        ColourDescription(
            primaries: primaries == 2 ? 1 : primaries, transfer: transfer == 2 ? 1 : transfer,
            matrix: matrix == 2 ? 1 : matrix, isFullRange: isFullRange)
    }

    fileprivate var fields: String {
        [primaries, transfer, matrix].map(\.twoDigits).joined(separator: ".")
    }
}

extension UInt8 {
    fileprivate var twoDigits: String {
        self < 10 ? "0\(self)" : "\(self)"
    }
}
