/// Writes numbers bit by bit, the highest bit of each byte first: the opposite of ``BitReader``.
public struct BitWriter: Sendable {
    /// What has been written; the bits after the last one in its byte are zero.
    public private(set) var bytes: [UInt8] = []
    private var bitsInLastByte = 8

    /// A writer of nothing yet.
    public init() {}

    /// How many bits have been written.
    public var bitCount: Int {
        bytes.count * 8 - (8 - bitsInLastByte)
    }

    /// An unsigned number, u(n).
    ///
    /// - Parameters:
    ///   - count: 0 to 64 bits; more are written as leading zeros, fewer than 0 as none.
    ///   - value: its lowest `count` bits are written.
    public mutating func u(_ count: Int, _ value: UInt64) {
        for bit in stride(from: count - 1, through: 0, by: -1) {
            // The smart shift of Swift gives 0 for shifts by 64 and more.
            flag((value >> UInt64(bit)) & 1 == 1)
        }
    }

    /// One bit, u(1).
    public mutating func flag(_ value: Bool) {
        if bitsInLastByte == 8 {
            bytes.append(0)
            bitsInLastByte = 0
        }
        if value {
            bytes[bytes.count - 1] |= 0x80 >> UInt8(bitsInLastByte)
        }
        bitsInLastByte += 1
    }

    /// An unsigned Exp-Golomb number, ue(v).
    public mutating func ue(_ value: UInt32) {
        let code = UInt64(value) + 1
        let length = 64 - code.leadingZeroBitCount
        u(length - 1, 0)
        u(length, code)
    }

    /// A signed Exp-Golomb number, se(v).
    public mutating func se(_ value: Int32) {
        let magnitude = value.magnitude
        ue(value > 0 ? magnitude &* 2 &- 1 : magnitude &* 2)
    }

    /// Fills the last byte with zeros.
    public mutating func alignToByte() {
        bitsInLastByte = 8
    }

    /// The end of a NAL unit's payload: a one, then zeros to the byte's end. rbsp_trailing_bits().
    /// Specification: ISO/IEC 14496-10, 7.3.2.11.
    public mutating func trailingBits() {
        flag(true)
        alignToByte()
    }
}
