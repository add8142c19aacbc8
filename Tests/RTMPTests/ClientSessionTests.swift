import AMF
import NIOCore
import RTMP
import Testing

@Suite("Client and server session in memory")
struct ClientSessionTests {
    static let stream = StreamPath(app: "live", name: "cam?key=k")
    static let accepted = ConnectResponse(
        Command(
            .result, transactionID: 1, commandObject: .object(["fmsVer": .string("FMS/3,5,7,7009")]),
            arguments: [
                StatusEvent(
                    .connectSuccess, description: "Connection succeeded.",
                    properties: answered
                ).value
            ]))
    static var answered: AMF0Object {
        var properties: AMF0Object = ["objectEncoding": .number(0)]
        properties.properties += EnhancedCapabilities.forwardingEverything.object.properties
        return properties
    }

    @Test(arguments: [Int.max, 1, 7, 1000])
    func publisherPublishes(cut: Int) throws {
        var loop = try Loopback(.publish(.live), cut: cut)
        try loop.run()
        #expect(loop.clientActions == [.connected(Self.accepted), .publishing(.one)])
        #expect(loop.client.isRunning && loop.client.response == Self.accepted)
        guard case .connectRequested(let request)? = loop.serverActions.first else {
            throw Snapshot.Unexpected(action: "\(loop.serverActions)")
        }
        #expect(request.app == "live" && request.tcURL == "rtmp://host/live")
        #expect(request.capabilities == .forwardingEverything)
        #expect(
            loop.serverActions.dropFirst() == [
                .publishRequested(.one, PublishRequest(stream: Self.stream, mode: .live))
            ])
    }

    @Test(arguments: [Int.max, 1])
    func mediaArrivesAsWrittenAndStopEndsBothSides(cut: Int) throws {
        var loop = try Loopback(.publish(.record), cut: cut)
        try loop.run()
        let opened = loop.serverActions.count
        let messages = Self.media
        for message in messages {
            loop.client.write(message.typeID, timestamp: message.timestamp, payload: message.payload)
        }
        try loop.run()
        #expect(loop.serverActions.dropFirst(opened) == messages.map { .media(.one, $0) }[...])
        loop.client.stop()
        loop.client.stop()
        loop.client.write(.audio, timestamp: 0, payload: ByteBuffer(bytes: [1]))
        try loop.run()
        #expect(loop.serverActions.last == .publishEnded(.one))
        #expect(loop.serverActions.count == opened + messages.count + 1)
        #expect(loop.clientActions.last == .close(nil))
    }

    static var media: [RTMPMessage] {
        let sizes: [(MessageTypeID, UInt32, Int)] = [
            (.dataAMF0, 0, 30), (.video, 0, 40), (.audio, 0, 4), (.video, 0, 70_000), (.audio, 23, 300),
            (.video, 40, 129), (.audio, 46, 300), (.audio, 0xFF_FFFF, 1), (.video, 0xFFFF_FFFF, 200), (.video, 3, 200),
        ]
        return sizes.map { typeID, timestamp, size in
            RTMPMessage(
                typeID: typeID, streamID: .one, timestamp: timestamp, payload: ByteBuffer(repeating: 0x2A, count: size))
        }
    }

    @Test(arguments: [Int.max, 1])
    func playerPlays(cut: Int) throws {
        var loop = try Loopback(.play(start: -1000), cut: cut)
        try loop.run()
        let reset = StatusEvent(.playReset, description: "Playing and resetting.")
        let access = RTMPMessage(
            typeID: .dataAMF0, streamID: .one, timestamp: 0,
            payload: payload(.string("|RtmpSampleAccess"), .boolean(true), .boolean(true)))
        #expect(
            loop.clientActions == [.connected(Self.accepted), .status(reset), .playing(.one), .media(access)])
        let request = PlayRequest(
            stream: Self.stream, start: -1000, duration: -1, reset: true, bufferLengthMilliseconds: nil)
        #expect(
            loop.serverActions.dropFirst() == [
                .playRequested(.one, request), .playControl(.one, .bufferLength(milliseconds: 1000)),
            ])
        loop.server.send(.streamEOF(.one))
        loop.server.sendStatus(.playUnpublishNotify, description: "gone", on: .one)
        loop.server.requestReconnect(description: "moving")
        try loop.run()
        #expect(
            loop.clientActions.dropFirst(4) == [
                .streamEnded(.one), .status(StatusEvent(.playUnpublishNotify, description: "gone")),
                .reconnectRequested(tcURL: nil, description: "moving"),
            ])
        loop.client.stop()
        try loop.run()
        #expect(loop.serverActions.last == .playEnded(.one))
    }

    /// FFmpeg's server sends its only stream's media on the connection's own message stream.
    @Test(arguments: [true, false], [(0, true), (1, true), (2, false)] as [(UInt32, Bool)])
    func mediaIsTakenAlsoOnTheConnectionsStream(isAnswered: Bool, media: (stream: UInt32, isTaken: Bool)) throws {
        let loop = try playing(.play(start: -1000), isAnswered: isAnswered, mediaOn: media.stream)
        #expect(loop.client.isRunning == isAnswered)
        #expect(loop.clientActions.contains(.media(Self.picture(on: media.stream))) == media.isTaken)
    }

    @Test(arguments: [0, 1] as [UInt32])
    func publisherTakesNoMedia(stream: UInt32) throws {
        let loop = try playing(.publish(.live), isAnswered: true, mediaOn: stream)
        #expect(loop.client.isRunning && !loop.clientActions.contains(.media(Self.picture(on: stream))))
    }

    private static func picture(on stream: UInt32) -> RTMPMessage {
        RTMPMessage(
            typeID: .video, streamID: MessageStreamID(rawValue: stream), timestamp: 40,
            payload: ByteBuffer(bytes: [0x27, 1, 0, 0, 0]))
    }

    private func playing(
        _ purpose: RTMPClientSession.Purpose, isAnswered: Bool, mediaOn stream: UInt32
    ) throws -> Loopback {
        var loop = try Loopback(purpose)
        if !isAnswered { loop.application = TestServer.connectOnly }
        try loop.run()
        let picture = Self.picture(on: stream)
        let bytes = wire(.video, picture.payload, on: stream, timestamp: picture.timestamp, chunkStream: .video)
        loop.client.receive(bytes, at: sessionStart)
        try loop.run()
        return loop
    }

    struct Refusal: Sendable {
        let purpose: RTMPClientSession.Purpose
        let code: StatusCode
        let answer: @Sendable (inout RTMPServerSession, RTMPServerAction) -> Void
    }

    static let refusals = [
        Refusal(purpose: .publish(.live), code: .connectInvalidApp) { session, action in
            if case .connectRequested = action { session.rejectConnect(code: .connectInvalidApp, description: "no") }
        },
        Refusal(purpose: .publish(.live), code: .publishBadName) { session, action in
            if case .connectRequested = action { session.acceptConnect() }
            if case .publishRequested(let id, _) = action {
                session.rejectPublish(id, code: .publishBadName, description: "no")
            }
        },
        Refusal(purpose: .play(start: -2000), code: .playStreamNotFound) { session, action in
            if case .connectRequested = action { session.acceptConnect() }
            if case .playRequested(let id, _) = action { session.rejectPlay(id, description: "no") }
        },
    ]

    @Test(arguments: refusals.indices)
    func refusalEndsTheClient(index: Int) throws {
        let refusal = Self.refusals[index]
        var loop = try Loopback(refusal.purpose)
        loop.application = refusal.answer
        try loop.run()
        #expect(
            loop.clientActions.suffix(2) == [
                .rejected(refusal.code, description: "no"), .close(RTMPError(.rejectedByPeer, "the server refused")),
            ])
        #expect(loop.client.isClosed && !loop.client.isRunning)
    }

    @Test func kickEndsTheClient() throws {
        var loop = try Loopback(.publish(.live))
        try loop.run()
        loop.server.endPublish(.one, code: .publishDenied, description: "out")
        try loop.run()
        #expect(loop.clientActions.contains(.rejected(.publishDenied, description: "out")))
        #expect(loop.client.isClosed)
    }

    @Test func pingIsAnswered() throws {
        var loop = try Loopback(.publish(.live))
        try loop.run()
        loop.server.sendPing(timestamp: 4711)
        try loop.run()
        #expect(loop.serverActions.last == .pong(timestamp: 4711))
    }

    @Test func nothingHappensBeforeStart() throws {
        let url = try RTMPURL(parsing: "rtmp://h/a/b")
        var client = RTMPClientSession(
            configuration: .init(url: url, purpose: .publish(.live)), randomBytes: handshakeBytes(seed: 3),
            now: sessionStart)
        #expect(try client.nextAction() == nil)
        client.write(.audio, timestamp: 0, payload: ByteBuffer())
        #expect(try client.nextAction() == nil)
        client.stop()
        #expect(try client.nextAction() == .close(nil))
        client.start()
        #expect(try client.nextAction() == nil)
    }

    @Test func serverThatAnswersNonsenseIsAnError() throws {
        for value: AMF0Value in [.null, .number(0), .number(-1), .number(.nan), .string("1")] {
            var loop = try Loopback(.publish(.live))
            loop.application = TestServer.answerNothing
            try loop.run()
            loop.client.receive(wire(.call(.result, 1, .object([:]))), at: sessionStart)
            try loop.run()
            expectFault(.malformedCommand) {
                loop.client.receive(wire(.call(.result, 4, value)), at: sessionStart)
                while try loop.client.nextAction() != nil {}
            }
            #expect(loop.client.isClosed)
        }
    }
}
