/// The checksum behind each section: polynomial 0x04C11DB7, not reflected, begun with ones.
/// Specification: ISO/IEC 13818-1, Annex A.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index) << 24
        for _ in 0..<8 { value = value & 0x8000_0000 == 0 ? value << 1 : value << 1 ^ 0x04C1_1DB7 }
        return value
    }

    /// The checksum of some bytes; 0 when they end with their own checksum.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var value = UInt32.max
        for byte in bytes { value = value << 8 ^ table[Int(value >> 24) ^ Int(byte)] }
        return value
    }
}
