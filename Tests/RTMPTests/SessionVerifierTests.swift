import MediaTesting
import NIOCore
import RTMP
import Testing

@Suite("Sessions, however the bytes are cut")
struct SessionVerifierTests {
    /// A whole publish session from a client's mouth, without its handshake.
    static func publishSession() throws -> [UInt8] {
        var loop = try Loopback(.publish(.live))
        try loop.run()
        for message in ClientSessionTests.media where message.payload.readableBytes <= 300 {
            let payload = message.payload.getSlice(at: 0, length: min(message.payload.readableBytes, 40))
            loop.client.write(message.typeID, timestamp: message.timestamp, payload: payload ?? ByteBuffer())
        }
        try loop.run()
        loop.client.stop()
        try loop.run()
        return Array(loop.clientBytes.readableBytesView.dropFirst(1 + 1536 * 2))
    }

    static func playSession() throws -> [UInt8] {
        var loop = try Loopback(.play(start: -1000))
        try loop.run()
        loop.client.stop()
        try loop.run()
        return Array(loop.clientBytes.readableBytesView.dropFirst(1 + 1536 * 2))
    }

    @Test func publishSessionIsUnderstoodHoweverItIsCut() throws {
        try verify(try Self.publishSession(), endsWith: .publishEnded(.one))
    }

    @Test func playSessionIsUnderstoodHoweverItIsCut() throws {
        try verify(try Self.playSession(), endsWith: .playEnded(.one))
    }

    @Test func handMadeSessionIsUnderstoodHoweverItIsCut() throws {
        let bytes = Array(MutatedSessionTests.handMade.readableBytesView)
        // When bytes are acknowledged depends on how they are cut, so what is sent is left out here.
        try verify(bytes, endsWith: .playEnded(.two), comparesSends: false)
    }

    /// What a server says to a player, fed to a client.
    @Test func serversWordsAreUnderstoodHoweverTheyAreCut() throws {
        var loop = try Loopback(.play(start: -1000))
        try loop.run()
        loop.server.endPlay(.one, code: .playUnpublishNotify, description: "gone")
        try loop.run()
        let bytes = Array(loop.serverBytes.readableBytesView)
        let handshake = Array(bytes.prefix(1 + 1536 * 2))
        let client = try Self.handshakenClient(handshake)
        let verifier = ParserVerifier<RTMPClientAction> {
            var client = client
            return { buffer in
                client.receive(buffer, at: sessionStart)
                buffer.clear()
                return try Self.drain(&client)
            }
        }
        var whole = client
        whole.receive(ByteBuffer(bytes: bytes.dropFirst(handshake.count)), at: sessionStart)
        let expected = try Self.drain(&whole)
        #expect(expected.last == .status(StatusEvent(.playUnpublishNotify, description: "gone")))
        try verifier.verify(Array(bytes.dropFirst(handshake.count)), expecting: expected, flips: [0x01, 0xFF])
    }

    static func handshakenClient(_ serverHandshake: [UInt8]) throws -> RTMPClientSession {
        var client = try Loopback(.play(start: -1000)).client
        client.start()
        client.receive(ByteBuffer(bytes: serverHandshake), at: sessionStart)
        _ = try drain(&client)
        return client
    }

    static func drain(_ client: inout RTMPClientSession) throws -> [RTMPClientAction] {
        var actions: [RTMPClientAction] = []
        while let action = try client.nextAction() { actions.append(action) }
        return actions
    }

    private func verify(_ bytes: [UInt8], endsWith last: RTMPServerAction, comparesSends: Bool = true) throws {
        let session = try Snapshot.handshaken()
        let verifier = ParserVerifier<RTMPServerAction> {
            var session = session
            return { buffer in
                session.receive(buffer, at: sessionStart)
                buffer.clear()
                return try Self.drain(&session, comparesSends: comparesSends)
            }
        }
        var whole = session
        whole.receive(ByteBuffer(bytes: bytes), at: sessionStart)
        let expected = try Self.drain(&whole, comparesSends: comparesSends)
        #expect(expected.contains(last))
        try verifier.verify(bytes, expecting: expected, flips: [0x01, 0xFF])
    }

    private static func drain(
        _ session: inout RTMPServerSession, comparesSends: Bool
    ) throws -> [RTMPServerAction] {
        var actions: [RTMPServerAction] = []
        while let action = try session.nextAction() {
            TestServer.acceptAll(&session, action)
            if case .send = action, !comparesSends { continue }
            actions.append(action)
        }
        return actions
    }
}
