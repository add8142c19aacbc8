import AMF
import MediaTesting
import NIOCore
import Testing

/// A value and its only encoding.
struct AMF0Vector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let value: AMF0Value

    init(_ name: String, _ bytes: [UInt8], _ value: AMF0Value) {
        testDescription = name
        self.bytes = bytes
        self.value = value
    }
}

private let vectors: [AMF0Vector] = [
    AMF0Vector("number 2.2", hex("00 40590000 00000000"), .number(100)),
    AMF0Vector("boolean true 2.3", hex("01 01"), .boolean(true)),
    AMF0Vector("boolean false 2.3", hex("01 00"), .boolean(false)),
    AMF0Vector("string 2.4", hex("02 0007 636F6E6E656374"), .string("connect")),
    AMF0Vector("empty string 2.4", hex("02 0000"), .string("")),
    AMF0Vector("string beyond ASCII 2.4", hex("02 0006 E6B581 C3A9 21"), .string("流é!")),
    AMF0Vector("object 2.5", hex("03 0003 617070 02 0004 6C697665 000009"), .object(["app": .string("live")])),
    AMF0Vector("empty object 2.5", hex("03 000009"), .object([:])),
    AMF0Vector("empty name 2.5", hex("03 0000 05 000009"), .object(["": .null])),
    AMF0Vector("null 2.7", hex("05"), .null),
    AMF0Vector("undefined 2.8", hex("06"), .undefined),
    AMF0Vector("ECMA array 2.10", hex("08 00000001 0001 61 0101 000009"), .ecmaArray(["a": .boolean(true)])),
    AMF0Vector("strict array 2.12", hex("0A 00000002 05 06"), .strictArray([.null, .undefined])),
    AMF0Vector("date 2.13", hex("0B 408F400000000000 FFC4"), .date(milliseconds: 1000, timeZone: -60)),
    AMF0Vector("unsupported 2.15", hex("0D"), .unsupported),
    AMF0Vector("XML document 2.17", hex("0F 00000004 3C612F3E"), .xmlDocument("<a/>")),
    AMF0Vector(
        "typed object 2.18", hex("10 0001 43 0001 78 05 000009"), .typedObject(className: "C", ["x": .null])),
    AMF0Vector("AMF 3 behind avmplus 3.1", hex("11 04 07"), .amf3(.integer(7))),
    AMF0Vector(
        "nested", hex("03 0001 61 03 0001 62 0A 00000001 03 000009 000009 000009"),
        .object(["a": .object(["b": .strictArray([.object([:])])])])),
]

@Suite("AMF 0, 2: values")
struct AMF0ValueTests {
    @Test(arguments: vectors)
    func decodes(_ vector: AMF0Vector) throws {
        let value = try verifyOneShot(vector.bytes) { buffer throws(AMFError) in try AMF0Value(from: &buffer) }
        #expect(value == vector.value)
    }

    @Test(arguments: vectors)
    func encodes(_ vector: AMF0Vector) {
        #expect(written { vector.value.write(into: &$0) } == vector.bytes)
    }

    @Test(arguments: vectors)
    func everyPrefixIsTruncated(_ vector: AMF0Vector) {
        for length in vector.bytes.indices {
            var buffer = ByteBuffer(bytes: vector.bytes[..<length])
            let error = #expect(throws: AMFError.self) { try AMF0Value(from: &buffer) }
            #expect(error?.code == .truncated)
        }
    }

    @Test func decodesAllValuesOfAMessage() throws {
        let bytes = hex("02 0007 5F726573756C74 00 3FF0000000000000 05")
        let values = try verifyOneShot(bytes) { buffer throws(AMFError) in try AMF0Value.decodeAll(from: &buffer) }
        #expect(values == [.string("_result"), .number(1), .null])
    }

    @Test func leavesWhatFollowsTheValue() throws {
        var buffer = ByteBuffer(bytes: hex("05 06"))
        #expect(try AMF0Value(from: &buffer) == .null)
        #expect(buffer.readableBytes == 1)
    }

    @Test func wrongArrayCountIsAHint() throws {
        var buffer = ByteBuffer(bytes: hex("08 FFFFFFFF 0001 61 05 000009"))
        #expect(try AMF0Value(from: &buffer) == .ecmaArray(["a": .null]))
    }

    @Test func anyByteButZeroIsTrue() throws {
        var buffer = ByteBuffer(bytes: hex("01 02"))
        #expect(try AMF0Value(from: &buffer) == .boolean(true))
    }

