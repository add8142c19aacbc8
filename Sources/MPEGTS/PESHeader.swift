import NIOCore

/// What stands in front of an elementary stream's bytes. Specification: ISO/IEC 13818-1, 2.4.3.6.
struct PESHeader: Sendable, Hashable {
    /// stream_id.
    var streamID: UInt8
    /// PES_packet_length: bytes behind it; 0 where the packet goes on to the beginning of the next one.
    var packetLength: Int
    /// PTS, 33 bits.
    var presentationTime: UInt64?
    /// DTS, 33 bits; nil where it is equal to the PTS.
    var decodeTime: UInt64?
    /// Bytes of the header.
    var byteCount: Int

    /// Bytes up to and with PES_packet_length.
    static let prefixBytes = 6

    /// Reads a header.
    ///
    /// - Parameter bytes: the beginning of a PES packet.
    /// - Returns: nil when the header is not complete.
    /// - Throws: ``TSError/Code/badPES``.
    init?(_ bytes: UnsafeRawBufferPointer) throws(TSError) {
        guard bytes.count >= Self.prefixBytes else { return nil }
        guard bytes[0] == 0, bytes[1] == 0, bytes[2] == 1 else { throw TSError(.badPES, "no start code") }
        streamID = bytes[3]
        packetLength = Int(bytes[4]) << 8 | Int(bytes[5])
        guard Self.hasFields(streamID: streamID) else {
            byteCount = Self.prefixBytes
            return
        }
        guard bytes.count >= 9 else { return nil }
        guard bytes[6] & 0xC0 == 0x80 else { throw TSError(.badPES, "no MPEG-2 PES header") }
        byteCount = 9 + Int(bytes[8])
        guard packetLength == 0 || packetLength + Self.prefixBytes >= byteCount else {
            throw TSError(.badPES, "PES_header_data_length")
        }
        guard bytes.count >= byteCount else { return nil }
        let flags = bytes[7] >> 6
        guard flags & 2 != 0 else { return }
        guard byteCount >= (flags == 3 ? 19 : 14) else { throw TSError(.badPES, "PES_header_data_length") }
        presentationTime = Self.time(UnsafeRawBufferPointer(rebasing: bytes[9..<14]))
        if flags == 3 { decodeTime = Self.time(UnsafeRawBufferPointer(rebasing: bytes[14..<19])) }
    }

    /// Maps, padding, keys and DSM-CC have none. Specification: the condition in Table 2-21.
    private static func hasFields(streamID: UInt8) -> Bool {
        switch streamID {
        case 0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF: false
        default: true
        }
    }

    /// Four bits, then 3, 15 and 15 bits with a marker behind each. Markers are not looked at.
    private static func time(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        UInt64(bytes[0] & 0x0E) << 29 | UInt64(bytes[1]) << 22 | UInt64(bytes[2] & 0xFE) << 14 | UInt64(bytes[3]) << 7
            | UInt64(bytes[4]) >> 1
    }

    /// The five bytes of a time.
    static func bytes(prefix: UInt8, time: UInt64) -> (UInt8, UInt8, UInt8, UInt8, UInt8) {
        (
            prefix << 4 | UInt8(truncatingIfNeeded: time >> 29) & 0x0E | 1,
            UInt8(truncatingIfNeeded: time >> 22),
            UInt8(truncatingIfNeeded: time >> 14) & 0xFE | 1,
            UInt8(truncatingIfNeeded: time >> 7),
            UInt8(truncatingIfNeeded: time << 1) | 1
        )
    }
}
