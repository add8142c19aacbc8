import NIOCore

/// The head of a server's answer, as far as a viewer needs it. Specification: RFC 9112, 4 and 6.
package struct HTTPResponseHead: Sendable, Hashable {
    /// 100 to 599.
    package var status: Int
    /// The status line's words, for people: "404 Not Found".
    package var words: String
    /// How the body is delimited.
    package var framing: HTTPBodyFraming
    /// Whether the connection stays for another request.
    package var keepsAlive: Bool
    /// Where the resource is instead.
    package var location: String?

    /// The longest head; servers send a few hundred bytes.
    package static let bytesMax = 16 << 10

    /// Reads a head from the front of a buffer; nil, with nothing consumed, until it is there.
    package init?(from buffer: inout ByteBuffer) throws(ScanError) {
        let view = buffer.readableBytesView.prefix(Self.bytesMax)
        guard let end = Self.end(of: view) else {
            guard view.count < Self.bytesMax else {
                throw ScanError("an HTTP head of more than \(Self.bytesMax) bytes")
            }
            return nil
        }
        // Substrings of the text would keep the whole of it.
        let lines = String(decoding: view[view.startIndex..<end], as: UTF8.self).split(separator: "\r\n")
        buffer.moveReaderIndex(to: end + 4)
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1].prefix(3)) else {
            throw ScanError("what the server sends is no HTTP/1.1")
        }
        self.status = status
        self.words = String(words[1].prefix(80))
        framing = status == 204 || status == 304 ? .length(0) : .untilClose
        keepsAlive = words[0] != "HTTP/1.0"
        for line in lines.dropFirst() { read(line) }
    }

    private mutating func read(_ line: Substring) {
        let sides = line.split(separator: ":", maxSplits: 1)
        guard sides.count == 2 else { return }
        let value = sides[1].drop { $0 == " " || $0 == "\t" }
        switch sides[0].lowercased() {
        case "content-length":
            if case .chunked = framing { return }
            if let length = Int(value), length >= 0 { framing = .length(length) }
        case "transfer-encoding": if value.lowercased().contains("chunked") { framing = .chunked(ChunkedCoding()) }
        case "connection": if value.lowercased() == "close" { keepsAlive = false }
        case "location": location = String(value)
        default: return
        }
    }

    private static func end(of view: ByteBufferView) -> Int? {
        var index = view.startIndex
        while index + 4 <= view.endIndex {
            if view[index] == 13, view[index + 1] == 10, view[index + 2] == 13, view[index + 3] == 10 { return index }
            index += 1
        }
        return nil
    }
}

/// How a body is delimited, and how much of it is to come. Specification: RFC 9112, 6.3.
package enum HTTPBodyFraming: Sendable, Hashable {
    /// So many bytes are to come.
    case length(Int)
    /// Chunked transfer coding.
    case chunked(ChunkedCoding)
    /// WebSocket frames.
    case webSocket(WebSocketUnframing)
    /// All there is.
    case untilClose

    /// Moves what belongs to the body to another buffer.
    ///
    /// - Returns: whether the body has ended.
    package mutating func unwrap(
        _ raw: inout ByteBuffer, into body: inout ByteBuffer
    ) throws(ScanError) -> Bool {
        switch self {
        case .length(let left):
            let count = min(left, raw.readableBytes)
            body.moveBytes(count, from: &raw)
            self = .length(left - count)
            return left == count
        case .chunked(var coding):
            defer { self = .chunked(coding) }
            return try coding.unwrap(&raw, into: &body)
        case .webSocket(var unframing):
            defer { self = .webSocket(unframing) }
            return try unframing.unwrap(&raw, into: &body)
        case .untilClose:
            body.moveBytes(raw.readableBytes, from: &raw)
            return false
        }
    }
}

extension ByteBuffer {
    /// Copies bytes from the front of another buffer, which is there too.
    mutating func moveBytes(_ count: Int, from other: inout ByteBuffer) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            other.withUnsafeReadableBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            return count
        }
        other.moveReaderIndex(forwardBy: count)
    }
}

