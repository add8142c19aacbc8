import NIOCore

extension AMF0Value {
    /// Decodes one value from the front of a buffer. A message of several values, which may refer to each other, is
    /// decoded with ``decodeAll(from:limits:)`` or an ``AMF0Decoder``.
    ///
    /// - Throws: ``AMFError``; the buffer's reader index is then unspecified.
    public init(from buffer: inout ByteBuffer, limits: AMFLimits = .init()) throws(AMFError) {
        var decoder = AMF0Decoder(limits: limits)
        self = try decoder.decode(from: &buffer)
    }

    /// Decodes values to the end of a message.
    ///
    /// - Throws: ``AMFError``; the buffer's reader index is then unspecified.
    public static func decodeAll(
        from buffer: inout ByteBuffer, limits: AMFLimits = .init()
    ) throws(AMFError) -> [AMF0Value] {
        var decoder = AMF0Decoder(limits: limits)
        var values: [AMF0Value] = []
        while buffer.readableBytes > 0 { values.append(try decoder.decode(from: &buffer)) }
        return values
    }

    /// Encodes the value, without references. Specification: AMF 0 (2007), 2.
    ///
    /// AMF 0 has no way to say a property name or a class name of more than 65535 bytes: such a property is left out,
    /// and such a typed object becomes an anonymous one.
    public func write(into buffer: inout ByteBuffer) {
        switch self {
        case .number(let value):
            buffer.writeMultipleIntegers(AMF0Marker.number, value.bitPattern)
        case .boolean(let value):
            buffer.writeMultipleIntegers(AMF0Marker.boolean, UInt8(value ? 1 : 0))
        case .string(let value):
            value.writeAMF0(into: &buffer)
        case .object(let object):
            buffer.writeInteger(AMF0Marker.object)
            object.writeProperties(into: &buffer)
        case .null:
            buffer.writeInteger(AMF0Marker.null)
        case .undefined:
            buffer.writeInteger(AMF0Marker.undefined)
        case .ecmaArray(let object):
            buffer.writeMultipleIntegers(
                AMF0Marker.ecmaArray, UInt32(truncatingIfNeeded: object.properties.count))
            object.writeProperties(into: &buffer)
        case .strictArray(let values):
            buffer.writeMultipleIntegers(AMF0Marker.strictArray, UInt32(truncatingIfNeeded: values.count))
            for value in values { value.write(into: &buffer) }
        case .date(let milliseconds, let timeZone):
            buffer.writeMultipleIntegers(AMF0Marker.date, milliseconds.bitPattern, timeZone)
        case .unsupported:
            buffer.writeInteger(AMF0Marker.unsupported)
        case .xmlDocument(let value):
            value.writeLong(AMF0Marker.xmlDocument, into: &buffer)
        case .typedObject(let className, let object):
            object.writeTyped(className, into: &buffer)
        case .amf3(let value):
            buffer.writeInteger(AMF0Marker.avmPlusObject)
            value.write(into: &buffer)
        }
    }
}

extension AMF0Object {
    fileprivate func writeProperties(into buffer: inout ByteBuffer) {
        for property in properties where property.name.writeShort(into: &buffer) {
            property.value.write(into: &buffer)
        }
        buffer.writeMultipleIntegers(UInt16(0), AMF0Marker.objectEnd)
    }

    fileprivate func writeTyped(_ className: String, into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeInteger(AMF0Marker.typedObject)
        if !className.writeShort(into: &buffer) {
            buffer.setInteger(AMF0Marker.object, at: start)
        }
        writeProperties(into: &buffer)
    }
}

extension String {
    /// The length in 16 bits, then the text. Writes nothing and returns `false` when the text is too long for that.
    fileprivate func writeShort(into buffer: inout ByteBuffer) -> Bool {
        guard let length = UInt16(exactly: utf8.count) else { return false }
        buffer.writeInteger(length)
        buffer.writeString(self)
        return true
    }

    /// A string or a long string with its marker, 2.4 and 2.14.
    fileprivate func writeAMF0(into buffer: inout ByteBuffer) {
        guard let length = UInt16(exactly: utf8.count) else {
            writeLong(AMF0Marker.longString, into: &buffer)
            return
        }
        buffer.writeMultipleIntegers(AMF0Marker.string, length)
        buffer.writeString(self)
    }

    fileprivate func writeLong(_ marker: UInt8, into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(marker, UInt32(truncatingIfNeeded: utf8.count))
        buffer.writeString(self)
    }
}
