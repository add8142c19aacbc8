/// RTMP as a stranger writes it: just enough bytes to publish and to play, made without the libraries under test.
enum RobustnessWire {
    /// C0, C1 and C2, without waiting for the server. Specification: RTMP 1.0, 5.2.
    static var handshake: [UInt8] { [3] + [UInt8](repeating: 0, count: 2 * 1536) }

    /// Everything up to "connect" and "createStream", whose stream is number 1.
    static var connection: [UInt8] {
        handshake + message(type: 1, on: 2, stream: 0, [0, 0, 0xEA, 0x60])
            + command(
                "connect", 1, object([("app", string("live")), ("tcUrl", string("rtmp://localhost/live"))]), stream: 0)
            + command("createStream", 2, [5], stream: 0)
    }

    static func publishing(_ stream: String) -> [UInt8] {
        connection + command("publish", 3, [5] + string(stream) + string("live"), stream: 1)
    }

    static func playing(_ stream: String) -> [UInt8] {
        connection + command("play", 3, [5] + string(stream) + number(-1000), stream: 1)
    }

    /// A command that is answered.
    static var question: [UInt8] { command("getStreamLength", 7, [5] + string("healthy"), stream: 0) }

    /// A message with full headers. `length` is what the header claims.
    static func message(
        type: UInt8, on chunkStream: UInt8, stream: UInt8, timestamp: UInt32 = 0, length: Int? = nil,
        _ payload: [UInt8]
    ) -> [UInt8] {
        let length = UInt32(length ?? payload.count)
        return [chunkStream] + bytes(of: timestamp).dropFirst() + bytes(of: length).dropFirst() + [
            type, stream, 0, 0, 0,
        ]
            + payload
    }

    /// A frame of video that carries its number; below 2²⁴ milliseconds and 60 000 bytes, so that it is one chunk.
    static func frame(_ number: UInt32, isKey: Bool, timestamp: UInt32, byteCount: Int) -> [UInt8] {
        var payload: [UInt8] = [isKey ? 0x17 : 0x27, 1, 0, 0, 0] + bytes(of: number)
        payload += [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: max(1, byteCount - payload.count))
        return message(type: 9, on: 6, stream: 1, timestamp: timestamp, payload)
    }

    static func bytes(of number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    // MARK: AMF 0

    private static func command(_ name: String, _ transaction: Double, _ rest: [UInt8], stream: UInt8) -> [UInt8] {
        message(type: 20, on: 3, stream: stream, string(name) + number(transaction) + rest)
    }

    private static func number(_ value: Double) -> [UInt8] {
        [0] + (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(56 - 8 * $0)) }
    }

    private static func string(_ text: String) -> [UInt8] { [2] + name(text) }

    private static func name(_ text: String) -> [UInt8] {
        [UInt8(truncatingIfNeeded: text.utf8.count >> 8), UInt8(truncatingIfNeeded: text.utf8.count)] + Array(text.utf8)
    }

    private static func object(_ properties: [(String, [UInt8])]) -> [UInt8] {
        [3] + properties.flatMap { name($0.0) + $0.1 } + [0, 0, 9]
    }
}

/// Reads what the server sends: every message, in chunks with full headers, one chunk a message, as the fan-out writes
/// small frames.
struct RobustnessReader {
    struct Damage: Error {}

    private var handshakeBytesLeft = 1 + 2 * 1536
    private var bytes: [UInt8] = []
    private var start = 0

    mutating func append(_ new: UnsafeRawBufferPointer) {
        let skipped = min(handshakeBytesLeft, new.count)
        handshakeBytesLeft -= skipped
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        }
        bytes.append(contentsOf: new.dropFirst(skipped))
    }

    /// The next message's type and payload; nil when it has not come whole.
    mutating func next() throws -> (type: UInt8, payload: ArraySlice<UInt8>)? {
        guard bytes.count - start >= 12 else { return nil }
        guard bytes[start] >> 6 == 0, bytes[start] & 0x3F >= 2 else { throw Damage() }
        let isExtended = bytes[start + 1] == 0xFF && bytes[start + 2] == 0xFF && bytes[start + 3] == 0xFF
        let length = Int(bytes[start + 4]) << 16 | Int(bytes[start + 5]) << 8 | Int(bytes[start + 6])
        guard length <= 60_000 else { throw Damage() }
        let body = start + 12 + (isExtended ? 4 : 0)
        guard bytes.count >= body + length else { return nil }
        defer { start = body + length }
        return (bytes[start + 7], bytes[body..<body + length])
    }
}
