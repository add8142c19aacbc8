import AMF
import NIOCore
import RTMP
import Testing

/// What is said to a connected server in which stream 1 is idle, stream 2 publishes "pub", stream 3 plays, and what it
/// does then.
struct Exchange: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let command: Command
    let stream: UInt32
    let said: [Said]
    let actions: [RTMPServerAction]

    init(
        _ name: String, _ command: Command, on stream: UInt32 = 0, says said: [Said] = [], does: [RTMPServerAction] = []
    ) {
        testDescription = name
        self.command = command
        self.stream = stream
        self.said = said
        actions = does
    }
}

@Suite("Server session: commands, RTMP 1.0, 7.2")
struct ServerCommandTests {
    static let ended = "The publication has ended."
    static let unknown = "the command is unknown, or cannot be carried out now"
    static let access = Said.data([.string("|RtmpSampleAccess"), .boolean(true), .boolean(true)], on: 1)

    static let exchanges: [Exchange] = [
        Exchange("createStream", .call(.createStream, 9), says: [.result(9, .number(4))]),
        Exchange("releaseStream", .call(.releaseStream, 2, .string("x")), says: [.result(2, .undefined)]),
        Exchange("FCSubscribe", .call(.fcSubscribe, 2, .string("x")), says: [.result(2, .undefined)]),
        Exchange("_checkbw", .call(.checkBandwidth, 2), says: [.result(2, .undefined)]),
        Exchange("_checkbw without a question", .call(.checkBandwidth, 0)),
        Exchange("getStreamLength", .call(.getStreamLength, 2, .string("x")), says: [.result(2, .number(0))]),
        Exchange(
            "FCPublish", .call(.fcPublish, 3, .string("x")),
            says: [
                .result(3, .undefined),
                .command(
                    Command(
                        .onFCPublish,
                        arguments: [StatusEvent(.publishStart, description: "FCPublish is accepted.").value]), on: 0),
            ]),
        Exchange(
            "unknown, with a question", .call(CommandName(rawValue: "rm"), 4), says: [.failure(4, unknown)],
            does: [.commandIgnored("rm")]),
        Exchange("unknown, without", .call(CommandName(rawValue: "rm"), 0), does: [.commandIgnored("rm")]),
        Exchange(
            "a long unknown name is cut", .call(CommandName(rawValue: String(repeating: "x", count: 1000)), 0),
            does: [.commandIgnored(String(repeating: "x", count: 64))]),
        Exchange("answers to nothing", .call(.result, 9)),
        Exchange(
            "deleteStream of a publisher", .call(.deleteStream, 0, .number(2)),
            says: [.status(.unpublishSuccess, ended, on: 2)], does: [.publishEnded(.two)]),
        Exchange(
            "deleteStream of a player", .call(.deleteStream, 0, .number(3)), does: [.playEnded(.init(rawValue: 3))]),
        Exchange("deleteStream of nothing", .call(.deleteStream, 0, .number(77))),
        Exchange("deleteStream of no number", .call(.deleteStream, 0, .number(.nan))),
        Exchange(
            "deleteStream without its number", .call(.deleteStream, 0), on: 3, does: [.playEnded(.init(rawValue: 3))]),
        Exchange(
            "closeStream of a publisher", .call(.closeStream, 0), on: 2,
            says: [.status(.unpublishSuccess, ended, on: 2)], does: [.publishEnded(.two)]),
        Exchange("closeStream of an idle stream", .call(.closeStream, 0), on: 1),
        Exchange("FCUnpublish of another name", .call(.fcUnpublish, 0, .string("other")), says: [unpublished]),
        Exchange(
            "FCUnpublish", .call(.fcUnpublish, 6, .string("pub?key=k")),
            says: [.result(6, .undefined), unpublished, .status(.unpublishSuccess, ended, on: 2)],
            does: [.publishEnded(.two)]),
        Exchange(
            "publish(false)", .call(.publish, 0, .boolean(false)), on: 2,
            says: [.status(.unpublishSuccess, ended, on: 2)], does: [.publishEnded(.two)]),
        Exchange(
            "play(false)", .call(.play, 0, .boolean(false)), on: 3,
            says: [.status(.playStop, "Playing has stopped.", on: 3)], does: [.playEnded(.init(rawValue: 3))]),
        Exchange("play(false) of an idle stream", .call(.play, 0, .boolean(false)), on: 1),
    ]

