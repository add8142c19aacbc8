import NIOCore

/// The server's end of one RTMP connection: bytes and time in, actions out. Specification: RTMP 1.0.
///
/// Give it bytes with ``receive(_:at:)``, then take actions with ``nextAction()`` until there is none. A `…Requested`
/// action is a question: the session reads on only when the application has answered it, at once or much later. So
/// nothing that a client sends early is lost or taken for another stream's, at the price that a connection's other
/// message streams wait too. While ``isHoldingBack`` is true the transport should not read from the socket, and the
/// bytes it has passed in already may not exceed `heldBytesMax`.
///
/// When the connection ends, by a throw of scope `connection`, by `close` or by the transport, the application ends all
/// that it has accepted; the session does not repeat it.
public struct RTMPServerSession: Sendable {
    /// How far the conversation has come.
    enum Phase: Sendable {
        /// The connection is new. The client sends C0, C1 and C2, then chunks.
        case handshaking(ServerHandshake)
        /// The handshake is done. The client may send control messages, and must send connect.
        case awaitingConnect
        /// The application accepted connect. Anything may come.
        case connected
        /// The end: by a fault, or connect was rejected. Nothing is read any more.
        case closed
    }

    /// What the application has to answer before anything more is read.
    enum Question: Sendable {
        case connect(transactionID: Double)
        case publish(MessageStreamID, nameAsSent: String, mode: PublishMode)
        case play(MessageStreamID, PlayRequest)
    }

    /// What the session was made with.
    public let configuration: Configuration
    /// What the client said when it connected, but for properties without a field and arguments; nil before.
    public internal(set) var peer: ConnectRequest?
    /// The client's last acknowledgement: bytes it has received, modulo 2³². Nil before the first.
    public internal(set) var bytesAcknowledgedByPeer: UInt32?
    /// Media messages that came on message streams without an accepted publication, and were dropped.
    public internal(set) var mediaMessagesDropped: UInt64 = 0
    /// When bytes last came, or the session was made.
    public private(set) var lastReceiveTime: NIODeadline

    var phase: Phase
    var question: Question?
    var streams: MessageStreams
    var output = SessionOutput()
    var window = AcknowledgementWindow()
    /// The window we last announced; 0 before.
    var windowAnnounced: UInt32 = 0
    var trace = WireTrace(keepsOpening: true)
    private var reader: ChunkReader
    private var inbound = ByteBuffer()
    /// Never more than the messages of one aggregate, since reading stops while there are any.
    private var actions = ActionQueue<RTMPServerAction>()
    private var malformedMessages = 0

    /// - Parameters:
    ///   - configuration: what to say and how much to bear.
    ///   - randomBytes: 1528 bytes for the handshake.
    ///   - now: the time.
    public init(configuration: Configuration = Configuration(), randomBytes: [UInt8], now: NIODeadline) {
        self.configuration = configuration
        let milliseconds = now.uptimeNanoseconds / 1_000_000
        phase = .handshaking(ServerHandshake(randomBytes: randomBytes, time: UInt32(truncatingIfNeeded: milliseconds)))
        streams = MessageStreams(countMax: configuration.messageStreamsMax)
        reader = ChunkReader(limits: configuration.chunkLimits)
        lastReceiveTime = now
        adjustTracing()
    }

    /// All bytes received, handshake included.
    public var bytesReceived: UInt64 {
        window.bytesReceived
    }

    /// Whether chunks are spoken.
    public var isHandshakeComplete: Bool {
        if case .handshaking = phase { false } else { true }
    }

    /// Whether the application has accepted connect and the session still lives.
    public var isConnected: Bool {
        if case .connected = phase { true } else { false }
    }

    /// Whether the session is over.
    public var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Whether a question is open, so that bytes received now have to wait.
    public var isHoldingBack: Bool {
        question != nil
    }

    /// The bytes taken in and not yet read; more than a chunk's header only while ``isHoldingBack``.
    public var bytesHeld: Int {
        inbound.readableBytes
    }

    /// All bytes the peer has made the session keep: those held, and those of messages that are not complete.
    public var bytesBuffered: Int {
        inbound.readableBytes + reader.partialBytes
    }

