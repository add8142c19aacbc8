/// A four-character code that names a codec, as in ISO/IEC 14496-12 sample entries and Enhanced RTMP.
///
/// Source: Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio"; MP4 Registration Authority.
public struct FourCC: RawRepresentable, Hashable, Sendable {
    /// The four characters, first one in the highest byte.
    public var rawValue: UInt32

    /// - Parameter rawValue: the four characters, first one in the highest byte.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// H.264. The payload is length-prefixed NAL units, the configuration an AVCDecoderConfigurationRecord.
    public static let avc1 = FourCC(rawValue: 0x6176_6331)
    /// H.265. The payload is length-prefixed NAL units, the configuration an HEVCDecoderConfigurationRecord.
    public static let hvc1 = FourCC(rawValue: 0x6876_6331)
    /// AV1. The payload is open bitstream units, the configuration an AV1CodecConfigurationRecord.
    public static let av01 = FourCC(rawValue: 0x6176_3031)
    /// VP9. The configuration is a VPCodecConfigurationRecord.
    public static let vp09 = FourCC(rawValue: 0x7670_3039)
    /// VP8. The configuration is a VPCodecConfigurationRecord.
    public static let vp08 = FourCC(rawValue: 0x7670_3038)
    /// H.266. The configuration is a VVCDecoderConfigurationRecord.
    public static let vvc1 = FourCC(rawValue: 0x7676_6331)
    /// AAC. The payload is raw access units, the configuration an AudioSpecificConfig.
    public static let mp4a = FourCC(rawValue: 0x6D70_3461)
    /// Opus. The configuration is an identification header ("OpusHead").
    public static let opus = FourCC(rawValue: 0x4F70_7573)
    /// FLAC. The configuration is the "fLaC" marker and a STREAMINFO block.
    public static let flac = FourCC(rawValue: 0x664C_6143)
    /// AC-3. No configuration.
    public static let ac3 = FourCC(rawValue: 0x6163_2D33)
    /// E-AC-3. No configuration.
    public static let eac3 = FourCC(rawValue: 0x6563_2D33)
    /// MP3. No configuration.
    public static let mp3 = FourCC(rawValue: 0x2E6D_7033)
}

extension FourCC: CustomStringConvertible {
    /// The four characters; bytes outside printable ASCII become "?".
    public var description: String {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) }
        return String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
