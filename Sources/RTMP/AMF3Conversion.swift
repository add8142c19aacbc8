import AMF

extension AMF0Value {
    /// A value in AMF 3 as its counterpart in AMF 0, one level deep; any other value as it is.
    ///
    /// Flash Player sends commands with AMF 3 arguments when objectEncoding is 3, and every reader of commands here knows
    /// AMF 0 only. Deeper levels stay in AMF 3 until they are asked for: values in AMF 3 may refer to one another, and a
    /// whole conversion would multiply what the wire and the memory hold once.
    var asAMF0: AMF0Value {
        guard case .amf3(let value) = self else { return self }
        switch value {
        case .object(let object):
            return .object(AMF0Object(properties: (object.sealed + (object.dynamic ?? [])).map(\.asAMF0)))
        case .array(let array) where array.associative.isEmpty:
            return .strictArray(array.dense.map(\.scalarAsAMF0))
        case .array(let array):
            return .ecmaArray(AMF0Object(properties: array.associative.map(\.asAMF0)))
        default:
            return value.scalarAsAMF0
        }
    }
}

extension AMF3Property {
    fileprivate var asAMF0: AMF0Object.Property {
        AMF0Object.Property(name: name, value: value.scalarAsAMF0)
    }
}

extension AMF3Value {
    fileprivate var scalarAsAMF0: AMF0Value {
        switch self {
        case .undefined: .undefined
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .number(Double(value))
        case .double(let value): .number(value)
        case .string(let value): .string(value)
        case .date(let milliseconds): .date(milliseconds: milliseconds, timeZone: 0)
        default: .amf3(self)
        }
    }
}
