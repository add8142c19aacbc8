import AMF
import MediaTesting
import NIOCore
import RTMP
import Testing

/// Damage done to a client's bytes.
enum Mutation: CaseIterable {
    case flip
    case insert
    case delete
    case duplicate
    case truncate
    case overwrite

    func apply(to bytes: inout [UInt8], _ generator: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let start = Int.random(in: bytes.indices, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 1...24, using: &generator))
        switch self {
        case .flip: bytes[start] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case .insert: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: start)
        case .delete: bytes.removeSubrange(start..<end)
        case .duplicate: bytes.insert(contentsOf: Array(bytes[start..<end]), at: start)
        case .truncate: bytes.removeSubrange(start...)
        case .overwrite:
            let interesting: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF, 0xC3, 0x43, 0x03]
            bytes[start] = interesting.randomElement(using: &generator) ?? 0
        }
    }
}

@Suite("Server session: mutated sessions")
struct MutatedSessionTests {
    /// Everything a client can say, after the handshake, in chunks of 128 bytes.
    static let handMade: ByteBuffer = {
        wire([
            wire(.windowAcknowledgementSize(200)),
            wire(ConnectRequest(app: "live", objectEncoding: 3, capabilities: .forwardingEverything).command),
            afterConnect,
        ])
    }()

    private static let afterConnect: ByteBuffer = {
        let object = AMF3Object(dynamic: [AMF3Property(name: "streamName", value: .string("b"))])
        var aggregate = ByteBuffer(bytes: [9, 0, 0, 2, 0, 0, 5, 0, 0, 0, 0, 0x17, 1, 0, 0, 0, 13])
        aggregate.writeBytes([8, 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 0xAF, 0, 0, 0, 12])
        return wire([
            wire(.call(.createStream, 2)), wire(.call(.createStream, 3)), wire(.call(.fcPublish, 4, .string("a"))),
            wire(.setBufferLength(.two, milliseconds: 100)), wire(.call(.publish, 5, .string("a?k=1")), on: 1),
            wire(.dataAMF0, payload(.string("@setDataFrame"), .string("onMetaData"), .ecmaArray([:])), on: 1),
            wire(.video, ByteBuffer(repeating: 7, count: 150), on: 1, timestamp: 40, chunkStream: .video),
            wire(.aggregate, aggregate, on: 1, timestamp: 80),
            wire(.setChunkSize(40)),
            wire(
                .audio, ByteBuffer(repeating: 8, count: 50), on: 1, timestamp: 0xFF_FFFF, chunkStream: .audio,
                chunkSize: 40),
            wire(.setChunkSize(128)),
            wire(.call(.play, 0, .string("c"), .number(-2000)), on: 2), wire(.call(.pause, 0, .boolean(true)), on: 2),
            wire(.call(.play2, 0, .amf3(.object(object))), on: 2), wire(.pingRequest(timestamp: 1)),
            wire(.call(CommandName(rawValue: "nobody"), 9)), wire(.call(.fcUnpublish, 0, .string("a?k=1"))),
            wire(.call(.deleteStream, 0, .number(1))), wire(.call(.closeStream, 0), on: 2),
        ])
    }()

    struct Base {
        let session: RTMPServerSession
        let bytes: [UInt8]
    }

    /// Valid sessions to damage: two from connect's end on, three from the handshake's, one from its beginning.
    static func bases() throws -> [Base] {
        let handshaken = try Snapshot.handshaken()
        let handMade = Array(Self.handMade.readableBytesView)
        return [
            Base(session: try Snapshot.connected(), bytes: Array(afterConnect.readableBytesView)),
            Base(session: try ServerCommandTests.busySession(), bytes: Array(afterConnect.readableBytesView)),
            Base(session: handshaken, bytes: handMade),
            Base(session: handshaken, bytes: try SessionVerifierTests.publishSession()),
            Base(session: handshaken, bytes: try SessionVerifierTests.playSession()),
            Base(session: Snapshot.fresh(), bytes: Array(Snapshot.clientHandshake.readableBytesView) + handMade),
        ]
    }

