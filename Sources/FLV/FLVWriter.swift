import NIOCore

/// Writes a file or an endless stream, tag by tag. Source: Adobe FLV 10.1, E.2 to E.4.
public enum FLVWriter {
    /// What a tag adds to its body in bytes: the tag header and the PreviousTagSize behind it.
    public static let overheadBytes = 15
    /// The tag header in bytes.
    public static let tagHeaderBytes = 11
    /// The longest body in bytes that DataSize can state.
    public static let bodyBytesMax = 0xFF_FFFF

    /// Writes the file header and PreviousTagSize0, 13 bytes together.
    public static func writeHeader(hasAudio: Bool, hasVideo: Bool, into buffer: inout ByteBuffer) {
        let flags: UInt8 = (hasAudio ? 0x04 : 0) | (hasVideo ? 0x01 : 0)
        buffer.writeMultipleIntegers(UInt32(0x464C_5601), flags, UInt32(9), UInt32(0))
    }

    /// Writes the tag header, the readable bytes of `body`, and the PreviousTagSize.
    ///
    /// - Parameters:
    ///   - type: what the body holds.
    ///   - timestamp: milliseconds, wrapping at 2³².
    ///   - body: at most ``bodyBytesMax`` bytes; a longer one cannot be a tag, and nothing is written.
    ///   - buffer: where to append.
    /// - Returns: the number of bytes written.
    @discardableResult
    public static func writeTag(
        _ type: FLVTagType, timestamp: UInt32, body: ByteBuffer, into buffer: inout ByteBuffer
    ) -> Int {
        let bodyBytes = body.readableBytes
        guard bodyBytes <= bodyBytesMax else { return 0 }
        // One write instead of five: a quarter of the time for an audio frame.
        return buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bodyBytes &+ overheadBytes) { space in
            storeTagHeader(type, timestamp: timestamp, bodyBytes: bodyBytes, to: space)
            body.withUnsafeReadableBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: space[tagHeaderBytes...]).copyMemory(from: source)
            }
            let previousTagSize = UInt32(truncatingIfNeeded: bodyBytes &+ tagHeaderBytes)
            space.storeBytes(
                of: previousTagSize.bigEndian, toByteOffset: tagHeaderBytes &+ bodyBytes, as: UInt32.self)
            return bodyBytes &+ overheadBytes
        }
    }

    /// Writes the 11 bytes in front of a body.
    ///
    /// - Parameters:
    ///   - type: what the body holds.
    ///   - timestamp: milliseconds, wrapping at 2³².
    ///   - bodyBytes: 0 to ``bodyBytesMax``.
    ///   - buffer: where to append.
    public static func writeTagHeader(
        _ type: FLVTagType, timestamp: UInt32, bodyBytes: Int, into buffer: inout ByteBuffer
    ) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: tagHeaderBytes) { space in
            storeTagHeader(type, timestamp: timestamp, bodyBytes: bodyBytes, to: space)
            return tagHeaderBytes
        }
    }

    /// TagType, DataSize UI24, Timestamp UI24 (its lowest 24 bits), TimestampExtended UI8 (its highest byte),
    /// StreamID UI24, which is always 0. Source: Adobe FLV 10.1, E.4.1.
    ///
    /// - Parameter space: at least ``tagHeaderBytes`` bytes.
    private static func storeTagHeader(
        _ type: FLVTagType, timestamp: UInt32, bodyBytes: Int, to space: UnsafeMutableRawBufferPointer
    ) {
        let typeAndSize = UInt32(type.rawValue & 0x1F) << 24 | UInt32(truncatingIfNeeded: bodyBytes) & 0xFF_FFFF
        space.storeBytes(of: typeAndSize.bigEndian, toByteOffset: 0, as: UInt32.self)
        space.storeBytes(of: (timestamp << 8 | timestamp >> 24).bigEndian, toByteOffset: 4, as: UInt32.self)
        space.storeBytes(of: 0, toByteOffset: 8, as: UInt16.self)
        space.storeBytes(of: 0, toByteOffset: 10, as: UInt8.self)
    }

    /// Writes the 4 bytes behind a body: PreviousTagSize.
    public static func writePreviousTagSize(bodyBytes: Int, into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt32(truncatingIfNeeded: bodyBytes &+ tagHeaderBytes))
    }
}
