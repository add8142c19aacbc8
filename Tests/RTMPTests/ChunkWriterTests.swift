import MediaTesting
import NIOCore
import RTMP
import Testing

private func write(_ messages: [RTMPMessage], on id: UInt32 = 4) -> [UInt8] {
    var writer = ChunkWriter()
    var bytes = ByteBuffer()
    for message in messages { writer.write(message, on: ChunkStreamID(rawValue: id), into: &bytes) }
    return Array(bytes.readableBytesView)
}

private let body = payloadBytes(307)

@Suite("Writing chunks: RTMP 1.0, 5.3")
struct ChunkWriterTests {
    @Test("307 bytes at chunk size 128 are chunks of 12+128, 1+128 and 1+51 bytes")
    func referenceVector() {
        let bytes = write([message(.video, 1000, body)])
        let header: [UInt8] = [0x04, 0, 0x03, 0xE8, 0, 0x01, 0x33, 9, 1, 0, 0, 0]
        #expect(bytes == chunkBytes(header, body.cut(0, 128), [0xC4], body.cut(128, 256), [0xC4], body.from(256)))
        #expect(bytes.count == 12 + 128 + 1 + 128 + 1 + 51)
    }

    @Test("Audio at equal steps needs a full header, a delta and then one byte: 5.3.2.1")
    func equalSteps() {
        let short = payloadBytes(5)
        let bytes = write([1000, 1020, 1040, 1060].map { message(.audio, $0, short) })
        let header: [UInt8] = [0x04, 0, 0x03, 0xE8, 0, 0, 5, 8, 1, 0, 0, 0]
        #expect(bytes == chunkBytes(header, short, [0x84, 0, 0, 20], short, [0xC4], short, [0xC4], short))
    }

    /// Pairs of messages on one chunk stream, and the second one's header.
    static let seconds: [(String, RTMPMessage, RTMPMessage, [UInt8])] = [
        ("another length", message(.audio, 1, [1]), message(.audio, 3, [1, 2]), [0x44, 0, 0, 2, 0, 0, 2, 8]),
        ("another type", message(.audio, 1, [1]), message(.video, 3, [1]), [0x44, 0, 0, 2, 0, 0, 1, 9]),
        ("the same time", message(.audio, 1, [1]), message(.audio, 1, [1]), [0x84, 0, 0, 0]),
        ("the timestamp as delta", message(.audio, 20, [1]), message(.audio, 40, [1]), [0x84, 0, 0, 20]),
        (
            "another message stream", message(.audio, 1, [1]), message(.audio, 3, [1], stream: 2),
            [0x04, 0, 0, 3, 0, 0, 1, 8, 2, 0, 0, 0]
        ),
        ("backwards", message(.audio, 5, [1]), message(.audio, 4, [1]), [0x04, 0, 0, 4, 0, 0, 1, 8, 1, 0, 0, 0]),
        (
            "the longest delta", message(.audio, 1, [1]), message(.audio, 0xFF_FFFF, [1]),
            [0x84, 0xFF, 0xFF, 0xFE]
        ),
        (
            "a delta too long", message(.audio, 1, [1]), message(.audio, 0x100_0000, [1]),
            [0x04, 0xFF, 0xFF, 0xFF, 0, 0, 1, 8, 1, 0, 0, 0, 1, 0, 0, 0]
        ),
        ("over the wrap", message(.audio, 0xFFFF_FFFF, [1]), message(.audio, 9, [1]), [0x84, 0, 0, 10]),
    ]

