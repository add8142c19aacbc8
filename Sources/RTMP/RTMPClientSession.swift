import NIOCore

/// The client's end of one RTMP connection, for one stream, published or played: bytes and time in, actions out.
/// Specification: RTMP 1.0.
///
/// Call ``start()``, then take actions with ``nextAction()`` until there is none; give it bytes with ``receive(_:at:)``
/// and take actions again. After `.publishing` media goes out with ``write(_:timestamp:payload:)``; after `.playing` it
/// comes as `.media`.
public struct RTMPClientSession: Sendable {
    /// How far the conversation has come.
    enum Phase: Sendable {
        /// Not started.
        case idle(ClientHandshake)
        /// C0 and C1 are sent. S0, S1 and S2 come next.
        case handshaking(ClientHandshake)
        /// connect is sent. Its `_result` or `_error` comes next.
        case connecting
        /// createStream is sent. Its `_result` or `_error` comes next.
        case creatingStream
        /// publish or play is sent. An onStatus that starts it or is an error comes next.
        case starting(MessageStreamID)
        /// The stream runs, to or from us.
        case running(MessageStreamID)
        /// The end: stopped, rejected, or by a fault. Nothing is read any more.
        case closed
    }

    /// What the session was made with.
    public let configuration: Configuration
    /// What the server said when it accepted connect; nil before.
    public internal(set) var response: ConnectResponse?

    var phase: Phase
    var wire: SessionWire
    private var writer = ChunkWriter()
    private var actions = ActionQueue<RTMPClientAction>()

    /// How many random bytes the handshake takes.
    public static let handshakeRandomBytes = 1528

    /// - Parameters:
    ///   - configuration: whom to talk to about what.
    ///   - randomBytes: ``handshakeRandomBytes`` bytes for the handshake.
    ///   - now: the time.
    public init(configuration: Configuration, randomBytes: [UInt8], now: NIODeadline) {
        self.configuration = configuration
        let milliseconds = UInt32(truncatingIfNeeded: now.uptimeNanoseconds / 1_000_000)
        phase = .idle(
            ClientHandshake(randomBytes: randomBytes, time: milliseconds, usesDigest: configuration.usesDigest))
        wire = SessionWire(
            chunkLimits: configuration.chunkLimits, malformedMessagesMax: configuration.malformedMessagesMax,
            keepsOpening: false, now: now)
    }

    /// The server's last acknowledgement: bytes it has received, modulo 2³². Nil before the first.
    public var bytesAcknowledgedByPeer: UInt32? { wire.bytesAcknowledgedByPeer }

    /// When bytes last came, or the session was made.
    public var lastReceiveTime: NIODeadline { wire.lastReceiveTime }

    /// All bytes received, handshake included.
    public var bytesReceived: UInt64 { wire.bytesReceived }

    /// Whether the stream runs: media may be written, or comes.
    public var isRunning: Bool {
        if case .running = phase { true } else { false }
    }

    /// Whether the session is over.
    public var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Begins the handshake; `.send` follows. A second call does nothing.
    public mutating func start() {
        if case .idle(let handshake) = phase { phase = .handshaking(handshake) }
    }

    /// Takes bytes in. They are not copied unless earlier ones are still unread.
    public mutating func receive(_ bytes: ByteBuffer, at now: NIODeadline) {
        wire.receive(bytes, at: now)
    }

    /// What is to be done next; nil when more bytes, or media to write, must come first.
    ///
    /// - Throws: an error of scope `ignore` when a message was malformed and is dropped: log it and go on calling. An
    ///   error of scope `connection` when the connection must be closed: the session is over.
    public mutating func nextAction() throws(RTMPError) -> RTMPClientAction? {
        do throws(RTMPError) {
            while true {
                if !wire.output.isEmpty { return .send(wire.takeOutput()) }
                if let action = actions.take() { return action }
                switch phase {
                case .idle, .closed:
                    return nil
                case .handshaking(let handshake):
                    guard try advance(handshake) else { return nil }
                case .connecting, .creatingStream, .starting, .running:
                    guard let message = try wire.readMessage() else { return nil }
                    try receive(message)
                }
            }
        } catch {
            let error = wire.account(error)
            if error.scope == .connection { end() }
            throw error
        }
    }

    /// Sends one message of the stream published; does nothing unless it runs.
    ///
    /// - Parameters:
    ///   - typeID: audio, video or AMF 0 data.
    ///   - timestamp: milliseconds, wrapping at 2³².
    ///   - payload: an FLV tag body.
    public mutating func write(_ typeID: MessageTypeID, timestamp: UInt32, payload: ByteBuffer) {
        guard case .running(let id) = phase, case .publish = configuration.purpose, typeID.isMedia else { return }
        let chunkStreamID: ChunkStreamID =
            switch typeID {
            case .audio: .audio
            case .video: .video
            default: .data
            }
        let message = RTMPMessage(typeID: typeID, streamID: id, timestamp: timestamp, payload: payload)
        wire.output.write(message, on: chunkStreamID, with: &writer)
    }

    /// Ends the stream in good order: FCUnpublish, deleteStream, then `.close`.
    public mutating func stop() {
        guard !isClosed else { return }
        sendEnd()
        close(nil)
    }

    /// Adds an action to those handed out.
    mutating func emit(_ action: RTMPClientAction) {
        actions.append(action)
    }

    /// Ends the session and has the connection closed; what is queued is still handed out.
    mutating func close(_ error: RTMPError?) {
        emit(.close(error))
        end()
    }

    private mutating func end() {
        phase = .closed
        wire.stopReading()
    }

    private mutating func advance(_ handshake: ClientHandshake) throws(RTMPError) -> Bool {
        var handshake = handshake
        let step = try wire.advance(&handshake)
        if step == .completed { sendConnect() } else { phase = .handshaking(handshake) }
        return step != nil
    }

    /// The chunk size goes first, so that connect itself is one chunk.
    private mutating func sendConnect() {
        phase = .connecting
        wire.output.setChunkSize(configuration.outboundChunkSize, with: &writer)
        wire.output.write(connectRequest.command)
    }
}
