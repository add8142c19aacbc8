import MediaTesting
import NIOCore
import RTMP
import Testing

/// Chunks as they arrive, and the messages they make.
struct ChunkVector: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var messages: [RTMPMessage]

    var testDescription: String { name }
}

/// A type 0 header with a one-byte basic header.
private func full(_ id: UInt8, _ time: [UInt8], _ length: UInt8, _ typeID: UInt8, stream: UInt8 = 1) -> [UInt8] {
    [id] + time + [0, 0, length, typeID, stream, 0, 0, 0]
}

/// Set Chunk Size as a chunk.
private func setChunkSize(_ size: UInt32) -> [UInt8] {
    [0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0] + withUnsafeBytes(of: size.bigEndian) { Array($0) }
}

private func setChunkSizeMessage(_ size: UInt32) -> RTMPMessage {
    message(.setChunkSize, 0, withUnsafeBytes(of: size.bigEndian) { Array($0) }, stream: 0)
}

private let body = payloadBytes(307)
private let short = payloadBytes(5)

/// 5.3.1.1 and 5.3.1.2: every header.
private let headerVectors: [ChunkVector] = [
    ChunkVector(
        name: "307 bytes at chunk size 128",
        bytes: chunkBytes(
            [0x04, 0, 0x03, 0xE8, 0, 0x01, 0x33, 9, 1, 0, 0, 0], body.cut(0, 128), [0xC4], body.cut(128, 256),
            [0xC4], body.from(256)),
        messages: [message(.video, 1000, body)]),
    ChunkVector(
        name: "types 0, 2, 3, 3: audio as in 5.3.2.1",
        bytes: chunkBytes(
            full(4, [0, 0x03, 0xE8], 5, 8), short, [0x84, 0, 0, 20], short, [0xC4], short, [0xC4], short),
        messages: [1000, 1020, 1040, 1060].map { message(.audio, $0, short) }),
    ChunkVector(
        name: "type 1 changes length and type",
        bytes: chunkBytes(full(4, [0, 0, 7], 5, 8), short, [0x44, 0, 0, 3, 0, 0, 2, 9], [0xAA, 0xBB]),
        messages: [message(.audio, 7, short), message(.video, 10, [0xAA, 0xBB])]),
    ChunkVector(
        name: "type 3 after type 0 takes the timestamp as delta",
        bytes: chunkBytes(full(4, [0, 0, 40], 5, 8), short, [0xC4], short),
        messages: [message(.audio, 40, short), message(.audio, 80, short)]),
    ChunkVector(
        name: "ids of two bytes: 64, 319",
        bytes: chunkBytes(
            [0x00, 0, 0, 0, 1, 0, 0, 1, 8, 1, 0, 0, 0, 0xA1], [0x00, 255, 0, 0, 2, 0, 0, 1, 9, 1, 0, 0, 0, 0xA2],
            [0xC0, 0, 0xA3], [0x80, 255, 0, 0, 5, 0xA4]),
        messages: [
            message(.audio, 1, [0xA1]), message(.video, 2, [0xA2]), message(.audio, 2, [0xA3]),
            message(.video, 7, [0xA4]),
        ]),
    ChunkVector(
        name: "ids of three bytes: 320, 65599, and 64 the long way",
        bytes: chunkBytes(
            [0x01, 0, 1, 0, 0, 1, 0, 0, 1, 8, 1, 0, 0, 0, 0xA1],
            [0x01, 255, 255, 0, 0, 2, 0, 0, 1, 9, 1, 0, 0, 0, 0xA2],
            [0xC1, 0, 1, 0xA3], [0x01, 0, 0, 0, 0, 9, 0, 0, 1, 8, 1, 0, 0, 0, 0xA4], [0xC0, 0, 0xA5]),
        messages: [
            message(.audio, 1, [0xA1]), message(.video, 2, [0xA2]), message(.audio, 2, [0xA3]),
            message(.audio, 9, [0xA4]), message(.audio, 18, [0xA5]),
        ]),
    ChunkVector(
        name: "the message stream is little-endian",
        bytes: [0x03, 0, 0, 0, 0, 0, 1, 20, 0x78, 0x56, 0x34, 0x12, 0xEE],
        messages: [message(.commandAMF0, 0, [0xEE], stream: 0x1234_5678)]),
    ChunkVector(
        name: "messages without a payload",
        bytes: chunkBytes(full(4, [0, 0, 9], 0, 8), [0x84, 0, 0, 1], [0xC4], [0x44, 0, 0, 1, 0, 0, 1, 9, 0x11]),
        messages: [
            message(.audio, 9, []), message(.audio, 10, []), message(.audio, 11, []), message(.video, 12, [0x11]),
        ]),
    ChunkVector(
        name: "type 1 first on chunk stream 2, as librtmp",
        bytes: [0x42, 0, 0, 0, 0, 0, 6, 4, 0, 3, 0, 0, 0, 1],
        messages: [message(.userControl, 0, [0, 3, 0, 0, 0, 1], stream: 0)]),
]

