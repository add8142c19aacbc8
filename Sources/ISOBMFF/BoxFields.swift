import NIOCore

/// Reads the fields of one box.
struct FieldReader {
    var bytes: ByteBuffer
    private let type: BoxType

    init(_ box: Box) {
        bytes = box.payload
        type = box.type
    }

    var readableBytes: Int {
        bytes.readableBytes
    }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(ISOBMFFError) -> Value {
        guard let value = bytes.readInteger(as: Value.self) else { throw truncated }
        return value
    }

    /// A field of 32 bits, and of 64 in version 1 of some boxes.
    mutating func wide(_ isWide: Bool) throws(ISOBMFFError) -> UInt64 {
        isWide ? try integer(UInt64.self) : UInt64(try integer(UInt32.self))
    }

    mutating func slice(_ length: Int) throws(ISOBMFFError) -> ByteBuffer {
        guard length >= 0, let slice = bytes.readSlice(length: length) else { throw truncated }
        return slice
    }

    mutating func skip(_ length: Int) throws(ISOBMFFError) {
        guard length >= 0, length <= bytes.readableBytes else { throw truncated }
        bytes.moveReaderIndex(forwardBy: length)
    }

    /// FullBox: version UI8, flags UI24. Specification: ISO/IEC 14496-12, 4.2.
    mutating func versionAndFlags() throws(ISOBMFFError) -> (version: UInt8, flags: UInt32) {
        let value: UInt32 = try integer()
        return (UInt8(truncatingIfNeeded: value >> 24), value & 0xFF_FFFF)
    }

    /// UTF-8 up to a zero byte.
    mutating func string() throws(ISOBMFFError) -> String {
        guard let length = bytes.readableBytesView.firstIndex(of: 0).map({ $0 - bytes.readerIndex }),
            let text = bytes.readString(length: length)
        else { throw truncated }
        bytes.moveReaderIndex(forwardBy: 1)
        return text
    }

    var truncated: ISOBMFFError {
        ISOBMFFError(.truncatedBox, "\(type)")
    }
}

extension ByteBuffer {
    /// Writes a box whose size becomes known when its body has been written.
    @inline(__always)
    mutating func writeBox(_ type: BoxType, _ body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeMultipleIntegers(UInt32(0), type.rawValue)
        body(&self)
        setInteger(UInt32(truncatingIfNeeded: writerIndex &- start), at: start)
    }

    /// Writes a box that begins with a version and flags. Specification: ISO/IEC 14496-12, 4.2.
    @inline(__always)
    mutating func writeFullBox(
        _ type: BoxType, version: UInt8 = 0, flags: UInt32 = 0, _ body: (inout ByteBuffer) -> Void
    ) {
        writeBox(type) { buffer in
            buffer.writeInteger(UInt32(version) << 24 | flags & 0xFF_FFFF)
            body(&buffer)
        }
    }

    /// Writes UTF-8 and a zero byte; the text is cut at a zero inside it.
    mutating func writeTerminatedString(_ text: String) {
        writeBytes(text.utf8.prefix { $0 != 0 })
        writeInteger(UInt8(0))
    }

    mutating func writeZeros(_ count: Int) {
        writeRepeatingByte(0, count: count)
    }
}
