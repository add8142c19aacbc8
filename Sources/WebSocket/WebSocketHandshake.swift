import Digests
import NIOCore

/// What both ends of a handshake reckon. Specification: RFC 6455, 4.
public enum WebSocketHandshake {
    /// The version of the protocol that there is.
    public static let version = "13"

    /// The value of Sec-WebSocket-Accept. Specification: RFC 6455, 4.2.2, item 5.4.
    ///
    /// - Parameter key: the value of Sec-WebSocket-Key.
    public static func acceptValue(for key: String) -> String {
        Base64.encode(Digest<SHA1>.hash((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    }

    /// Why a server does not become a WebSocket's.
    public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// Status 400.
        case badRequest(String)
        /// Status 426, with Sec-WebSocket-Version: 13. Specification: RFC 6455, 4.4.
        case otherVersion

        /// In words.
        public var description: String {
            switch self {
            case .badRequest(let what): "this is no WebSocket handshake: \(what)"
            case .otherVersion: "the version of WebSocket here is \(WebSocketHandshake.version)"
            }
        }
    }

    /// Whether a request asks for a WebSocket: "Upgrade: websocket".
    ///
    /// - Parameter field: the values of all fields of a name (in small letters).
    public static func isAsked(_ field: (String) -> [String]) -> Bool {
        hasToken("websocket", field("upgrade"))
    }

    /// Checks a client's handshake. Subprotocols and extensions are declined by saying nothing of them.
    /// Specification: RFC 6455, 4.2.1.
    ///
    /// - Parameters:
    ///   - method: of the request.
    ///   - field: the values of all fields of a name (in small letters).
    /// - Returns: the value of Sec-WebSocket-Accept.
    /// - Throws: ``Refusal``.
    public static func accept(method: String, _ field: (String) -> [String]) throws(Refusal) -> String {
        guard method == "GET" else { throw .badRequest("method \(method)") }
        guard isAsked(field) else { throw .badRequest("Upgrade") }
        guard hasToken("upgrade", field("connection")) else { throw .badRequest("Connection") }
        guard field("sec-websocket-version").map(trimmed) == [version] else { throw .otherVersion }
        let keys = field("sec-websocket-key").map(trimmed)
        guard let key = keys.first, keys.count == 1, Base64.isSixteenBytes(key) else {
            throw .badRequest("Sec-WebSocket-Key")
        }
        return acceptValue(for: key)
    }

    /// Whether a list of tokens, over several fields perhaps, has one, in whatever case. RFC 9110, 5.6.1.
    static func hasToken(_ token: String, _ values: [String]) -> Bool {
        values.contains { value in
            value.split(separator: ",").contains { trimmed(String($0)).lowercased() == token }
        }
    }

    static func trimmed(_ text: String) -> String {
        let isSpace = { (letter: Character) in letter == " " || letter == "\t" }
        guard let last = text.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(text[...last].drop(while: isSpace))
    }
}

/// A client's handshake: a request to send, then the server's answer. Specification: RFC 6455, 4.1.
public struct WebSocketClientHandshake: Sendable {
    /// Why there is no WebSocket.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The server answers with another status than 101, or with no HTTP at all (status 0).
        case status(Int, line: String)
        /// The server says 101 and not what goes with it.
        case badAnswer(String)
        /// The answer's head is longer than ``WebSocketClientHandshake/headBytesMax``.
        case headTooLong

        /// In words.
        public var description: String {
            switch self {
            case .status(_, let line): "the server declines: \(line)"
            case .badAnswer(let what): "the server's handshake is wrong: \(what)"
            case .headTooLong: "the server's answer is too long"
            }
        }
    }

    /// The most bytes of the answer's head. Servers send a few hundred.
    public static let headBytesMax = 16 << 10

    /// What to send.
    public let request: ByteBuffer
    private let key: String

    /// - Parameters:
    ///   - target: path and query, percent-encoded.
    ///   - host: the value of Host: the name, with the port where it is not the scheme's.
    ///   - nonce: 16 bytes that nobody can foretell.
    ///   - fields: further fields, such as Authorization; none may hold a line break.
    public init(target: String, host: String, nonce: [UInt8], fields: [(name: String, value: String)] = []) {
        key = Base64.encode(nonce)
        var lines = [
            "GET \(target) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: \(WebSocketHandshake.version)",
        ]
        lines += fields.map { "\($0.name): \($0.value)" }
        request = ByteBuffer(string: lines.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    /// Reads the answer from the front of a buffer. What follows it is the server's first frame.
    ///
    /// - Returns: whether the connection is a WebSocket now; false when more bytes are needed, and then nothing is
    ///   consumed.
    /// - Throws: ``Failure``.
    public func readAnswer(from buffer: inout ByteBuffer) throws(Failure) -> Bool {
        let view = buffer.readableBytesView
        guard let end = Self.headEnd(view.prefix(Self.headBytesMax)) else {
            guard view.count < Self.headBytesMax else { throw .headTooLong }
            return false
        }
        var lines = String(decoding: view.prefix(end), as: UTF8.self).split(separator: "\r\n").map(String.init)
        let statusLine = lines.isEmpty ? "" : lines.removeFirst()
        let words = statusLine.split(separator: " ", maxSplits: 2)
        let status = words.count > 1 && words[0].hasPrefix("HTTP/1.") ? Int(words[1]) ?? 0 : 0
        guard status == 101 else { throw .status(status, line: statusLine) }
        try check { name in
            lines.compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].lowercased() == name else { return nil }
                return WebSocketHandshake.trimmed(String(parts[1]))
            }
        }
        buffer.moveReaderIndex(forwardBy: end)
        return true
    }

    private func check(_ field: (String) -> [String]) throws(Failure) {
        guard WebSocketHandshake.isAsked(field) else { throw .badAnswer("Upgrade") }
        guard WebSocketHandshake.hasToken("upgrade", field("connection")) else { throw .badAnswer("Connection") }
        guard field("sec-websocket-accept") == [WebSocketHandshake.acceptValue(for: key)] else {
            throw .badAnswer("Sec-WebSocket-Accept")
        }
        // None was offered.
        for name in ["sec-websocket-extensions", "sec-websocket-protocol"] where field(name) != [] {
            throw .badAnswer(name)
        }
    }

    /// Bytes up to the first empty line, with it.
    private static func headEnd(_ view: ByteBufferView.SubSequence) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        var index = view.startIndex
        while index < view.endIndex {
            guard let next = view[index...].firstIndex(of: mark[0]) else { return nil }
            if view[next...].starts(with: mark) { return next + 4 - view.startIndex }
            index = next + 1
        }
        return nil
    }
}
