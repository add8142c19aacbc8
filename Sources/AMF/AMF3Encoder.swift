import NIOCore

extension AMF3Value {
    /// Decodes one value from the front of a buffer. A message of several values, which may refer to each other, is
    /// decoded with an ``AMF3Decoder``.
    ///
    /// - Throws: ``AMFError``; the buffer's reader index is then unspecified.
    public init(from buffer: inout ByteBuffer, limits: AMFLimits = .init()) throws(AMFError) {
        var decoder = AMF3Decoder(limits: limits)
        self = try decoder.decode(from: &buffer)
    }

    /// Encodes the value without references, which any reader takes, whichever way it scopes its tables.
    public func write(into buffer: inout ByteBuffer) {
        var encoder = AMF3Encoder(usesReferences: false)
        encoder.encode(self, into: &buffer)
    }
}

/// Encodes the values of one message. Specification: AMF 3 (2013), 3.
///
/// Strings and traits that come again are references. Values have no identity, so they are never references. Texts,
/// arrays and the like over 2²⁸ − 1 cannot be said in AMF 3; they must not be given.
public struct AMF3Encoder: Sendable {
    private let usesReferences: Bool
    private var strings: [String: UInt32] = [:]
    private var traits: [AMF3Traits: UInt32] = [:]

    /// - Parameter usesReferences: `false` writes every string and every class in full.
    public init(usesReferences: Bool = true) {
        self.usesReferences = usesReferences
    }

    /// Encodes the next value of the message.
    ///
    /// In associative and dynamic parts an empty name ends the list, so a property without a name is left out.
    public mutating func encode(_ value: AMF3Value, into buffer: inout ByteBuffer) {
        switch value {
        case .undefined: buffer.writeInteger(AMF3Marker.undefined)
        case .null: buffer.writeInteger(AMF3Marker.null)
        case .boolean(let value): buffer.writeInteger(value ? AMF3Marker.true : AMF3Marker.false)
        case .integer(let value): encode(integer: value, into: &buffer)
        case .double(let value): buffer.writeMultipleIntegers(AMF3Marker.double, value.bitPattern)
        case .string(let text):
            buffer.writeInteger(AMF3Marker.string)
            write(text, into: &buffer)
        case .xmlDocument(let text): encode(xml: text, AMF3Marker.xmlDocument, into: &buffer)
        case .xml(let text): encode(xml: text, AMF3Marker.xml, into: &buffer)
        case .date(let milliseconds):
            buffer.writeMultipleIntegers(AMF3Marker.date, UInt8(1), milliseconds.bitPattern)
        case .array(let array): encode(array, into: &buffer)
        case .object(let object): encode(object, into: &buffer)
        case .externalizable(let className, let value):
            buffer.writeInteger(AMF3Marker.object)
            write(
                AMF3Traits(className: className, sealedNames: [], isDynamic: false, isExternalizable: true),
                into: &buffer)
            encode(value, into: &buffer)
        case .byteArray(let bytes):
            writeHead(AMF3Marker.byteArray, count: bytes.readableBytes, into: &buffer)
            buffer.writeImmutableBuffer(bytes)
        case .vectorInt, .vectorUInt, .vectorDouble, .vectorObject: encode(vector: value, into: &buffer)
        case .dictionary(let entries, let hasWeakKeys):
            writeHead(AMF3Marker.dictionary, count: entries.count, into: &buffer)
            buffer.writeInteger(UInt8(hasWeakKeys ? 1 : 0))
            for entry in entries {
                encode(entry.key, into: &buffer)
                encode(entry.value, into: &buffer)
            }
        }
    }

    private func encode(integer value: Int32, into buffer: inout ByteBuffer) {
        guard (-0x1000_0000...0x0FFF_FFFF).contains(value) else {
            buffer.writeMultipleIntegers(AMF3Marker.double, Double(value).bitPattern)
            return
        }
        buffer.writeInteger(AMF3Marker.integer)
        buffer.writeU29(UInt32(bitPattern: value))
    }

