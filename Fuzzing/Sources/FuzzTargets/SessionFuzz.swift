import AMF
import NIOCore
import RTMP

let sessionStart = NIODeadline.uptimeNanoseconds(1_000_000_000)

/// Where a session begins: most of what there is lies behind the handshake.
private enum Beginning {
    static let fresh = RTMPServerSession(randomBytes: handshakeBytes, now: sessionStart)

    static let handshaken: RTMPServerSession = {
        var session = fresh
        session.receive(ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072)), at: sessionStart)
        var run = ServerRun(session, moods: Moods(0x4444_4444))
        run.drain()
        return run.session
    }()

    static let connected: RTMPServerSession = {
        var payload = ByteBuffer()
        ConnectRequest(app: "live", capabilities: .forwardingEverything).command.write(into: &payload)
        var bytes = ByteBuffer()
        ChunkWriter.writeUncompressed(
            typeID: .commandAMF0, streamID: .connection, timestamp: 0, payload: payload, on: .command, chunkSize: 128,
            into: &bytes)
        var run = ServerRun(handshaken, moods: Moods(0x4444_4444))
        run.session.receive(bytes, at: sessionStart)
        run.drain()
        return run.session
    }()

    /// What the client's handshake waits for: S0, S1 and S2.
    static let serverHandshake = ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072))
}

/// Whether two runs had the same results. Numbers from the wire may be NaN, which is not equal to itself but reads so.
func isSame<Result: Equatable>(_ left: Result, _ right: Result) -> Bool {
    left == right || "\(left)" == "\(right)"
}

// MARK: Server

/// In front: where to begin, how the bytes arrive, and the application's moods (4 bytes).
func fuzzServerSession(_ input: inout FuzzInput) {
    let beginning = input.byte()
    let pattern = input.byte()
    let moods = Moods(input.integer())
    let session =
        switch beginning % 3 {
        case 0: Beginning.handshaken
        case 1: Beginning.connected
        default: Beginning.fresh
        }
    let whole = ServerRun.play(session, input.rest, pattern: 0, moods)
    let cut = ServerRun.play(session, input.rest, pattern: pattern, moods)
    promise(isSame(whole.heard, cut.heard), "cuts change nothing: \(whole.heard) \(cut.heard)")
    promise(whole.session.isClosed == cut.session.isClosed, "cuts change no end")
}

/// A server session and an application that is not always kind.
private struct ServerRun {
    var session: RTMPServerSession
    /// All but what was sent, in order; acknowledgements depend on how bytes arrive.
    var heard: [Heard] = []
    private var moods: Moods
    private var sentBytes = 0
    private var openQuestion: RTMPServerAction?

    enum Heard: Equatable {
        case action(RTMPServerAction)
        case fault(RTMPError.Code)
    }

    init(_ session: RTMPServerSession, moods: Moods) {
        self.session = session
        self.moods = moods
    }

    static func play(
        _ session: RTMPServerSession, _ bytes: ByteBuffer, pattern: UInt8, _ moods: Moods
    ) -> ServerRun {
        var run = ServerRun(session, moods: moods)
        let buffered = session.bytesBuffered
        for piece in Pieces(bytes, pattern: pattern) {
            run.session.receive(piece, at: sessionStart)
            run.drain()
            promise(run.session.bytesBuffered <= bytes.readableBytes + buffered, "no bytes are invented")
        }
        // Questions left open are answered when all has come, in whatever pieces.
        while let question = run.openQuestion {
            run.openQuestion = nil
            run.accept(question)
            run.drain()
        }
        promise(!run.session.isClosed || run.session.bytesBuffered == 0, "a closed session holds nothing")
        promise(run.sentBytes <= 16_384 + bytes.readableBytes * 8, "\(run.sentBytes) bytes said")
        promise(run.heard.count <= 16 + bytes.readableBytes * 2, "\(run.heard.count) actions")
        return run
    }

