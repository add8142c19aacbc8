import NIOCore

/// What an AV1 decoder must know before the first picture.
/// Source: AV1 Codec ISO Media File Format Binding, 2.3.
public struct AV1CodecConfigurationRecord: Sendable, Hashable {
    /// seq_profile: 0 Main, 1 High, 2 Professional.
    public var profile: UInt8
    /// seq_level_idx_0, 0 to 31; 31 is no limit.
    public var level: UInt8
    /// seq_tier_0: the High tier, and not the Main tier.
    public var isHighTier: Bool
    /// Bits of a sample: 8, 10 or 12.
    public var bitDepth: Int
    /// How chroma is sampled.
    public var chromaFormat: ChromaFormat
    /// chroma_sample_position, 0 to 3.
    public var chromaSamplePosition: UInt8
    /// initial_presentation_delay_minus_one, 0 to 15; nil where unspecified.
    public var initialPresentationDelayMinusOne: UInt8?
    /// Open bitstream units, usually the sequence header; may be empty.
    public var configOBUs: ByteBuffer

    /// Reads a record; it reaches to the end of the buffer.
    ///
    /// - Throws: ``CodecError`` when it is cut short or of another version.
    public init(_ bytes: ByteBuffer) throws(CodecError) {
        var bytes = bytes
        guard let (version, levels, format, delay) = bytes.readMultipleIntegers(as: (UInt8, UInt8, UInt8, UInt8).self)
        else { throw CodecError(.truncated, "AV1CodecConfigurationRecord") }
        guard version == 0x81 else { throw CodecError(.unsupported, "marker and version \(version)") }
        profile = levels >> 5
        level = levels & 0x1F
        isHighTier = format & 0x80 != 0
        bitDepth = format & 0x40 == 0 ? 8 : format & 0x20 == 0 ? 10 : 12
        switch (format >> 2) & 0x07 {
        case 0b000: chromaFormat = .yuv444
        case 0b010: chromaFormat = .yuv422
        case 0b011: chromaFormat = .yuv420
        case 0b100...0b111: chromaFormat = .monochrome
        default: throw CodecError(.malformed, "chroma subsampled down and not across")
        }
        chromaSamplePosition = format & 0x03
        initialPresentationDelayMinusOne = delay & 0x10 != 0 ? delay & 0x0F : nil
        configOBUs = bytes
    }

    /// Appends the record to a buffer.
    public func write(to buffer: inout ByteBuffer) {
        let depth: UInt8 = bitDepth > 10 ? 0x60 : bitDepth > 8 ? 0x40 : 0
        let chroma: UInt8 =
            switch chromaFormat {
            case .monochrome: 0b111
            case .yuv420: 0b011
            case .yuv422: 0b010
            case .yuv444: 0b000
            }
        let delay = initialPresentationDelayMinusOne.map { 0x10 | ($0 & 0x0F) } ?? 0
        buffer.writeMultipleIntegers(
            UInt8(0x81), (profile & 7) << 5 | (level & 0x1F),
            (isHighTier ? 0x80 : 0) | depth | chroma << 2 | (chromaSamplePosition & 3), delay)
        buffer.writeImmutableBuffer(configOBUs)
    }
}