    /// Takes bytes in. They are not copied unless earlier ones are still unread.
    public mutating func receive(_ bytes: ByteBuffer, at now: NIODeadline) {
        lastReceiveTime = now
        guard !isClosed else { return }
        inbound.append(received: bytes)
        if let sequenceNumber = window.receive(byteCount: bytes.readableBytes) {
            output.write(.acknowledgement(bytesReceived: sequenceNumber))
        }
    }

    /// What is to be done next; nil when more bytes, or the application's answer, must come first.
    ///
    /// - Throws: an error of scope `ignore` when a message was malformed and is dropped: log it and go on calling. An
    ///   error of scope `connection` when the connection must be closed: the session is over.
    public mutating func nextAction() throws(RTMPError) -> RTMPServerAction? {
        do throws(RTMPError) {
            while true {
                if !output.isEmpty { return .send(takeOutput()) }
                if let action = actions.take() { return action }
                if question != nil { return try hold() }
                switch phase {
                case .awaitingConnect, .connected:
                    if let action = try readMessage() { return action }
                    if output.isEmpty, actions.isEmpty, question == nil { return nil }
                case .handshaking(let handshake):
                    guard try advance(handshake) else { return nil }
                case .closed:
                    return nil
                }
            }
        } catch {
            throw account(error)
        }
    }

    /// Adds an action to those handed out.
    mutating func emit(_ action: RTMPServerAction) {
        actions.append(action)
    }

    /// Ends the session; what is queued is still handed out.
    mutating func end() {
        phase = .closed
        question = nil
        inbound = ByteBuffer()
        reader = ChunkReader(limits: configuration.chunkLimits)
    }

    private mutating func takeOutput() -> ByteBuffer {
        guard trace.isOn else { return output.take() }
        trace.note(output.takeLog(), at: lastReceiveTime)
        trace.flushed()
        adjustTracing()
        return output.take()
    }

    /// Lets reader and output note what the trace wants to know.
    mutating func adjustTracing() {
        reader.notesChunks = trace.isOn
        output.notesMessages = trace.isOn
    }

    /// Reads messages until one is media, the rest having queued what it causes, or no message is complete.
    private mutating func readMessage() throws(RTMPError) -> RTMPServerAction? {
        while let message = try reader.read(from: &inbound) {
            if trace.isOn { trace.note(message, in: reader.takeChunks(), at: lastReceiveTime) }
            switch message.typeID {
            case .audio, .video, .dataAMF0:
                if streams.isPublishing(message.streamID) { return .media(message.streamID, message) }
                mediaMessagesDropped &+= 1
            default:
                try receive(message)
                if question != nil || !actions.isEmpty || !output.isEmpty { return nil }
            }
            try checkBytesBeforeConnect()
        }
        // A connection that only listens must not keep the buffer of its last command.
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
        try checkBytesBeforeConnect()
        return nil
    }

    private func checkBytesBeforeConnect() throws(RTMPError) {
        guard case .awaitingConnect = phase, question == nil, reader.bytesRead > configuration.bytesBeforeConnectMax
        else { return }
        throw RTMPError(.limitExceeded, "\(reader.bytesRead) bytes without a connect command")
    }

    private func hold() throws(RTMPError) -> RTMPServerAction? {
        guard bytesHeld <= configuration.heldBytesMax else {
            throw RTMPError(.limitExceeded, "\(bytesHeld) bytes sent ahead of an answer")
        }
        return nil
    }

    private mutating func advance(_ handshake: ServerHandshake) throws(RTMPError) -> Bool {
        var handshake = handshake
        defer { if case .handshaking = phase { phase = .handshaking(handshake) } }
        defer { trace.note(handshake.takeParts(), ownSide: .server, at: lastReceiveTime) }
        switch try handshake.receive(from: &inbound) {
        case .send(let bytes)?: output.write(raw: bytes)
        case .completed?: phase = .awaitingConnect
        case nil: return false
        }
        return true
    }

    /// Makes an error that ends the session end it, and too many that do not become one that does.
    private mutating func account(_ error: RTMPError) -> RTMPError {
        var error = error
        if error.scope != .connection {
            malformedMessages += 1
            guard malformedMessages > configuration.malformedMessagesMax else { return error }
            error = RTMPError(.limitExceeded, "\(malformedMessages) malformed messages, the last: \(error)")
        }
        end()
        return error
    }
}

extension ByteBuffer {
    /// Puts bytes behind the unread ones, copying as little as can be.
    mutating func append(received bytes: ByteBuffer) {
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
