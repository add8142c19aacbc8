import NIOCore

/// Puts messages together from chunks. Specification: RTMP 1.0, 5.3.
///
/// Chunks of several messages may be interleaved, and Set Chunk Size may change the size of the next chunk while
/// messages are unfinished. The reader applies Set Chunk Size and Abort itself and also returns them.
///
/// A message whose only chunk is in the buffer is returned as a slice of that buffer, without copying; whoever keeps it
/// keeps the buffer. Any other is gathered: the parts of a chunk are taken as they arrive, so a chunk is never buffered
/// twice.
public struct ChunkReader: Sendable {
    /// The most bytes of payload in a chunk from the peer; 128 until it says otherwise. Specification: 5.4.1.
    public private(set) var chunkSize = 128
    /// The bytes consumed since the reader was made.
    public private(set) var bytesRead: UInt64 = 0
    /// The bytes held in unfinished messages.
    public private(set) var partialBytes = 0

    private let limits: ChunkLimits
    private var streams: [ChunkStreamState] = []
    /// The index of the chunk stream of the last chunk.
    private var current = 0
    /// The bytes that are still to come of the last chunk.
    private var chunkRemaining = 0
    /// Headers of messages under way, while somebody wants to see them.
    private var log: ChunkLog?

    /// - Parameter limits: what the peer may make the reader hold.
    public init(limits: ChunkLimits = .init()) {
        self.limits = limits
    }

    /// Reads the next message.
    ///
    /// Consumes whole chunk headers and whatever there is of a chunk's body. Bytes of an incomplete header stay in the
    /// buffer and have to be in front of the next ones.
    ///
    /// - Returns: `nil` when the message is not complete yet.
    /// - Throws: with the scope of the connection; the reader cannot be used any more.
    public mutating func read(from bytes: inout ByteBuffer) throws(RTMPError) -> RTMPMessage? {
        let before = bytes.readerIndex
        defer { bytesRead &+= UInt64(bytes.readerIndex &- before) }
        while true {
            if chunkRemaining > 0 {
                try gather(from: &bytes)
                guard chunkRemaining == 0 else { return nil }
                if streams[current].gathered.readableBytes < streams[current].length { continue }
                partialBytes &-= streams[current].length
                return try apply(streams[current].endGatheredMessage())
            }
            guard let bodyBytes = try beginChunk(from: &bytes) else { return nil }
            if bodyBytes == streams[current].length, let payload = bytes.readSlice(length: bodyBytes) {
                return try apply(streams[current].endMessage(payload: payload))
            }
            chunkRemaining = bodyBytes
        }
    }

    /// Reads a chunk's header.
    ///
    /// - Returns: the bytes of payload in the chunk; `nil` when the header is not there whole.
    private mutating func beginChunk(from bytes: inout ByteBuffer) throws(RTMPError) -> Int? {
        guard let header = bytes.withUnsafeReadableBytes({ ChunkHeader($0) }) else { return nil }
        let known = index(of: header.id)
        var headerBytes = header.byteCount
        var extendedTimestamp: UInt32?
        if header.announcesExtendedTimestamp {
            guard let value = bytes.getInteger(at: bytes.readerIndex &+ headerBytes, as: UInt32.self) else {
                return nil
            }
            extendedTimestamp = value
            headerBytes &+= 4
        } else if header.type == 3, let known, streams[known].isExtended {
            switch repeatedTimestamp(of: streams[known], in: bytes, after: headerBytes) {
            case .undecided: return nil
            case .absent: break
            case .present(let value):
                extendedTimestamp = value
                headerBytes &+= 4
            }
        }
        if let known { current = known } else { current = try open(header) }
        if streams[current].isGathering {
            guard streams[current].isContinued(by: header) else {
                throw RTMPError(
                    .chunkStreamInvalid, "another message begins inside one on chunk stream \(header.id)")
            }
        } else {
            if header.type < 2, header.length > limits.messageBytesMax {
                throw RTMPError(
                    .messageTooLong, "\(header.length) bytes announced, at most \(limits.messageBytesMax) accepted")
            }
            streams[current].beginMessage(header, extendedTimestamp: extendedTimestamp)
        }
        bytes.moveReaderIndex(forwardBy: headerBytes)
        let bodyBytes = min(chunkSize, streams[current].length &- streams[current].gathered.readableBytes)
        if log != nil { note(header, headerBytes, extendedTimestamp, bodyBytes) }
        return bodyBytes
    }

