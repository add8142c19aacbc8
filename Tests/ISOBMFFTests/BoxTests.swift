import ISOBMFF
import MediaTesting
import NIOCore
import Testing

private func all(_ bytes: [UInt8], _ limits: ISOBMFFLimits = .init()) throws -> [Box] {
    try BoxSequence(ByteBuffer(bytes: bytes), limits: limits).all()
}

@Suite("ISO/IEC 14496-12, 4.2: boxes")
struct BoxTests {
    @Test func headerOf32Bits() throws {
        var bytes = buffer("0000000A 66726565 0102 FF")
        let header = try #require(try BoxHeader(parsing: &bytes))
        #expect(header.type == BoxType("free"))
        #expect(header.headerBytes == 8)
        #expect(header.boxBytes == 10)
        #expect(header.payloadBytes == 2)
        #expect(bytes == buffer("0102 FF"))
    }

    @Test func headerOf64Bits() throws {
        var bytes = buffer("00000001 6D646174 0000000100000010 AA")
        let header = try #require(try BoxHeader(parsing: &bytes))
        #expect(header.type == .mdat)
        #expect(header.headerBytes == 16)
        #expect(header.payloadBytes == 0x1_0000_0000)
    }

    @Test func headerWithoutAnEnd() throws {
        var bytes = buffer("00000000 6D646174 AABB")
        let header = try #require(try BoxHeader(parsing: &bytes))
        #expect(header.boxBytes == nil)
        #expect(header.payloadBytes == nil)
        #expect(try all(hex("00000000 6D646174 AABB")) == [Box(type: .mdat, payload: buffer("AABB"))])
    }

    @Test func userType() throws {
        let boxes = try all(hex("0000001A 75756964 000102030405060708090A0B0C0D0E0F BEEF"))
        #expect(boxes == [Box(type: .uuid, userType: Array(0...15), payload: buffer("BEEF"))])
    }

    @Test(arguments: ["", "00000010", "00000010 667265", "00000001 66726565 00000000000000", "0000001A 75756964 0001"])
    func headerThatHasNotAllComeConsumesNothing(_ text: String) throws {
        var bytes = buffer(text)
        #expect(try BoxHeader(parsing: &bytes) == nil)
        #expect(bytes == buffer(text))
    }

    @Test(
        arguments: [
            "00000007 66726565", "00000002 66726565", "00000001 66726565 000000000000000F",
            "00000017 75756964 000102030405060708090A0B0C0D0E0F",
        ])
    func sizeBelowTheHeaderIsRefused(_ text: String) {
        #expect(code { _ = try all(hex(text)) } == .badBoxSize)
    }

    @Test(
        arguments: [
            "00000009 66726565", "FFFFFFFF 66726565 00", "00000001 66726565 FFFFFFFFFFFFFFFF",
            "00000001 66726565 7FFFFFFFFFFFFFFF 00",
        ])
    func boxBeyondItsContainerIsRefused(_ text: String) {
        #expect(code { _ = try all(hex(text)) } == .badBoxSize)
    }

    @Test func paddingBehindTheLastBoxIsIgnored() throws {
        #expect(try all(box("free", []) + [0, 0, 0, 0]).count == 1)
    }

    @Test func childrenAreOneDeeper() throws {
        let outer = try parsed(box("moov", box("trak", box("mdia", []))))
        let inner = try #require(try outer.children().first)
        #expect(inner.depth == 1)
        #expect(try inner.children().map(\.type) == [BoxType("mdia")])
    }

    @Test func countAtTheLimitAndOnePast() throws {
        let limits = ISOBMFFLimits(boxesPerContainerMax: 3)
        let free = box("free", [])
        #expect(try all(free + free + free, limits).count == 3)
        #expect(code { _ = try all(free + free + free + free, limits) } == .tooManyBoxes)
    }

    @Test func depthAtTheLimitAndOnePast() throws {
        let limits = ISOBMFFLimits(depthMax: 2)
        let deepest = try #require(try parsed(box("a000", box("b000", box("c000", box("d000", []))))).children().first)
        let last = try #require(try deepest.children(limits: limits).first)
        #expect(last.depth == 2)
        #expect(code { _ = try last.children(limits: limits) } == .tooDeep)
    }

    @Test func damageOfOneBoxSurvives() throws {
        try verifyOneShot(box("moov", box("trak", hex("01020304")) + box("uuid", Array(0...15)))) { bytes in
            for box in try BoxSequence(bytes).all() { _ = try box.children() }
        }
    }

    @Test func typeIsDescribedByItsLetters() {
        #expect(BoxType("moov").description == "moov")
        #expect(BoxType("moov").rawValue == 0x6D6F_6F76)
        #expect(BoxType(rawValue: 0x0041_4243).description == "?ABC")
    }

    @Test(
        arguments: [
            (ISOBMFFError.Code.badBoxSize, .stream), (.boxTooLarge, .stream), (.tooManySamples, .box),
            (.malformed, .box),
        ] as [(ISOBMFFError.Code, ISOBMFFError.Damage)])
    func errorsSayHowFarTheDamageGoes(_ code: ISOBMFFError.Code, _ damage: ISOBMFFError.Damage) {
        #expect(ISOBMFFError(code, "").damage == damage)
    }
}
