import AMF
import FLV
import MediaCore
import NIOCore
import RTMP
import RTMPTransport
import Testing

@Suite("RTMP 1.0, 5.3: what viewers are sent")
struct RTMPFormatTests {
    private static let streamID = MessageStreamID(rawValue: 1)

    private func render(_ type: FLVTagType, _ body: [UInt8], milliseconds: Int64) throws -> [UInt8] {
        var bytes = ByteBuffer()
        var renderer = LogFormat.rtmp(Self.streamID).makeRenderer()
        let time = MediaTime(milliseconds: milliseconds)
        for frame in try MediaFrame.frames(type: type, time: time, body: ByteBuffer(bytes: body)) {
            renderer.render(frame, into: &bytes)
        }
        return Array(bytes.readableBytesView)
    }

    struct Vector {
        let type: FLVTagType
        let body: [UInt8]
        let milliseconds: Int64
        let header: [UInt8]
    }

    static let picture: [UInt8] = [0x17, 1, 0, 0, 0, 0xAA]
    static let vectors = [
        Vector(
            type: .video, body: picture, milliseconds: 0x12_3456,
            header: [6, 0x12, 0x34, 0x56, 0, 0, 6, 9, 1, 0, 0, 0]),
        Vector(
            type: .audio, body: [0xAF, 1, 0x21], milliseconds: 23, header: [4, 0, 0, 23, 0, 0, 3, 8, 1, 0, 0, 0]),
        // The last timestamp that fits, the first that is extended, and the wrap at 2³².
        Vector(
            type: .video, body: picture, milliseconds: 0xFF_FFFE,
            header: [6, 0xFF, 0xFF, 0xFE, 0, 0, 6, 9, 1, 0, 0, 0]),
        Vector(
            type: .video, body: picture, milliseconds: 0xFF_FFFF,
            header: [6, 0xFF, 0xFF, 0xFF, 0, 0, 6, 9, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF]),
        Vector(
            type: .video, body: picture, milliseconds: 0x1_0000_0005, header: [6, 0, 0, 5, 0, 0, 6, 9, 1, 0, 0, 0]),
    ]

    @Test("a frame is one message with full headers", arguments: vectors)
    func fullHeaders(vector: Vector) throws {
        let bytes = try render(vector.type, vector.body, milliseconds: vector.milliseconds)
        #expect(bytes == vector.header + vector.body)
    }

    @Test("metadata goes without @setDataFrame and at time 0, as it has none")
    func metadata() throws {
        var body = ByteBuffer()
        AMF0Value.string("@setDataFrame").write(into: &body)
        let start = body.writerIndex
        AMF0Value.string("onMetaData").write(into: &body)
        AMF0Value.object(["width": .number(640)]).write(into: &body)
        let expected = Array(body.readableBytesView.dropFirst(start))
        let bytes = try render(.script, Array(body.readableBytesView), milliseconds: 7)
        #expect(bytes == [5, 0, 0, 0, 0, 0, UInt8(expected.count), 18, 1, 0, 0, 0] + expected)
    }

    @Test("a body longer than 60 000 bytes goes on in a chunk of type 3")
    func longBody() throws {
        let body = Self.picture + [UInt8](repeating: 0x33, count: 60_000)
        let bytes = try render(.video, body, milliseconds: 0)
        #expect(bytes.count == 12 + 60_000 + 1 + 6)
        #expect(bytes[12 + 60_000] == 0xC6)
        #expect(Array(bytes[12..<60_012]) + bytes[60_013...] == body)
    }

    @Test("beginning and end: StreamBegin and StreamEOF beside their notices")
    func beginAndEnd() throws {
        var renderer = LogFormat.rtmp(MessageStreamID(rawValue: 5)).makeRenderer()
        var begin = ByteBuffer()
        renderer.renderBegin(into: &begin)
        var end = ByteBuffer()
        renderer.renderEnd(into: &end)
        let streamBegin: [UInt8] = [2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]
        let streamEOF: [UInt8] = [2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5]
        #expect(begin.readableBytesView.starts(with: streamBegin))
        #expect(end.readableBytesView.suffix(streamEOF.count).elementsEqual(streamEOF))
        #expect(try statuses(in: begin) == [.playPublishNotify])
        #expect(try statuses(in: end) == [.playUnpublishNotify])
    }

    private func statuses(in bytes: ByteBuffer) throws -> [StatusCode] {
        // Viewers are told of the chunk size when they connect.
        var all = ByteBuffer()
        var writer = ChunkWriter()
        writer.setChunkSize(60_000, into: &all)
        all.writeImmutableBuffer(bytes)
        var reader = ChunkReader()
        var codes: [StatusCode] = []
        while let message = try reader.read(from: &all) {
            if message.typeID == .commandAMF0 { #expect(message.streamID.rawValue == 5) }
            if let status = RTMPTestClient.status(of: message) { codes.append(status.code) }
        }
        return codes
    }

    @Test("formats are told apart by message stream and by what is wanted")
    func equality() {
        let format = LogFormat.rtmp(Self.streamID)
        #expect(format == LogFormat.rtmp(Self.streamID))
        #expect(format != LogFormat.rtmp(MessageStreamID(rawValue: 2)))
        #expect(format != LogFormat.rtmp(Self.streamID, audio: false))
        #expect(format != LogFormat.rtmp(Self.streamID, video: false))
    }
}
