import MediaTesting
import NIOCore
import RTMP
import Testing

private let vectors: [(ProtocolControlMessage, MessageTypeID, [UInt8])] = [
    (.setChunkSize(1), .setChunkSize, [0, 0, 0, 1]),
    (.setChunkSize(0x7FFF_FFFF), .setChunkSize, [0x7F, 0xFF, 0xFF, 0xFF]),
    (.abort(ChunkStreamID(rawValue: 65_599)), .abort, [0, 1, 0, 0x3F]),
    (.acknowledgement(bytesReceived: .max), .acknowledgement, [0xFF, 0xFF, 0xFF, 0xFF]),
    (.windowAcknowledgementSize(2_500_000), .windowAcknowledgementSize, [0, 0x26, 0x25, 0xA0]),
    (.setPeerBandwidth(windowBytes: 2_500_000, limit: .dynamic), .setPeerBandwidth, [0, 0x26, 0x25, 0xA0, 2]),
    (.setPeerBandwidth(windowBytes: 0, limit: .hard), .setPeerBandwidth, [0, 0, 0, 0, 0]),
]

@Suite("Protocol control messages: RTMP 1.0, 5.4")
struct ProtocolControlTests {
    @Test("Encodes", arguments: vectors)
    func encodes(_ control: ProtocolControlMessage, _ typeID: MessageTypeID, _ bytes: [UInt8]) {
        #expect(control.message == message(typeID, 0, bytes, stream: 0))
    }

    @Test("Decodes, and survives what is cut or damaged", arguments: vectors)
    func decodes(_ control: ProtocolControlMessage, _ typeID: MessageTypeID, _ bytes: [UInt8]) throws {
        let decoded = try verifyOneShot(bytes) { buffer in
            try ProtocolControlMessage(
                RTMPMessage(typeID: typeID, streamID: .connection, timestamp: 0, payload: buffer))
        }
        #expect(decoded == control)
        #expect(try ProtocolControlMessage(message(typeID, 7, bytes + [0xEE])) == control)
    }

    @Test("What is shorter than its fields is malformed", arguments: vectors)
    func tooShort(_ control: ProtocolControlMessage, _ typeID: MessageTypeID, _ bytes: [UInt8]) {
        let error = #expect(throws: RTMPError.self) {
            try ProtocolControlMessage(message(typeID, 0, Array(bytes.dropLast())))
        }
        #expect(error?.code == .malformedMessage)
    }

    @Test(
        "Chunk sizes of 0 and with the first bit set are refused: 5.4.1", arguments: [0, 0x8000_0000, .max] as [UInt32])
    func chunkSizes(_ size: UInt32) {
        let error = #expect(throws: RTMPError.self) {
            try ProtocolControlMessage(ProtocolControlMessage.setChunkSize(size).message)
        }
        #expect(error?.code == .chunkSizeInvalid)
    }

    @Test("Messages of other types are none of these", arguments: [0, 4, 7, 8, 20, 255] as [UInt8])
    func otherTypes(_ typeID: UInt8) throws {
        #expect(try ProtocolControlMessage(message(MessageTypeID(rawValue: typeID), 0, [])) == nil)
    }
}
