import LoadGeneration
import MediaTesting
import NIOCore
import Testing

@Suite("How HTTP bodies are delimited")
struct FramingTests {
    private static let text = Array("one two three".utf8)

    private static let chunked = Array("4\r\none \r\n9;name=value\r\ntwo three\r\n0\r\nTrailer: x\r\n\r\n".utf8)

    private static func frame(_ head: [UInt8], _ payload: some Sequence<UInt8>) -> [UInt8] {
        head + payload
    }

    /// A text message that is not media, a ping, and a binary message in fragments.
    private static let webSocket =
        frame([0x81, 2], "{}".utf8) + frame([0x02, 4], text[..<4]) + frame([0x89, 1], [7])
        + frame([0x80, 126, 0, 9], text[4...])

    @Test(
        "the body comes out whole, however it is cut",
        arguments: [
            (HTTPBodyFraming.chunked(ChunkedCoding()), chunked), (.webSocket(WebSocketUnframing()), webSocket),
            (.length(13), text), (.untilClose, text),
        ])
    func theBodyComesOutWhole(framing: HTTPBodyFraming, bytes: [UInt8]) throws {
        let verifier = ParserVerifier<UInt8> {
            var framing = framing
            return { buffer in
                var body = ByteBuffer()
                _ = try framing.unwrap(&buffer, into: &body)
                return Array(body.readableBytesView)
            }
        }
        try verifier.verify(bytes, expecting: Self.text)
    }

    @Test(
        "what is damaged is refused",
        arguments: [
            (HTTPBodyFraming.chunked(ChunkedCoding()), Array("xyz\r\n".utf8)),
            (.chunked(ChunkedCoding()), Array("FFFFFFFFFFFFFFFFF\r\n".utf8)),
            (.webSocket(WebSocketUnframing()), [0x82, 0x81, 0, 0, 0, 0, 1]),
            (.webSocket(WebSocketUnframing()), [0x89, 126, 0, 200]),
            (.webSocket(WebSocketUnframing()), [0xF2, 1]),
            (.webSocket(WebSocketUnframing()), [0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ])
    func whatIsDamagedIsRefused(framing: HTTPBodyFraming, bytes: [UInt8]) {
        var framing = framing
        var raw = ByteBuffer(bytes: bytes)
        var body = ByteBuffer()
        #expect(throws: ScanError.self) { try framing.unwrap(&raw, into: &body) }
    }

    @Test func aPingIsHandedOutOnce() throws {
        var unframing = WebSocketUnframing()
        var framing = HTTPBodyFraming.webSocket(unframing)
        var raw = ByteBuffer(bytes: Self.webSocket)
        var body = ByteBuffer()
        _ = try framing.unwrap(&raw, into: &body)
        if case .webSocket(let advanced) = framing { unframing = advanced }
        #expect(unframing.takePing() == ByteBuffer(bytes: [7]))
        #expect(unframing.takePing() == nil)
    }

    @Test func aHeadTellsStatusAndFraming() throws {
        let text = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nConnection: close\r\nLocation: /x\r\n\r\nrest"
        var buffer = ByteBuffer(string: text)
        let head = try #require(try HTTPResponseHead(from: &buffer))
        #expect(head.status == 404)
        #expect(head.words == "404 Not Found")
        #expect(head.framing == .length(5))
        #expect(!head.keepsAlive)
        #expect(head.location == "/x")
        #expect(String(buffer: buffer) == "rest")
    }

    @Test("a head may be as long as the limit", arguments: [(0, false), (1, true)])
    func aHeadMayBeAsLongAsTheLimit(excess: Int, isRefused: Bool) throws {
        let start = "HTTP/1.1 200 OK\r\nX: "
        let padding = HTTPResponseHead.bytesMax - start.utf8.count - 4 + excess
        var buffer = ByteBuffer(string: start + String(repeating: "x", count: padding) + "\r\n\r\n")
        if isRefused {
            #expect(throws: ScanError.self) { try HTTPResponseHead(from: &buffer) }
        } else {
            #expect(try HTTPResponseHead(from: &buffer) != nil)
        }
    }
}
