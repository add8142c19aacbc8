import AMF
import MediaTesting
import NIOCore
import RTMP
import Testing

/// A client: our session on a blocking socket. What the server says is read a second time, message by message, so that
/// tests see all of it, of any message stream.
final class RTMPTestClient {
    let socket: TestSocket
    private var session: RTMPClientSession
    /// The bytes of S0, S1 and S2 that are still to come: they are no chunks.
    private var handshakeBytesLeft = 1 + 2 * 1536
    private var reader = ChunkReader()
    private var unread = ByteBuffer()
    private var messages: [RTMPMessage] = []
    private(set) var rejection: (code: StatusCode, description: String)?

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    init(
        port: Int, purpose: RTMPClientSession.Purpose, stream: String, receiveBytes: CInt? = nil
    ) throws {
        socket = try TestSocket(port: port, receiveBytes: receiveBytes)
        let url = RTMPURL(host: "127.0.0.1", port: port, app: "live", streamName: stream)
        session = RTMPClientSession(
            configuration: RTMPClientSession.Configuration(url: url, purpose: purpose),
            randomBytes: (0..<1528).map { UInt8(truncatingIfNeeded: $0) }, now: .now())
        session.start()
        try advance()
    }

    /// Talks until the server has accepted or refused.
    @discardableResult
    func start() throws -> Self {
        while !session.isRunning, rejection == nil {
            guard try readMore() else { throw Broken(description: "closed before the stream began") }
        }
        return self
    }

    // MARK: Saying

    func write(_ typeID: MessageTypeID, _ timestamp: UInt32, _ payload: ByteBuffer) throws {
        session.write(typeID, timestamp: timestamp, payload: payload)
        try advance()
    }

    func write(_ media: [Media]) throws {
        for medium in media { try write(medium.typeID, medium.timestamp, medium.payload) }
    }

    /// Ends the stream in good order; the connection stays open.
    func stop() throws {
        session.stop()
        try advance()
    }

    /// A command that the session does not know of.
    func command(
        _ name: CommandName, transaction: Double = 0, _ arguments: [AMF0Value], on streamID: UInt32 = 1
    ) throws {
        try socket.send(Self.bytes(of: name, transaction: transaction, arguments, on: streamID))
    }

    static func bytes(
        of name: CommandName, transaction: Double = 0, _ arguments: [AMF0Value], on streamID: UInt32 = 1
    ) -> ByteBuffer {
        var payload = ByteBuffer()
        Command(name, transactionID: transaction, arguments: arguments).write(into: &payload)
        var bytes = ByteBuffer()
        ChunkWriter.writeUncompressed(
            typeID: .commandAMF0, streamID: MessageStreamID(rawValue: streamID), timestamp: 0, payload: payload,
            on: .command, chunkSize: 60_000, into: &bytes)
        return bytes
    }

    // MARK: Hearing

    /// The next message of any kind; nil when the server has closed.
    func next() throws -> RTMPMessage? {
        while messages.isEmpty {
            guard try readMore() else { return nil }
        }
        return messages.removeFirst()
    }

    /// All media up to and including message number `last`.
    func media(upTo last: UInt32, on streamID: UInt32? = nil) throws -> [Media] {
        var all: [Media] = []
        while let message = try next() {
            guard let medium = Media(message) else { continue }
            if let streamID, message.streamID.rawValue != streamID { continue }
            all.append(medium)
            if medium.sequence == last { return all }
        }
        throw Broken(description: "closed after \(all.map(\.sequence))")
    }

    /// Reads on to a status; media before it is returned.
    @discardableResult
    func status(_ code: StatusCode) throws -> [Media] {
        var media: [Media] = []
        while let message = try next() {
            if let medium = Media(message) { media.append(medium) }
            if Self.status(of: message)?.code == code { return media }
        }
        throw Broken(description: "closed without \(code.rawValue)")
    }

    static func status(of message: RTMPMessage) -> StatusEvent? {
        guard let command = Self.command(in: message), command.name == .onStatus else { return nil }
        return StatusEvent(command.argument(0))
    }

    static func command(in message: RTMPMessage) -> Command? {
        guard message.typeID == .commandAMF0 else { return nil }
        do { return try Command(from: message) } catch { return nil }
    }

    static func userControl(in message: RTMPMessage) -> UserControlEvent? {
        guard message.typeID == .userControl else { return nil }
        do { return try UserControlEvent(parsing: message.payload) } catch { return nil }
    }

    private func readMore() throws -> Bool {
        guard let bytes = try socket.receive() else { return false }
        session.receive(bytes, at: .now())
        try advance()
        var chunks = bytes
        let handshake = min(handshakeBytesLeft, chunks.readableBytes)
        handshakeBytesLeft -= handshake
        chunks.moveReaderIndex(forwardBy: handshake)
        unread.writeImmutableBuffer(chunks)
        while let message = try reader.read(from: &unread) { messages.append(message) }
        unread.discardReadBytes()
        return true
    }

    private func advance() throws {
        while let action = try session.nextAction() {
            switch action {
            case .send(let bytes): try socket.send(bytes)
            case .rejected(let code, let description): rejection = (code, description)
            case .connected, .publishing, .playing, .media, .status, .streamEnded, .reconnectRequested, .close: break
            }
        }
    }
}
