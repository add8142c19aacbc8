/// The name of a stream as a publisher or player gives it: an application, a stream, and a query.
///
/// Encoders cut one URL differently: of `rtmp://host/live/room/cam?key=k`, FFmpeg and librtmp make the application
/// "live/room" and the name "cam?key=k"; OBS with server `rtmp://host/live` and key `room/cam?key=k` makes "live" and
/// "room/cam?key=k". ``path`` is the same for both. Some put the query after the application, as Wowza documents.
public struct StreamPath: Sendable, Hashable {
    /// The application, without query and without slashes around it; may be empty.
    public let app: String
    /// The stream, without query and without slashes around it; may be empty.
    public let name: String
    /// What the publisher or player said behind "?", the stream's query before the application's.
    public let query: StreamQuery

    /// - Parameters:
    ///   - app: as connect gave it, with or without a query.
    ///   - name: as publish or play gave it, with or without a query.
    public init(app: String, name: String) {
        let (app, appQuery) = Self.split(app)
        let (name, nameQuery) = Self.split(name)
        self.app = app
        self.name = name
        query = StreamQuery(parsing: nameQuery, appQuery)
    }

    /// Application and stream with one slash between; the stream alone when there is no application.
    public var path: String {
        app.isEmpty ? name : name.isEmpty ? app : "\(app)/\(name)"
    }

    private static func split(_ text: String) -> (String, Substring) {
        let bytes = text.utf8
        let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        var name = text[..<mark]
        while name.utf8.first == UInt8(ascii: "/") { name = name.dropFirst() }
        while name.utf8.last == UInt8(ascii: "/") { name = name.dropLast() }
        return (String(name), mark == bytes.endIndex ? "" : text[bytes.index(after: mark)...])
    }
}

/// The parameters of a query: `key=k&token=t`. Percent-encoded bytes are decoded, "+" stays, since keys hold it.
/// Specification: RFC 3986, 2.1 and 3.4.
public struct StreamQuery: Sendable, Hashable {
    /// One parameter.
    public struct Item: Sendable, Hashable {
        /// What stands before the first "=".
        public let name: String
        /// What stands behind it; empty when there is none.
        public let value: String
    }

    /// The parameters in order. Names may repeat.
    public let items: [Item]

    /// - Parameter queries: without their "?"; parameters are separated by "&".
    public init(parsing queries: Substring...) {
        items = queries.flatMap { query in
            query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
                let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
                let value = equals == pair.endIndex ? pair[equals...] : pair[pair.index(after: equals)...]
                return Item(name: Self.decode(pair[..<equals]), value: Self.decode(value))
            }
        }
    }

    /// The first parameter of that name.
    public subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// Whether there is no parameter.
    public var isEmpty: Bool {
        items.isEmpty
    }

    /// "%41" becomes "A"; what is not two hexadecimal digits stays as it is; invalid UTF-8 is repaired.
    private static func decode(_ text: Substring.UTF8View) -> String {
        guard text.contains(UInt8(ascii: "%")) else { return String(Substring(text)) }
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            let next = rest.prefix(2)
            if byte == UInt8(ascii: "%"), next.count == 2, next.allSatisfy(Self.isHexadecimal),
                let decoded = UInt8(Substring(next), radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