/// 5.3: interleaving, 5.4.1: Set Chunk Size, 5.4.2: Abort.
private let streamVectors: [ChunkVector] = [
    ChunkVector(
        name: "audio between the chunks of a video message",
        bytes: chunkBytes(
            [0x06, 0, 0, 1, 0, 0x01, 0x33, 9, 1, 0, 0, 0], body.cut(0, 128), full(4, [0, 0, 2], 5, 8), short, [0xC6],
            body.cut(128, 256), [0x84, 0, 0, 3], short, [0xC6], body.from(256)),
        messages: [message(.audio, 2, short), message(.audio, 5, short), message(.video, 1, body)]),
    ChunkVector(
        name: "a chunk size that grows inside another message",
        bytes: chunkBytes(
            [0x06, 0, 0, 1, 0, 0x01, 0x33, 9, 1, 0, 0, 0], body.cut(0, 128), setChunkSize(150), [0xC6],
            body.cut(128, 278), [0xC6], body.from(278)),
        messages: [setChunkSizeMessage(150), message(.video, 1, body)]),
    ChunkVector(
        name: "a chunk size that shrinks to 1 inside another message",
        bytes: chunkBytes(
            [0x06, 0, 0, 1, 0, 0, 130, 9, 1, 0, 0, 0], body.cut(0, 128), setChunkSize(1), [0xC6, body[128], 0xC6],
            [body[129]], [0xC6, body[0]], body.cut(1, 130).flatMap { [0xC6, $0] }),
        messages: [
            setChunkSizeMessage(1), message(.video, 1, body.cut(0, 130)), message(.video, 2, body.cut(0, 130)),
        ]),
    ChunkVector(
        name: "Abort drops a message and keeps what its header said",
        bytes: chunkBytes(
            full(6, [0, 0, 1], 200, 9), body.cut(0, 128), [0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 6],
            [0x46, 0, 0, 4, 0, 0, 5, 9], short),
        messages: [message(.abort, 0, [0, 0, 0, 6], stream: 0), message(.video, 5, short)]),
    ChunkVector(
        name: "Abort of a chunk stream without a message",
        bytes: chunkBytes([0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 9], full(6, [0, 0, 1], 5, 9), short),
        messages: [message(.abort, 0, [0, 0, 0, 9], stream: 0), message(.video, 1, short)]),
    ChunkVector(
        name: "a message continued with headers that repeat the first",
        bytes: chunkBytes(
            full(6, [0, 0, 1], 200, 9), body.cut(0, 128), [0x46, 0, 0, 0, 0, 0, 200, 9], body.cut(128, 200),
            [0x86, 0, 0, 2], body.cut(0, 128), [0x86, 0, 0, 0], body.cut(128, 200)),
        messages: [message(.video, 1, body.cut(0, 200)), message(.video, 3, body.cut(0, 200))]),
]

