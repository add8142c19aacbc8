import BitStream
import NIOCore

/// A ``BitReader`` that throws where bits are missing and where a number is out of its range, so that a parser reads
/// like the syntax table that it implements. Numbers are `Int`, wide enough that sums of them cannot overflow.
struct SyntaxReader {
    private var bits: BitReader

    init(_ bytes: [UInt8]) {
        bits = BitReader(bytes)
    }

    init(_ buffer: ByteBuffer) {
        bits = BitReader(buffer)
    }

    var bitsLeft: Int {
        bits.bitsLeft
    }

    /// more_rbsp_data().
    var hasMoreRBSPData: Bool {
        bits.hasMoreRBSPData
    }

    /// u(n), n at most 32.
    mutating func u(_ count: Int) throws(CodecError) -> Int {
        guard let value = bits.u(count) else { throw CodecError(.truncated, "bit \(bits.position)") }
        return Int(value)
    }

    /// u(n), n at most 64.
    mutating func u64(_ count: Int) throws(CodecError) -> UInt64 {
        guard let value = bits.u64(count) else { throw CodecError(.truncated, "bit \(bits.position)") }
        return value
    }

    /// u(8), as a byte.
    mutating func byte() throws(CodecError) -> UInt8 {
        UInt8(truncatingIfNeeded: try u(8))
    }

    /// u(1).
    mutating func flag() throws(CodecError) -> Bool {
        guard let value = bits.flag() else { throw CodecError(.truncated, "bit \(bits.position)") }
        return value
    }

    /// ue(v) of any size.
    mutating func ue() throws(CodecError) -> Int {
        guard let value = bits.ue() else { throw CodecError(.truncated, "Exp-Golomb code at bit \(bits.position)") }
        return Int(value)
    }

    /// ue(v) with the range that the specification gives it.
    mutating func ue(_ name: StaticString, _ range: ClosedRange<Int>) throws(CodecError) -> Int {
        let value = try ue()
        guard range.contains(value) else { throw CodecError(.malformed, "\(name) is \(value)") }
        return value
    }

    /// se(v).
    mutating func se() throws(CodecError) -> Int {
        guard let value = bits.se() else { throw CodecError(.truncated, "Exp-Golomb code at bit \(bits.position)") }
        return Int(value)
    }

    mutating func skip(_ count: Int) throws(CodecError) {
        guard bits.skip(count) != nil else { throw CodecError(.truncated, "\(count) bits at bit \(bits.position)") }
    }

    mutating func alignToByte() {
        bits.alignToByte()
    }
}
