import MediaTesting
import NIOCore
import Testing
import WebSocket

private let key = "dGhlIHNhbXBsZSBub25jZQ=="
private let nonce = Array("the sample nonce".utf8)

@Suite("RFC 6455, 4: the handshake")
struct HandshakeTests {
    private typealias Refusal = WebSocketHandshake.Refusal

    private static func accept(_ changes: [String: [String]], method: String = "GET") throws(Refusal) -> String {
        let fields = [
            "upgrade": ["websocket"], "connection": ["Upgrade"], "sec-websocket-key": [key],
            "sec-websocket-version": ["13"],
        ].merging(changes) { $1 }
        return try WebSocketHandshake.accept(method: method) { fields[$0] ?? [] }
    }

    /// Specification: RFC 6455, 1.3.
    @Test func keyIsAnsweredAsTheSpecificationSays() {
        #expect(WebSocketHandshake.acceptValue(for: key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        [:], ["upgrade": ["WebSocket"]], ["upgrade": ["h2c, websocket"]], ["connection": ["keep-alive, Upgrade"]],
        ["connection": ["keep-alive", "upgrade "]], ["sec-websocket-key": [" \(key)\t"]],
    ])
    func fieldsAreReadAsLists(changes: [String: [String]]) throws {
        #expect(try Self.accept(changes) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        arguments: [
            (["upgrade": []], .badRequest("Upgrade")), (["upgrade": ["websockets"]], .badRequest("Upgrade")),
            (["connection": ["close"]], .badRequest("Connection")), (["connection": []], .badRequest("Connection")),
            (["sec-websocket-key": []], .badRequest("Sec-WebSocket-Key")),
            (["sec-websocket-key": [key, key]], .badRequest("Sec-WebSocket-Key")),
            (["sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZQ="]], .badRequest("Sec-WebSocket-Key")),
            (["sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZR=="]], .badRequest("Sec-WebSocket-Key")),
            (["sec-websocket-key": ["dGhl HNhbXBsZSBub25jZQ=="]], .badRequest("Sec-WebSocket-Key")),
            (["sec-websocket-version": ["8"]], .otherVersion), (["sec-websocket-version": []], .otherVersion),
            (["sec-websocket-version": ["13", "8"]], .otherVersion),
        ] as [([String: [String]], WebSocketHandshake.Refusal)])
    func whatIsNoHandshakeIsRefused(changes: [String: [String]], refusal: WebSocketHandshake.Refusal) {
        #expect(throws: refusal) { try Self.accept(changes) }
    }

    @Test func otherMethodsAreRefused() {
        #expect(throws: Refusal.badRequest("method POST")) { try Self.accept([:], method: "POST") }
    }

    // MARK: The client's end

    private static let handshake = WebSocketClientHandshake(
        target: "/live/a.flv?x=1", host: "example.com:8080", nonce: nonce, fields: [("Origin", "null")])
    private static let answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nconnection:upgrade\r\n"
        + "Sec-WebSocket-Accept:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\nServer: x\r\n\r\n"

    @Test func clientAsksAsTheServerWantsIt() {
        #expect(
            String(buffer: Self.handshake.request) == """
                GET /live/a.flv?x=1 HTTP/1.1\r\nHost: example.com:8080\r\nUpgrade: websocket\r\n\
                Connection: Upgrade\r\nSec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n\
                Origin: null\r\n\r\n
                """)
    }

    @Test func answerIsReadHoweverItIsCutAndTheFirstFrameIsLeft() throws {
        var rest = ByteBuffer(string: Self.answer + "\u{01}")
        #expect(try Self.handshake.readAnswer(from: &rest))
        #expect(rest == ByteBuffer(bytes: [1]))
        try ParserVerifier {
            { try Self.handshake.readAnswer(from: &$0) ? [true] : [] }
        }.verify(Array(Self.answer.utf8), expecting: [true])
    }

    @Test(
        arguments: [
            ("HTTP/1.1 404 Not Found\r\n\r\n", .status(404, line: "HTTP/1.1 404 Not Found")),
            ("HTTP/1.1 200 OK\r\n\r\n", .status(200, line: "HTTP/1.1 200 OK")),
            ("SSH-2.0\r\n\r\n", .status(0, line: "SSH-2.0")), ("\r\n\r\n", .status(0, line: "")),
            (answer.replacing("Upgrade:", with: "X:"), .badAnswer("Upgrade")),
            (answer.replacing("connection:", with: "X:"), .badAnswer("Connection")),
            (answer.replacing("xOo=", with: "xOp="), .badAnswer("Sec-WebSocket-Accept")),
            (
                answer.replacing("Server: x", with: "Sec-WebSocket-Extensions: permessage-deflate"),
                .badAnswer("sec-websocket-extensions")
            ),
            (answer.replacing("Server: x", with: "Sec-WebSocket-Protocol: chat"), .badAnswer("sec-websocket-protocol")),
        ] as [(String, WebSocketClientHandshake.Failure)])
    func wrongAnswersAreRefused(answer: String, failure: WebSocketClientHandshake.Failure) {
        var bytes = ByteBuffer(string: answer)
        #expect(throws: failure) { try Self.handshake.readAnswer(from: &bytes) }
    }

    @Test(arguments: [0, 1])
    func headOfTheLongestLengthIsReadAndOneByteMoreIsNot(excess: Int) throws {
        let frame = "Server: x"
        let count = WebSocketClientHandshake.headBytesMax - Self.answer.utf8.count + frame.utf8.count + excess
        let answer = Self.answer.replacing(frame, with: "Server: " + String(repeating: "x", count: count - 8))
        var bytes = ByteBuffer(string: answer)
        if excess == 0 {
            #expect(try Self.handshake.readAnswer(from: &bytes))
        } else {
            #expect(throws: WebSocketClientHandshake.Failure.headTooLong) {
                try Self.handshake.readAnswer(from: &bytes)
            }
        }
    }
}
