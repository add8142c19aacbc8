import FLV
import HTTPTransport
import MediaCore
import NIOCore
import Testing

@Suite("Adobe FLV 10.1, E.4, in RFC 9112, 7.1: what viewers are sent")
struct HTTPFormatTests {
    private static let body: [UInt8] = [0xAF, 1, 0x21]
    private static let tag: [UInt8] = [8, 0, 0, 3, 0x34, 0x56, 0x78, 0x12, 0, 0, 0] + body + [0, 0, 0, 14]

    @Test("a frame is a tag with its timestamp's highest byte last, and one chunk", arguments: [true, false])
    func frame(isChunked: Bool) throws {
        var renderer = LogFormat.live(.flv, framing: isChunked ? .chunked : .untilClose).makeRenderer()
        var bytes = ByteBuffer()
        let time = MediaTime(milliseconds: 0x1_1234_5678)
        for frame in try MediaFrame.frames(type: .audio, time: time, body: ByteBuffer(bytes: Self.body)) {
            renderer.render(frame, into: &bytes)
        }
        let expected = isChunked ? Array("12\r\n".utf8) + Self.tag + Array("\r\n".utf8) : Self.tag
        #expect(Array(bytes.readableBytesView) == expected)
    }

    @Test("the end is the last chunk, or nothing", arguments: [true, false])
    func end(isChunked: Bool) {
        var renderer = LogFormat.live(.flv, framing: isChunked ? .chunked : .untilClose).makeRenderer()
        var bytes = ByteBuffer()
        renderer.renderBegin(into: &bytes)
        #expect(bytes.readableBytes == 0)
        renderer.renderEnd(into: &bytes)
        #expect(String(buffer: bytes) == (isChunked ? "0\r\n\r\n" : ""))
    }

    @Test("formats are told apart by coding and by what is wanted")
    func equality() {
        let format = LogFormat.live(.flv, framing: .chunked)
        #expect(format == LogFormat.live(.flv, framing: .chunked))
        #expect(format != LogFormat.live(.flv, framing: .untilClose))
        #expect(format != LogFormat.live(.flv, framing: .chunked, audio: false))
        #expect(format.endsWithPublication)
    }
}