    private func encode(xml text: String, _ marker: UInt8, into buffer: inout ByteBuffer) {
        writeHead(marker, count: text.utf8.count, into: &buffer)
        buffer.writeString(text)
    }

    private mutating func encode(_ array: AMF3Array, into buffer: inout ByteBuffer) {
        writeHead(AMF3Marker.array, count: array.dense.count, into: &buffer)
        write(array.associative, into: &buffer)
        for value in array.dense { encode(value, into: &buffer) }
    }

    private mutating func encode(_ object: AMF3Object, into buffer: inout ByteBuffer) {
        buffer.writeInteger(AMF3Marker.object)
        write(
            AMF3Traits(
                className: object.className, sealedNames: object.sealed.map(\.name), isDynamic: object.dynamic != nil,
                isExternalizable: false), into: &buffer)
        for property in object.sealed { encode(property.value, into: &buffer) }
        if let dynamic = object.dynamic { write(dynamic, into: &buffer) }
    }

    private mutating func encode(vector value: AMF3Value, into buffer: inout ByteBuffer) {
        func writeVectorHead(_ marker: UInt8, _ count: Int, _ isFixed: Bool) {
            writeHead(marker, count: count, into: &buffer)
            buffer.writeInteger(UInt8(isFixed ? 1 : 0))
        }
        switch value {
        case .vectorInt(let integers, let isFixed):
            writeVectorHead(AMF3Marker.vectorInt, integers.count, isFixed)
            for integer in integers { buffer.writeInteger(integer) }
        case .vectorUInt(let integers, let isFixed):
            writeVectorHead(AMF3Marker.vectorUInt, integers.count, isFixed)
            for integer in integers { buffer.writeInteger(integer) }
        case .vectorDouble(let doubles, let isFixed):
            writeVectorHead(AMF3Marker.vectorDouble, doubles.count, isFixed)
            for double in doubles { buffer.writeInteger(double.bitPattern) }
        case .vectorObject(let values, let className, let isFixed):
            writeVectorHead(AMF3Marker.vectorObject, values.count, isFixed)
            write(className, into: &buffer)
            for value in values { encode(value, into: &buffer) }
        default: break
        }
    }

    /// The marker, then the count with "no reference" as the lowest bit.
    private func writeHead(_ marker: UInt8, count: Int, into buffer: inout ByteBuffer) {
        buffer.writeInteger(marker)
        buffer.writeU29(UInt32(truncatingIfNeeded: count) << 1 | 1)
    }

    private mutating func write(_ properties: [AMF3Property], into buffer: inout ByteBuffer) {
        for property in properties where !property.name.isEmpty {
            write(property.name, into: &buffer)
            encode(property.value, into: &buffer)
        }
        write("", into: &buffer)
    }

    /// U29S, 1.3.2.
    private mutating func write(_ text: String, into buffer: inout ByteBuffer) {
        if usesReferences, !text.isEmpty {
            if let index = strings[text] {
                buffer.writeU29(index << 1)
                return
            }
            strings[text] = UInt32(truncatingIfNeeded: strings.count)
        }
        buffer.writeU29(UInt32(truncatingIfNeeded: text.utf8.count) << 1 | 1)
        buffer.writeString(text)
    }

    /// U29O-traits, U29O-traits-ref or U29O-traits-ext, 3.12.
    private mutating func write(_ traits: AMF3Traits, into buffer: inout ByteBuffer) {
        if usesReferences {
            if let index = self.traits[traits] {
                buffer.writeU29(index << 2 | 0b01)
                return
            }
            self.traits[traits] = UInt32(truncatingIfNeeded: self.traits.count)
        }
        if traits.isExternalizable {
            buffer.writeU29(0b111)
        } else {
            let count = UInt32(truncatingIfNeeded: traits.sealedNames.count)
            buffer.writeU29(count << 4 | (traits.isDynamic ? 0b1011 : 0b0011))
        }
        write(traits.className, into: &buffer)
        for name in traits.sealedNames { write(name, into: &buffer) }
    }
}
