import NIOCore

/// The byte in front of each value. Specification: AMF 3 (2013), 3.1.
enum AMF3Marker {
    static let undefined: UInt8 = 0x00
    static let null: UInt8 = 0x01
    static let `false`: UInt8 = 0x02
    static let `true`: UInt8 = 0x03
    static let integer: UInt8 = 0x04
    static let double: UInt8 = 0x05
    static let string: UInt8 = 0x06
    static let xmlDocument: UInt8 = 0x07
    static let date: UInt8 = 0x08
    static let array: UInt8 = 0x09
    static let object: UInt8 = 0x0A
    static let xml: UInt8 = 0x0B
    static let byteArray: UInt8 = 0x0C
    static let vectorInt: UInt8 = 0x0D
    static let vectorUInt: UInt8 = 0x0E
    static let vectorDouble: UInt8 = 0x0F
    static let vectorObject: UInt8 = 0x10
    static let dictionary: UInt8 = 0x11
}

/// What a class is made of. Specification: AMF 3, 3.12.
struct AMF3Traits: Hashable, Sendable {
    var className: String
    var sealedNames: [String]
    var isDynamic: Bool
    var isExternalizable: Bool
}

/// What a message has said so far and may refer to. Specification: AMF 3, 2.2.
struct AMF3Tables: Sendable {
    var strings: [String] = []
    var objects = AMFReferenceTable<AMF3Value>()
    var traits: [AMF3Traits] = []
}

/// Decodes the values of one message, which share their tables of references. Specification: AMF 3 (2013), 3.
///
/// References are resolved: the value is a tree, and what it holds counts against the limits each time. Bytes that are
/// not UTF-8 become U+FFFD. After an error the decoder must not be used again.
public struct AMF3Decoder: Sendable {
    /// What the message has spent; an ``AMF0Decoder`` around this one spends from it too.
    var budget: AMFBudget
    private var tables = AMF3Tables()

    /// - Parameter limits: of the whole message.
    public init(limits: AMFLimits = .init()) {
        budget = AMFBudget(limits: limits)
    }

    /// Decodes the next value of the message.
    ///
    /// - Throws: ``AMFError``; the buffer's reader index is then unspecified.
    public mutating func decode(from buffer: inout ByteBuffer) throws(AMFError) -> AMF3Value {
        guard let marker: UInt8 = buffer.readInteger() else { throw .truncated("marker") }
        try budget.spendValue()
        switch marker {
        case AMF3Marker.undefined: return .undefined
        case AMF3Marker.null: return .null
        case AMF3Marker.false: return .boolean(false)
        case AMF3Marker.true: return .boolean(true)
        case AMF3Marker.integer:
            // 29 bits, the highest of which is the sign.
            return .integer(Int32(bitPattern: try buffer.readU29() << 3) >> 3)
        case AMF3Marker.double: return .double(try buffer.readDouble())
        case AMF3Marker.string: return .string(try readString(from: &buffer))
        case AMF3Marker.xmlDocument...AMF3Marker.dictionary: return try readComplex(marker, from: &buffer)
        default: throw AMFError(.unknownMarker, "AMF 3 marker \(marker)")
        }
    }

    /// A reference, or a value that references can mean from here on: U29 with the lowest bit clear or set.
    private mutating func readComplex(_ marker: UInt8, from buffer: inout ByteBuffer) throws(AMFError) -> AMF3Value {
        let flags = try buffer.readU29()
        guard flags & 1 != 0 else {
            return try tables.objects.resolve(Int(flags >> 1), budget: &budget)
        }
        let mark = try budget.enter()
        let index = tables.objects.open()
        let count = Int(flags >> 1)
        let value: AMF3Value =
            switch marker {
            case AMF3Marker.xmlDocument: .xmlDocument(try readUTF8(length: count, from: &buffer))
            case AMF3Marker.date: .date(milliseconds: try buffer.readDouble())
            case AMF3Marker.array: .array(try readArray(denseCount: count, from: &buffer))
            case AMF3Marker.object: try readObject(flags: flags, from: &buffer)
            case AMF3Marker.xml: .xml(try readUTF8(length: count, from: &buffer))
            case AMF3Marker.byteArray: .byteArray(try readByteArray(length: count, from: &buffer))
            case AMF3Marker.dictionary: try readDictionary(count: count, from: &buffer)
            default: try readVector(marker, count: count, from: &buffer)
            }
        tables.objects.close(index, value, cost: budget.leave(mark))
        return value
    }