    @Test("The second message's header leaves out what is known", arguments: seconds)
    func compression(_ name: String, _ first: RTMPMessage, _ second: RTMPMessage, _ header: [UInt8]) throws {
        let bytes = write([first, second])
        #expect(
            Array(bytes.dropFirst(write([first]).count)) == header + Array(second.payload.readableBytesView), "\(name)")
        #expect(try readAll(bytes) == [first, second])
    }

    @Test(
        "An id takes as few bytes as it fits in",
        arguments: [
            (2, [0x02]), (63, [0x3F]), (64, [0x00, 0]), (319, [0x00, 255]), (320, [0x01, 0, 1]),
            (65_599, [0x01, 255, 255]),
            (0, [0x02]), (70_000, [0x01, 255, 255]),
        ] as [(UInt32, [UInt8])])
    func basicHeader(_ id: UInt32, _ expected: [UInt8]) {
        #expect(Array(write([message(.audio, 1, [7])], on: id).dropLast(12)) == expected)
    }

    @Test("The extended timestamp is repeated in every chunk")
    func extendedTimestamp() {
        let bytes = write([message(.video, 0x0102_0304, body.cut(0, 200))])
        let header: [UInt8] = [0x04, 0xFF, 0xFF, 0xFF, 0, 0, 200, 9, 1, 0, 0, 0, 1, 2, 3, 4]
        #expect(bytes == chunkBytes(header, body.cut(0, 128), [0xC4, 1, 2, 3, 4], body.cut(128, 200)))
    }

    @Test("Set Chunk Size is written, then used")
    func chunkSize() {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        writer.setChunkSize(300, into: &bytes)
        writer.write(message(.video, 0, body), on: .video, into: &bytes)
        let control: [UInt8] = [2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0x01, 0x2C]
        let header: [UInt8] = [6, 0, 0, 0, 0, 0x01, 0x33, 9, 1, 0, 0, 0]
        let expected = chunkBytes(control, header, body.cut(0, 300), [0xC6], body.from(300))
        #expect(Array(bytes.readableBytesView) == expected)
        #expect(writer.chunkSize == 300)
    }

    @Test(
        "Sizes outside the range are taken as the nearest inside", arguments: [(-1, 1), (0, 1), (1 << 40, 0xFF_FFFF)])
    func chunkSizeBounds(_ size: Int, _ expected: Int) throws {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        writer.setChunkSize(size, into: &bytes)
        #expect(writer.chunkSize == expected)
        var reader = ChunkReader()
        _ = try reader.read(from: &bytes)
        #expect(reader.chunkSize == expected)
    }

    @Test("A payload longer than its length field can say is not written")
    func tooLongPayload() throws {
        let long = ByteBuffer(repeating: 1, count: 0x100_0000)
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        writer.write(
            RTMPMessage(typeID: .video, streamID: .connection, timestamp: 0, payload: long), on: .video, into: &bytes)
        #expect(bytes.readableBytes == 0)
        let longest = long.getSlice(at: 0, length: 0xFF_FFFF) ?? ByteBuffer()
        writer.setChunkSize(0xFF_FFFF, into: &bytes)
        let message = RTMPMessage(typeID: .video, streamID: .connection, timestamp: 0, payload: longest)
        writer.write(message, on: .video, into: &bytes)
        var reader = ChunkReader(limits: ChunkLimits(messageBytesMax: .max))
        #expect(try readAll(&bytes, with: &reader).last == message)
    }

    @Test("More chunk streams than are remembered get full headers")
    func manyChunkStreams() throws {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        for id in [3...20, 3...20].joined() {
            writer.write(message(.audio, UInt32(id), [1]), on: ChunkStreamID(rawValue: UInt32(id)), into: &bytes)
        }
        #expect(bytes.readableBytes == 28 * 13 + 8 * 5)
        var reader = ChunkReader()
        #expect(try readAll(&bytes, with: &reader).map(\.timestamp) == Array(3...20) + Array(3...20))
    }

    @Test("Uncompressed messages are full each time and depend on nothing before")
    func uncompressed() throws {
        var bytes = ByteBuffer()
        let sent = message(.video, 0x0102_0304, body)
        for _ in 0..<2 {
            ChunkWriter.writeUncompressed(
                typeID: sent.typeID, streamID: sent.streamID, timestamp: sent.timestamp, payload: sent.payload,
                on: .video, chunkSize: 128, into: &bytes)
        }
        #expect(bytes.readableBytes == 2 * (16 + 307 + 2 * 5))
        #expect(bytes.readableBytesView.prefix(333).elementsEqual(bytes.readableBytesView.suffix(333)))
        var reader = ChunkReader()
        #expect(try readAll(&bytes, with: &reader) == [sent, sent])
    }
}

@Suite("Chunks there and back")
struct ChunkRoundTripTests {
    /// Messages of all kinds of lengths and times on several chunk streams, with chunk sizes changing between them, cut
    /// at random places, come out as they went in.
    @Test("What is written is read", arguments: UInt64(0)..<60)
    func randomConversation(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        var sent: [RTMPMessage] = []
        var clock: UInt32 = seed.isMultiple(of: 3) ? 0xFFFF_FF00 : seed.isMultiple(of: 2) ? 0xFF_FF80 : 0
        for _ in 0..<40 {
            if Int.random(in: 0..<8, using: &random) == 0 {
                let size = Bool.random(using: &random) ? Int.random(in: 1...20, using: &random) : 4096
                writer.setChunkSize(size, into: &bytes)
                sent.append(ProtocolControlMessage.setChunkSize(UInt32(size)).message)
            }
            let id: UInt32 = [2, 3, 4, 63, 64, 319, 320, 65_599].randomElement(using: &random) ?? 3
            let step: Int = [0, 0, 20, 20, 33, 0x100_0000, -5].randomElement(using: &random) ?? 0
            clock &+= UInt32(truncatingIfNeeded: step)
            let next = message(
                [.audio, .video].randomElement(using: &random) ?? .audio, clock,
                payloadBytes(
                    [0, 1, 10, 10, 128, 129, 700].randomElement(using: &random) ?? 0, seed: UInt8(sent.count)),
                stream: UInt32.random(in: 1...2, using: &random))
            writer.write(next, on: ChunkStreamID(rawValue: id), into: &bytes)
            sent.append(next)
        }
        var reader = ChunkReader()
        var received: [RTMPMessage] = []
        var pending = ByteBuffer()
        while let piece = bytes.readSlice(
            length: min(bytes.readableBytes, Int.random(in: 1...300, using: &random))), piece.readableBytes > 0
        {
            pending.writeImmutableBuffer(piece)
            received += try readAll(&pending, with: &reader)
            pending.discardReadBytes()
        }
        #expect(received == sent)
        #expect(reader.partialBytes == 0)
    }

    @Test("Random bytes harm nothing", arguments: UInt64(0)..<200)
    func randomBytes(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limits = ChunkLimits(messageBytesMax: 500, chunkStreamsMax: 5, partialBytesMax: 1000)
        var reader = ChunkReader(limits: limits)
        var bytes = ByteBuffer(bytes: (0..<2000).map { _ in UInt8.random(in: .min ... .max, using: &random) & 0xC7 })
        do {
            while let message = try reader.read(from: &bytes) { #expect(message.payload.readableBytes <= 500) }
        } catch {}
        #expect(reader.partialBytes <= 1000)
    }
}
