import AMF
import MediaTesting
import NIOCore
import RTMP
import Testing

let sessionStart = NIODeadline.uptimeNanoseconds(1_000_000_000)

/// 1528 bytes, the same for the same seed.
func handshakeBytes(seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return (0..<1528).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

/// One message a session said, decoded, so that tests compare meaning and not bytes.
enum Said: Equatable, Sendable {
    case command(Command, on: UInt32)
    case control(ProtocolControlMessage)
    case event(UserControlEvent)
    case data([AMF0Value], on: UInt32)
    case other(RTMPMessage)

    init(_ message: RTMPMessage) throws {
        switch message.typeID {
        case .commandAMF0:
            self = .command(try Command(from: message), on: message.streamID.rawValue)
        case .dataAMF0:
            var payload = message.payload
            self = .data(try AMF0Value.decodeAll(from: &payload), on: message.streamID.rawValue)
        case .userControl:
            self = .event(try UserControlEvent(parsing: message.payload))
        default:
            self = try ProtocolControlMessage(message).map(Said.control) ?? .other(message)
        }
    }

    static func status(_ code: StatusCode, _ description: String, on stream: UInt32) -> Said {
        .command(StatusEvent(code, description: description).command, on: stream)
    }

    static func result(_ transactionID: Double, _ value: AMF0Value) -> Said {
        .command(Command(.result, transactionID: transactionID, arguments: [value]), on: 0)
    }

    static func failure(_ transactionID: Double, _ description: String) -> Said {
        let event = StatusEvent(.callFailed, description: description)
        return .command(Command(.error, transactionID: transactionID, arguments: [event.value]), on: 0)
    }
}

/// Decodes what one end of a connection says after its handshake.
struct Listener {
    private var reader = ChunkReader()
    private var pending = ByteBuffer()

    mutating func hear(_ bytes: ByteBuffer) throws -> [Said] {
        pending.writeImmutableBuffer(bytes)
        var said: [Said] = []
        while let message = try reader.read(from: &pending) { said.append(try Said(message)) }
        return said
    }
}

/// A client's message as chunks of 128 bytes with full headers.
func wire(
    _ typeID: MessageTypeID, _ payload: ByteBuffer, on stream: UInt32 = 0, timestamp: UInt32 = 0,
    chunkStream: ChunkStreamID = .command, chunkSize: Int = 128
) -> ByteBuffer {
    var bytes = ByteBuffer()
    ChunkWriter.writeUncompressed(
        typeID: typeID, streamID: MessageStreamID(rawValue: stream), timestamp: timestamp, payload: payload,
        on: chunkStream, chunkSize: chunkSize, into: &bytes)
    return bytes
}

func wire(_ command: Command, on stream: UInt32 = 0) -> ByteBuffer {
    wire(.commandAMF0, payload(command), on: stream)
}

func wire(_ control: ProtocolControlMessage) -> ByteBuffer {
    wire(control.typeID, control.message.payload, chunkStream: .control)
}

func wire(_ event: UserControlEvent) -> ByteBuffer {
    wire(.userControl, event.message.payload, chunkStream: .control)
}

func wire(_ pieces: [ByteBuffer]) -> ByteBuffer {
    var bytes = ByteBuffer()
    for piece in pieces { bytes.writeImmutableBuffer(piece) }
    return bytes
}

func payload(_ command: Command) -> ByteBuffer {
    var payload = ByteBuffer()
    command.write(into: &payload)
    return payload
}

func payload(_ values: AMF0Value...) -> ByteBuffer {
    var payload = ByteBuffer()
    for value in values { value.write(into: &payload) }
    return payload
}

extension Command {
    /// A command with arguments only.
    static func call(_ name: CommandName, _ transactionID: Double, _ arguments: AMF0Value...) -> Command {
        Command(name, transactionID: transactionID, arguments: arguments)
    }
}

extension MessageStreamID {
    static let one = MessageStreamID(rawValue: 1)
    static let two = MessageStreamID(rawValue: 2)
}

/// A server session and an application that answers its questions.
struct TestServer {
    typealias Application = (inout RTMPServerSession, RTMPServerAction) -> Void

    var session: RTMPServerSession
    var application: Application
    private var listener = Listener()

    init(_ session: RTMPServerSession, _ application: @escaping Application = TestServer.acceptAll) {
        self.session = session
        self.application = application
        // A connected session has announced its chunk size before this listener came.
        let size = UInt32(session.configuration.outboundChunkSize)
        if session.isConnected { _ = try? listener.hear(wire(.setChunkSize(size))) }
    }

    /// Feeds bytes and gives back what the session did and what it said.
    mutating func feed(_ bytes: ByteBuffer) throws -> (actions: [RTMPServerAction], said: [Said]) {
        session.receive(bytes, at: sessionStart)
        return try drain()
    }

    mutating func drain() throws -> (actions: [RTMPServerAction], said: [Said]) {
        var actions: [RTMPServerAction] = []
        var said: [Said] = []
        while let action = try session.nextAction() {
            if case .send(let bytes) = action { said += try listener.hear(bytes) } else { actions.append(action) }
            application(&session, action)
        }
        return (actions, said)
    }

    static func acceptAll(_ session: inout RTMPServerSession, _ action: RTMPServerAction) {
        switch action {
        case .connectRequested: session.acceptConnect()
        case .publishRequested(let id, _): session.acceptPublish(id)
        case .playRequested(let id, _): session.acceptPlay(id)
        default: break
        }
    }

    static func answerNothing(_ session: inout RTMPServerSession, _ action: RTMPServerAction) {}

    static func connectOnly(_ session: inout RTMPServerSession, _ action: RTMPServerAction) {
        if case .connectRequested = action { session.acceptConnect() }
    }
}

/// Server sessions part of the way, copied by every test that begins there.
enum Snapshot {
    static func fresh(_ configuration: RTMPServerSession.Configuration = .init()) -> RTMPServerSession {
        RTMPServerSession(configuration: configuration, randomBytes: handshakeBytes(seed: 1), now: sessionStart)
    }

    /// C0, C1 and C2 without a digest. A server need not look at C2.
    static var clientHandshake: ByteBuffer {
        var bytes = ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 8))
        bytes.writeBytes(handshakeBytes(seed: 2))
        bytes.writeRepeatingByte(0, count: 1536)
        return bytes
    }

    /// After the handshake; all that was sent is taken.
    static func handshaken(_ configuration: RTMPServerSession.Configuration = .init()) throws -> RTMPServerSession {
        var session = fresh(configuration)
        session.receive(clientHandshake, at: sessionStart)
        while let action = try session.nextAction() {
            guard case .send = action else { throw Unexpected(action: "\(action)") }
        }
        #expect(session.isHandshakeComplete && !session.isConnected)
        return session
    }

    /// Connected to application "live", with nothing left to send.
    static func connected(
        _ configuration: RTMPServerSession.Configuration = .init(), app: String = "live",
        capabilities: EnhancedCapabilities = .none
    ) throws -> RTMPServerSession {
        var server = TestServer(try handshaken(configuration))
        _ = try server.feed(wire(ConnectRequest(app: app, capabilities: capabilities).command))
        #expect(server.session.isConnected)
        return server.session
    }

    struct Unexpected: Error {
        let action: String
    }
}

