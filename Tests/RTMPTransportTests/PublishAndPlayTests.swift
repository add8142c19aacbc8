import AMF
import MediaCore
import MediaTesting
import NIOCore
import RTMP
import RTMPTransport
import Testing

@Suite("Publishing and playing over RTMP", .ownThread, .timeLimit(.minutes(2)))
struct PublishAndPlayTests {
    @Test("what is published is played, message by message, by those who came before it and were told")
    func waitingPlayerGetsEverything() async throws {
        let server = try await RTMPServerHarness()
        let players = try (0..<4).map { _ in try server.player("a").start() }
        let publisher = try server.publisher("a").start()
        let sent = Media.headers() + Media.frames(0..<200, count: 3000)
        try publisher.write(sent)
        for player in players {
            #expect(try player.status(.playPublishNotify).isEmpty)
            #expect(try player.media(upTo: 199) == sent)
        }
        try await server.shutDown()
    }

    @Test("a late player gets the headers and the newest group of pictures, then every message")
    func latePlayerBeginsAtKeyframe() async throws {
        let server = try await RTMPServerHarness()
        let publisher = try server.publisher("a").start()
        try publisher.write(Media.headers() + Media.frames(0..<50))
        #expect(try await server.eventually { try server.snapshot("a")?.framesReceived == 50 })
        let player = try server.player("a").start()
        #expect(try player.media(upTo: 49) == Media.headers(at: 800) + Media.frames(0..<50).dropFirst(40))
        let rest = Media.frames(50..<60, startTime: 1000)
        try publisher.write(rest)
        #expect(try player.media(upTo: 59) == rest)
        try await server.shutDown()
    }

    @Test("messages longer than a chunk, and empty ones, arrive whole")
    func longMessages() async throws {
        let server = try await RTMPServerHarness()
        let player = try server.player("a").start()
        let publisher = try server.publisher("a").start()
        let sent = [59_990, 59_991, 60_000, 300_000, 2_000_000].enumerated().map { index, count in
            Media.video(UInt32(index), at: UInt32(index) * 40, key: true, count: count)
        }
        try publisher.write(sent)
        #expect(try player.media(upTo: 4) == sent)
        try await server.shutDown()
    }

    @Test("a second publisher is refused by name, and the first goes on undisturbed")
    func secondPublisherIsRefused() async throws {
        let server = try await RTMPServerHarness()
        let first = try server.publisher("a").start()
        let player = try server.player("a").start()
        let frames = Media.frames(0..<60)
        try first.write(Array(frames[..<30]))
        let second = try server.publisher("a").start()
        #expect(second.rejection?.code == .publishBadName)
        #expect(second.rejection?.description.contains("127.0.0.1:") == true)
        #expect(second.rejection?.description.hasSuffix("publishes it already") == true)
        try first.write(Array(frames[30...]))
        #expect(try player.media(upTo: 59) == frames)
        try await server.shutDown()
    }

    @Test("two plays on one connection are both complete, and their messages do not mix")
    func twoPlaysOnOneConnection() async throws {
        let server = try await RTMPServerHarness()
        let player = try server.player("a").start()
        let publishers = try ["a", "b"].map { try server.publisher($0).start() }
        let first = Media.headers() + Media.frames(0..<20)
        for publisher in publishers { try publisher.write(first) }
        #expect(try player.media(upTo: 19) == first)
        try player.command(.createStream, transaction: 10, [], on: 0)
        while let message = try player.next() {
            if RTMPTestClient.command(in: message)?.transactionID == 10 { break }
        }
        try player.command(.play, [.string("b"), .number(-1000)], on: 2)
        try player.status(.playStart)
        // Less than the lag that is borne: the client reads when all is sent.
        let rest = Media.frames(20..<200, count: 20_000, startTime: 400)
        for medium in rest { for publisher in publishers { try publisher.write([medium]) } }
        var received: [UInt32: [Media]] = [:]
        while received[1]?.last?.sequence != 199 || received[2]?.last?.sequence != 199 {
            guard let message = try player.next() else { break }
            if let medium = Media(message) { received[message.streamID.rawValue, default: []].append(medium) }
        }
        #expect(received[1] == rest)
        #expect(received[2] == Media.headers() + first.dropFirst(3) + rest)
        try await server.shutDown()
    }

    @Test("the time a player sees goes on over a publisher that dies and returns", arguments: [UInt8(0), 1])
    func publisherBlink(variant: UInt8) async throws {
        let server = try await RTMPServerHarness()
        let player = try server.player("a").start()
        let first = try server.publisher("a").start()
        try first.write(Media.headers() + Media.frames(0..<50))
        var received = try player.media(upTo: 49)
        first.socket.reset()
        #expect(try await server.eventually { try server.snapshot("a")?.state == .waitingForReturn })
        let second = try server.publisher("a").start()
        try second.write(Media.headers(variant: variant) + Media.frames(60..<100))
        var statuses: [StatusCode] = []
        while received.last?.sequence != 99, let message = try player.next() {
            if let medium = Media(message) { received.append(medium) }
            if let status = RTMPTestClient.status(of: message) { statuses.append(status.code) }
        }
        #expect(statuses.isEmpty)
        #expect(received.compactMap(\.sequence) == Array(0..<50) + Array(60..<100))
        let times = Media.times(received)
        #expect(times == times.sorted())
        #expect(times.last.map { $0 > 980 + 40 * 20 - 20 && $0 < 13_000 } == true)
        // The same headers are not repeated, others are passed on.
        let headers = received.dropFirst(53).filter { $0.sequence == nil }
        #expect(headers.map(\.payload) == (variant == 0 ? [] : Media.headers(variant: 1).dropLast().map(\.payload)))
        try await server.shutDown()
    }

    @Test("a clean end is told to players, who hear the next publication on the same connection")
    func cleanEnd() async throws {
        let server = try await RTMPServerHarness()
        let player = try server.player("a").start()
        let first = try server.publisher("a").start()
        try first.write(Media.headers() + Media.frames(0..<20))
        try first.stop()
        let before = try player.status(.playUnpublishNotify)
        #expect(before.compactMap(\.sequence) == Array(0..<20))
        let next = try player.next().flatMap(RTMPTestClient.userControl)
        #expect(next == .streamEOF(MessageStreamID(rawValue: 1)))
        let second = try server.publisher("a").start()
        let headers = Media.headers(variant: 3)
        try second.write(headers + Media.frames(20..<40))
        #expect(try player.status(.playPublishNotify).isEmpty)
        let after = try player.media(upTo: 39)
        #expect(after.prefix(3).map(\.payload) == headers.map(\.payload))
        #expect(after.compactMap(\.sequence) == Array(20..<40))
        let times = Media.times(before + after)
        #expect(times == times.sorted())
        try await server.shutDown()
    }

    @Test("when the grace is over, players are told as if the publisher had ended the stream")
    func graceEnds() async throws {
        let server = try await RTMPServerHarness { $0.registry.hub.publisherGrace = .milliseconds(200) }
        let player = try server.player("a").start()
        let publisher = try server.publisher("a").start()
        try publisher.write(Media.frames(0..<10))
        _ = try player.media(upTo: 9)
        publisher.socket.reset()
        #expect(try await server.eventually { try server.snapshot("a")?.state == .waitingForReturn })
        server.registry.sweep(at: .now() + .seconds(1))
        #expect(try player.status(.playUnpublishNotify).isEmpty)
        try await server.shutDown()
    }
}
