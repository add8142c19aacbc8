import AMF
import MediaTesting
import NIOCore
import Testing

/// A value and its encoding without references.
struct AMF3Vector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let value: AMF3Value

    init(_ name: String, _ bytes: [UInt8], _ value: AMF3Value) {
        testDescription = name
        self.bytes = bytes
        self.value = value
    }
}

private let scalars: [AMF3Vector] = [
    AMF3Vector("undefined 3.2", hex("00"), .undefined),
    AMF3Vector("null 3.3", hex("01"), .null),
    AMF3Vector("false 3.4", hex("02"), .boolean(false)),
    AMF3Vector("true 3.5", hex("03"), .boolean(true)),
    AMF3Vector("integer 0", hex("04 00"), .integer(0)),
    AMF3Vector("integer of one byte", hex("04 7F"), .integer(0x7F)),
    AMF3Vector("integer of two bytes", hex("04 8100"), .integer(0x80)),
    AMF3Vector("most in two bytes", hex("04 FF7F"), .integer(0x3FFF)),
    AMF3Vector("integer of three bytes", hex("04 818000"), .integer(0x4000)),
    AMF3Vector("most in three bytes", hex("04 FFFF7F"), .integer(0x1F_FFFF)),
    AMF3Vector("integer of four bytes", hex("04 80C08000"), .integer(0x20_0000)),
    AMF3Vector("greatest integer", hex("04 BFFFFFFF"), .integer(0x0FFF_FFFF)),
    AMF3Vector("least integer", hex("04 C0808000"), .integer(-0x1000_0000)),
    AMF3Vector("minus one", hex("04 FFFFFFFF"), .integer(-1)),
    AMF3Vector("double 3.7", hex("05 3FF8000000000000"), .double(1.5)),
    AMF3Vector("string 3.8", hex("06 07 616263"), .string("abc")),
    AMF3Vector("empty string 3.8", hex("06 01"), .string("")),
]

private let complexes: [AMF3Vector] = [
    AMF3Vector("XML document 3.9", hex("07 09 3C612F3E"), .xmlDocument("<a/>")),
    AMF3Vector("date 3.10", hex("08 01 408F400000000000"), .date(milliseconds: 1000)),
    AMF3Vector("dense array 3.11", hex("09 05 01 04 01 04 02"), .array(AMF3Array(dense: [.integer(1), .integer(2)]))),
    AMF3Vector(
        "associative array 3.11", hex("09 01 03 61 03 01"),
        .array(AMF3Array(associative: [AMF3Property(name: "a", value: .boolean(true))]))),
    AMF3Vector(
        "anonymous dynamic object 3.12", hex("0A 0B 01 03 61 01 01"),
        .object(AMF3Object(dynamic: [AMF3Property(name: "a", value: .null)]))),
    AMF3Vector(
        "sealed object 3.12", hex("0A 23 03 43 03 61 03 62 04 01 04 02"),
        .object(
            AMF3Object(
                className: "C",
                sealed: [
                    AMF3Property(name: "a", value: .integer(1)), AMF3Property(name: "b", value: .integer(2)),
                ], dynamic: nil))),
    AMF3Vector(
        "ArrayCollection 3.12", hex("0A 07 43") + Array("flex.messaging.io.ArrayCollection".utf8) + hex("09 01 01"),
        .externalizable(className: "flex.messaging.io.ArrayCollection", .array(AMF3Array()))),
    AMF3Vector("XML 3.13", hex("0B 09 3C612F3E"), .xml("<a/>")),
    AMF3Vector("byte array 3.14", hex("0C 07 00FF80"), .byteArray(ByteBuffer(bytes: [0x00, 0xFF, 0x80]))),
    AMF3Vector("vector of int 3.15", hex("0D 03 01 FFFFFFFF"), .vectorInt([-1], isFixed: true)),
    AMF3Vector("vector of uint 3.15", hex("0E 03 00 FFFFFFFF"), .vectorUInt([.max], isFixed: false)),
    AMF3Vector("vector of double 3.15", hex("0F 03 00 3FF8000000000000"), .vectorDouble([1.5], isFixed: false)),
    AMF3Vector(
        "vector of objects 3.15", hex("10 05 00 03 2A 06 03 61 01"),
        .vectorObject([.string("a"), .null], className: "*", isFixed: false)),
    AMF3Vector(
        "dictionary 3.16", hex("11 03 01 04 01 06 03 61"),
        .dictionary([AMF3DictionaryEntry(key: .integer(1), value: .string("a"))], hasWeakKeys: true)),
]

@Suite("AMF 3, 3: values")
struct AMF3ValueTests {
    @Test(arguments: scalars + complexes)
    func decodes(_ vector: AMF3Vector) throws {
        let value = try verifyOneShot(vector.bytes) { buffer throws(AMFError) in try AMF3Value(from: &buffer) }
        #expect(value == vector.value)
    }

    @Test(arguments: scalars + complexes)
    func encodes(_ vector: AMF3Vector) {
        #expect(written { vector.value.write(into: &$0) } == vector.bytes)
    }

    @Test(arguments: scalars + complexes)
    func everyPrefixIsTruncated(_ vector: AMF3Vector) {
        for length in vector.bytes.indices {
            var buffer = ByteBuffer(bytes: vector.bytes[..<length])
            let error = #expect(throws: AMFError.self) { try AMF3Value(from: &buffer) }
            #expect(error?.code == .truncated)
        }
    }

