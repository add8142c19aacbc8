import Codecs
import NIOCore

/// The part of MPEG-4 Systems that MP4 keeps: what AAC and MP3 are told by.
/// Specification: ISO/IEC 14496-1, 7.2.6; ISO/IEC 14496-14, 5.6.
struct ElementaryStreamDescriptor {
    /// ``FourCC/mp4a`` or ``FourCC/mp3``, or the codec that the object type names.
    var codec: FourCC
    /// AudioSpecificConfig; empty for MP3.
    var decoderSpecificInfo: ByteBuffer

    /// Tags of descriptors, Table 1.
    private enum Tag {
        static let elementaryStream: UInt8 = 0x03
        static let decoderConfig: UInt8 = 0x04
        static let decoderSpecificInfo: UInt8 = 0x05
        static let syncLayerConfig: UInt8 = 0x06
    }

    init(codec: FourCC, decoderSpecificInfo: ByteBuffer) {
        self.codec = codec
        self.decoderSpecificInfo = decoderSpecificInfo
    }

    /// Reads an `esds` box.
    init(parsing box: Box) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        _ = try fields.versionAndFlags()
        try Self.open(Tag.elementaryStream, in: &fields)
        try fields.skip(2)  // ES_ID
        let flags: UInt8 = try fields.integer()
        if flags & 0x80 != 0 { try fields.skip(2) }  // dependsOn_ES_ID
        if flags & 0x40 != 0 { try fields.skip(Int(try fields.integer(UInt8.self))) }  // URLstring
        if flags & 0x20 != 0 { try fields.skip(2) }  // OCR_ES_Id
        try Self.open(Tag.decoderConfig, in: &fields)
        let objectType: UInt8 = try fields.integer()
        try fields.skip(12)  // streamType, bufferSizeDB, maxBitrate, avgBitrate
        codec = Self.codec(objectType)
        decoderSpecificInfo = ByteBuffer()
        // MP3 has none, and then whatever follows is another descriptor.
        guard fields.bytes.getInteger(at: fields.bytes.readerIndex, as: UInt8.self) == Tag.decoderSpecificInfo else {
            return
        }
        let length = try Self.open(Tag.decoderSpecificInfo, in: &fields)
        decoderSpecificInfo = try fields.slice(length)
    }

    /// objectTypeIndication, Table 5 and the registration authority.
    private static func codec(_ objectType: UInt8) -> FourCC {
        switch objectType {
        case 0x40, 0x66...0x68: .mp4a
        case 0x69, 0x6B: .mp3
        case 0xA5: .ac3
        case 0xA6: .eac3
        default: FourCC(rawValue: 0)
        }
    }

    /// Reads a tag and the length behind it, 7.2.2.2 and 8.3.3: up to four bytes of seven bits.
    @discardableResult
    private static func open(_ tag: UInt8, in fields: inout FieldReader) throws(ISOBMFFError) -> Int {
        let found: UInt8 = try fields.integer()
        guard found == tag else { throw ISOBMFFError(.malformed, "descriptor \(found) in esds, not \(tag)") }
        var length = 0
        for _ in 0..<4 {
            let byte: UInt8 = try fields.integer()
            length = length << 7 | Int(byte & 0x7F)
            if byte & 0x80 == 0 { return length }
        }
        throw ISOBMFFError(.malformed, "descriptor length in esds")
    }

    /// Writes an `esds` box.
    func write(bitRate: BitRate?, into buffer: inout ByteBuffer) {
        // As much as an AudioSpecificConfig can need by far; lengths are written in the two bytes that this allows.
        let info = decoderSpecificInfo.getSlice(
            at: decoderSpecificInfo.readerIndex, length: min(decoderSpecificInfo.readableBytes, 0x2000))
        let infoBytes = codec == .mp4a ? info?.readableBytes ?? 0 : 0
        let infoDescriptorBytes = infoBytes > 0 ? infoBytes + 3 : 0
        buffer.writeFullBox(.esds) { buffer in
            Self.write(Tag.elementaryStream, length: 3 + 3 + 13 + infoDescriptorBytes + 4, into: &buffer)
            buffer.writeMultipleIntegers(UInt16(0), UInt8(0))  // ES_ID is 0 in files; flags
            Self.write(Tag.decoderConfig, length: 13 + infoDescriptorBytes, into: &buffer)
            // streamType 5 is audio; the bit behind upStream is reserved and 1.
            buffer.writeMultipleIntegers(UInt8(codec == .mp3 ? 0x6B : 0x40), UInt8(5 << 2 | 1))
            let bufferSize = min(bitRate?.bufferSize ?? 0, 0xFF_FFFF)
            buffer.writeMultipleIntegers(UInt8(truncatingIfNeeded: bufferSize >> 16), UInt16(bufferSize & 0xFFFF))
            buffer.writeMultipleIntegers(bitRate?.maximum ?? 0, bitRate?.average ?? 0)
            if infoBytes > 0, let info {
                Self.write(Tag.decoderSpecificInfo, length: infoBytes, into: &buffer)
                buffer.writeImmutableBuffer(info)
            }
            // predefined 2 is "in MP4 files", 7.3.2.3.2.
            Self.write(Tag.syncLayerConfig, length: 1, into: &buffer)
            buffer.writeInteger(UInt8(2))
        }
    }

    private static func write(_ tag: UInt8, length: Int, into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(
            tag, UInt8(truncatingIfNeeded: length >> 7) & 0x7F | 0x80, UInt8(truncatingIfNeeded: length) & 0x7F)
    }
}
