import MediaTesting
import NIOCore
import RTMP
import Testing

@Suite("Annotated chunks, RTMP 1.0, 5.3.1")
struct WireChunksTests {
    /// What RTMP 1.0, 5.3.2.2 shows: 307 bytes of video in chunks of 128.
    static let example = message(.video, 1000, payloadBytes(307), stream: 12346)

    private func read(_ bytes: [UInt8]) throws -> [(RTMPMessage, WireChunks)] {
        var reader = ChunkReader()
        reader.notesChunks = true
        var buffer = ByteBuffer(bytes: bytes)
        var read: [(RTMPMessage, WireChunks)] = []
        while let message = try reader.read(from: &buffer) { read.append((message, reader.takeChunks())) }
        return read
    }

    private func chunk(_ type: UInt8, _ id: ChunkStreamID, _ header: Int, _ payload: Int) -> WireChunk {
        WireChunk(type: type, chunkStreamID: id, headerBytes: header, payloadBytes: payload)
    }

    @Test func specificationsExampleIsThreeChunks() throws {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        let layout = writer.write(Self.example, on: .audio, into: &bytes)
        let expected = [chunk(0, .audio, 12, 128), chunk(3, .audio, 1, 128), chunk(3, .audio, 1, 51)]
        #expect(layout?.chunks.listed == expected)
        let read = try read(Array(buffer: bytes))
        #expect(read.map(\.0) == [Self.example])
        #expect(read.map(\.1.listed) == [expected])
        #expect(expected.reduce(0) { $0 + $1.headerBytes + $1.payloadBytes } == bytes.readableBytes)
    }

    struct Sent: Sendable {
        let messages: [RTMPMessage]
        let id: ChunkStreamID
        let first: [UInt8]
        let headers: [Int]
    }

    static let shortened = [
        // 5.3.2.1: a type 0, a type 2 with a delta, then type 3 alone.
        Sent(
            messages: [1000, 1020, 1040, 1060].map { message(.audio, $0, payloadBytes(32)) }, id: .audio,
            first: [0, 2, 3, 3], headers: [12, 4, 1, 1]),
        // Another length makes a type 1.
        Sent(
            messages: [message(.video, 0, payloadBytes(32)), message(.video, 40, payloadBytes(33))], id: .video,
            first: [0, 1], headers: [12, 8]),
        // Chunk stream numbers of two and three bytes.
        Sent(
            messages: [message(.audio, 0, payloadBytes(1))], id: ChunkStreamID(rawValue: 64), first: [0], headers: [13]),
        Sent(
            messages: [message(.audio, 0, payloadBytes(1))], id: ChunkStreamID(rawValue: 320), first: [0],
            headers: [14]),
        // An extended timestamp.
        Sent(
            messages: [message(.audio, 0xFF_FFFF, payloadBytes(1))], id: .audio, first: [0], headers: [16]),
    ]

    @Test(arguments: shortened)
    func headersAreToldAsTheyWere(sent: Sent) throws {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        let layouts = sent.messages.map { writer.write($0, on: sent.id, into: &bytes)?.chunks }
        let read = try read(Array(buffer: bytes))
        #expect(read.map(\.1.listed.first?.type) == sent.first)
        #expect(read.map(\.1.listed.first?.headerBytes) == sent.headers)
        #expect(layouts == read.map(\.1))
    }

    @Test func extendedTimestampIsInEveryChunk() throws {
        var bytes = ByteBuffer()
        ChunkWriter.writeUncompressed(
            typeID: .video, streamID: .one, timestamp: 0x0100_0000, payload: ByteBuffer(bytes: payloadBytes(200)),
            on: .video, chunkSize: 128, into: &bytes)
        let chunks = try read(Array(buffer: bytes)).first?.1.listed
        #expect(chunks?.map(\.headerBytes) == [16, 5])
        #expect(chunks?.map(\.extendedTimestamp) == [0x0100_0000, 0x0100_0000])
    }

    @Test func interleavedMessagesKeepTheirChunks() throws {
        let video = chunkBytes([6, 0, 0, 0, 0, 0, 200, 9, 1, 0, 0, 0], payloadBytes(128))
        let audio = chunkBytes([4, 0, 0, 0, 0, 0, 3, 8, 1, 0, 0, 0], [1, 2, 3])
        let read = try read(video + audio + [0xC6] + payloadBytes(72))
        #expect(read.map(\.0.typeID) == [.audio, .video])
        #expect(read.map(\.1.listed.count) == [1, 2])
        #expect(read.map { $0.1.listed.map(\.payloadBytes) } == [[3], [128, 72]])
    }

    @Test(arguments: [(64, 64, 0), (65, 64, 1), (1000, 64, 936)])
    func longListsAreCut(chunks: Int, listed: Int, more: Int) throws {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        let layout = writer.write(message(.video, 0, payloadBytes(chunks * 128)), on: .video, into: &bytes)
        let read = try #require(try read(Array(buffer: bytes)).first)
        #expect(read.1.listed.count == listed && read.1.more == more)
        #expect(layout?.chunks == read.1)
    }

    @Test func notedMessagesAreReadTheSameInEveryWay() throws {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        let messages = [Self.example, message(.audio, 1001, payloadBytes(300)), message(.audio, 1002, payloadBytes(7))]
        for message in messages { writer.write(message, on: message.typeID == .video ? .video : .audio, into: &bytes) }
        let verifier = ParserVerifier<RTMPMessage> {
            var reader = ChunkReader()
            reader.notesChunks = true
            return { bytes in
                var read: [RTMPMessage] = []
                while let message = try reader.read(from: &bytes) {
                    let chunks = reader.takeChunks().listed
                    #expect(chunks.reduce(0) { $0 + $1.payloadBytes } == message.payload.readableBytes)
                    read.append(message)
                }
                return read
            }
        }
        try verifier.verify(Array(buffer: bytes), expecting: messages, flips: [])
    }

    @Test func nothingIsNotedUnasked() throws {
        var reader = ChunkReader()
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        writer.write(Self.example, on: .video, into: &bytes)
        #expect(try reader.read(from: &bytes) == Self.example)
        #expect(!reader.notesChunks && reader.takeChunks() == WireChunks())
    }
}
