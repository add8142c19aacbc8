import AMF
import NIOCore
import RTMP
import Testing

@Suite("Server session: media of publications")
struct ServerMediaTests {
    static let frame = ByteBuffer(bytes: (0..<300).map { UInt8(truncatingIfNeeded: $0) })

    static func video(on stream: UInt32, _ timestamp: UInt32 = 40) -> ByteBuffer {
        wire(.video, frame, on: stream, timestamp: timestamp, chunkStream: .video)
    }

    static func message(on stream: UInt32, _ timestamp: UInt32 = 40) -> RTMPServerAction {
        let id = MessageStreamID(rawValue: stream)
        return .media(id, RTMPMessage(typeID: .video, streamID: id, timestamp: timestamp, payload: frame))
    }

    /// The opening of a publication on stream 1, and the first frame sent without waiting for the answer.
    static let eager = wire([
        wire(.call(.createStream, 1)), wire(.call(.publish, 2, .string("cam")), on: 1), video(on: 1),
    ])

    @Test func mediaSentAheadOfTheAnswerIsHeldAndKept() throws {
        var server = TestServer(try Snapshot.connected(), TestServer.answerNothing)
        #expect(try server.feed(Self.eager).actions.count == 1)
        #expect(server.session.isHoldingBack)
        #expect(try server.feed(Self.video(on: 1, 80)).actions.isEmpty)
        server.session.acceptPublish(.one)
        #expect(try server.drain().actions == [Self.message(on: 1), Self.message(on: 1, 80)])
    }

    @Test func mediaOfARejectedPublicationIsDropped() throws {
        var server = TestServer(try Snapshot.connected(), TestServer.answerNothing)
        _ = try server.feed(Self.eager)
        server.session.rejectPublish(.one, code: .publishBadName, description: "taken")
        let (actions, said) = try server.drain()
        #expect(actions.isEmpty && said == [.status(.publishBadName, "taken", on: 1)])
        #expect(server.session.mediaMessagesDropped == 1)
        // The client may ask again on the same stream.
        #expect(try server.feed(wire(.call(.publish, 3, .string("cam2")), on: 1)).actions.count == 1)
    }

    @Test func answerToAnotherQuestionDoesNothing() throws {
        var server = TestServer(try Snapshot.connected(), TestServer.answerNothing)
        _ = try server.feed(Self.eager)
        server.session.acceptPublish(.two)
        server.session.acceptPlay(.one)
        server.session.rejectPlay(.one, description: "")
        server.session.acceptConnect()
        #expect(try server.drain().said.isEmpty && server.session.isHoldingBack)
    }

    @Test func mediaAfterAKickIsDropped() throws {
        var server = TestServer(try Snapshot.connected())
        _ = try server.feed(Self.eager)
        server.session.endPublish(.one, code: .publishIdle, description: "silent")
        server.session.endPublish(.one, code: .publishIdle, description: "again")
        let (actions, said) = try server.feed(Self.video(on: 1))
        #expect(actions.isEmpty && said == [.status(.publishIdle, "silent", on: 1)])
    }

    @Test func streamsOfOneConnectionAreKeptApart() throws {
        var server = TestServer(try ServerCommandTests.busySession())
        let actions = try server.feed(wire((0...4).map { Self.video(on: $0) })).actions
        #expect(actions == [Self.message(on: 2)])
        #expect(server.session.mediaMessagesDropped == 4)
    }

    @Test func dataInAMF3ArrivesAsAMF0() throws {
        var server = TestServer(try ServerCommandTests.busySession())
        let values = payload(.string("onMetaData"), .object(["width": .number(640)]))
        var bytes = ByteBuffer(bytes: [0])
        bytes.writeImmutableBuffer(values)
        let actions = try server.feed(wire(.dataAMF3, bytes, on: 2)).actions
        let message = RTMPMessage(typeID: .dataAMF0, streamID: .two, timestamp: 0, payload: values)
        #expect(actions == [.media(.two, message)])
    }