/// 5.3.1.3: extended timestamps.
private let timestampVectors: [ChunkVector] = [
    ChunkVector(
        name: "0xFFFFFF and the highest timestamp",
        bytes: chunkBytes(
            full(4, [0xFF, 0xFF, 0xFF], 5, 8), [0, 0xFF, 0xFF, 0xFF], short, full(4, [0xFF, 0xFF, 0xFF], 5, 8),
            [0xFF, 0xFF, 0xFF, 0xFF], short, full(4, [0xFF, 0xFF, 0xFE], 5, 8), short),
        messages: [0xFF_FFFF, 0xFFFF_FFFF, 0xFF_FFFE].map { message(.audio, $0, short) }),
    ChunkVector(
        name: "repeated in type 3 chunks",
        bytes: chunkBytes(
            full(6, [0xFF, 0xFF, 0xFF], 200, 9), [1, 2, 3, 4], body.cut(0, 128), [0xC6, 1, 2, 3, 4],
            body.cut(128, 200), [0x86, 0, 0, 9], body.cut(0, 128), [0xC6], body.cut(128, 200)),
        messages: [0x0102_0304, 0x0102_030D].map { message(.video, $0, body.cut(0, 200)) }),
    ChunkVector(
        name: "not repeated in type 3 chunks, as librtmp",
        bytes: chunkBytes(
            full(6, [0xFF, 0xFF, 0xFF], 200, 9), [1, 2, 3, 4], body.cut(0, 128), [0xC6], body.cut(128, 200),
            full(6, [0xFF, 0xFF, 0xFF], 130, 9), [1, 2, 3, 9], body.cut(0, 128), [0xC6], body.cut(128, 130)),
        messages: [
            message(.video, 0x0102_0304, body.cut(0, 200)), message(.video, 0x0102_0309, body.cut(0, 130)),
        ]),
    ChunkVector(
        name: "a delta is repeated as the delta or as the absolute time",
        bytes: chunkBytes(
            full(6, [0, 0, 5], 1, 9), [0xEE], [0x46, 0xFF, 0xFF, 0xFF, 0, 0, 200, 9], [1, 0, 0, 0], body.cut(0, 128),
            [0xC6, 1, 0, 0, 0], body.cut(128, 200), [0x86, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0], body.cut(0, 128),
            [0xC6, 2, 0, 0, 5], body.cut(128, 200)),
        messages: [
            message(.video, 5, [0xEE]), message(.video, 0x0100_0005, body.cut(0, 200)),
            message(.video, 0x0200_0005, body.cut(0, 200)),
        ]),
    ChunkVector(
        name: "type 3 begins a message with the delta repeated",
        bytes: chunkBytes(
            full(4, [0, 0, 5], 5, 8), short, [0x84, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0], short, [0xC4, 1, 0, 0, 0], short),
        messages: [5, 0x0100_0005, 0x0200_0005].map { message(.audio, $0, short) }),
    ChunkVector(
        name: "type 3 begins a message at the same time without the extended timestamp, as librtmp",
        bytes: chunkBytes(
            full(4, [0xFF, 0xFF, 0xFF], 5, 8), [1, 2, 3, 4], short, [0xC4], short, [0x84, 0, 0, 1], short),
        messages: [0x0102_0304, 0x0102_0304, 0x0102_0305].map { message(.audio, $0, short) }),
    ChunkVector(
        name: "deltas wrap at 2³²",
        bytes: chunkBytes(
            full(4, [0xFF, 0xFF, 0xFF], 5, 8), [0xFF, 0xFF, 0xFF, 0xF0], short, [0x84, 0, 0, 0x20], short, [0xC4], short
        ),
        messages: [0xFFFF_FFF0, 0x10, 0x30].map { message(.audio, $0, short) }),
]

@Suite("Reading chunks: RTMP 1.0, 5.3")
struct ChunkReaderTests {
    @Test(
        "However the bytes are cut, the messages are the same",
        arguments: headerVectors + streamVectors + timestampVectors)
    func messagesAreRead(_ vector: ChunkVector) throws {
        try chunkVerifier().verify(vector.bytes, expecting: vector.messages)
    }

    @Test("A message in one chunk shares the buffer's memory")
    func singleChunkIsNotCopied() throws {
        var bytes = ByteBuffer(bytes: full(4, [0, 0, 1], 5, 8) + short)
        let address = bytes.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        var reader = ChunkReader()
        let message = try #require(try reader.read(from: &bytes))
        #expect(message.payload.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == address + 12)
        #expect(reader.partialBytes == 0)
    }

    @Test("Bytes are counted as they are consumed")
    func bytesReadFollowsConsumption() throws {
        var reader = ChunkReader()
        var bytes = ByteBuffer(bytes: full(6, [0, 0, 1], 200, 9) + body.cut(0, 100))
        #expect(try reader.read(from: &bytes) == nil)
        #expect(reader.bytesRead == 112)
        #expect(reader.partialBytes == 100)
        var rest = ByteBuffer(bytes: chunkBytes(body.cut(100, 128), [0xC6], body.cut(128, 200)))
        #expect(try reader.read(from: &rest) != nil)
        #expect(reader.bytesRead == 213)
        #expect(reader.partialBytes == 0)
    }