    mutating func drain() {
        while true {
            do throws(RTMPError) {
                guard let action = try session.nextAction() else { return }
                if case .send(let bytes) = action {
                    sentBytes += bytes.readableBytes
                } else {
                    heard.append(.action(action))
                    answer(action)
                }
            } catch {
                heard.append(.fault(error.code))
                if error.scope == .connection { promise(session.isClosed, "a fault of the connection closes it") }
            }
        }
    }

    private mutating func accept(_ action: RTMPServerAction) {
        switch action {
        case .connectRequested: session.acceptConnect()
        case .publishRequested(let id, _): session.acceptPublish(id)
        case .playRequested(let id, _): session.acceptPlay(id)
        default: break
        }
    }

    private mutating func answer(_ action: RTMPServerAction) {
        let mood = moods.next()
        switch action {
        case .connectRequested where mood == 1: session.rejectConnect(description: "no")
        case .publishRequested(let id, _) where mood == 1: session.rejectPublish(id, description: "no")
        case .playRequested(let id, _) where mood == 1: session.rejectPlay(id, description: "no")
        case .connectRequested where mood == 2, .publishRequested where mood == 2, .playRequested where mood == 2:
            openQuestion = action
        case .media(let id, _) where mood == 3: session.endPublish(id, code: .publishIdle, description: "idle")
        case .playControl(let id, _) where mood == 3: session.endPlay(id, description: "over")
        default:
            accept(action)
            interfere(mood)
        }
    }

    private mutating func interfere(_ mood: Int) {
        switch mood {
        case 8: session.sendPing(timestamp: 7)
        case 9: session.requestReconnect(tcURL: "rtmp://b/live", description: "moving")
        case 10: session.endPlay(MessageStreamID(rawValue: 1), description: "over")
        case 11: session.acceptPlay(MessageStreamID(rawValue: 2))
        case 12: session.sendStatus(.playReset, description: "?", on: MessageStreamID(rawValue: 9))
        default: break
        }
    }
}

// MARK: Client

/// In front: whether to publish and where to begin, and how the bytes arrive.
func fuzzClientSession(_ input: inout FuzzInput) {
    let kind = input.byte()
    let pattern = input.byte()
    let bytes = input.rest
    let whole = playClient(kind, bytes, 0)
    promise(isSame(whole, playClient(kind, bytes, pattern)), "cuts change nothing")
}

/// What the client does, without what it sends.
private func playClient(_ kind: UInt8, _ bytes: ByteBuffer, _ pattern: UInt8) -> [RTMPClientAction] {
    let purpose: RTMPClientSession.Purpose = kind & 1 == 0 ? .publish(.live) : .play(start: -1000)
    let url = RTMPURL(host: "host", app: "live", streamName: "cam?key=k")
    var session = RTMPClientSession(
        configuration: .init(url: url, purpose: purpose, usesDigest: kind & 4 != 0), randomBytes: handshakeBytes,
        now: sessionStart)
    session.start()
    var sentBytes = 0
    var actions: [RTMPClientAction] = []
    let drain = { (session: inout RTMPClientSession) in
        while true {
            do throws(RTMPError) {
                guard let action = try session.nextAction() else { return }
                if case .send(let bytes) = action { sentBytes += bytes.readableBytes } else { actions.append(action) }
                if case .publishing = action {
                    session.write(.video, timestamp: 40, payload: ByteBuffer(repeating: 0x17, count: 200))
                    sentBytes -= 256
                }
            } catch {
                if error.scope == .connection { promise(session.isClosed, "a fault of the connection closes it") }
            }
        }
    }
    drain(&session)
    if kind & 2 == 0 { session.receive(Beginning.serverHandshake, at: sessionStart) }
    drain(&session)
    for piece in Pieces(bytes, pattern: pattern) {
        session.receive(piece, at: sessionStart)
        drain(&session)
    }
    if kind & 8 != 0 { session.stop() }
    drain(&session)
    promise(sentBytes <= 16_384 + bytes.readableBytes * 8, "\(sentBytes) bytes said")
    promise(actions.count <= 16 + bytes.readableBytes * 2, "\(actions.count) actions")
    return actions
}
