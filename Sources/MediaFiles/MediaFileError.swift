/// Why a media file cannot be read as it is.
public struct MediaFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// The system does not open or read the file.
        case unreadable
        /// It is none of the formats that are read here.
        case unknownFormat
        /// The format is known, but it holds something that cannot be carried unchanged.
        case unsupported
        /// The file contradicts itself, or a limit.
        case damaged
        /// The task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What was found, in one line.
    public var description: String

    /// Makes an error; see the properties.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
