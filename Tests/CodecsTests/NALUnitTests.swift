import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("Length-prefixed NAL units: ISO/IEC 14496-15, 5.3.2")
struct LengthPrefixedNALUnitTests {
    @Test(arguments: [
        (1, "02 0910 00 03 650102"), (2, "0002 0910 0000 0003 650102"),
        (4, "00000002 0910 00000000 00000003 650102"),
    ])
    func unitsAreFoundBehindTheirLengths(lengthSize: Int, text: String) throws {
        let units = try verifyOneShot(hex(text).array) { buffer in
            try LengthPrefixedNALUnits.all(in: buffer, lengthSize: lengthSize)
        }
        #expect(units == [hex("0910"), hex("650102")])
    }

    @Test(arguments: [1, 2, 4])
    func unitsAreJoinedAsTheyAreFound(lengthSize: Int) throws {
        let units = [hex("0910"), hex("650102"), hex("41")]
        let joined = try LengthPrefixedNALUnits.joined(units, lengthSize: lengthSize)
        #expect(joined.readableBytes == 6 + 3 * lengthSize)
        #expect(try LengthPrefixedNALUnits.all(in: joined, lengthSize: lengthSize) == units)
    }

    @Test(arguments: ["00", "000000", "00000003 6501", "FFFFFFFF 65", "00000001 65 00"])
    func cutUnitsAreRefused(text: String) {
        #expect(throws: CodecError.self) { try LengthPrefixedNALUnits.all(in: hex(text), lengthSize: 4) }
    }

    @Test(arguments: [-1, 0, 3, 5, Int.max])
    func lengthSizesThatDoNotExistAreRefused(lengthSize: Int) {
        #expect(throws: CodecError.self) {
            try LengthPrefixedNALUnits.all(in: hex("0102030405"), lengthSize: lengthSize)
        }
        #expect(throws: CodecError.self) { try LengthPrefixedNALUnits.joined([hex("65")], lengthSize: lengthSize) }
    }

    @Test(arguments: [(1, 255), (2, 65535)])
    func unitsMayBeAsLongAsTheirLengthCanSay(lengthSize: Int, longest: Int) throws {
        let unit = ByteBuffer(repeating: 0x41, count: longest)
        let joined = try LengthPrefixedNALUnits.joined([unit], lengthSize: lengthSize)
        #expect(try LengthPrefixedNALUnits.all(in: joined, lengthSize: lengthSize) == [unit])
        let longer = ByteBuffer(repeating: 0x41, count: longest + 1)
        #expect(throws: CodecError.self) { try LengthPrefixedNALUnits.joined([longer], lengthSize: lengthSize) }
    }
}

@Suite("Byte streams: ISO/IEC 14496-10, Annex B")
struct AnnexBTests {
    @Test(arguments: [
        ("000001 0910 000001 65", ["0910", "65"]),
        ("00000001 0910 00000001 65", ["0910", "65"]),
        ("0000000000 01 67 0000 0000 000001 68AA 000000", ["67", "68AA"]),
        ("AABB 000001 65", ["65"]),
        ("000001 650000 02 0000 03 000001 41", ["650000020000 03", "41"]),
        ("000001 000001 000001 41", ["41"]),
        ("000001 65 0100 0201", ["6501000201"]),
        ("", []), ("00", []), ("000001", []), ("0000010000", []), ("AABBCC", []),
    ])
    func unitsAreFoundBetweenStartCodes(text: String, units: [String]) throws {
        let found = try verifyOneShot(hex(text).array) { AnnexB.split($0) }
        #expect(found == units.map { hex($0) })
    }

    @Test func slicesBeginWhereTheReaderStands() {
        var stream = hex("FFFFFF 000001 41 000001 42")
        stream.moveReaderIndex(forwardBy: 3)
        #expect(AnnexB.split(stream) == [hex("41"), hex("42")])
    }