    static let unpublished = Said.command(
        Command(
            .onFCUnpublish,
            arguments: [StatusEvent(.unpublishSuccess, description: "FCUnpublish is accepted.").value]), on: 0)

    static let publishing: [Exchange] = [
        Exchange(
            "publish", .call(.publish, 5, .string("cam?key=k"), .string("live")), on: 1,
            says: [.event(.streamBegin(.one)), .status(.publishStart, "Publishing.", on: 1)],
            does: [publishRequested("cam?key=k", .live)]),
        Exchange(
            "publish to record", .call(.publish, 5, .string("cam"), .string("record")), on: 1,
            says: [.event(.streamBegin(.one)), .status(.publishStart, "Publishing.", on: 1)],
            does: [publishRequested("cam", .record)]),
        Exchange(
            "publish to append", .call(.publish, 5, .string("cam"), .string("append")), on: 1,
            says: [.event(.streamBegin(.one)), .status(.publishStart, "Publishing.", on: 1)],
            does: [publishRequested("cam", .append)]),
        Exchange(
            "publish without a mode", .call(.publish, 5, .string("cam")), on: 1,
            says: [.event(.streamBegin(.one)), .status(.publishStart, "Publishing.", on: 1)],
            does: [publishRequested("cam", .live)]),
        Exchange(
            "publish without a name", .call(.publish, 5), on: 1,
            says: [.status(.publishBadName, "publish needs a name", on: 1)]),
        Exchange(
            "publish where a publication is", .call(.publish, 5, .string("cam")), on: 2,
            says: [.status(.publishBadConnection, "the message stream is in use", on: 2)]),
        Exchange(
            "publish where a player is", .call(.publish, 5, .string("cam")), on: 3,
            says: [.status(.publishBadConnection, "the message stream is in use", on: 3)]),
        Exchange(
            "publish on the connection", .call(.publish, 5, .string("cam")), on: 0,
            says: [.status(.publishBadConnection, "publish on a stream that was not created", on: 0)]),
        Exchange(
            "publish on a stream nobody created", .call(.publish, 5, .string("cam")), on: .max,
            says: [.status(.publishBadConnection, "publish on a stream that was not created", on: .max)]),
    ]

    static let playing: [Exchange] = [
        Exchange(
            "play", .call(.play, 5, .string("cam?t=1"), .number(-1000)), on: 1,
            says: [
                .event(.streamBegin(.one)), .status(.playReset, "Playing and resetting.", on: 1),
                .status(.playStart, "Playing.", on: 1), access,
            ], does: [playRequested("cam?t=1", start: -1000)]),
        Exchange(
            "play without reset", .call(.play, 5, .string("cam"), .number(-2), .number(10), .boolean(false)), on: 1,
            says: [.event(.streamBegin(.one)), .status(.playStart, "Playing.", on: 1), access],
            does: [playRequested("cam", start: -2, duration: 10, reset: false)]),
        Exchange(
            "play2", .call(.play2, 0, .object(["streamName": .string("cam"), "len": .number(3)])), on: 1,
            says: [
                .event(.streamBegin(.one)), .status(.playReset, "Playing and resetting.", on: 1),
                .status(.playStart, "Playing.", on: 1), access,
            ], does: [playRequested("cam", duration: 3)]),
        Exchange(
            "play2 without a name", .call(.play2, 0, .object([:])), on: 1,
            says: [.status(.playFailed, "play2 needs a streamName", on: 1)]),
        Exchange(
            "play without a name", .call(.play, 0), on: 1, says: [.status(.playFailed, "play needs a name", on: 1)]),
        Exchange(
            "play where a publication is", .call(.play, 0, .string("cam")), on: 2,
            says: [.status(.playFailed, "the message stream publishes", on: 2)]),
        Exchange(
            "play on a stream nobody created", .call(.play, 0, .string("cam")), on: 9,
            says: [.status(.playFailed, "play on a stream that was not created", on: 9)]),
        Exchange(
            "pause", .call(.pause, 0, .boolean(true), .number(40)), on: 3,
            says: [.status(.pauseNotify, "Paused.", on: 3)], does: [control(.pause(true, milliseconds: 40))]),
        Exchange(
            "go on", .call(.pauseRaw, 0, .boolean(false), .number(50)), on: 3,
            says: [.status(.unpauseNotify, "Playing goes on.", on: 3)],
            does: [control(.pause(false, milliseconds: 50))]),
        Exchange("seek", .call(.seek, 0, .number(7)), on: 3, does: [control(.seek(milliseconds: 7))]),
        Exchange("no audio", .call(.receiveAudio, 0, .boolean(false)), on: 3, does: [control(.receiveAudio(false))]),
        Exchange(
            "video", .call(.receiveVideo, 0, .boolean(true)), on: 3,
            says: [
                .status(.seekNotify, "Seeking to the live edge.", on: 3), .status(.playStart, "Playing.", on: 3),
            ], does: [control(.receiveVideo(true))]),
        Exchange("pause of an idle stream", .call(.pause, 0, .boolean(true)), on: 1, does: [.commandIgnored("pause")]),
        Exchange(
            "seek of a publisher", .call(.seek, 8, .number(1)), on: 2, says: [.failure(8, unknown)],
            does: [.commandIgnored("seek")]),
    ]