    /// Where the chunk stream of that number is kept. There are few of them, and one chunk often follows another of
    /// the same.
    private func index(of id: UInt32) -> Int? {
        if current < streams.count, streams[current].id == id { return current }
        return streams.firstIndex { $0.id == id }
    }

    /// Makes room for a chunk stream that was not used before. Its first header must be of type 0 (5.3.1.2.1).
    ///
    /// On chunk stream 2 type 1 is accepted too: it lacks only the message stream, which is 0 there. librtmp (rtmpdump
    /// 2.4) sends its first user control message so.
    private mutating func open(_ header: ChunkHeader) throws(RTMPError) -> Int {
        guard header.type == 0 || (header.type == 1 && header.id == ChunkStreamID.control.rawValue) else {
            throw RTMPError(
                .chunkStreamInvalid, "chunk stream \(header.id) begins with a header of type \(header.type)")
        }
        guard streams.count < limits.chunkStreamsMax else {
            throw RTMPError(.tooManyChunkStreams, "more than \(limits.chunkStreamsMax) chunk streams")
        }
        streams.append(ChunkStreamState(id: header.id))
        return streams.count &- 1
    }

    /// Applies what the peer tells the chunk stream layer. Specification: 5.4.1 and 5.4.2.
    private mutating func apply(_ message: RTMPMessage) throws(RTMPError) -> RTMPMessage {
        guard message.typeID.rawValue <= 2 else { return message }
        switch try ProtocolControlMessage(message) {
        case .setChunkSize(let size):
            // No message is longer than 0xFFFFFF, so larger chunks are equivalent. 5.4.1.
            chunkSize = Int(min(size, 0xFF_FFFF))
        case .abort(let id):
            guard let aborted = index(of: id.rawValue) else { break }
            partialBytes &-= streams[aborted].gathered.readableBytes
            streams[aborted].abandonMessage()
            _ = log?.take(id.rawValue)
        default:
            break
        }
        return message
    }
}

// MARK: - Annotation

extension ChunkReader {
    /// Whether the chunks of messages are noted, for ``takeChunks()``. Without it nothing is done for each chunk.
    public var notesChunks: Bool {
        get { log != nil }
        set { log = newValue ? log ?? ChunkLog() : nil }
    }

    /// The chunks of the message that was read last; without those that came before they were noted.
    public mutating func takeChunks() -> WireChunks {
        guard current < streams.count else { return WireChunks() }
        return log?.take(streams[current].id) ?? WireChunks()
    }

    private mutating func note(
        _ header: ChunkHeader, _ headerBytes: Int, _ extendedTimestamp: UInt32?, _ payloadBytes: Int
    ) {
        log?.append(
            WireChunk(
                type: header.type, chunkStreamID: ChunkStreamID(rawValue: header.id), headerBytes: headerBytes,
                payloadBytes: payloadBytes, extendedTimestamp: extendedTimestamp))
    }
}

// MARK: - Extended timestamps

extension ChunkReader {
    private enum RepeatedTimestamp {
        case present(UInt32)
        case absent
        case undecided
    }

