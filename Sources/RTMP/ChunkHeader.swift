/// A chunk's basic header and message header, as they are on the wire, without the extended timestamp.
/// Specification: RTMP 1.0, 5.3.1.1 and 5.3.1.2.
struct ChunkHeader {
    /// What the three-byte timestamp field holds when the extended timestamp follows. 5.3.1.3.
    static let extendedTimestampMark: UInt32 = 0xFF_FFFF
    /// Bytes of the message header by type. 5.3.1.2.1 to 5.3.1.2.4.
    static func messageHeaderBytes(ofType type: UInt8) -> Int {
        switch type {
        case 0: 11
        case 1: 7
        case 2: 3
        default: 0
        }
    }

    /// The chunk type, 0 to 3: how much of the header is left out.
    var type: UInt8
    /// The chunk stream's number, 2 to 65599.
    var id: UInt32
    /// Bytes of the two headers together.
    var byteCount: Int
    /// The three-byte timestamp (type 0) or timestamp delta (types 1 and 2).
    var timestampField: UInt32 = 0
    /// The message's length; types 0 and 1.
    var length = 0
    /// The message's type; types 0 and 1.
    var typeID: UInt8 = 0
    /// The message stream's number; type 0.
    var streamID: UInt32 = 0

    /// Whether the header itself says that the extended timestamp follows. A type 3 header cannot.
    var announcesExtendedTimestamp: Bool {
        timestampField == Self.extendedTimestampMark
    }

    /// Reads a header from the front of the bytes. `nil`: it has not arrived whole.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 1 else { return nil }
        type = bytes[0] >> 6
        var offset = 1
        switch bytes[0] & 0x3F {
        case 0:
            guard bytes.count >= 2 else { return nil }
            id = 64 &+ UInt32(bytes[1])
            offset = 2
        case 1:
            guard bytes.count >= 3 else { return nil }
            id = 64 &+ UInt32(bytes[1]) &+ UInt32(bytes[2]) &* 256
            offset = 3
        case let small:
            id = UInt32(small)
        }
        byteCount = offset &+ Self.messageHeaderBytes(ofType: type)
        guard bytes.count >= byteCount else { return nil }
        guard type < 3 else { return }
        timestampField = Self.uint24(bytes, at: offset)
        guard type < 2 else { return }
        length = Int(Self.uint24(bytes, at: offset &+ 3))
        typeID = bytes[offset &+ 6]
        guard type == 0 else { return }
        // The only little-endian field of the protocol. 5.3.1.2.5 does not say so, chapter 4 does.
        streamID = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset &+ 7, as: UInt32.self))
    }

    private static func uint24(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        UInt32(bytes[offset]) << 16 | UInt32(bytes[offset &+ 1]) << 8 | UInt32(bytes[offset &+ 2])
    }
}
