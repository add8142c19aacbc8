import NIOCore

/// What both ends of a conversation do alike, whatever they decide: bytes become messages, what is said waits to be
/// sent, received bytes are acknowledged, faults are counted, and all of it is noted for those who look.
struct SessionWire: Sendable {
    /// When bytes last came, or the session was made.
    private(set) var lastReceiveTime: NIODeadline
    /// The peer's last acknowledgement: bytes it has received, modulo 2³². Nil before the first.
    private(set) var bytesAcknowledgedByPeer: UInt32?
    /// What is to be sent.
    var output = SessionOutput()
    var trace: WireTrace

    private let chunkLimits: ChunkLimits
    private let malformedMessagesMax: Int
    private var isReading = true
    private var reader: ChunkReader
    private var inbound = ByteBuffer()
    private var window = AcknowledgementWindow()
    /// The window we last announced; 0 before.
    private var windowAnnounced: UInt32 = 0
    private var malformedMessages = 0

    /// - Parameters:
    ///   - chunkLimits: what the peer may make the chunk reader hold.
    ///   - malformedMessagesMax: how many messages may be malformed before the connection ends.
    ///   - keepsOpening: whether how the conversation begins is remembered.
    ///   - now: the time.
    init(chunkLimits: ChunkLimits, malformedMessagesMax: Int, keepsOpening: Bool, now: NIODeadline) {
        self.chunkLimits = chunkLimits
        self.malformedMessagesMax = malformedMessagesMax
        reader = ChunkReader(limits: chunkLimits)
        trace = WireTrace(keepsOpening: keepsOpening)
        lastReceiveTime = now
        adjustTracing()
    }

    /// All bytes received, handshake included.
    var bytesReceived: UInt64 { window.bytesReceived }

    /// The bytes of chunks that were read.
    var chunkBytesRead: UInt64 { reader.bytesRead }

    /// The bytes taken in and not yet read.
    var bytesHeld: Int { inbound.readableBytes }

    /// The bytes held, and those of messages that are not complete.
    var bytesBuffered: Int { inbound.readableBytes + reader.partialBytes }

    // MARK: In

    /// Takes bytes in, and acknowledges them where it is time to. Specification: RTMP 1.0, 5.4.3.
    mutating func receive(_ bytes: ByteBuffer, at now: NIODeadline) {
        lastReceiveTime = now
        guard isReading else { return }
        inbound.append(received: bytes)
        if let sequenceNumber = window.receive(byteCount: bytes.readableBytes) {
            output.write(.acknowledgement(bytesReceived: sequenceNumber))
        }
    }

    /// Lets a handshake read what came, and queues what it says.
    ///
    /// - Returns: what it did; nil when more bytes are needed.
    mutating func advance(_ handshake: inout some Handshake) throws(RTMPError) -> HandshakeOutput? {
        defer { trace.note(handshake.takeParts(), ownSide: handshake.side, at: lastReceiveTime) }
        let step = try handshake.receive(from: &inbound)
        if case .send(let bytes)? = step { output.write(raw: bytes) }
        return step
    }

    /// The next message; nil when none is complete.
    mutating func readMessage() throws(RTMPError) -> RTMPMessage? {
        guard let message = try reader.read(from: &inbound) else {
            // A connection that only listens must not keep the buffer of its last command.
            if inbound.readableBytes == 0 { inbound = ByteBuffer() }
            return nil
        }
        if trace.isOn { trace.note(message, in: reader.takeChunks(), at: lastReceiveTime) }
        return message
    }

    /// Does what a protocol control message asks for; the reader has applied Set Chunk Size and Abort. Types that nobody
    /// defined are for nobody.
    mutating func receive(control message: RTMPMessage) throws(RTMPError) {
        switch try ProtocolControlMessage(message) {
        case .acknowledgement(let bytesReceived)?: bytesAcknowledgedByPeer = bytesReceived
        case .windowAcknowledgementSize(let bytes)?: window.windowBytes = bytes
        // 5.4.5: answered with our window when it differs from what we last announced.
        case .setPeerBandwidth(let bytes, _)? where bytes != windowAnnounced: announceWindow(bytes)
        case .setPeerBandwidth?, .setChunkSize?, .abort?, nil: break
        }
    }

    /// Counts a fault: too many that do not end the connection become one that does.
    mutating func account(_ error: RTMPError) -> RTMPError {
        guard error.scope != .connection else { return error }
        malformedMessages += 1
        guard malformedMessages > malformedMessagesMax else { return error }
        return RTMPError(.limitExceeded, "\(malformedMessages) malformed messages, the last: \(error)")
    }

    /// The session is over: what came is let go of, and nothing is read any more.
    mutating func stopReading() {
        isReading = false
        inbound = ByteBuffer()
        reader = ChunkReader(limits: chunkLimits)
    }

    // MARK: Out

    /// Whether a window was announced.
    var hasAnnouncedWindow: Bool { windowAnnounced != 0 }

    /// Says after how many bytes we want an acknowledgement. Specification: RTMP 1.0, 5.4.4.
    mutating func announceWindow(_ bytes: UInt32) {
        windowAnnounced = bytes
        output.write(.windowAcknowledgementSize(bytes))
    }

    /// Hands out what is to be sent.
    mutating func takeOutput() -> ByteBuffer {
        if trace.isOn {
            trace.note(output.takeLog(), at: lastReceiveTime)
            trace.flushed()
            adjustTracing()
        }
        return output.take()
    }

    // MARK: The trace

    /// Begins to note everything, or stops; an opening that is being kept is kept on.
    mutating func noteAll(_ isWanted: Bool) {
        if isWanted { trace.start() } else { trace.stop() }
        adjustTracing()
    }

    /// A player's opening is let go of, unless a publication of the same connection has ended it already.
    mutating func forgetOpening() {
        guard trace.keepsOpening else { return }
        trace.forgetOpening()
        adjustTracing()
    }

    /// Lets reader and output note what the trace wants to know.
    private mutating func adjustTracing() {
        reader.notesChunks = trace.isOn
        output.notesMessages = trace.isOn
    }
}

extension ByteBuffer {
    /// Puts bytes behind the unread ones, copying as little as can be.
    fileprivate mutating func append(received bytes: ByteBuffer) {
        if readableBytes == 0 {
            self = bytes
        } else if readableBytes < 64 {
            // A cut chunk header stands in front: its buffer is shared with the payloads read from it, and appending
            // would copy all of that.
            var joined = ByteBufferAllocator().buffer(capacity: readableBytes + bytes.readableBytes)
            joined.writeImmutableBuffer(self)
            joined.writeImmutableBuffer(bytes)
            self = joined
        } else {
            writeImmutableBuffer(bytes)
        }
    }
}
