import NIOCore

/// What a VP8 or VP9 decoder must know before the first picture; its size is not among it.
/// Source: VP Codec ISO Media File Format Binding, "VP Codec Configuration Box".
public struct VPCodecConfigurationRecord: Sendable, Hashable {
    /// 0 to 3.
    public var profile: UInt8
    /// Ten times the level; 0 is unspecified.
    public var level: UInt8
    /// Bits of a sample: 8, 10 or 12.
    public var bitDepth: Int
    /// 0 and 1 are 4:2:0 (its chroma sited differently), 2 is 4:2:2, 3 is 4:4:4.
    public var chromaSubsampling: UInt8
    /// The colours' meaning; 2 is unspecified.
    public var colour: ColourDescription

    /// Reads a record.
    ///
    /// - Parameter bytes: the record, with or without the version and flags of its box in front; writers differ.
    /// - Throws: ``CodecError`` when it is cut short or the bit depth does not exist.
    public init(_ bytes: ByteBuffer) throws(CodecError) {
        var bytes = bytes
        // A record cannot begin like this, since its third byte would tell a bit depth of 0.
        if bytes.getInteger(at: bytes.readerIndex, as: UInt32.self) == 0x0100_0000 {
            bytes.moveReaderIndex(forwardBy: 4)
        }
        guard let (profile, level, format) = bytes.readMultipleIntegers(as: (UInt8, UInt8, UInt8).self),
            let (primaries, transfer, matrix) = bytes.readMultipleIntegers(as: (UInt8, UInt8, UInt8).self)
        else { throw CodecError(.truncated, "VPCodecConfigurationRecord") }
        self.profile = profile
        self.level = level
        bitDepth = Int(format >> 4)
        guard [8, 10, 12].contains(bitDepth) else { throw CodecError(.malformed, "bitDepth is \(bitDepth)") }
        chromaSubsampling = (format >> 1) & 7
        colour = ColourDescription(
            primaries: primaries, transfer: transfer, matrix: matrix, isFullRange: format & 1 == 1)
    }

    /// Appends the record to a buffer, without version and flags in front.
    public func write(to buffer: inout ByteBuffer) {
        let format = UInt8(truncatingIfNeeded: bitDepth << 4) | (chromaSubsampling & 7) << 1
        buffer.writeMultipleIntegers(profile, level, format | (colour.isFullRange ? 1 : 0))
        buffer.writeMultipleIntegers(colour.primaries, colour.transfer, colour.matrix)
        buffer.writeInteger(UInt16(0))  // codecInitializationDataSize
    }

    /// How chroma is sampled.
    public var chromaFormat: ChromaFormat {
        switch chromaSubsampling {
        case 2: .yuv422
        case 3: .yuv444
        default: .yuv420
        }
    }
}