    /// 100 000 in ten parts, which run side by side.
    @Test(arguments: 0..<10)
    func tenThousandMutatedSessionsDoNoHarm(part: Int) throws {
        var generator = SplitMix64(seed: UInt64(part) &+ 2026)
        let bases = try Self.bases()
        var outcome = Outcome()
        for index in 0..<10_000 {
            // A handshake costs as much as the rest, and there is less in it to damage: one session in 50 has one.
            let base = index % 50 == 0 ? bases[5] : bases[index % 5]
            var bytes = base.bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                Mutation.allCases.randomElement(using: &generator)?.apply(to: &bytes, &generator)
            }
            try Self.run(base.session, bytes, &generator, &outcome)
        }
        // The damage leaves enough alive to reach every room, and does harm enough to find every exit.
        #expect(outcome.connected > 5000 && outcome.media > 5000, "\(outcome)")
        #expect(outcome.ended > 1000 && outcome.closed > 500 && outcome.ignored > 200)
    }

    /// What happened, over many sessions.
    struct Outcome {
        var connected = 0
        var media = 0
        var ended = 0
        var closed = 0
        var ignored = 0

        mutating func count(_ action: RTMPServerAction) {
            switch action {
            case .media: media += 1
            case .publishEnded, .playEnded: ended += 1
            default: break
            }
        }
    }

    /// What a server says, damaged, fed to a client.
    @Test func tenThousandMutatedServersDoNoHarm() throws {
        var loop = try Loopback(.play(start: -1000))
        try loop.run()
        loop.server.endPlay(.one, description: "over")
        loop.server.requestReconnect(tcURL: "rtmp://b/live", description: "moving")
        loop.server.sendPing(timestamp: 7)
        try loop.run()
        let bytes = Array(loop.serverBytes.readableBytesView)
        let client = try SessionVerifierTests.handshakenClient(Array(bytes.prefix(3073)))
        var generator = SplitMix64(seed: 7)
        var playedCount = 0
        for _ in 0..<10_000 {
            var damaged = Array(bytes.dropFirst(3073))
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                Mutation.allCases.randomElement(using: &generator)?.apply(to: &damaged, &generator)
            }
            var session = client
            var sentBytes = 0
            session.receive(ByteBuffer(bytes: damaged), at: sessionStart)
            while true {
                do {
                    guard let action = try session.nextAction() else { break }
                    if case .send(let bytes) = action { sentBytes += bytes.readableBytes }
                    if case .playing = action { playedCount += 1 }
                } catch {
                    if error.scope == .connection { break }
                }
            }
            try #require(sentBytes <= 4096 + damaged.count * 8)
        }
        #expect(playedCount > 1000)
    }

    /// Feeds a session in up to three pieces to an application of many moods, and holds it to its bounds.
    static func run(
        _ session: RTMPServerSession, _ bytes: [UInt8], _ generator: inout SplitMix64, _ outcome: inout Outcome
    ) throws {
        var session = session
        var pieces = Pieces(bytes, &generator)
        var sentBytes = 0
        var actions = 0
        while let piece = pieces.next() {
            session.receive(piece, at: sessionStart)
            while let action = next(&session, &outcome) {
                actions += 1
                outcome.count(action)
                if case .send(let bytes) = action { sentBytes += bytes.readableBytes }
                answer(action, &session, &generator)
            }
            try #require(session.bytesBuffered <= bytes.count)
            try #require(!session.isClosed || session.bytesBuffered == 0)
        }
        if session.peer != nil { outcome.connected += 1 }
        if session.isClosed { outcome.closed += 1 }
        // The most is said in answer to FCPublish: 170 bytes to 40 of the client's, and more only to connect, once.
        try #require(sentBytes <= 8192 + bytes.count * 8)
        // Every message has 2 bytes or more, and causes up to three actions.
        try #require(actions <= 16 + bytes.count * 2)
    }

    /// Errors that end the session end the loop; others cost a message.
    private static func next(_ session: inout RTMPServerSession, _ outcome: inout Outcome) -> RTMPServerAction? {
        while true {
            do {
                return try session.nextAction()
            } catch {
                if error.scope == .connection { return nil }
                outcome.ignored += 1
            }
        }
    }

    private static func answer(
        _ action: RTMPServerAction, _ session: inout RTMPServerSession, _ generator: inout SplitMix64
    ) {
        let mood = Int.random(in: 0..<16, using: &generator)
        switch action {
        case .connectRequested where mood == 0: session.rejectConnect(description: "no")
        case .publishRequested(let id, _) where mood == 1: session.rejectPublish(id, description: "no")
        case .playRequested(let id, _) where mood == 2: session.rejectPlay(id, description: "no")
        // Left open: the rest is held back.
        case .connectRequested where mood == 3, .publishRequested where mood == 3, .playRequested where mood == 3: break
        case .media(let id, _) where mood == 4: session.endPublish(id, code: .publishIdle, description: "out")
        case .playControl(let id, _) where mood == 5: session.endPlay(id, description: "over")
        case .send where mood == 6: session.acceptPlay(.one)
        default: TestServer.acceptAll(&session, action)
        }
    }
}

/// One to three pieces of some bytes.
private struct Pieces {
    private var rest: ByteBuffer
    private var cuts: [Int]

    init(_ bytes: [UInt8], _ generator: inout SplitMix64) {
        rest = ByteBuffer(bytes: bytes)
        cuts = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
            Int.random(in: 0...bytes.count, using: &generator)
        }
    }

    mutating func next() -> ByteBuffer? {
        guard rest.readableBytes > 0 else { return nil }
        let length = min(cuts.popLast() ?? rest.readableBytes, rest.readableBytes)
        return rest.readSlice(length: length)
    }
}
