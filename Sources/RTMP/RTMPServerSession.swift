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
    /// Media messages that came on message streams without an accepted publication, and were dropped.
    public internal(set) var mediaMessagesDropped: UInt64 = 0

    var phase: Phase
    var question: Question?
    var streams: MessageStreams
    var wire: SessionWire
    /// Never more than the messages of one aggregate, since reading stops while there are any.
    private var actions = ActionQueue<RTMPServerAction>()

    /// - Parameters:
    ///   - configuration: what to say and how much to bear.
    ///   - randomBytes: 1528 bytes for the handshake.
    ///   - now: the time.
    public init(configuration: Configuration = Configuration(), randomBytes: [UInt8], now: NIODeadline) {
        self.configuration = configuration
        let milliseconds = now.uptimeNanoseconds / 1_000_000
        phase = .handshaking(ServerHandshake(randomBytes: randomBytes, time: UInt32(truncatingIfNeeded: milliseconds)))
        streams = MessageStreams(countMax: configuration.messageStreamsMax)
        wire = SessionWire(
            chunkLimits: configuration.chunkLimits, malformedMessagesMax: configuration.malformedMessagesMax,
            keepsOpening: true, now: now)
    }

    /// The client's last acknowledgement: bytes it has received, modulo 2³². Nil before the first.
    public var bytesAcknowledgedByPeer: UInt32? { wire.bytesAcknowledgedByPeer }

    /// When bytes last came, or the session was made.
    public var lastReceiveTime: NIODeadline { wire.lastReceiveTime }

    /// All bytes received, handshake included.
    public var bytesReceived: UInt64 { wire.bytesReceived }

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
    public var bytesHeld: Int { wire.bytesHeld }

    /// All bytes the peer has made the session keep: those held, and those of messages that are not complete.
    public var bytesBuffered: Int { wire.bytesBuffered }

    /// Takes bytes in. They are not copied unless earlier ones are still unread.
    public mutating func receive(_ bytes: ByteBuffer, at now: NIODeadline) {
        wire.receive(bytes, at: now)
    }

    /// What is to be done next; nil when more bytes, or the application's answer, must come first.
    ///
    /// - Throws: an error of scope `ignore` when a message was malformed and is dropped: log it and go on calling. An
    ///   error of scope `connection` when the connection must be closed: the session is over.
    public mutating func nextAction() throws(RTMPError) -> RTMPServerAction? {
        do throws(RTMPError) {
            while true {
                if !wire.output.isEmpty { return .send(wire.takeOutput()) }
                if let action = actions.take() { return action }
                if question != nil { return try hold() }
                switch phase {
                case .awaitingConnect, .connected:
                    if let action = try readMessage() { return action }
                    if wire.output.isEmpty, actions.isEmpty, question == nil { return nil }
                case .handshaking(let handshake):
                    guard try advance(handshake) else { return nil }
                case .closed:
                    return nil
                }
            }
        } catch {
            let error = wire.account(error)
            if error.scope == .connection { end() }
            throw error
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
        wire.stopReading()
    }

    /// Reads messages until one is media, the rest having queued what it causes, or no message is complete.
    private mutating func readMessage() throws(RTMPError) -> RTMPServerAction? {
        while let message = try wire.readMessage() {
            switch message.typeID {
            case .audio, .video, .dataAMF0:
                if streams.isPublishing(message.streamID) { return .media(message.streamID, message) }
                mediaMessagesDropped &+= 1
            default:
                try receive(message)
                if question != nil || !actions.isEmpty || !wire.output.isEmpty { return nil }
            }
            try checkBytesBeforeConnect()
        }
        try checkBytesBeforeConnect()
        return nil
    }

    private func checkBytesBeforeConnect() throws(RTMPError) {
        guard case .awaitingConnect = phase, question == nil,
            wire.chunkBytesRead > configuration.bytesBeforeConnectMax
        else { return }
        throw RTMPError(.limitExceeded, "\(wire.chunkBytesRead) bytes without a connect command")
    }

    private func hold() throws(RTMPError) -> RTMPServerAction? {
        guard bytesHeld <= configuration.heldBytesMax else {
            throw RTMPError(.limitExceeded, "\(bytesHeld) bytes sent ahead of an answer")
        }
        return nil
    }

    private mutating func advance(_ handshake: ServerHandshake) throws(RTMPError) -> Bool {
        var handshake = handshake
        let step = try wire.advance(&handshake)
        phase = step == .completed ? .awaitingConnect : .handshaking(handshake)
        return step != nil
    }
}