    @Test func bothFormsConvertIntoEachOther() throws {
        let prefixed = hex("00000002 0910 00000003 650102 00000001 41")
        var stream = hex("AA")
        try AnnexB.append(lengthPrefixed: prefixed, lengthSize: 4, to: &stream)
        #expect(stream == hex("AA 00000001 0910 00000001 650102 00000001 41"))
        #expect(try AnnexB.lengthPrefixed(stream) == prefixed)
        #expect(AnnexB.joined([hex("0910"), hex("41")]) == hex("00000001 0910 00000001 41"))
    }

    @Test func randomUnitsSurviveTheWayThereAndBack() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<300 {
            let units = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                // Few different values, so that zeros, ones and threes meet often.
                let payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    UInt8.random(in: 0...4, using: &random)
                }
                return ByteBuffer(bytes: [0x65] + EmulationPrevention.added(to: payload + [0x80]))
            }
            #expect(AnnexB.split(AnnexB.joined(units)) == units)
        }
    }
}

@Suite("Emulation prevention: ISO/IEC 14496-10, 7.4.1.1")
struct EmulationPreventionTests {
    @Test(arguments: [
        ("000000 00", "000003 000003"), ("000001", "00000301"), ("000002", "00000302"), ("000003", "00000303"),
        ("000004", "000004"), ("0000000000 01", "000003 000003 0001"), ("6500", "6500"), ("650000", "65000003"),
        ("", ""),
        ("0001 0001", "0001 0001"),
    ])
    func startCodesAreKeptApart(plain: String, protected: String) throws {
        #expect(EmulationPrevention.added(to: hex(plain).array) == hex(protected).array)
        let removed = try verifyOneShot(hex(protected).array) { EmulationPrevention.removed(from: $0) }
        #expect(removed == hex(plain).array)
    }

    @Test func noMoreIsUnfoldedThanIsAskedFor() {
        let unit = hex("65 000003 01 02 03")
        #expect(EmulationPrevention.removed(from: unit, bytesMax: 4) == [0x65, 0, 0, 1])
        #expect(EmulationPrevention.removed(from: unit, bytesMax: 0).isEmpty)
        #expect(EmulationPrevention.removed(from: unit) == [0x65, 0, 0, 1, 2, 3])
    }

    @Test func randomBytesSurviveTheWayThereAndBack() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<500 {
            let plain = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...4, using: &random)
            }
            let protected = EmulationPrevention.added(to: plain)
            #expect(EmulationPrevention.removed(from: ByteBuffer(bytes: protected)) == plain)
            let hasStartCode = zip(protected, zip(protected.dropFirst(), protected.dropFirst(2)))
                .contains { $0 == 0 && $1.0 == 0 && $1.1 <= 2 }
            #expect(!hasStartCode)
        }
    }
}

@Suite("NAL unit types: ISO/IEC 14496-10 and 23008-2, Table 7-1")
struct NALUnitTypeTests {
    @Test func typesAreReadFromTheHeader() {
        #expect(H264NALUnitType(of: hex("67")) == .sequenceParameterSet)
        #expect(H264NALUnitType(of: hex("4588")) == .idrSlice)
        #expect(H264NALUnitType(of: ByteBuffer()) == nil)
        #expect(HEVCNALUnitType(of: hex("4201")) == .sequenceParameterSet)
        #expect(HEVCNALUnitType(of: hex("2801AF")) == .idrWithoutLeading)
        #expect(HEVCNALUnitType(of: ByteBuffer()) == nil)
    }

    @Test func slicesAreKnown() {
        #expect((0..<32).map(H264NALUnitType.init).filter(\.hasSliceHeader).map(\.rawValue) == [1, 2, 5])
        let hevc = (0..<64).map(HEVCNALUnitType.init)
        #expect(hevc.filter(\.hasSliceHeader).map(\.rawValue) == Array(0...9) + Array(16...21))
        #expect(hevc.filter(\.isRandomAccessPoint).map(\.rawValue) == Array(16...23))
    }
}
