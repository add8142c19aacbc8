import BitStream
import MediaTesting
import NIOCore
import Testing

@Suite("BitReader: ISO/IEC 14496-10, 7.2 and 9.1")
struct BitReaderTests {
    @Test func fixedLengthNumbersCrossBytes() {
        var reader = BitReader([0b1010_0101, 0xFF, 0x00, 0x12, 0x34, 0x56])
        #expect(reader.u(3) == 0b101)
        #expect(reader.u(0) == 0)
        #expect(reader.u(7) == 0b00101_11)
        #expect(reader.position == 10)
        #expect(reader.u(32) == 0b111111_00000000_00010010_00110100_01)
        #expect(reader.bitsLeft == 6)
        #expect(reader.u(7) == nil)
        #expect(reader.u(6) == 0b010110)
        #expect(reader.flag() == nil)
    }

    @Test(arguments: [-1, 33, 64, Int.max, Int.min])
    func countsOutOfRangeAreRefused(count: Int) {
        var reader = BitReader([UInt8](repeating: 0xFF, count: 16))
        #expect(reader.u(count) == nil)
        #expect(reader.position == 0)
    }

    @Test func sixtyFourBitsAreRead() {
        var reader = BitReader(ByteBuffer(bytes: [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x80]))
        #expect(reader.u64(65) == nil)
        #expect(reader.u64(64) == 0x0123_4567_89AB_CDEF)
        #expect(reader.flag() == true)
    }

    /// Table 9-2.
    @Test(
        arguments: [
            ([0b1000_0000], 0), ([0b0100_0000], 1), ([0b0110_0000], 2), ([0b0010_0000], 3), ([0b0010_1000], 4),
            ([0b0011_1000], 6), ([0b0001_0000], 7), ([0b0000_1000, 0], 15),
            ([0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE], 0xFFFF_FFFE),
        ] as [([UInt8], UInt32)])
    func expGolombCodes(bytes: [UInt8], value: UInt32) {
        var reader = BitReader(bytes)
        #expect(reader.ue() == value)
    }

    @Test(
        arguments: [
            [], [0], [0, 0, 0, 0], [0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0], [0b0001_0000 >> 1], [0, 0x80],
        ] as [[UInt8]])
    func unfinishedAndOverlongExpGolombCodesConsumeNothing(bytes: [UInt8]) {
        var reader = BitReader(bytes)
        #expect(reader.ue() == nil)
        #expect(reader.se() == nil)
        #expect(reader.position == 0)
    }

    @Test func signedExpGolombAlternates() {
        for (code, value) in [0, 1, -1, 2, -2, 3].enumerated() {
            var writer = BitWriter()
            writer.ue(UInt32(code))
            var reader = BitReader(writer.bytes)
            #expect(reader.se() == Int32(value))
        }
    }

    @Test func skippingStopsAtTheEnd() {
        var reader = BitReader([0xFF, 0x80])
        #expect(reader.skip(9) != nil)
        #expect(reader.skip(8) == nil)
        #expect(reader.skip(-1) == nil)
        #expect(reader.skip(Int.max) == nil)
        reader.alignToByte()
        #expect(reader.bitsLeft == 0)
        reader.alignToByte()
        #expect(reader.bitsLeft == 0)
    }

    @Test(
        arguments: [
            ([0b1000_0000], false), ([0b1100_0000], true), ([0b1000_0000, 0b1000_0000], true), ([], false),
            ([0, 0], false),
            ([0b1000_0000, 0, 0], false),
        ] as [([UInt8], Bool)])
    func trailingBitsAreNotData(bytes: [UInt8], more: Bool) {
        #expect(BitReader(bytes).hasMoreRBSPData == more)
    }

    @Test func trailingBitsEndWhereTheyBegin() {
        var reader = BitReader([0b1010_0000])
        #expect(reader.hasMoreRBSPData)
        _ = reader.u(2)
        #expect(!reader.hasMoreRBSPData)
    }
}

@Suite("BitWriter")
struct BitWriterTests {
    @Test func whatIsWrittenIsReadBack() {
        var random = SplitMix64(seed: 1)
        var writer = BitWriter()
        var numbers: [(kind: Int, count: Int, value: UInt64)] = []
        for _ in 0..<2000 {
            let kind = Int.random(in: 0..<4, using: &random)
            let count = Int.random(in: 0...64, using: &random)
            let value = count == 0 ? 0 : UInt64.random(in: 0...(UInt64.max >> UInt64(64 - count)), using: &random)
            numbers.append((kind, count, value))
            switch kind {
            case 0: writer.u(count, value)
            case 1: writer.ue(UInt32(truncatingIfNeeded: value >> 1) >> 1)
            case 2: writer.se(Int32(truncatingIfNeeded: value) >> 2)
            default: writer.flag(value & 1 == 1)
            }
        }
        #expect(writer.bytes.count == (writer.bitCount + 7) / 8)
        var reader = BitReader(writer.bytes)
        for number in numbers {
            switch number.kind {
            case 0: #expect(reader.u64(number.count) == number.value)
            case 1: #expect(reader.ue() == UInt32(truncatingIfNeeded: number.value >> 1) >> 1)
            case 2: #expect(reader.se() == Int32(truncatingIfNeeded: number.value) >> 2)
            default: #expect(reader.flag() == (number.value & 1 == 1))
            }
        }
    }

    @Test(arguments: [UInt32.max - 1, 0, 1, 0x7FFF_FFFF, 0x8000_0000])
    func theLargestExpGolombNumbersSurvive(value: UInt32) {
        var writer = BitWriter()
        writer.ue(value)
        var reader = BitReader(writer.bytes)
        #expect(reader.ue() == value)
        #expect(reader.bitsLeft < 8)
    }

    @Test(arguments: [Int32.max, -Int32.max, 0, 1, -1])
    func theLargestSignedNumbersSurvive(value: Int32) {
        var writer = BitWriter()
        writer.se(value)
        var reader = BitReader(writer.bytes)
        #expect(reader.se() == value)
    }

    @Test func trailingBitsFillTheByte() {
        var writer = BitWriter()
        writer.u(3, 0b011)
        writer.trailingBits()
        writer.trailingBits()
        #expect(writer.bytes == [0b0111_0000, 0b1000_0000])
        #expect(writer.bitCount == 16)
    }
}
