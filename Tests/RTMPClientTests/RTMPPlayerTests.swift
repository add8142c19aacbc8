import ClientTesting
import FLV
import NIOCore
import RTMP
import RTMPClient
import Testing

@Suite("A player and a server", .timeLimit(.minutes(3)))
struct RTMPPlayerTests {
    static func tags(_ count: UInt32, bytes: Int) -> [FLVTag] {
        (0..<count).map { picture($0 * 40, bytes: bytes) }
    }

    @Test func tagsArriveAndTheSequenceEndsWithTheStream() async throws {
        let tags = Self.tags(100, bytes: 5000)
        let server = try await RTMPTestServer.start(.accepts(playing: tags))
        let player = try await RTMPPlayer.connect(to: server.url())
        var played: [FLVTag] = []
        for try await tag in player where tag.type == .video { played.append(tag) }
        #expect(played == tags)
        await player.close()
        let ended = try await eventually { server.heard.first { $0.isEnded } }
        #expect(ended != nil)
        try await server.stop()
    }

    @Test func slowReaderHoldsNoMoreThanItsBound() async throws {
        let tags = Self.tags(400, bytes: 50_000)
        let server = try await RTMPTestServer.start(.accepts(playing: tags))
        let options = RTMPClientOptions(receiveBufferBytesMax: 200_000)
        let player = try await RTMPPlayer.connect(to: server.url(), options: options)
        // It reads until its bound is reached, and not on: then what has come stays the same.
        var received: UInt64 = 0
        _ = try await eventually {
            let now = await player.statistics().bytesReceived
            defer { received = now }
            return now > 200_000 && now == received ? now : nil
        }
        let held = await player.statistics().bytesReceived
        #expect(held < 5_000_000, "\(held)")
        var timestamps: [UInt32] = []
        for try await tag in player where tag.type == .video { timestamps.append(tag.timestamp) }
        #expect(timestamps == tags.map(\.timestamp))
        try await server.stop()
    }

    @Test func refusalIsTold() async throws {
        let server = try await RTMPTestServer.start(.refuses(.playStreamNotFound, "no stream live/show"))
        let error = await #expect(throws: RTMPClientError.self) {
            _ = try await RTMPPlayer.connect(to: server.url())
        }
        #expect(error?.code == .refused(.playStreamNotFound))
        #expect(error?.description.contains("check the stream's name") == true)
        try await server.stop()
    }

    @Test func brokenConnectionThrowsBehindTheLastTag() async throws {
        let server = try await RTMPTestServer.start(.accepts(playing: Self.tags(10, bytes: 100)))
        let proxy = try await FaultyProxy.start(to: server.port)
        let url = RTMPURL(host: "127.0.0.1", port: proxy.port, app: "live", streamName: "show")
        let player = try await RTMPPlayer.connect(to: url, options: .init(playsOnAfterEnd: true))
        var pictures = 0
        let error = await #expect(throws: RTMPClientError.self) {
            for try await tag in player where tag.type == .video {
                pictures += 1
                if pictures == 10 { try await proxy.become(.cut) }
            }
        }
        #expect(pictures == 10)
        #expect(error?.code == .connectionLost)
        try await proxy.stop()
        try await server.stop()
    }

    @Test func cancellingEndsTheIteration() async throws {
        let server = try await RTMPTestServer.start(.accepts())
        let player = try await RTMPPlayer.connect(to: server.url(), options: .init(playsOnAfterEnd: true))
        let reading = Task { for try await _ in player {} }
        reading.cancel()
        await #expect(throws: RTMPClientError.self) { try await reading.value }
        await player.close()
        try await server.stop()
    }
}
