import MediaTesting
import NIOCore
import Testing
import WebSocket

private typealias Action = WebSocketSession.Action

private func actions(
    _ role: WebSocketRole = .client, _ limits: WebSocketLimits = .init()
) -> (inout ByteBuffer) throws -> [Action] {
    var session = WebSocketSession(role: role, limits: limits)
    return { buffer in
        session.receive(buffer)
        buffer.moveReaderIndex(to: buffer.writerIndex)
        var actions: [Action] = []
        while let action = try session.next() { actions.append(action) }
        return actions
    }
}

private func read(_ bytes: [UInt8], _ limits: WebSocketLimits = .init()) throws -> [Action] {
    var buffer = ByteBuffer(bytes: bytes)
    return try actions(.client, limits)(&buffer)
}

private func closeCode(_ bytes: [UInt8], _ limits: WebSocketLimits = .init()) -> WebSocketCloseCode? {
    do {
        _ = try read(bytes, limits)
        return nil
    } catch { return (error as? WebSocketError)?.code }
}

private func pong(_ text: String) -> Action {
    .answer(WebSocketFrame(.pong, payload: ByteBuffer(string: text)))
}

@Suite("RFC 6455, 5.4 to 7: an open connection")
struct SessionTests {
    @Test func controlFramesComeBetweenTheFragmentsOfAMessage() throws {
        let bytes: [UInt8] = [0x02, 1, 1, 0x89, 1, 0x41, 0x00, 1, 2, 0x8A, 0, 0x80, 1, 3, 0x81, 2, 0xC3, 0xA4]
        try ParserVerifier { actions() }.verify(
            bytes,
            expecting: [
                pong("A"), .pong(ByteBuffer()), .message(.binary, ByteBuffer(bytes: [1, 2, 3])),
                .message(.text, ByteBuffer(string: "ä")),
            ])
    }

    @Test(
        arguments: [
            ([0x88, 0x00], WebSocketClose(nil), [0x88, 0x00]),
            ([0x88, 0x02, 0x03, 0xE8], WebSocketClose(.normal), [0x88, 0x02, 0x03, 0xE8]),
            (
                [0x88, 0x05, 0x0F, 0xA0, 0x62, 0x79, 0x65], WebSocketClose(.init(rawValue: 4000), reason: "bye"),
                [0x88, 0x02, 0x0F, 0xA0]
            ),
        ] as [([UInt8], WebSocketClose, [UInt8])])
    func closeIsAnsweredWithItsCodeAndNothingComesAfterIt(
        bytes: [UInt8], close: WebSocketClose, answer: [UInt8]
    ) throws {
        let actions = try read(bytes + [0x89, 0x00])
        guard case .close(close, let frame?) = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        var written = ByteBuffer()
        WebSocketFrameWriter.write(frame, into: &written)
        #expect(Array(written.readableBytesView) == answer)
    }

    @Test func ownCloseIsSentOnceAndItsAnswerIsNotAnswered() throws {
        var session = WebSocketSession(role: .client)
        let frame = session.close(WebSocketClose(.goingAway, reason: "gone"))
        #expect(frame?.payload == ByteBuffer(bytes: [0x03, 0xE9] + Array("gone".utf8)))
        #expect(session.close(WebSocketClose(.normal)) == nil)
        session.receive(ByteBuffer(bytes: [0x82, 1, 5, 0x88, 0x02, 0x03, 0xE9]))
        #expect(try session.next() == .message(.binary, ByteBuffer(bytes: [5])))
        #expect(try session.next() == .close(WebSocketClose(.goingAway), answer: nil))
        session.receive(ByteBuffer(bytes: [0xFF, 0xFF]))
        #expect(try session.next() == nil)
    }

    @Test(
        arguments: [
            // 5.4: fragments
            ([0x80, 0x00], .protocolError), ([0x00, 0x00], .protocolError), ([0x02, 0, 0x82, 0], .protocolError),
            ([0x01, 0, 0x02, 0], .protocolError),
            // 5.5.1, 7.4: close frames
            ([0x88, 0x01, 0x03], .protocolError), ([0x88, 0x02, 0x03, 0xE7], .protocolError),
            ([0x88, 0x02, 0x03, 0xEC], .protocolError), ([0x88, 0x02, 0x03, 0xED], .protocolError),
            ([0x88, 0x02, 0x03, 0xEE], .protocolError), ([0x88, 0x02, 0x03, 0xF7], .protocolError),
            ([0x88, 0x02, 0x0B, 0xB7], .protocolError), ([0x88, 0x02, 0x13, 0x88], .protocolError),
            ([0x88, 0x03, 0x03, 0xE8, 0xFF], .invalidPayload),
            // 8.1: text
            ([0x81, 0x01, 0xFF], .invalidPayload), ([0x01, 0x01, 0xC3, 0x80, 0x01, 0x41], .invalidPayload),
        ] as [([UInt8], WebSocketCloseCode)])
    func whatCannotBeClosesTheConnectionWithItsCode(bytes: [UInt8], code: WebSocketCloseCode) {
        #expect(closeCode(bytes) == code)
    }

    @Test func errorIsToldOnce() throws {
        var session = WebSocketSession(role: .client)
        session.receive(ByteBuffer(bytes: [0x80, 0x00, 0x89, 0x00]))
        #expect(throws: WebSocketError(.protocolError, "continuation of nothing")) { try session.next() }
        #expect(try session.next() == nil)
    }

    @Test func characterMayBeCutBetweenFragments() throws {
        #expect(
            try read([0x01, 0x01, 0xC3, 0x80, 0x01, 0xA4]) == [.message(.text, ByteBuffer(string: "ä"))])
    }

    @Test(arguments: [0, 1])
    func messageOfTheLongestLengthIsTakenAndOneByteMoreIsNot(excess: Int) {
        let limits = WebSocketLimits(messageBytesMax: 100)
        let whole: [UInt8] = [0x82, UInt8(100 + excess)] + Array(repeating: 0, count: 100 + excess)
        let halves: [UInt8] =
            [0x02, 50] + Array(repeating: 0, count: 50) + [0x80, UInt8(50 + excess)]
            + Array(repeating: 0, count: 50 + excess)
        for bytes in [whole, halves] { #expect(closeCode(bytes, limits) == (excess == 0 ? nil : .messageTooBig)) }
    }

    @Test(arguments: ["", "short", String(repeating: "ä", count: 100)])
    func reasonIsCutBetweenCharacters(reason: String) throws {
        let payload = WebSocketClose(.normal, reason: reason).payload
        #expect(payload.readableBytes <= WebSocketFrame.controlPayloadBytesMax)
        #expect(reason.hasPrefix(try WebSocketClose(parsing: payload).reason))
    }
}