    /// Whether a type 3 header is followed by the extended timestamp of the header before it.
    ///
    /// 5.3.1.3 says that it is, and FFmpeg, GStreamer and Flash Media Live Encoder do so; librtmp, as in rtmpdump 2.4
    /// and in OBS before 2024, does not. What follows is therefore compared with the value expected: the last header's
    /// field, or the message's absolute time, which some peers repeat where the field was a delta.
    private func repeatedTimestamp(
        of stream: ChunkStreamState, in bytes: ByteBuffer, after headerBytes: Int
    ) -> RepeatedTimestamp {
        let start = bytes.readerIndex &+ headerBytes
        if let value = bytes.getInteger(at: start, as: UInt32.self) {
            guard value == stream.delta || value == stream.timestamp else { return .absent }
            return .present(value)
        }
        // With fewer than four bytes it is open only as long as they agree.
        var isDelta = true
        var isTimestamp = true
        for offset in 0..<(bytes.writerIndex &- start) {
            guard let byte = bytes.getInteger(at: start &+ offset, as: UInt8.self) else { break }
            let shift = UInt32(24 &- 8 &* offset)
            isDelta = isDelta && byte == UInt8(truncatingIfNeeded: stream.delta >> shift)
            isTimestamp = isTimestamp && byte == UInt8(truncatingIfNeeded: stream.timestamp >> shift)
        }
        return isDelta || isTimestamp ? .undecided : .absent
    }
}

// MARK: - Gathering

extension ChunkReader {
    /// How much room is made at once for a message on the strength of what has arrived behind its first chunk.
    private static let reservedBytesMax = 16 * 1024

    /// Takes what there is of the chunk's body, and then of the chunks that continue the same message.
    private mutating func gather(from bytes: inout ByteBuffer) throws(RTMPError) {
        guard var part = bytes.readSlice(length: min(chunkRemaining, bytes.readableBytes)), part.readableBytes > 0
        else { return }
        let partBytes = part.readableBytes
        guard partBytes <= limits.partialBytesMax &- partialBytes else {
            throw RTMPError(
                .bufferedBytesExceeded, "unfinished messages of more than \(limits.partialBytesMax) bytes together")
        }
        if streams[current].gathered.readableBytes == 0 {
            // Memory follows the bytes received: room is made for what is at hand, not for the length announced.
            let atHand = partBytes &+ min(bytes.readableBytes, Self.reservedBytesMax)
            streams[current].gathered.reserveCapacity(min(streams[current].length, atHand))
        }
        streams[current].gathered.writeBuffer(&part)
        partialBytes &+= partBytes
        chunkRemaining &-= partBytes
        if chunkRemaining == 0, !streams[current].isExtended, log == nil { gatherRun(from: &bytes) }
    }

    /// Takes the whole chunks of the same message that follow each other in the buffer, as they do from every encoder
    /// that keeps to small chunks. This is nothing the reader could not do one by one; it is the hot path of receiving.
    private mutating func gatherRun(from bytes: inout ByteBuffer) {
        let stream = streams[current]
        guard stream.id < 64 else { return }
        let header = 0xC0 | UInt8(truncatingIfNeeded: stream.id)
        let missing = stream.length &- stream.gathered.readableBytes
        guard missing <= limits.partialBytesMax &- partialBytes else { return }
        let size = chunkSize
        var consumed = 0
        var taken = 0
        bytes.withUnsafeReadableBytes { source in
            while taken < missing {
                let bodyBytes = min(size, missing &- taken)
                guard source.count &- consumed > bodyBytes, source[consumed] == header else { return }
                consumed &+= 1 &+ bodyBytes
                taken &+= bodyBytes
            }
        }
        guard taken > 0 else { return }
        copyRun(from: &bytes, consumed: consumed, taken: taken)
    }

    /// Copies the bodies of `taken` bytes together, leaving out the one-byte headers between them.
    private mutating func copyRun(from bytes: inout ByteBuffer, consumed: Int, taken: Int) {
        let size = chunkSize
        bytes.readWithUnsafeReadableBytes { source in
            streams[current].gathered.writeWithUnsafeMutableBytes(minimumWritableBytes: taken) { target in
                var read = 1
                var written = 0
                while written < taken {
                    let bodyBytes = min(size, taken &- written)
                    let body = UnsafeRawBufferPointer(rebasing: source[read..<(read &+ bodyBytes)])
                    UnsafeMutableRawBufferPointer(rebasing: target[written...]).copyMemory(from: body)
                    read &+= bodyBytes &+ 1
                    written &+= bodyBytes
                }
                return taken
            }
            return consumed
        }
        partialBytes &+= taken
    }
}
