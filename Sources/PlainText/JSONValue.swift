/// A JSON document in the making. Specification: RFC 8259.
public indirect enum JSONValue: Sendable, Hashable {
    /// Members in the order in which they are written.
    case object([Member])
    /// Elements.
    case array([JSONValue])
    /// Text.
    case string(String)
    /// A whole number.
    case integer(Int)
    /// A number with at most so many digits behind the point; nil, and what is no number, becomes null.
    case decimal(Double?, digits: Int)
    /// True or false.
    case bool(Bool)
    /// Nothing.
    case null

    /// A name and its value.
    public struct Member: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// An object without the members that have no value.
    public static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }

    /// The document on one line.
    public var text: String {
        switch self {
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.name)):\($0.value.text)" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .string(let text): Self.quoted(text)
        case .integer(let number): "\(number)"
        case .decimal(let number, let digits):
            if let number, number.isFinite { NumberText.short(number, digits: digits) } else { "null" }
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        }
    }

    /// On one line, and without what drives a terminal. Specification: RFC 8259, 7.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                quoted += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
