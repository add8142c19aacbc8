import AMF
import MediaCore
import NIOCore
import RTMP
import RTMPTransport
import Testing

/// Specification: RTMP 1.0, 7.2.2.3 to 7.2.2.8.
@Suite("What players ask for while they play", .ownThread, .timeLimit(.minutes(2)))
struct PlayControlTests {
    /// A stream with a player that has seen all of its first 50 messages.
    private struct Scene {
        let server: RTMPServerHarness
        let publisher: RTMPTestClient
        let player: RTMPTestClient
        let seen: [Media]

        init() async throws {
            server = try await RTMPServerHarness()
            player = try server.player("a").start()
            publisher = try server.publisher("a").start()
            try publisher.write(Media.headers() + Media.frames(0..<50))
            seen = try player.media(upTo: 49)
        }

        /// Messages 50 and on, at the times that follow.
        func publish(_ numbers: Range<UInt32>) throws {
            try publisher.write(Media.frames(numbers, startTime: numbers.lowerBound * 20))
        }

        /// Asks something harmless, and collects the media up to the answer: the player hears nothing later.
        func mediaUpToNow() throws -> [Media] {
            try player.command(.getStreamLength, transaction: 77, [.string("a")], on: 0)
            var media: [Media] = []
            while let message = try player.next() {
                if let medium = Media(message) { media.append(medium) }
                if RTMPTestClient.command(in: message)?.transactionID == 77 { break }
            }
            return media
        }

        /// The answer to a player that changes what it wants may be under way before the player has joined again.
        func waitForPlayer() async throws -> Bool {
            try await server.eventually { try server.snapshot("a")?.viewers.isEmpty == false }
        }

        func waitForFrames(_ count: Int) async throws -> Bool {
            try await server.eventually { try server.snapshot("a")?.framesReceived == count }
        }
    }

    @Test("a paused player gets nothing; when it goes on, at a keyframe, time has not run backwards")
    func pause() async throws {
        let scene = try await Scene()
        try scene.player.command(.pause, [.boolean(true), .number(980)])
        #expect(try scene.player.status(.pauseNotify).isEmpty)
        try scene.publish(50..<110)
        #expect(try await scene.waitForFrames(110))
        #expect(try scene.mediaUpToNow().isEmpty)
        try scene.player.command(.pause, [.boolean(false), .number(980)])
        #expect(try scene.player.status(.unpauseNotify).isEmpty)
        #expect(try await scene.waitForPlayer())
        try scene.publish(110..<150)
        let after = try scene.player.media(upTo: 149)
        #expect(after.compactMap(\.sequence) == Array(100..<150))
        #expect(after.first { $0.sequence != nil }?.isKeyframe == true)
        let times = Media.times(scene.seen + after)
        #expect(times == times.sorted())
        try await scene.server.shutDown()
    }

    @Test("a player that goes on at once gets nothing twice")
    func shortPause() async throws {
        let scene = try await Scene()
        try scene.player.command(.pause, [.boolean(true), .number(980)])
        try scene.player.command(.pause, [.boolean(false), .number(980)])
        #expect(try scene.player.status(.unpauseNotify).isEmpty)
        #expect(try scene.mediaUpToNow().compactMap(\.sequence).isEmpty)
        #expect(try await scene.waitForPlayer())
        try scene.publish(50..<70)
        let after = try scene.player.media(upTo: 69)
        #expect(after.compactMap(\.sequence) == Array(50..<70))
        let times = Media.times(scene.seen + after)
        #expect(times == times.sorted())
        try await scene.server.shutDown()
    }

    @Test(
        "what a player does not want is not sent, until it wants it again",
        arguments: [(CommandName.receiveAudio, MessageTypeID.audio), (.receiveVideo, .video)])
    func receive(command: CommandName, unwanted: MessageTypeID) async throws {
        let scene = try await Scene()
        try scene.player.command(command, [.boolean(false)])
        let until = try scene.mediaUpToNow()
        #expect(try await scene.waitForPlayer())
        try scene.publish(50..<101)
        #expect(try await scene.waitForFrames(101))
        let without = try scene.mediaUpToNow()
        #expect(!without.contains { $0.typeID == unwanted })
        let expected = (UInt32(50)..<101).filter { ($0 % 2 == 0) == (unwanted == .audio) }
        #expect(without.compactMap(\.sequence) == expected)
        try scene.player.command(command, [.boolean(true)])
        try scene.player.status(.playStart)
        let after = try scene.mediaUpToNow()
        try scene.publish(101..<141)
        let rest = try scene.player.media(upTo: 140)
        #expect(rest.contains { $0.typeID == unwanted })
        let times = Media.times(scene.seen + until + without + after + rest)
        #expect(times == times.sorted())
        try await scene.server.shutDown()
    }

    @Test("deleteStream and closeStream end a play at once", arguments: [CommandName.deleteStream, .closeStream])
    func deleteStream(command: CommandName) async throws {
        let scene = try await Scene()
        try scene.player.command(command, command == .deleteStream ? [.number(1)] : [])
        #expect(try scene.mediaUpToNow().isEmpty)
        #expect(try scene.server.snapshot("a")?.viewers.isEmpty == true)
        try scene.publish(50..<100)
        #expect(try await scene.waitForFrames(100))
        #expect(try scene.mediaUpToNow().isEmpty)
        try await scene.server.shutDown()
    }

    @Test("a seek is answered: a live stream has no other place")
    func seek() async throws {
        let scene = try await Scene()
        try scene.player.command(.seek, [.number(0)])
        #expect(try scene.player.status(.seekFailed).isEmpty)
        try scene.publish(50..<60)
        #expect(try scene.player.media(upTo: 59).compactMap(\.sequence) == Array(50..<60))
        try await scene.server.shutDown()
    }

    @Test("a second play on the same message stream replaces the first")
    func secondPlay() async throws {
        let scene = try await Scene()
        let other = try scene.server.publisher("b").start()
        try other.write(Media.headers(variant: 9) + Media.frames(1000..<1020))
        #expect(try await scene.server.eventually { try scene.server.snapshot("b")?.framesReceived == 20 })
        try scene.player.command(.play, [.string("b"), .number(-1000)])
        try scene.player.status(.playStart)
        try scene.publish(50..<60)
        let media = try scene.player.media(upTo: 1019)
        #expect(media.compactMap(\.sequence) == Array(1000..<1020))
        #expect(try scene.server.snapshot("a")?.viewers.isEmpty == true)
        try await scene.server.shutDown()
    }

    @Test("publishing and playing on one connection")
    func publishAndPlay() async throws {
        let server = try await RTMPServerHarness()
        let client = try server.publisher("a").start()
        try client.command(.createStream, transaction: 10, [], on: 0)
        try client.command(.play, [.string("a")], on: 2)
        try client.status(.playStart)
        let sent = Media.headers() + Media.frames(0..<50)
        try client.write(sent)
        #expect(try client.media(upTo: 49, on: 2) == sent)
        try await server.shutDown()
    }
}
