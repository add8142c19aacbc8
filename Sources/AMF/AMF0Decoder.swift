import NIOCore

/// The byte in front of each value. Specification: AMF 0 (2007), 2.1.
enum AMF0Marker {
    static let number: UInt8 = 0x00
    static let boolean: UInt8 = 0x01
    static let string: UInt8 = 0x02
    static let object: UInt8 = 0x03
    static let null: UInt8 = 0x05
    static let undefined: UInt8 = 0x06
    static let reference: UInt8 = 0x07
    static let ecmaArray: UInt8 = 0x08
    static let objectEnd: UInt8 = 0x09
    static let strictArray: UInt8 = 0x0A
    static let date: UInt8 = 0x0B
    static let longString: UInt8 = 0x0C
    static let unsupported: UInt8 = 0x0D
    static let xmlDocument: UInt8 = 0x0F
    static let typedObject: UInt8 = 0x10
    static let avmPlusObject: UInt8 = 0x11
}

/// Decodes the values of one message, which share one table of references. Specification: AMF 0 (2007), 2.
///
/// References are resolved: the value is a tree, and what it holds counts against the limits each time. Bytes that are
/// not UTF-8 become U+FFFD. After an error the decoder must not be used again.
public struct AMF0Decoder: Sendable {
    private var references = AMFReferenceTable<AMF0Value>()
    /// Decodes what is behind an avmplus-object marker, and holds the budget of the whole message.
    private var amf3: AMF3Decoder

    /// - Parameter limits: of the whole message.
    public init(limits: AMFLimits = .init()) {
        amf3 = AMF3Decoder(limits: limits)
    }

    /// Decodes the next value of the message.
    ///
    /// - Throws: ``AMFError``; the buffer's reader index is then unspecified.
    public mutating func decode(from buffer: inout ByteBuffer) throws(AMFError) -> AMF0Value {
        guard let marker: UInt8 = buffer.readInteger() else { throw .truncated("marker") }
        try amf3.budget.spendValue()
        switch marker {
        case AMF0Marker.number: return .number(try buffer.readDouble())
        case AMF0Marker.boolean: return .boolean(try buffer.readByte() != 0)
        case AMF0Marker.string: return .string(try readString(from: &buffer))
        case AMF0Marker.null: return .null
        case AMF0Marker.undefined: return .undefined
        case AMF0Marker.unsupported: return .unsupported
        case AMF0Marker.longString: return .string(try readLongString(from: &buffer))
        case AMF0Marker.xmlDocument: return .xmlDocument(try readLongString(from: &buffer))
        case AMF0Marker.date: return try readDate(from: &buffer)
        case AMF0Marker.reference: return try readReference(from: &buffer)
        case AMF0Marker.avmPlusObject: return .amf3(try amf3.decode(from: &buffer))
        default: return try readContainer(marker, from: &buffer)
        }
    }

    private mutating func readContainer(
        _ marker: UInt8, from buffer: inout ByteBuffer
    ) throws(AMFError) -> AMF0Value {
        let mark = try amf3.budget.enter()
        let index = references.open()
        let value: AMF0Value
        switch marker {
        case AMF0Marker.object:
            value = .object(try readProperties(from: &buffer))
        case AMF0Marker.ecmaArray:
            // The count is a hint that encoders get wrong; the end marker counts.
            guard buffer.readInteger(as: UInt32.self) != nil else { throw .truncated("array count") }
            value = .ecmaArray(try readProperties(from: &buffer))
        case AMF0Marker.typedObject:
            let className = try readString(from: &buffer)
            value = .typedObject(className: className, try readProperties(from: &buffer))
        case AMF0Marker.strictArray:
            value = .strictArray(try readElements(from: &buffer))
        default:
            throw AMFError(.unknownMarker, "AMF 0 marker \(marker)")
        }
        references.close(index, value, cost: amf3.budget.leave(mark))
        return value
    }

    /// Names and values until an empty name with an object-end marker, 2.5 and 2.11.
    private mutating func readProperties(from buffer: inout ByteBuffer) throws(AMFError) -> AMF0Object {
        var object = AMF0Object()
        while true {
            guard let length: UInt16 = buffer.readInteger() else { throw .truncated("property name") }
            if length == 0, buffer.getInteger(at: buffer.readerIndex) == AMF0Marker.objectEnd {
                buffer.moveReaderIndex(forwardBy: 1)
                return object
            }
            let name = try readUTF8(length: Int(length), from: &buffer)
            object.properties.append(AMF0Object.Property(name: name, value: try decode(from: &buffer)))
        }
    }

    /// A strict array's elements, 2.12.
    private mutating func readElements(from buffer: inout ByteBuffer) throws(AMFError) -> [AMF0Value] {
        guard let count: UInt32 = buffer.readInteger() else { throw .truncated("array count") }
        // Each value has at least its marker.
        guard count <= buffer.readableBytes else { throw .truncated("array of \(count)") }
        try amf3.budget.check(values: Int(count))
        var elements: [AMF0Value] = []
        elements.reserveCapacity(Int(count))
        for _ in 0..<count { elements.append(try decode(from: &buffer)) }
        return elements
    }

    /// 2.9: the number of a complex value that began earlier in the message.
    private mutating func readReference(from buffer: inout ByteBuffer) throws(AMFError) -> AMF0Value {
        guard let index: UInt16 = buffer.readInteger() else { throw .truncated("reference") }
        return try references.resolve(Int(index), budget: &amf3.budget)
    }

    /// 2.13: the time, then the time zone.
    private func readDate(from buffer: inout ByteBuffer) throws(AMFError) -> AMF0Value {
        let milliseconds = try buffer.readDouble()
        guard let timeZone: Int16 = buffer.readInteger() else { throw .truncated("time zone") }
        return .date(milliseconds: milliseconds, timeZone: timeZone)
    }

    private mutating func readString(from buffer: inout ByteBuffer) throws(AMFError) -> String {
        guard let length: UInt16 = buffer.readInteger() else { throw .truncated("string length") }
        return try readUTF8(length: Int(length), from: &buffer)
    }

    private mutating func readLongString(from buffer: inout ByteBuffer) throws(AMFError) -> String {
        guard let length: UInt32 = buffer.readInteger() else { throw .truncated("string length") }
        return try readUTF8(length: Int(length), from: &buffer)
    }

    private mutating func readUTF8(length: Int, from buffer: inout ByteBuffer) throws(AMFError) -> String {
        try amf3.budget.spend(bytes: length)
        return try buffer.readUTF8(length: length)
    }
}

extension AMFError {
    static func truncated(_ place: String) -> AMFError {
        AMFError(.truncated, place)
    }
}

extension ByteBuffer {
    mutating func readByte() throws(AMFError) -> UInt8 {
        guard let byte: UInt8 = readInteger() else { throw .truncated("byte") }
        return byte
    }

    /// IEEE 754, highest byte first.
    mutating func readDouble() throws(AMFError) -> Double {
        guard let bits: UInt64 = readInteger() else { throw .truncated("double") }
        return Double(bitPattern: bits)
    }

    /// Text; what is not UTF-8 becomes U+FFFD.
    mutating func readUTF8(length: Int) throws(AMFError) -> String {
        guard let text = readString(length: length) else { throw .truncated("text of \(length) bytes") }
        return text
    }
}
