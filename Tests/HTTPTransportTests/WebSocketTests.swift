import FLV
import FanOut
import HTTPTransport
import MediaCore
import MediaTesting
import NIOCore
import Testing
import WebSocket

/// A client's end of a WebSocket, by hand.
private final class WebSocketTestClient {
    let socket: TestSocket
    private var session = WebSocketSession(role: .client)
    private var unread = ByteBuffer()
    private var reader = FLVReader()
    private var flv = ByteBuffer()

    /// Opens one. - Throws: ``WebSocketClientHandshake/Failure`` when the server declines.
    init(_ server: HTTPServerHarness, _ target: String, fields: [(name: String, value: String)] = []) throws {
        socket = try TestSocket(port: server.port)
        let handshake = WebSocketClientHandshake(
            target: target, host: "localhost", nonce: Array(0..<16), fields: fields)
        try socket.send(handshake.request)
        while try !handshake.readAnswer(from: &unread) {
            guard let bytes = try socket.receive() else { throw HTTPTestClient.Broken(description: "closed") }
            unread.writeImmutableBuffer(bytes)
        }
        session.receive(unread)
    }

    /// What comes next; nil at the connection's end.
    func next() throws -> WebSocketSession.Action? {
        while true {
            if let action = try session.next() { return action }
            guard let bytes = try socket.receive() else { return nil }
            session.receive(bytes)
        }
    }

    func send(_ frame: WebSocketFrame) throws {
        var bytes = ByteBuffer()
        WebSocketFrameWriter.write(frame, maskingKey: 0x0102_0304, into: &bytes)
        try socket.send(bytes)
    }

    /// The next tag of FLV, over all binary messages; each message but the first is one.
    func tags(upTo timestamp: UInt32) throws -> [FLVTag] {
        var tags: [FLVTag] = []
        while let action = try next() {
            guard case .message(.binary, let message) = action else { continue }
            flv.writeImmutableBuffer(message)
            while let element = try reader.read(from: &flv) {
                if case .tag(let tag) = element { tags.append(tag) }
            }
            if let last = tags.last, last.timestamp >= timestamp { return tags }
        }
        throw HTTPTestClient.Broken(description: "ended after \(tags.map(\.timestamp))")
    }
}