/// Takes chunked transfer coding off. Specification: RFC 9112, 7.1.
package struct ChunkedCoding: Sendable, Hashable {
    private enum State: Hashable {
        case size(Int, hasDigits: Bool)
        /// Behind the size, up to the end of the line.
        case extensions(Int)
        case data(Int)
        /// The line end behind a chunk's data.
        case dataEnd
        /// Trailer fields: up to an empty line.
        case trailer(isLineEmpty: Bool)
        case ended
    }

    private var state = State.size(0, hasDigits: false)
    /// The longest chunk.
    private static let chunkBytesMax = 1 << 40

    /// In front of the first chunk.
    package init() {}

    package mutating func unwrap(_ raw: inout ByteBuffer, into body: inout ByteBuffer) throws(ScanError) -> Bool {
        while raw.readableBytes > 0 {
            if case .data(let left) = state {
                let count = min(left, raw.readableBytes)
                body.moveBytes(count, from: &raw)
                state = left == count ? .dataEnd : .data(left - count)
                continue
            }
            guard state != .ended, let byte = raw.readInteger(as: UInt8.self) else { break }
            try step(byte)
        }
        return state == .ended
    }

    private mutating func step(_ byte: UInt8) throws(ScanError) {
        switch state {
        case .size(let size, let hasDigits):
            if let digit = Character(UnicodeScalar(byte)).hexDigitValue {
                guard size < Self.chunkBytesMax >> 4 else { throw ScanError("a chunk of the body is too long") }
                state = .size(size << 4 | digit, hasDigits: true)
            } else {
                guard hasDigits else { throw ScanError("the chunked body is damaged") }
                state = .extensions(size)
                if byte == 10 { endSizeLine(size) }
            }
        case .extensions(let size): if byte == 10 { endSizeLine(size) }
        case .dataEnd: if byte == 10 { state = .size(0, hasDigits: false) }
        case .trailer(let isLineEmpty):
            if byte == 10 {
                state = isLineEmpty ? .ended : .trailer(isLineEmpty: true)
            } else if byte != 13 {
                state = .trailer(isLineEmpty: false)
            }
        case .data, .ended: return
        }
    }

    private mutating func endSizeLine(_ size: Int) {
        state = size == 0 ? .trailer(isLineEmpty: true) : .data(size)
    }
}

/// Takes WebSocket frames off what a server sends. Unlike a frame reader it hands a frame's payload on as it comes, so
/// that no frame is ever held. Specification: RFC 6455, 5.2.
package struct WebSocketUnframing: Sendable, Hashable {
    private enum State: Hashable {
        case first
        case second(UInt8)
        case length(UInt8, bytesLeft: Int, value: Int)
        case payload(UInt8, left: Int)
    }

    private var state = State.first
    /// The kind of the message that fragments continue.
    private var messageOpcode: UInt8 = 2
    private var ping = ByteBuffer()
    /// The payload of a ping that is to be answered.
    package private(set) var unansweredPing: ByteBuffer?

    /// In front of the first frame.
    package init() {}

    /// Takes the ping that is to be answered.
    package mutating func takePing() -> ByteBuffer? {
        defer { unansweredPing = nil }
        return unansweredPing
    }

    package mutating func unwrap(_ raw: inout ByteBuffer, into body: inout ByteBuffer) throws(ScanError) -> Bool {
        while true {
            if case .payload(let opcode, let left) = state {
                let count = min(left, raw.readableBytes)
                switch opcode {
                case 2: body.moveBytes(count, from: &raw)
                case 9: ping.moveBytes(count, from: &raw)
                default: raw.moveReaderIndex(forwardBy: count)
                }
                guard left == count else {
                    state = .payload(opcode, left: left - count)
                    return false
                }
                if opcode == 9 { unansweredPing = ping }
                state = .first
                if opcode == 8 { return true }
            }
            guard let byte = raw.readInteger(as: UInt8.self) else { return false }
            try step(byte)
        }
    }

    private mutating func step(_ byte: UInt8) throws(ScanError) {
        switch state {
        case .first:
            let opcode = byte & 0x0F
            guard byte & 0x70 == 0, opcode <= 2 || (8...10).contains(opcode) else {
                throw ScanError("the WebSocket's frames are damaged")
            }
            if opcode == 1 || opcode == 2 { messageOpcode = opcode }
            if opcode == 9 { ping.clear() }
            state = .second(opcode == 0 ? messageOpcode : opcode)
        case .second(let opcode):
            guard byte & 0x80 == 0 else { throw ScanError("the server masks its WebSocket frames") }
            guard opcode < 8 || byte < 126 else { throw ScanError("a WebSocket control frame over 125 bytes") }
            switch byte {
            case 126: state = .length(opcode, bytesLeft: 2, value: 0)
            case 127: state = .length(opcode, bytesLeft: 8, value: 0)
            default: state = .payload(opcode, left: Int(byte))
            }
        case .length(let opcode, let bytesLeft, let value):
            guard value < 1 << 40 else { throw ScanError("a WebSocket frame is too long") }
            let value = value << 8 | Int(byte)
            state =
                bytesLeft == 1 ? .payload(opcode, left: value) : .length(opcode, bytesLeft: bytesLeft - 1, value: value)
        case .payload: return
        }
    }
}