    @Test(arguments: [0x1000_0000, -0x1000_0001] as [Int32])
    func integerPast29BitsIsWrittenAsDouble(_ integer: Int32) throws {
        var buffer = ByteBuffer(bytes: written { AMF3Value.integer(integer).write(into: &$0) })
        #expect(try AMF3Value(from: &buffer) == .double(Double(integer)))
    }

    @Test func propertyWithoutNameIsLeftOutWhereItWouldEndTheList() {
        let object = AMF3Object(dynamic: [AMF3Property(name: "", value: .null)])
        #expect(written { AMF3Value.object(object).write(into: &$0) } == hex("0A 0B 01 01"))
    }

    @Test func unknownExternalizableIsRefused() {
        var buffer = ByteBuffer(bytes: hex("0A 07 03 43 01"))
        let error = #expect(throws: AMFError.self) { try AMF3Value(from: &buffer) }
        #expect(error?.code == .unknownExternalizable)
    }

    @Test func unknownMarkerIsRefused() {
        var buffer = ByteBuffer(bytes: hex("12 01"))
        let error = #expect(throws: AMFError.self) { try AMF3Value(from: &buffer) }
        #expect(error?.code == .unknownMarker)
    }

    /// Counts near 2²⁸ with nothing behind them.
    @Test(arguments: ["09 FFFFFFFF 01", "0C FFFFFFFF", "0D FFFFFFFF 00", "0F FFFFFFFF 00", "10 FFFFFFFF 00 01"])
    func claimedCountAllocatesNothing(_ bytes: String) {
        var buffer = ByteBuffer(bytes: hex(bytes))
        let limits = AMFLimits(bytesMax: .max)
        let error = #expect(throws: AMFError.self) { try AMF3Value(from: &buffer, limits: limits) }
        #expect(error?.code == .truncated)
    }

    @Test func invalidUTF8IsRepaired() throws {
        var buffer = ByteBuffer(bytes: hex("06 07 61 FF 62"))
        #expect(try AMF3Value(from: &buffer) == .string("a\u{FFFD}b"))
    }

    @Test func memberIsFoundByName() {
        let object = AMF3Object(
            sealed: [AMF3Property(name: "a", value: .integer(1))],
            dynamic: [AMF3Property(name: "a", value: .null), AMF3Property(name: "b", value: .integer(2))])
        #expect(object["a"] == .integer(1))
        #expect(object["b"] == .integer(2))
        #expect(object["c"] == nil)
    }
}

@Suite("AMF 3, 2.2: references")
struct AMF3ReferenceTests {
    /// Two dynamic objects { x: "abc", y: "abc" } of one class "C" in an array.
    private static let object = AMF3Object(
        className: "C", sealed: [AMF3Property(name: "x", value: .string("abc"))],
        dynamic: [AMF3Property(name: "y", value: .string("abc"))])
    private static let pair = AMF3Value.array(AMF3Array(dense: [.object(object), .object(object)]))
    private static let pairBytes = hex(
        "09 05 01  0A 1B 03 43 03 78 06 07 616263 03 79 06 04 01  0A 01 06 04 06 06 04 01")

    @Test func repeatedStringsAndTraitsAreWrittenOnce() {
        let bytes = written {
            var encoder = AMF3Encoder()
            encoder.encode(Self.pair, into: &$0)
        }
        #expect(bytes == Self.pairBytes)
    }

    @Test func stringAndTraitsReferencesAreResolved() throws {
        let value = try verifyOneShot(Self.pairBytes) { buffer throws(AMFError) in try AMF3Value(from: &buffer) }
        #expect(value == Self.pair)
    }

    @Test func objectReferenceIsResolved() throws {
        // [ date, reference 1 ]: 0 is the array.
        let bytes = hex("09 05 01 08 01 408F400000000000 08 02")
        let value = try verifyOneShot(bytes) { buffer throws(AMFError) in try AMF3Value(from: &buffer) }
        let date = AMF3Value.date(milliseconds: 1000)
        #expect(value == .array(AMF3Array(dense: [date, date])))
    }

    @Test func tablesReachAcrossTheValuesOfAMessage() throws {
        var decoder = AMF3Decoder()
        var buffer = ByteBuffer(bytes: hex("06 07 616263 06 00"))
        #expect(try decoder.decode(from: &buffer) == .string("abc"))
        #expect(try decoder.decode(from: &buffer) == .string("abc"))
    }

    @Test func tablesReachAcrossAvmPlusValuesOfAMessage() throws {
        var buffer = ByteBuffer(bytes: hex("11 06 07 616263 05 11 06 00"))
        let values = try AMF0Value.decodeAll(from: &buffer)
        #expect(values == [.amf3(.string("abc")), .null, .amf3(.string("abc"))])
    }

    @Test(
        arguments: [
            ("06 00", .badReference), ("08 00", .badReference), ("0A 01", .badReference),
            ("09 03 01 09 00", .cyclicReference),
        ] as [(String, AMFError.Code)])
    func referenceToNothingOrItselfIsRefused(_ bytes: String, _ code: AMFError.Code) {
        var buffer = ByteBuffer(bytes: hex(bytes))
        let error = #expect(throws: AMFError.self) { try AMF3Value(from: &buffer) }
        #expect(error?.code == code)
    }
}