@Suite("RFC 6455: live streams over WebSocket", .ownThread, .timeLimit(.minutes(1)))
struct WebSocketTests {
    @Test func viewerGetsTheStreamAndItsEnd() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<30))
        let client = try WebSocketTestClient(server, "/live/a.flv")
        #expect(try client.tags(upTo: 29 * 20).suffix(10) == FLVTag.frames(20..<30)[...])
        #expect(publication.publication.hub.snapshot(at: .now()).viewers == ["ws-flv": 1])
        publication.send(FLVTag.frames(30..<40))
        #expect(try client.tags(upTo: 39 * 20).map(\.body) == FLVTag.frames(30..<40).map(\.body))
        publication.end()
        #expect(
            try client.next()
                == .close(
                    WebSocketClose(.normal, reason: "the stream has ended"),
                    answer: WebSocketFrame(.close, payload: WebSocketClose(.normal).payload)))
        // The server waits for the answer; to close before it would look like a broken connection.
        try client.send(WebSocketFrame(.close, payload: WebSocketClose(.normal).payload))
        #expect(try client.next() == nil)
        try await server.shutDown()
    }

    @Test func pingsAreAnsweredBetweenMessagesAndTheStreamGoesOn() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try WebSocketTestClient(server, "/live/a.flv")
        _ = try client.tags(upTo: 20)
        try client.send(WebSocketFrame(.text, payload: ByteBuffer(string: "not looked at")))
        try client.send(WebSocketFrame(.ping, payload: ByteBuffer(string: "there?")))
        var action = try client.next()
        while case .message = action { action = try client.next() }
        #expect(action == .pong(ByteBuffer(string: "there?")))
        publication.send(FLVTag.frames(2..<20, count: 50_000))
        #expect(try client.tags(upTo: 19 * 20).count == 18)
        publication.end()
        try await server.shutDown()
    }

    @Test func closeIsAnsweredAndTheViewerCountedNoMore() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try WebSocketTestClient(server, "/live/a.flv")
        _ = try client.tags(upTo: 20)
        try client.send(WebSocketFrame(.close, payload: WebSocketClose(.goingAway).payload))
        #expect(
            try client.next()
                == .close(
                    WebSocketClose(.goingAway),
                    answer: WebSocketFrame(.close, payload: WebSocketClose(.goingAway).payload)))
        #expect(try client.next() == nil)
        #expect(try await server.eventually { publication.publication.hub.snapshot(at: .now()).viewers.isEmpty })
        publication.end()
        try await server.shutDown()
    }

    @Test(
        arguments: [
            ([0x82, 0x01, 0x00], .protocolError), ([0xF2, 0x80, 0, 0, 0, 0], .protocolError),
            ([0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], .messageTooBig),
        ] as [([UInt8], WebSocketCloseCode)])
    func viewerThatBreaksTheProtocolIsToldAndClosed(bytes: [UInt8], code: WebSocketCloseCode) async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try WebSocketTestClient(server, "/live/a.flv")
        _ = try client.tags(upTo: 20)
        try client.socket.send(ByteBuffer(bytes: bytes))
        guard case .close(let close, _) = try client.next() else {
            Issue.record("no close")
            return
        }
        #expect(close.code == code)
        #expect(try client.next() == nil)
        publication.end()
        try await server.shutDown()
    }

    @Test func pingsOfAViewerThatDoesNotReadAreNotHeld() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try WebSocketTestClient(server, "/live/a.flv")
        var pings = ByteBuffer()
        let ping = WebSocketFrame(.ping, payload: ByteBuffer(repeating: 1, count: 125))
        for _ in 0..<500 { WebSocketFrameWriter.write(ping, maskingKey: 1, into: &pings) }
        // All of it is read, and the answers of it that the connection does not take are left out.
        for _ in 0..<400 { try client.socket.send(pings) }
        var count = 0
        publication.send(FLVTag.frames(2..<4))
        publication.end()
        while let action = try client.next() { if case .pong = action { count += 1 } }
        #expect(count > 0 && count < 200_000)
        try await server.shutDown()
    }

    @Test(arguments: [
        (["Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw=="], 426),
        (["Sec-WebSocket-Version: 13"], 400), (["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: short"], 400),
    ])
    func handshakeThatIsNoneIsRefused(fields: [String], status: Int) async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try server.connect()
        try client.ask("GET", "/live/a.flv", fields: ["Upgrade: websocket", "Connection: Upgrade"] + fields)
        let answer = try client.answer()
        #expect(answer.status == status)
        #expect(answer.head.fields["sec-websocket-version"] == (status == 426 ? "13" : nil))
        publication.end()
        try await server.shutDown()
    }

    @Test func streamThatNobodyPublishesIsDeclinedBeforeTheUpgrade() async throws {
        let server = try await HTTPServerHarness()
        #expect(throws: WebSocketClientHandshake.Failure.status(404, line: "HTTP/1.1 404 Not Found")) {
            _ = try WebSocketTestClient(server, "/live/none.mp4")
        }
        try await server.shutDown()
    }

    @Test func bytesBehindTheHandshakeHurtNobody() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try server.connect()
        let handshake = WebSocketClientHandshake(target: "/live/a.flv", host: "a", nonce: Array(0..<16))
        try client.socket.send(
            String(buffer: handshake.request) + "GET /number/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.head().status == 101)
        publication.end()
        _ = try client.rest()
        #expect(try server.answer("GET", "/number/2").body == "2")
        try await server.shutDown()
    }
}
