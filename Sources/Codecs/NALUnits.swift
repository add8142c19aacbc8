import NIOCore

/// NAL units as MP4, FLV and RTMP carry them: each behind its length. Yields slices; nothing is copied.
///
/// Source: ISO/IEC 14496-15, 5.3.2 and 8.3.2.
public struct LengthPrefixedNALUnits: Sendable {
    private var rest: ByteBuffer
    private let lengthSize: Int

    /// - Parameters:
    ///   - accessUnit: lengths and NAL units in turn.
    ///   - lengthSize: bytes of a length: 1, 2 or 4; what another number of bytes would hold is refused by ``next()``.
    public init(_ accessUnit: ByteBuffer, lengthSize: Int) {
        rest = accessUnit
        self.lengthSize = lengthSize
    }

    /// The next NAL unit; nil after the last one. Empty units are passed over.
    ///
    /// - Throws: ``CodecError/Code/truncated`` when a length is cut short or reaches beyond the end,
    ///   ``CodecError/Code/malformed`` for a length size that does not exist.
    public mutating func next() throws(CodecError) -> ByteBuffer? {
        while rest.readableBytes > 0 {
            guard let length = try rest.readNALUnitLength(size: lengthSize), let unit = rest.readSlice(length: length)
            else { throw CodecError(.truncated, "NAL unit") }
            if length > 0 { return unit }
        }
        return nil
    }

    /// All NAL units.
    ///
    /// - Throws: as ``next()``.
    public static func all(in accessUnit: ByteBuffer, lengthSize: Int) throws(CodecError) -> [ByteBuffer] {
        var units = LengthPrefixedNALUnits(accessUnit, lengthSize: lengthSize)
        var all: [ByteBuffer] = []
        while let unit = try units.next() { all.append(unit) }
        return all
    }

    /// NAL units, each behind its length.
    ///
    /// - Throws: ``CodecError/Code/limitExceeded`` when a unit is longer than its length field can say.
    public static func joined(_ units: some Sequence<ByteBuffer>, lengthSize: Int = 4) throws(CodecError) -> ByteBuffer
    {
        var joined = ByteBuffer()
        for unit in units {
            try joined.writeNALUnitLength(unit.readableBytes, size: lengthSize)
            joined.writeImmutableBuffer(unit)
        }
        return joined
    }
}

extension ByteBuffer {
    /// - Returns: nil when the bytes end before the length does.
    fileprivate mutating func readNALUnitLength(size: Int) throws(CodecError) -> Int? {
        switch size {
        case 1: readInteger(as: UInt8.self).map(Int.init)
        case 2: readInteger(as: UInt16.self).map(Int.init)
        case 4: readInteger(as: UInt32.self).map(Int.init)
        default: throw CodecError(.malformed, "NAL unit length of \(size) bytes")
        }
    }

    fileprivate mutating func writeNALUnitLength(_ length: Int, size: Int) throws(CodecError) {
        let tooLong = CodecError(.limitExceeded, "NAL unit of \(length) bytes")
        switch size {
        case 1:
            guard let value = UInt8(exactly: length) else { throw tooLong }
            writeInteger(value)
        case 2:
            guard let value = UInt16(exactly: length) else { throw tooLong }
            writeInteger(value)
        case 4:
            guard let value = UInt32(exactly: length) else { throw tooLong }
            writeInteger(value)
        default: throw CodecError(.malformed, "NAL unit length of \(size) bytes")
        }
    }
}