    static func publishRequested(_ name: String, _ mode: PublishMode) -> RTMPServerAction {
        .publishRequested(.one, PublishRequest(stream: StreamPath(app: "live", name: name), mode: mode))
    }

    static func playRequested(
        _ name: String, start: Double = -2000, duration: Double = -1, reset: Bool = true
    ) -> RTMPServerAction {
        let stream = StreamPath(app: "live", name: name)
        return .playRequested(
            .one,
            PlayRequest(
                stream: stream, start: start, duration: duration, reset: reset, bufferLengthMilliseconds: nil))
    }

    static func control(_ control: PlayControl) -> RTMPServerAction {
        .playControl(MessageStreamID(rawValue: 3), control)
    }

    static func busySession() throws -> RTMPServerSession {
        var server = TestServer(try Snapshot.connected())
        let create = wire(.call(.createStream, 1))
        let publish = wire(.call(.publish, 2, .string("pub?key=k")), on: 2)
        let play = wire(.call(.play, 3, .string("play")), on: 3)
        _ = try server.feed(wire([create, create, create, publish, play]))
        return server.session
    }

    @Test(arguments: exchanges + publishing + playing)
    func commandIsAnswered(exchange: Exchange) throws {
        var server = TestServer(try Self.busySession())
        let (actions, said) = try server.feed(wire(exchange.command, on: exchange.stream))
        #expect(said == exchange.said)
        #expect(actions == exchange.actions)
    }

    @Test(arguments: exchanges + publishing + playing)
    func commandByteByByteIsAnsweredTheSame(exchange: Exchange) throws {
        var server = TestServer(try Self.busySession())
        var actions: [RTMPServerAction] = []
        var said: [Said] = []
        for byte in wire(exchange.command, on: exchange.stream).readableBytesView {
            let step = try server.feed(ByteBuffer(bytes: [byte]))
            actions += step.actions
            said += step.said
        }
        #expect(said == exchange.said)
        #expect(actions == exchange.actions)
    }

    @Test func secondPlayReplacesTheFirst() throws {
        var server = TestServer(try Self.busySession())
        let three = MessageStreamID(rawValue: 3)
        let actions = try server.feed(wire(.call(.play, 0, .string("next")), on: 3)).actions
        #expect(actions.first == .playEnded(three) && actions.count == 2)
        guard case .playRequested(three, let request)? = actions.last else {
            throw Snapshot.Unexpected(action: "\(actions)")
        }
        #expect(request.stream.path == "live/next")
    }

    @Test func endedTwiceIsSaidOnce() throws {
        var server = TestServer(try Self.busySession())
        let bytes = wire([
            wire(.call(.fcUnpublish, 0, .string("pub?key=k"))), wire(.call(.closeStream, 0), on: 2),
            wire(.call(.deleteStream, 0, .number(2))), wire(.call(.deleteStream, 0, .number(2))),
        ])
        #expect(try server.feed(bytes).actions == [.publishEnded(.two)])
    }

    @Test func deletedNumberIsGivenAgain() throws {
        var server = TestServer(try Self.busySession())
        let bytes = wire([
            wire(.call(.deleteStream, 0, .number(1))), wire(.call(.createStream, 7)), wire(.call(.createStream, 8)),
        ])
        #expect(try server.feed(bytes).said == [.result(7, .number(1)), .result(8, .number(4))])
    }
}
