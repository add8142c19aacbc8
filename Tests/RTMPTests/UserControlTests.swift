import MediaTesting
import NIOCore
import RTMP
import Testing

private let one = MessageStreamID(rawValue: 1)

private let vectors: [(UserControlEvent, [UInt8])] = [
    (.streamBegin(one), [0, 0, 0, 0, 0, 1]),
    (.streamEOF(one), [0, 1, 0, 0, 0, 1]),
    (.streamDry(one), [0, 2, 0, 0, 0, 1]),
    (.setBufferLength(one, milliseconds: 3000), [0, 3, 0, 0, 0, 1, 0, 0, 0x0B, 0xB8]),
    (.streamIsRecorded(one), [0, 4, 0, 0, 0, 1]),
    (.pingRequest(timestamp: 0x0102_0304), [0, 6, 1, 2, 3, 4]),
    (.pingResponse(timestamp: .max), [0, 7, 0xFF, 0xFF, 0xFF, 0xFF]),
    (.swfVerifyRequest, [0, 26]),
    (.swfVerifyResponse(ByteBuffer(bytes: [1, 1, 9])), [0, 27, 1, 1, 9]),
    (.bufferEmpty(one), [0, 31, 0, 0, 0, 1]),
    (.bufferReady(one), [0, 32, 0, 0, 0, 1]),
    (.unknown(5, ByteBuffer(bytes: [7])), [0, 5, 7]),
    (.unknown(999, ByteBuffer()), [0x03, 0xE7]),
]

@Suite("User control messages: RTMP 1.0, 6.2 and 7.1.7")
struct UserControlTests {
    @Test("Encodes", arguments: vectors)
    func encodes(_ event: UserControlEvent, _ bytes: [UInt8]) {
        #expect(event.message == message(.userControl, 0, bytes, stream: 0))
    }

    @Test("Decodes, and survives what is cut or damaged", arguments: vectors)
    func decodes(_ event: UserControlEvent, _ bytes: [UInt8]) throws {
        #expect(try verifyOneShot(bytes) { try UserControlEvent(parsing: $0) } == event)
    }

    @Test(
        "What is shorter than its fields is malformed and harms nothing else",
        arguments: [
            [], [0], [0, 0], [0, 0, 0, 0, 0], [0, 3, 0, 0, 0, 1, 0, 0, 0], [0, 6, 1, 2, 3], [0, 31],
        ] as [[UInt8]])
    func tooShort(_ bytes: [UInt8]) {
        let error = #expect(throws: RTMPError.self) { try UserControlEvent(parsing: ByteBuffer(bytes: bytes)) }
        #expect(error?.code == .malformedMessage)
        #expect(error?.scope == .ignore)
    }
}
