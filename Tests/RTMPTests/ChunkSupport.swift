import MediaTesting
import NIOCore
import RTMP

/// Bytes written as the specification draws them.
func chunkBytes(_ parts: [UInt8]...) -> [UInt8] {
    parts.flatMap { $0 }
}

/// A payload that differs at every place, so that bytes out of order are noticed.
func payloadBytes(_ count: Int, seed: UInt8 = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) &+ seed }
}

extension [UInt8] {
    /// The bytes from one place up to another. An array and not a slice, so that test vectors are quick to type-check.
    func cut(_ start: Int, _ end: Int) -> [UInt8] {
        Array(self[start..<end])
    }

    /// The bytes from one place on.
    func from(_ start: Int) -> [UInt8] {
        Array(self[start...])
    }
}

/// A message; message stream 1 unless said otherwise.
func message(
    _ typeID: MessageTypeID, _ timestamp: UInt32, _ payload: [UInt8], stream: UInt32 = 1
) -> RTMPMessage {
    RTMPMessage(
        typeID: typeID, streamID: MessageStreamID(rawValue: stream), timestamp: timestamp,
        payload: ByteBuffer(bytes: payload))
}

/// Every message in the bytes.
func readAll(_ bytes: inout ByteBuffer, with reader: inout ChunkReader) throws(RTMPError) -> [RTMPMessage] {
    var messages: [RTMPMessage] = []
    while let message = try reader.read(from: &bytes) { messages.append(message) }
    return messages
}

/// Every message in the bytes, by a fresh reader.
func readAll(_ bytes: [UInt8], limits: ChunkLimits = .init()) throws(RTMPError) -> [RTMPMessage] {
    var reader = ChunkReader(limits: limits)
    var buffer = ByteBuffer(bytes: bytes)
    return try readAll(&buffer, with: &reader)
}

/// Feeds a reader in every way the verifier knows.
func chunkVerifier(limits: ChunkLimits = .init()) -> ParserVerifier<RTMPMessage> {
    ParserVerifier {
        var reader = ChunkReader(limits: limits)
        return { bytes in try readAll(&bytes, with: &reader) }
    }
}