    @Test func aggregateIsTakenApartAndOnlyMediaIsTaken() throws {
        var server = TestServer(try ServerCommandTests.busySession())
        var bytes = ByteBuffer()
        for (type, time): (UInt8, UInt32) in [(8, 1000), (9, 1010), (20, 1010), (18, 1020)] {
            bytes.writeInteger(type)
            bytes.writeBytes([0, 0, 3, UInt8(time >> 16), UInt8(time >> 8 & 0xFF), UInt8(time & 0xFF), 0, 0, 0, 0])
            bytes.writeBytes([type, 2, 3])
            bytes.writeInteger(UInt32(14))
        }
        let actions = try server.feed(wire(.aggregate, bytes, on: 2, timestamp: 40)).actions
        let media = actions.compactMap { action -> RTMPMessage? in
            if case .media(.two, let message) = action { message } else { nil }
        }
        #expect(actions.count == 3)
        #expect(media.map(\.typeID) == [.audio, .video, .dataAMF0])
        #expect(media.map(\.timestamp) == [40, 50, 60])
        #expect(try server.feed(wire(.aggregate, bytes, on: 1)).actions.isEmpty)
    }

    @Test func bufferLengthReachesTheApplicationBeforeAndWhilePlaying() throws {
        var server = TestServer(try Snapshot.connected())
        let bytes = wire([
            wire(.call(.createStream, 1)), wire(.setBufferLength(.one, milliseconds: 300)),
            wire(.call(.play, 2, .string("cam")), on: 1), wire(.setBufferLength(.one, milliseconds: 500)),
            wire(.setBufferLength(.two, milliseconds: 1)),
        ])
        let actions = try server.feed(bytes).actions
        guard case .playRequested(_, let request)? = actions.first else {
            throw Snapshot.Unexpected(action: "\(actions)")
        }
        #expect(request.bufferLengthMilliseconds == 300)
        #expect(actions.dropFirst() == [.playControl(.one, .bufferLength(milliseconds: 500))])
    }

    @Test func endOfAPlayIsToldInOrderAndOnce() throws {
        var server = TestServer(try ServerCommandTests.busySession())
        let three = MessageStreamID(rawValue: 3)
        server.session.endPlay(three, code: .playUnpublishNotify, description: "gone")
        server.session.endPlay(three, description: "again")
        #expect(
            try server.drain().said == [.event(.streamEOF(three)), .status(.playUnpublishNotify, "gone", on: 3)])
        #expect(try server.feed(wire(.call(.closeStream, 0), on: 3)).actions.isEmpty)
    }

    @Test func rejectedPlayMayAskAgain() throws {
        var server = TestServer(try Snapshot.connected(), TestServer.answerNothing)
        let play = wire(.call(.play, 2, .string("cam")), on: 1)
        _ = try server.feed(wire([wire(.call(.createStream, 1)), play]))
        server.session.rejectPlay(.one, description: "no such stream")
        #expect(try server.drain().said == [.status(.playStreamNotFound, "no such stream", on: 1)])
        #expect(try server.feed(play).actions.count == 1)
    }

    /// The payload of a frame that came whole is a slice of the bytes received.
    @Test func mediaIsNotCopied() throws {
        var server = TestServer(try ServerCommandTests.busySession())
        _ = try server.feed(wire(.setChunkSize(60_000)))
        let bytes = wire(.video, Self.frame, on: 2, chunkStream: .video, chunkSize: 60_000)
        let address = bytes.withUnsafeReadableBytes { $0.baseAddress }
        guard case .media(_, let message)? = try server.feed(bytes).actions.first else {
            throw Snapshot.Unexpected(action: "none")
        }
        #expect(message.payload.withUnsafeReadableBytes { $0.baseAddress } == address?.advanced(by: 12))
    }
}
