import NIOCore

/// A value of Action Message Format 3. Specification: AMF 3 (2013), 3.1.
public enum AMF3Value: Sendable, Equatable {
    /// Undefined, 3.2.
    case undefined
    /// Null, 3.3.
    case null
    /// False, 3.4, or true, 3.5.
    case boolean(Bool)
    /// A signed integer of 29 bits, 3.6. One that does not fit is written as a double.
    case integer(Int32)
    /// A double, 3.7.
    case double(Double)
    /// A string, 3.8.
    case string(String)
    /// A document of the older XML class, 3.9.
    case xmlDocument(String)
    /// Milliseconds since 1970-01-01 UTC, 3.10.
    case date(milliseconds: Double)
    /// An array, 3.11.
    case array(AMF3Array)
    /// An object, 3.12.
    case object(AMF3Object)
    /// An object of a class with a format of its own, 3.12, of which we know those that wrap one value:
    /// see ``AMF3Value/wrappingClassNames``.
    indirect case externalizable(className: String, AMF3Value)
    /// A document of the E4X class, 3.13.
    case xml(String)
    /// Bytes, 3.14.
    case byteArray(ByteBuffer)
    /// Signed integers, 3.15.
    case vectorInt([Int32], isFixed: Bool)
    /// Unsigned integers, 3.15.
    case vectorUInt([UInt32], isFixed: Bool)
    /// Doubles, 3.15.
    case vectorDouble([Double], isFixed: Bool)
    /// Values of one class; "*" or an empty name for any, 3.15.
    case vectorObject([AMF3Value], className: String, isFixed: Bool)
    /// Keys of any type, 3.16.
    case dictionary([AMF3DictionaryEntry], hasWeakKeys: Bool)

    /// The externalizable classes whose format is one value, which they wrap. Source: Adobe BlazeDS, flex.messaging.io.
    public static let wrappingClassNames: Set<String> = [
        "flex.messaging.io.ArrayCollection", "flex.messaging.io.ArrayList", "flex.messaging.io.ObjectProxy",
    ]
}

/// A key and its value. Specification: AMF 3, 3.16.
public struct AMF3DictionaryEntry: Sendable, Equatable {
    /// Any value.
    public var key: AMF3Value
    /// Any value.
    public var value: AMF3Value

    /// Makes an entry.
    public init(key: AMF3Value, value: AMF3Value) {
        self.key = key
        self.value = value
    }
}

/// A named value of an object or of an array's associative part.
public struct AMF3Property: Sendable, Equatable {
    /// The name; in dynamic and associative parts never empty, since an empty name ends them.
    public var name: String
    /// The value.
    public var value: AMF3Value

    /// Makes a property.
    public init(name: String, value: AMF3Value) {
        self.name = name
        self.value = value
    }
}

/// An array: names with values, and values in order. Specification: AMF 3, 3.11.
public struct AMF3Array: Sendable, Equatable {
    /// The values with names, in the order of the wire.
    public var associative: [AMF3Property]
    /// The values numbered from 0.
    public var dense: [AMF3Value]

    /// Makes an array; see the properties.
    public init(associative: [AMF3Property] = [], dense: [AMF3Value] = []) {
        self.associative = associative
        self.dense = dense
    }
}

/// An object. Specification: AMF 3, 3.12.
public struct AMF3Object: Sendable, Equatable {
    /// The class; empty for an anonymous object.
    public var className: String
    /// The members that the class declares, in its order.
    public var sealed: [AMF3Property]
    /// The members that this object has besides, in the order of the wire; `nil` when its class allows none.
    public var dynamic: [AMF3Property]?

    /// Makes an object; see the properties.
    public init(className: String = "", sealed: [AMF3Property] = [], dynamic: [AMF3Property]? = []) {
        self.className = className
        self.sealed = sealed
        self.dynamic = dynamic
    }

    /// The first member of that name.
    public subscript(name: String) -> AMF3Value? {
        sealed.first { $0.name == name }?.value ?? dynamic?.first { $0.name == name }?.value
    }
}
