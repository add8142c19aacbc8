/// The name of a stream, "app/stream", checked: what comes from a URL is a path in other people's hands.
public struct StreamName: Hashable, Sendable {
    /// Why text is no stream name.
    public enum Flaw: Error, Sendable, Equatable {
        /// The application, the stream or a part between two slashes is empty.
        case emptyPart
        /// A part is "." or "..", which a file system or a URL would read as a place.
        case relativePart
        /// A control character, a backslash or a character that is no text.
        case unsafeCharacter
        /// A "%" is not followed by two hexadecimal digits, or the bytes are no UTF-8.
        case badEncoding
        /// Longer than ``StreamName/bytesMax``.
        case tooLong
    }

    /// The most bytes of a name in UTF-8. Names are kept, logged and listed for as long as somebody waits for the
    /// stream, so they stay short; 255 is also what file systems allow.
    public static let bytesMax = 255

    /// The application: the part before the first slash, such as "live".
    public let application: String
    /// The rest: the stream within the application. May hold slashes itself.
    public let stream: String

    /// - Parameters:
    ///   - application: such as "live"; a name with slashes is allowed, as in "live/room".
    ///   - stream: such as "camera-1", without a query.
    public init(application: String, stream: String) throws(Flaw) {
        let text = application + "/" + stream
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let isReordering = (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            let isNothing = scalar.value == 0xFFFD || scalar.value == 0x2028 || scalar.value == 0x2029
            guard !isControl, !isReordering, !isNothing, scalar != "\\" else { throw .unsafeCharacter }
        }
        // By bytes, not characters: a slash before a combining mark is still a slash to a file system.
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !part.isEmpty else { throw .emptyPart }
            guard !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else { throw .relativePart }
        }
        self.application = application
        self.stream = stream
    }

    /// - Parameter path: "app/stream", without a leading slash; the first slash divides it.
    public init(path: some StringProtocol) throws(Flaw) {
        guard let slash = path.utf8.firstIndex(of: UInt8(ascii: "/")) else { throw .emptyPart }
        try self.init(
            application: String(path[..<slash]), stream: String(path[path.utf8.index(after: slash)...]))
    }

    /// - Parameter urlPath: "app/stream" as a URL has it, with "%20" and the like; decoded once.
    public init(urlPath: some StringProtocol) throws(Flaw) {
        guard let path = Self.decodePercentEncoding(urlPath) else { throw .badEncoding }
        try self.init(path: path)
    }

    /// Specification: RFC 3986, 2.1.
    private static func decodePercentEncoding(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    /// Two names are equal when they read alike, wherever the application ends.
    public static func == (left: StreamName, right: StreamName) -> Bool {
        left.description == right.description
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
    }
}

extension StreamName: CustomStringConvertible {
    /// "app/stream".
    public var description: String { application + "/" + stream }
}
