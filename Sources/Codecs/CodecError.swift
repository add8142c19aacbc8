/// Why bytes that should describe a codec could not be read.
///
/// The damage is that of one value: the frame that held it can still be passed on, only nothing is known about it.
public struct CodecError: Error, Hashable, Sendable {
    /// What kind of thing went wrong.
    public enum Code: Hashable, Sendable {
        /// The bytes end before the value does.
        case truncated
        /// A field has a value that the specification does not allow.
        case malformed
        /// A version or profile that this library does not interpret.
        case unsupported
        /// A field has a value beyond a limit of this library.
        case limitExceeded
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// Where it went wrong, for a log: the syntax element's name as the specification spells it.
    public let detail: String

    /// Makes an error; see the properties.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

extension CodecError: CustomStringConvertible {
    /// The code and the detail.
    public var description: String {
        "\(code): \(detail)"
    }
}