    @Test(
        "Set Chunk Size is applied",
        arguments: [(1, 1), (0xFF_FFFF, 0xFF_FFFF), (0x7FFF_FFFF, 0xFF_FFFF)] as [(UInt32, Int)])
    func chunkSizeIsApplied(_ size: UInt32, _ expected: Int) throws {
        var reader = ChunkReader()
        var bytes = ByteBuffer(bytes: setChunkSize(size))
        #expect(try reader.read(from: &bytes) == setChunkSizeMessage(size))
        #expect(reader.chunkSize == expected)
    }

    @Test("A chunk of 0xFFFFFF bytes is taken as it arrives")
    func largeChunkIsTakenInParts() throws {
        var reader = ChunkReader()
        let payload = payloadBytes(1_000_000)
        var bytes = ByteBuffer(bytes: setChunkSize(0xFF_FFFF) + [6, 0, 0, 0, 0x0F, 0x42, 0x40, 9, 1, 0, 0, 0])
        _ = try readAll(&bytes, with: &reader)
        var messages: [RTMPMessage] = []
        for start in stride(from: 0, to: payload.count, by: 65_536) {
            var part = ByteBuffer(bytes: payload[start..<min(start + 65_536, payload.count)])
            messages += try readAll(&part, with: &reader)
            #expect(part.readableBytes == 0)
        }
        #expect(messages == [message(.video, 0, payload)])
    }
}

/// Chunks that are refused, and why.
struct ChunkFault: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var code: RTMPError.Code

    var testDescription: String { name }
}

private let faults: [ChunkFault] = [
    ChunkFault(name: "type 1 without a predecessor", bytes: [0x44, 0, 0, 0, 0, 0, 1, 8, 0], code: .chunkStreamInvalid),
    ChunkFault(name: "type 2 without a predecessor", bytes: [0x84, 0, 0, 0, 0], code: .chunkStreamInvalid),
    ChunkFault(name: "type 3 without a predecessor", bytes: [0xC4, 0], code: .chunkStreamInvalid),
    ChunkFault(name: "type 2 without a predecessor on 2", bytes: [0x82, 0, 0, 0, 0], code: .chunkStreamInvalid),
    ChunkFault(
        name: "another length inside a message",
        bytes: chunkBytes(full(6, [0, 0, 1], 200, 9), body.cut(0, 128), full(6, [0, 0, 1], 199, 9)),
        code: .chunkStreamInvalid),
    ChunkFault(
        name: "another type inside a message",
        bytes: chunkBytes(full(6, [0, 0, 1], 200, 9), body.cut(0, 128), [0x46, 0, 0, 0, 0, 0, 200, 8]),
        code: .chunkStreamInvalid),
    ChunkFault(
        name: "another message stream inside a message",
        bytes: chunkBytes(full(6, [0, 0, 1], 200, 9), body.cut(0, 128), full(6, [0, 0, 1], 200, 9, stream: 2)),
        code: .chunkStreamInvalid),
    ChunkFault(name: "chunk size 0", bytes: setChunkSize(0), code: .chunkSizeInvalid),
    ChunkFault(name: "chunk size 0x80000000", bytes: setChunkSize(0x8000_0000), code: .chunkSizeInvalid),
    ChunkFault(
        name: "Set Chunk Size of three bytes", bytes: [2, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 1, 2, 3],
        code: .malformedMessage),
    ChunkFault(name: "Abort without a number", bytes: [2, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0], code: .malformedMessage),
]

@Suite("Refusing chunks: RTMP 1.0, 5.3, and the reader's limits")
struct ChunkRefusalTests {
    @Test("Chunks that contradict the stream end the connection", arguments: faults)
    func faultIsRefused(_ fault: ChunkFault) {
        let error = #expect(throws: RTMPError.self) { try readAll(fault.bytes) }
        #expect(error?.code == fault.code)
        #expect(error?.scope == .connection)
    }

