import NIOCore

/// The byte stream format: NAL units behind start codes, as MPEG-TS and raw files carry them.
///
/// Specification: ISO/IEC 14496-10 (H.264), Annex B; ISO/IEC 23008-2 (HEVC), Annex B.
public enum AnnexB {
    /// The NAL units between the start codes, as slices; nothing is copied.
    ///
    /// Start codes have three or four bytes; zeros before and after them belong to no NAL unit; bytes before the first
    /// start code are passed over.
    ///
    /// - Parameter stream: whole NAL units; the last one ends with the buffer.
    public static func split(_ stream: ByteBuffer) -> [ByteBuffer] {
        let ranges = stream.withUnsafeReadableBytes { unitRanges(in: $0) }
        return ranges.compactMap { range in
            stream.getSlice(at: stream.readerIndex + range.lowerBound, length: range.count)
        }
    }

    /// NAL units, each behind a start code of four bytes.
    public static func joined(_ units: some Sequence<ByteBuffer>) -> ByteBuffer {
        var joined = ByteBuffer()
        for unit in units {
            joined.writeInteger(startCode)
            joined.writeImmutableBuffer(unit)
        }
        return joined
    }

    /// Appends length-prefixed NAL units to a byte stream.
    ///
    /// - Throws: as ``LengthPrefixedNALUnits/next()``; what came before the damage has then been appended.
    public static func append(
        lengthPrefixed accessUnit: ByteBuffer, lengthSize: Int, to stream: inout ByteBuffer
    ) throws(CodecError) {
        var units = LengthPrefixedNALUnits(accessUnit, lengthSize: lengthSize)
        stream.reserveCapacity(minimumWritableBytes: accessUnit.readableBytes)
        while let unit = try units.next() {
            stream.writeInteger(startCode)
            stream.writeImmutableBuffer(unit)
        }
    }

    /// The NAL units of a byte stream, each behind its length.
    ///
    /// - Throws: as ``LengthPrefixedNALUnits/joined(_:lengthSize:)``.
    public static func lengthPrefixed(_ stream: ByteBuffer, lengthSize: Int = 4) throws(CodecError) -> ByteBuffer {
        try LengthPrefixedNALUnits.joined(split(stream), lengthSize: lengthSize)
    }

    private static let startCode: UInt32 = 1

    private static func unitRanges(in bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var unitStart: Int?
        var index = 0
        // `index` is where a start code's first zero would be; its third byte tells how far the next one is at least.
        while index + 2 < bytes.count {
            let third = bytes[index + 2]
            if third > 1 {
                index += 3
            } else if third == 1, bytes[index] == 0, bytes[index + 1] == 0 {
                if let start = unitStart { appendTrimmed(start..<index, of: bytes, to: &ranges) }
                unitStart = index + 3
                index += 3
            } else {
                index += 1
            }
        }
        if let start = unitStart { appendTrimmed(start..<bytes.count, of: bytes, to: &ranges) }
        return ranges
    }

    /// A NAL unit never ends with a zero byte (7.4.1): what is there is trailing_zero_8bits or the next zero_byte.
    private static func appendTrimmed(
        _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, to ranges: inout [Range<Int>]
    ) {
        var end = range.upperBound
        while end > range.lowerBound, bytes[end - 1] == 0 { end -= 1 }
        if end > range.lowerBound { ranges.append(range.lowerBound..<end) }
    }
}