    @Test func invalidUTF8IsRepaired() throws {
        var buffer = ByteBuffer(bytes: hex("02 0003 61 FF 62"))
        #expect(try AMF0Value(from: &buffer) == .string("a\u{FFFD}b"))
    }

    @Test(arguments: [0x04, 0x09, 0x0E, 0x12, 0xFF] as [UInt8])
    func unknownMarkerIsRefused(_ marker: UInt8) {
        var buffer = ByteBuffer(bytes: [marker, 0, 0, 0, 0])
        let error = #expect(throws: AMFError.self) { try AMF0Value(from: &buffer) }
        #expect(error?.code == .unknownMarker)
    }

    @Test func claimedArrayCountAllocatesNothing() {
        var buffer = ByteBuffer(bytes: hex("0A FFFFFFFF 05"))
        let error = #expect(throws: AMFError.self) { try AMF0Value(from: &buffer) }
        #expect(error?.code == .truncated)
    }

    @Test(arguments: [(65535, 0x02), (65536, 0x0C)] as [(Int, UInt8)])
    func stringBecomesLongPast65535Bytes(_ length: Int, _ marker: UInt8) throws {
        let value = AMF0Value.string(String(repeating: "x", count: length))
        let bytes = written { value.write(into: &$0) }
        #expect(bytes.first == marker)
        var buffer = ByteBuffer(bytes: bytes)
        #expect(try AMF0Value(from: &buffer) == value)
    }

    @Test func nameTooLongToSayIsLeftOut() throws {
        let long = String(repeating: "x", count: 65536)
        let object: AMF0Object = [long: .null, "a": .null]
        #expect(written { AMF0Value.object(object).write(into: &$0) } == hex("03 0001 61 05 000009"))
        let typed = AMF0Value.typedObject(className: long, ["a": .null])
        #expect(written { typed.write(into: &$0) } == hex("03 0001 61 05 000009"))
    }
}

@Suite("AMF 0, 2.9: references")
struct AMF0ReferenceTests {
    @Test func referenceIsTheValueThatBeganEarlier() throws {
        // { a: { x: null }, b: reference 1 }: 0 is the outer object.
        let bytes = hex("03 0001 61 03 0001 78 05 000009 0001 62 07 0001 000009")
        let value = try verifyOneShot(bytes) { buffer throws(AMFError) in try AMF0Value(from: &buffer) }
        #expect(value == .object(["a": .object(["x": .null]), "b": .object(["x": .null])]))
    }

    @Test func referenceReachesAcrossTheValuesOfAMessage() throws {
        var buffer = ByteBuffer(bytes: hex("0A 00000001 05 07 0000"))
        let values = try AMF0Value.decodeAll(from: &buffer)
        #expect(values == [.strictArray([.null]), .strictArray([.null])])
    }

    @Test func referenceToNothingIsRefused() {
        var buffer = ByteBuffer(bytes: hex("07 0000"))
        let error = #expect(throws: AMFError.self) { try AMF0Value(from: &buffer) }
        #expect(error?.code == .badReference)
    }

    @Test func referenceToItselfIsRefused() {
        var buffer = ByteBuffer(bytes: hex("03 0001 61 07 0000 000009"))
        let error = #expect(throws: AMFError.self) { try AMF0Value(from: &buffer) }
        #expect(error?.code == .cyclicReference)
    }
}

@Suite("AMF 0: object access")
struct AMF0ObjectTests {
    @Test func settingReplacesAppendsAndRemoves() {
        var object: AMF0Object = ["a": .null]
        object["a"] = .number(1)
        object["b"] = .number(2)
        #expect(object.properties.map(\.name) == ["a", "b"])
        #expect(object["a"]?.number == 1)
        object["a"] = nil
        object["c"] = nil
        #expect(object == ["b": .number(2)])
    }

    @Test func firstOfRepeatedNamesCounts() {
        let object: AMF0Object = ["a": .number(1), "a": .number(2)]
        #expect(object["a"]?.number == 1)
    }

    @Test func accessorsTakeOnlyTheirKind() {
        #expect(AMF0Value.number(1).string == nil)
        #expect(AMF0Value.string("a").number == nil)
        #expect(AMF0Value.null.boolean == nil)
        #expect(AMF0Value.strictArray([]).object == nil)
        #expect(AMF0Value.boolean(true).boolean == true)
        #expect(AMF0Value.typedObject(className: "C", ["a": .null]).object == ["a": .null])
    }
}