    /// Names with values until an empty name, then values, 3.11.
    private mutating func readArray(denseCount: Int, from buffer: inout ByteBuffer) throws(AMFError) -> AMF3Array {
        let associative = try readProperties(from: &buffer)
        return AMF3Array(associative: associative, dense: try readValues(count: denseCount, from: &buffer))
    }

    private mutating func readProperties(from buffer: inout ByteBuffer) throws(AMFError) -> [AMF3Property] {
        var properties: [AMF3Property] = []
        while true {
            let name = try readString(from: &buffer)
            if name.isEmpty { return properties }
            properties.append(AMF3Property(name: name, value: try decode(from: &buffer)))
        }
    }

    private mutating func readValues(count: Int, from buffer: inout ByteBuffer) throws(AMFError) -> [AMF3Value] {
        try check(count: count, bytesEach: 1, in: buffer)
        var values: [AMF3Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try decode(from: &buffer)) }
        return values
    }

    private mutating func readByteArray(length: Int, from buffer: inout ByteBuffer) throws(AMFError) -> ByteBuffer {
        try budget.spend(bytes: length)
        guard let bytes = buffer.readSlice(length: length) else { throw .truncated("byte array of \(length)") }
        return bytes
    }

    private mutating func readDictionary(count: Int, from buffer: inout ByteBuffer) throws(AMFError) -> AMF3Value {
        let hasWeakKeys = try buffer.readByte() != 0
        try check(count: count, bytesEach: 2, in: buffer)
        var entries: [AMF3DictionaryEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let key = try decode(from: &buffer)
            entries.append(AMF3DictionaryEntry(key: key, value: try decode(from: &buffer)))
        }
        return .dictionary(entries, hasWeakKeys: hasWeakKeys)
    }

    /// 3.15.
    private mutating func readVector(
        _ marker: UInt8, count: Int, from buffer: inout ByteBuffer
    ) throws(AMFError) -> AMF3Value {
        let isFixed = try buffer.readByte() != 0
        switch marker {
        case AMF3Marker.vectorInt:
            return .vectorInt(try readIntegers(count: count, from: &buffer), isFixed: isFixed)
        case AMF3Marker.vectorUInt:
            return .vectorUInt(try readIntegers(count: count, from: &buffer), isFixed: isFixed)
        case AMF3Marker.vectorDouble:
            let bits: [UInt64] = try readIntegers(count: count, from: &buffer)
            return .vectorDouble(bits.map { Double(bitPattern: $0) }, isFixed: isFixed)
        default:
            let className = try readString(from: &buffer)
            let values = try readValues(count: count, from: &buffer)
            return .vectorObject(values, className: className, isFixed: isFixed)
        }
    }

    private mutating func readIntegers<Integer: FixedWidthInteger>(
        count: Int, from buffer: inout ByteBuffer
    ) throws(AMFError) -> [Integer] {
        try check(count: count, bytesEach: Integer.bitWidth / 8, in: buffer)
        try budget.spend(values: count)
        var integers: [Integer] = []
        integers.reserveCapacity(count)
        for _ in 0..<count {
            guard let integer: Integer = buffer.readInteger() else { throw .truncated("vector") }
            integers.append(integer)
        }
        return integers
    }

    /// Refuses a count that the bytes at hand or the limits cannot hold, before anything is allocated for it.
    private func check(count: Int, bytesEach: Int, in buffer: ByteBuffer) throws(AMFError) {
        guard count <= buffer.readableBytes / bytesEach else { throw .truncated("\(count) values") }
        try budget.check(values: count)
    }
}

// MARK: Objects

