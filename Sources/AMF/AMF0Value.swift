/// A value of Action Message Format 0. Specification: AMF 0 (2007), 2.1.
public enum AMF0Value: Sendable, Equatable {
    /// A double, 2.2.
    case number(Double)
    /// A truth value, 2.3.
    case boolean(Bool)
    /// A string, 2.4; a long string, 2.14, when it has more than 65535 bytes.
    case string(String)
    /// An anonymous object, 2.5.
    case object(AMF0Object)
    /// Null, 2.7.
    case null
    /// Undefined, 2.8.
    case undefined
    /// An associative array, 2.10. Its count on the wire is a hint and is not kept.
    case ecmaArray(AMF0Object)
    /// A strict array, 2.12.
    case strictArray([AMF0Value])
    /// Milliseconds since 1970-01-01 UTC; the time zone is reserved and normally 0, 2.13.
    case date(milliseconds: Double, timeZone: Int16)
    /// A type that cannot be serialised, 2.15.
    case unsupported
    /// An XML document, 2.17.
    case xmlDocument(String)
    /// An object with a class name, 2.18.
    case typedObject(className: String, AMF0Object)
    /// A value in AMF 3 behind the avmplus-object marker, AMF 3, 4.1.
    case amf3(AMF3Value)
}

/// The properties of an object or an associative array, in the order of the wire.
public struct AMF0Object: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One property.
    public struct Property: Sendable, Equatable {
        /// The property's name.
        public var name: String
        /// The property's value.
        public var value: AMF0Value

        /// Makes a property.
        public init(name: String, value: AMF0Value) {
            self.name = name
            self.value = value
        }
    }

    /// The properties, in the order of the wire. Names may repeat.
    public var properties: [Property]

    /// - Parameter properties: in the order of the wire.
    public init(properties: [Property] = []) {
        self.properties = properties
    }

    /// - Parameter elements: names and values, in order.
    public init(dictionaryLiteral elements: (String, AMF0Value)...) {
        properties = elements.map { Property(name: $0.0, value: $0.1) }
    }

    /// The first property of that name. Setting replaces it, appends it, or with `nil` removes it.
    public subscript(name: String) -> AMF0Value? {
        get { properties.first { $0.name == name }?.value }
        set {
            let index = properties.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): properties[index].value = value
            case (let index?, nil): properties.remove(at: index)
            case (nil, let value?): properties.append(Property(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension AMF0Value {
    /// The number, if it is one.
    public var number: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The string, if it is one.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value, if it is one.
    public var boolean: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The properties of an object, a typed object or an associative array.
    public var object: AMF0Object? {
        switch self {
        case .object(let object), .ecmaArray(let object), .typedObject(_, let object): object
        default: nil
        }
    }
}