/// A client and a server in memory, with every byte either says.
struct Loopback {
    var client: RTMPClientSession
    var server: RTMPServerSession
    var application: TestServer.Application = TestServer.acceptAll
    /// The most bytes handed over at once.
    var cut = Int.max
    private(set) var clientActions: [RTMPClientAction] = []
    private(set) var serverActions: [RTMPServerAction] = []
    private(set) var clientBytes = ByteBuffer()
    private(set) var serverBytes = ByteBuffer()

    init(_ purpose: RTMPClientSession.Purpose, url: String = "rtmp://host/live/cam?key=k", cut: Int = .max) throws {
        let configuration = RTMPClientSession.Configuration(url: try RTMPURL(parsing: url), purpose: purpose)
        client = RTMPClientSession(
            configuration: configuration, randomBytes: handshakeBytes(seed: 2), now: sessionStart)
        server = Snapshot.fresh()
        self.cut = cut
    }

    /// Hands bytes over until neither end has anything to say.
    mutating func run() throws {
        client.start()
        var isBusy = true
        while isBusy {
            isBusy = try drainClient()
            if try drainServer() { isBusy = true }
        }
    }

    private mutating func drainClient() throws -> Bool {
        var isBusy = false
        while let action = try client.nextAction() {
            isBusy = true
            guard case .send(let bytes) = action else {
                clientActions.append(action)
                continue
            }
            clientBytes.writeImmutableBuffer(bytes)
            for piece in pieces(bytes) {
                server.receive(piece, at: sessionStart)
                _ = try drainServer()
            }
        }
        return isBusy
    }

    private mutating func drainServer() throws -> Bool {
        var isBusy = false
        while let action = try server.nextAction() {
            isBusy = true
            if case .send(let bytes) = action {
                serverBytes.writeImmutableBuffer(bytes)
                for piece in pieces(bytes) { client.receive(piece, at: sessionStart) }
            } else {
                serverActions.append(action)
            }
            application(&server, action)
        }
        return isBusy
    }

    private func pieces(_ bytes: ByteBuffer) -> [ByteBuffer] {
        guard cut < bytes.readableBytes else { return [bytes] }
        var rest = bytes
        var pieces: [ByteBuffer] = []
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(cut, rest.readableBytes)) {
            pieces.append(piece)
        }
        return pieces
    }
}