extension AMF3Decoder {
    private mutating func readObject(flags: UInt32, from buffer: inout ByteBuffer) throws(AMFError) -> AMF3Value {
        let traits = try readTraits(flags: flags, from: &buffer)
        if traits.isExternalizable {
            guard AMF3Value.wrappingClassNames.contains(traits.className) else {
                throw AMFError(.unknownExternalizable, traits.className)
            }
            return .externalizable(className: traits.className, try decode(from: &buffer))
        }
        var object = AMF3Object(className: traits.className, dynamic: nil)
        object.sealed.reserveCapacity(traits.sealedNames.count)
        for name in traits.sealedNames {
            try budget.spend(bytes: name.utf8.count)
            object.sealed.append(AMF3Property(name: name, value: try decode(from: &buffer)))
        }
        if traits.isDynamic { object.dynamic = try readProperties(from: &buffer) }
        return .object(object)
    }

    /// The lowest bit, set, says "no object reference"; the next clear: a traits reference; the next set: an
    /// externalizable class; the next: whether dynamic; the rest: the number of sealed members. 3.12.
    private mutating func readTraits(flags: UInt32, from buffer: inout ByteBuffer) throws(AMFError) -> AMF3Traits {
        guard flags & 0b10 != 0 else {
            let index = Int(flags >> 2)
            guard tables.traits.indices.contains(index) else {
                throw AMFError(.badReference, "traits \(index) of \(tables.traits.count)")
            }
            let traits = tables.traits[index]
            try check(count: traits.sealedNames.count, bytesEach: 1, in: buffer)
            try budget.spend(bytes: traits.className.utf8.count)
            return traits
        }
        let className = try readString(from: &buffer)
        let isExternalizable = flags & 0b100 != 0
        var traits = AMF3Traits(
            className: className, sealedNames: [], isDynamic: !isExternalizable && flags & 0b1000 != 0,
            isExternalizable: isExternalizable)
        if !isExternalizable {
            let count = Int(flags >> 4)
            // Each member has at least a byte of name and a byte of value.
            try check(count: count, bytesEach: 2, in: buffer)
            traits.sealedNames.reserveCapacity(count)
            for _ in 0..<count { traits.sealedNames.append(try readString(from: &buffer)) }
        }
        tables.traits.append(traits)
        return traits
    }
}

// MARK: Strings

extension AMF3Decoder {
    /// U29S: a reference, or a length and the text. The empty string is never in the table. 1.3.2.
    private mutating func readString(from buffer: inout ByteBuffer) throws(AMFError) -> String {
        let flags = try buffer.readU29()
        let value = Int(flags >> 1)
        guard flags & 1 == 0 else {
            if value == 0 { return "" }
            let text = try readUTF8(length: value, from: &buffer)
            tables.strings.append(text)
            return text
        }
        guard tables.strings.indices.contains(value) else {
            throw AMFError(.badReference, "string \(value) of \(tables.strings.count)")
        }
        let text = tables.strings[value]
        try budget.spend(bytes: text.utf8.count)
        return text
    }

    private mutating func readUTF8(length: Int, from buffer: inout ByteBuffer) throws(AMFError) -> String {
        try budget.spend(bytes: length)
        return try buffer.readUTF8(length: length)
    }
}

extension ByteBuffer {
    /// An unsigned integer of 29 bits in one to four bytes: seven bits each, but eight in a fourth byte. 1.3.1.
    mutating func readU29() throws(AMFError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<3 {
            let byte = try readByte()
            value = value << 7 | UInt32(byte & 0x7F)
            if byte & 0x80 == 0 { return value }
        }
        return value << 8 | UInt32(try readByte())
    }

    /// The lowest 29 bits of the value.
    mutating func writeU29(_ value: UInt32) {
        func septet(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) | 0x80 }
        switch value & 0x1FFF_FFFF {
        case 0..<0x80: writeInteger(UInt8(truncatingIfNeeded: value))
        case 0x80..<0x4000: writeMultipleIntegers(septet(7), UInt8(truncatingIfNeeded: value) & 0x7F)
        case 0x4000..<0x20_0000:
            writeMultipleIntegers(septet(14), septet(7), UInt8(truncatingIfNeeded: value) & 0x7F)
        default: writeMultipleIntegers(septet(22), septet(15), septet(8), UInt8(truncatingIfNeeded: value))
        }
    }
}
