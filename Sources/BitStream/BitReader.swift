import NIOCore

/// Reads numbers bit by bit, the highest bit of each byte first.
///
/// Every read returns nil, and consumes nothing, when the bits at hand do not suffice or do not form a number.
/// Specification: the descriptors of ISO/IEC 14496-10 (H.264), 7.2 and 9.1.
public struct BitReader: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline var cursor = 0

    /// - Parameter bytes: what is read, from its first bit.
    @inlinable
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Parameter buffer: its readable bytes are copied; meant for headers, not for payloads.
    public init(_ buffer: ByteBuffer) {
        bytes = Array(buffer.readableBytesView)
    }

    /// How many bits have been read.
    @inlinable public var position: Int {
        cursor
    }

    /// How many bits have not been read.
    @inlinable public var bitsLeft: Int {
        bytes.count * 8 - cursor
    }

    /// An unsigned number, u(n).
    ///
    /// - Parameter count: 0 to 32 bits.
    /// - Returns: nil when fewer bits are left, or the count is out of range.
    @inlinable
    public mutating func u(_ count: Int) -> UInt32? {
        guard count <= 32, let value = u64(count) else { return nil }
        return UInt32(truncatingIfNeeded: value)
    }

    /// An unsigned number of up to 64 bits.
    ///
    /// - Parameter count: 0 to 64 bits.
    /// - Returns: nil when fewer bits are left, or the count is out of range.
    @inlinable
    public mutating func u64(_ count: Int) -> UInt64? {
        guard count >= 0, count <= 64, count <= bitsLeft else { return nil }
        var value: UInt64 = 0
        var wanted = count
        while wanted > 0 {
            let available = 8 - (cursor & 7)
            let taken = min(available, wanted)
            let bits = (UInt64(bytes[cursor >> 3]) &>> UInt64(available - taken)) & ((1 &<< UInt64(taken)) - 1)
            value = (value &<< UInt64(taken)) | bits
            cursor += taken
            wanted -= taken
        }
        return value
    }

    /// One bit, u(1).
    @inlinable
    public mutating func flag() -> Bool? {
        guard bitsLeft > 0 else { return nil }
        let bit = (bytes[cursor >> 3] &>> UInt8(7 - (cursor & 7))) & 1
        cursor += 1
        return bit == 1
    }

    /// An unsigned Exp-Golomb number, ue(v): 0 to 2³² − 2.
    ///
    /// - Returns: nil at the end, and for codes of more than 31 leading zeros, which no field uses.
    @inlinable
    public mutating func ue() -> UInt32? {
        let start = cursor
        var zeros = 0
        while zeros < 32, let bit = flag() {
            if bit {
                guard let suffix = u(zeros) else { break }
                return ((1 &<< UInt32(zeros)) - 1) &+ suffix
            }
            zeros += 1
        }
        cursor = start
        return nil
    }

    /// A signed Exp-Golomb number, se(v): 0, 1, −1, 2, −2 and so on.
    ///
    /// - Returns: nil where ``ue()`` returns nil.
    @inlinable
    public mutating func se() -> Int32? {
        guard let code = ue() else { return nil }
        let magnitude = Int32(truncatingIfNeeded: (UInt64(code) + 1) / 2)
        return code & 1 == 1 ? magnitude : -magnitude
    }

    /// Passes over bits without reading them.
    ///
    /// - Returns: nil when fewer than `count` bits are left.
    @inlinable
    @discardableResult
    public mutating func skip(_ count: Int) -> Void? {
        guard count >= 0, count <= bitsLeft else { return nil }
        cursor += count
        return ()
    }

    /// Passes over the rest of a byte that has been read in part.
    @inlinable
    public mutating func alignToByte() {
        cursor = (cursor + 7) & ~7
    }

    /// Whether syntax elements follow, or only the trailing bits: a one, then zeros. more_rbsp_data().
    /// Specification: ISO/IEC 14496-10, 7.2.
    public var hasMoreRBSPData: Bool {
        guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return false }
        return cursor < last * 8 + 7 - bytes[last].trailingZeroBitCount
    }
}
