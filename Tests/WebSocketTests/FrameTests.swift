import MediaTesting
import NIOCore
import Testing
import WebSocket

/// "Hello" with the key that RFC 6455, 5.7 uses.
private let maskedHello: [UInt8] = [0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]

private func frames(
    _ role: WebSocketRole, payloadBytesMax: Int = 1 << 20
) -> (inout ByteBuffer) throws -> [WebSocketFrame] {
    let reader = WebSocketFrameReader(role: role, payloadBytesMax: payloadBytesMax)
    return { buffer in
        var frames: [WebSocketFrame] = []
        while let frame = try reader.read(from: &buffer) { frames.append(frame) }
        return frames
    }
}

private func closeCode(_ role: WebSocketRole, _ bytes: [UInt8], payloadBytesMax: Int = 1 << 20) -> WebSocketCloseCode? {
    var buffer = ByteBuffer(bytes: bytes)
    do {
        _ = try frames(role, payloadBytesMax: payloadBytesMax)(&buffer)
        return nil
    } catch { return (error as? WebSocketError)?.code }
}

@Suite("RFC 6455, 5: frames")
struct FrameTests {
    /// Specification: RFC 6455, 5.7.
    static let examples: [(WebSocketRole, [UInt8], [WebSocketFrame])] = [
        (
            .client, [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F],
            [WebSocketFrame(.text, payload: ByteBuffer(string: "Hello"))]
        ),
        (.server, [0x81, 0x85] + maskedHello, [WebSocketFrame(.text, payload: ByteBuffer(string: "Hello"))]),
        (
            .client, [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F],
            [
                WebSocketFrame(.text, isFinal: false, payload: ByteBuffer(string: "Hel")),
                WebSocketFrame(.continuation, payload: ByteBuffer(string: "lo")),
            ]
        ),
        (
            .client, [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F],
            [WebSocketFrame(.ping, payload: ByteBuffer(string: "Hello"))]
        ),
        (.server, [0x8A, 0x85] + maskedHello, [WebSocketFrame(.pong, payload: ByteBuffer(string: "Hello"))]),
        (
            .client, [0x82, 0x7E, 0x01, 0x00] + Array(repeating: 7, count: 256),
            [WebSocketFrame(.binary, payload: ByteBuffer(repeating: 7, count: 256))]
        ),
        (.client, [0x82, 0x00], [WebSocketFrame(.binary)]),
        (.server, [0x88, 0x80, 1, 2, 3, 4], [WebSocketFrame(.close)]),
    ]

    @Test(arguments: examples)
    func framesAreReadHoweverTheyAreCut(role: WebSocketRole, bytes: [UInt8], expected: [WebSocketFrame]) throws {
        try ParserVerifier { frames(role) }.verify(bytes, expecting: expected)
    }

    @Test(arguments: examples)
    func framesAreWrittenAsTheyAreRead(role: WebSocketRole, bytes: [UInt8], frames: [WebSocketFrame]) throws {
        var written = ByteBuffer()
        let key: UInt32 = bytes.count == 6 ? 0x0102_0304 : 0x37FA_213D
        for frame in frames {
            WebSocketFrameWriter.write(frame, maskingKey: role == .server ? key : nil, into: &written)
        }
        #expect(Array(written.readableBytesView) == bytes)
    }

    @Test(arguments: [
        (0, 2), (125, 2), (126, 4), (127, 4), (0xFFFF, 4), (0x1_0000, 10), (0x1_0001, 10),
    ])
    func lengthTakesTheFewestBytes(payloadBytes: Int, headBytes: Int) throws {
        var bytes = ByteBuffer()
        let frame = WebSocketFrame(.binary, payload: ByteBuffer(repeating: 0x55, count: payloadBytes))
        WebSocketFrameWriter.write(frame, into: &bytes)
        #expect(bytes.readableBytes == headBytes + payloadBytes)
        var head = ByteBuffer()
        WebSocketFrameWriter.writeHead(.binary, payloadBytes: payloadBytes, into: &head)
        #expect(bytes.readableBytesView.starts(with: head.readableBytesView))
        #expect(try frames(.client)(&bytes) == [frame])
    }

    @Test(arguments: 0..<20)
    func masksOfAnyLengthAreTakenOff(count: Int) throws {
        let payload = ByteBuffer(bytes: (0..<count).map { UInt8($0) })
        var bytes = ByteBuffer()
        let frame = WebSocketFrame(.binary, payload: payload)
        WebSocketFrameWriter.write(frame, maskingKey: 0xDEAD_BEEF, into: &bytes)
        #expect(try frames(.server)(&bytes) == [frame])
    }

    @Test(
        arguments: [
            // 5.1: who masks
            (.server, [0x81, 0x01, 0x41], .protocolError), (.client, [0x81, 0x81, 1, 2, 3, 4, 0x41], .protocolError),
            // 5.2: reserved bits and opcodes
            (.client, [0xC1, 0x00], .protocolError), (.client, [0xA1, 0x00], .protocolError),
            (.client, [0x91, 0x00], .protocolError), (.client, [0x83, 0x00], .protocolError),
            (.client, [0x87, 0x00], .protocolError), (.client, [0x8B, 0x00], .protocolError),
            (.client, [0x8F, 0x00], .protocolError),
            // 5.2: lengths
            (.client, [0x82, 0x7E, 0x00, 0x7D], .protocolError),
            (.client, [0x82, 0x7F, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .protocolError),
            (.client, [0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0], .protocolError),
            // 5.5: control frames
            (.client, [0x09, 0x00], .protocolError), (.client, [0x08, 0x00], .protocolError),
            (.client, [0x89, 0x7E, 0x00, 0x7E], .protocolError),
            // Ours: what is held
            (.client, [0x82, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .messageTooBig),
        ] as [(WebSocketRole, [UInt8], WebSocketCloseCode)])
    func whatCannotBeIsRefusedAtItsHead(role: WebSocketRole, bytes: [UInt8], code: WebSocketCloseCode) {
        #expect(closeCode(role, bytes) == code)
    }

    @Test func frameOfTheLongestLengthIsTakenAndOneByteMoreIsNot() {
        let bytes: [UInt8] = [0x82, 0x7E, 0x01, 0x00] + Array(repeating: 0, count: 256)
        #expect(closeCode(.client, bytes, payloadBytesMax: 256) == nil)
        #expect(closeCode(.client, bytes, payloadBytesMax: 255) == .messageTooBig)
    }

    @Test func controlFramesAreWrittenNoLongerThanTheyMayBe() {
        var bytes = ByteBuffer()
        WebSocketFrameWriter.write(WebSocketFrame(.ping, payload: ByteBuffer(repeating: 1, count: 200)), into: &bytes)
        #expect(bytes.readableBytes == 127)
    }
}
