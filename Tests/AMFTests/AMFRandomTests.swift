import AMF
import MediaTesting
import NIOCore
import Testing

/// Grows random values.
private struct ValueGenerator {
    var random: SplitMix64

    mutating func text() -> String {
        let letters = ["a", "é", "流", "\u{1F3A5}", " "]
        return (0..<Int.random(in: 0...4, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }
            .joined()
    }

    mutating func list<Element>(_ make: (inout Self) -> Element) -> [Element] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in make(&self) }
    }

    mutating func amf0Object(_ depth: Int) -> AMF0Object {
        AMF0Object(properties: list { AMF0Object.Property(name: $0.text(), value: $0.amf0(depth)) })
    }

    mutating func amf0(_ depth: Int) -> AMF0Value {
        switch Int.random(in: 0...(depth > 0 ? 12 : 7), using: &random) {
        case 0: .number(Double(Int.random(in: -1000...1000, using: &random)) / 8)
        case 1: .boolean(Bool.random(using: &random))
        case 2: .string(text())
        case 3: .null
        case 4: .undefined
        case 5: .unsupported
        case 6: .date(milliseconds: Double(Int.random(in: 0...1000, using: &random)), timeZone: 0)
        case 7: .xmlDocument(text())
        case 8: .object(amf0Object(depth - 1))
        case 9: .ecmaArray(amf0Object(depth - 1))
        case 10: .strictArray(list { $0.amf0(depth - 1) })
        case 11: .typedObject(className: text(), amf0Object(depth - 1))
        default: .amf3(amf3(depth - 1))
        }
    }

    /// With names, since an empty one ends a list in AMF 3.
    mutating func properties(_ depth: Int) -> [AMF3Property] {
        list { AMF3Property(name: "n" + $0.text(), value: $0.amf3(depth)) }
    }

    mutating func amf3(_ depth: Int) -> AMF3Value {
        switch Int.random(in: 0...(depth > 0 ? 15 : 9), using: &random) {
        case 0: .undefined
        case 1: .null
        case 2: .boolean(Bool.random(using: &random))
        case 3: .integer(Int32.random(in: -0x1000_0000...0x0FFF_FFFF, using: &random))
        case 4: .double(Double(Int.random(in: -1000...1000, using: &random)) / 8)
        case 5: .string(text())
        case 6: .xml(text())
        case 7: .date(milliseconds: Double(Int.random(in: 0...1000, using: &random)))
        case 8: .byteArray(ByteBuffer(bytes: list { UInt8.random(in: 0...255, using: &$0.random) }))
        case 9: .vectorInt(list { Int32.random(in: .min ... .max, using: &$0.random) }, isFixed: true)
        case 10: .array(AMF3Array(associative: properties(depth - 1), dense: list { $0.amf3(depth - 1) }))
        case 11: .object(AMF3Object(className: text(), sealed: properties(depth - 1), dynamic: nil))
        case 12: .object(AMF3Object(sealed: properties(depth - 1), dynamic: properties(depth - 1)))
        case 13: .externalizable(className: "flex.messaging.io.ObjectProxy", amf3(depth - 1))
        case 14: .vectorObject(list { $0.amf3(depth - 1) }, className: text(), isFixed: false)
        default:
            .dictionary(
                list { AMF3DictionaryEntry(key: $0.amf3(depth - 1), value: $0.amf3(depth - 1)) }, hasWeakKeys: false)
        }
    }
}

@Suite("AMF: random values")
struct AMFRandomTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func whatIsWrittenIsRead(_ seed: UInt64) throws {
        var generator = ValueGenerator(random: SplitMix64(seed: seed))
        for _ in 0..<500 {
            let value = generator.amf0(4)
            var buffer = ByteBuffer(bytes: written { value.write(into: &$0) })
            #expect(try AMF0Value(from: &buffer) == value)
            #expect(buffer.readableBytes == 0)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func messageWithReferencesIsReadAsWritten(_ seed: UInt64) throws {
        var generator = ValueGenerator(random: SplitMix64(seed: seed))
        for _ in 0..<200 {
            let values = (0..<3).map { _ in generator.amf3(4) }
            var encoder = AMF3Encoder()
            var buffer = ByteBuffer(bytes: written { for value in values { encoder.encode(value, into: &$0) } })
            var decoder = AMF3Decoder()
            for value in values { #expect(try decoder.decode(from: &buffer) == value) }
            #expect(buffer.readableBytes == 0)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedValuesDoNotTrap(_ seed: UInt64) {
        var generator = ValueGenerator(random: SplitMix64(seed: seed))
        for _ in 0..<20 {
            let value = generator.amf0(4)
            _ = try? verifyOneShot(written { value.write(into: &$0) }) { buffer throws(AMFError) in
                try AMF0Value.decodeAll(from: &buffer)
            }
        }
    }
}