    @Test("A message may be as long as the limit and no longer")
    func messageLength() throws {
        let limits = ChunkLimits(messageBytesMax: 100)
        let atLimit = full(6, [0, 0, 1], 100, 9) + body.cut(0, 100)
        #expect(try readAll(atLimit, limits: limits).count == 1)
        let error = #expect(throws: RTMPError.self) { try readAll(full(6, [0, 0, 1], 101, 9), limits: limits) }
        #expect(error?.code == .messageTooLong)
        let later = #expect(throws: RTMPError.self) {
            try readAll(atLimit + [0x46, 0, 0, 1, 0, 0, 101, 9], limits: limits)
        }
        #expect(later?.code == .messageTooLong)
    }

    @Test("As many chunk streams as the limit and no more")
    func chunkStreamCount() throws {
        let limits = ChunkLimits(chunkStreamsMax: 3)
        let three = [3, 4, 5].flatMap { (id: UInt8) in full(id, [0, 0, 1], 1, 9) + [0xAA] }
        #expect(try readAll(three + [0xC3, 0xBB], limits: limits).count == 4)
        let error = #expect(throws: RTMPError.self) {
            try readAll(chunkBytes(three, full(6, [0, 0, 1], 1, 9), [0xAA]), limits: limits)
        }
        #expect(error?.code == .tooManyChunkStreams)
    }

    @Test("Unfinished messages together hold as much as the limit and no more", arguments: [true, false])
    func partialBytes(_ isWhole: Bool) throws {
        let limits = ChunkLimits(partialBytesMax: 384)
        let first = full(3, [0, 0, 1], 200, 9) + body.cut(0, 128)
        let second = full(4, [0, 0, 1], 200, 9) + body.cut(0, 128)
        let third = full(5, [0, 0, 1], 200, 9) + body.cut(0, 128)
        let atLimit = chunkBytes(
            first, second, [0xC3], body.cut(128, 200), third, full(6, [0, 0, 1], 200, 9), body.cut(0, 128))
        let pastLimit = chunkBytes(atLimit, full(7, [0, 0, 1], 200, 9), body.cut(0, 1))
        let pieces = { (bytes: [UInt8]) in isWhole ? [bytes[...]] : bytes.indices.map { bytes[$0...$0] } }
        #expect(try feed(pieces(atLimit), limits).partialBytes == 384)
        let error = #expect(throws: RTMPError.self) { try feed(pieces(pastLimit), limits) }
        #expect(error?.code == .bufferedBytesExceeded)
    }

    @Test("A run of chunks is held to the limit too")
    func partialBytesOfRun() throws {
        let limits = ChunkLimits(partialBytesMax: 300)
        let header: [UInt8] = [6, 0, 0, 1, 0, 0x01, 0x33, 9, 1, 0, 0, 0]
        let chunks = chunkBytes(header, body.cut(0, 128), [0xC6], body.cut(128, 256), [0xC6])
        #expect(try feed([(chunks + body.cut(256, 300))[...]], limits).partialBytes == 300)
        let error = #expect(throws: RTMPError.self) { try feed([(chunks + body.from(256))[...]], limits) }
        #expect(error?.code == .bufferedBytesExceeded)
    }

    @Test("An aborted message's bytes no longer count")
    func abortedBytes() throws {
        let abort: [UInt8] = [0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 6]
        let begun = full(6, [0, 0, 1], 200, 9) + body.cut(0, 128)
        let limits = ChunkLimits(partialBytesMax: 128)
        #expect(try feed([(begun + abort)[...]], limits).partialBytes == 0)
        #expect(try feed([chunkBytes(begun, abort, begun, abort, begun)[...]], limits).partialBytes == 128)
    }

    @Test("A length that is only announced costs nothing")
    func announcedLengthIsNotAllocated() throws {
        var reader = ChunkReader()
        var bytes = ByteBuffer()
        for id in UInt8(3)...60 {
            bytes.writeBytes(chunkBytes([id, 0, 0, 1, 0x7F, 0xFF, 0xFF, 9, 1, 0, 0, 0], body.cut(0, 128)))
        }
        #expect(try reader.read(from: &bytes) == nil)
        #expect(reader.partialBytes == 58 * 128)
    }

    private func feed(_ pieces: [ArraySlice<UInt8>], _ limits: ChunkLimits) throws(RTMPError) -> ChunkReader {
        var reader = ChunkReader(limits: limits)
        var pending = ByteBuffer()
        for piece in pieces {
            pending.writeBytes(piece)
            _ = try readAll(&pending, with: &reader)
        }
        return reader
    }
}
