import ClientTesting
import Codecs
import FLV
import MediaFiles
import NIOConcurrencyHelpers
import NIOCore
import RTMP
import PlainText
import RTMPClient
import SluiceProbe
import StreamInspection
import Testing

@Suite("A stream that is listened to", .timeLimit(.minutes(3)))
struct LiveProbeTests {
    /// Two groups of five pictures, the first of which is cut off at its front.
    static let tags: [FLVTag] = {
        guard var track = TrackTags(codec: .vp09) else { return [] }
        return (0..<8).map { index in
            let payload = ByteBuffer(repeating: 0x86, count: 100)
            return track.mediaTag(payload, timestamp: UInt32(index) * 40, isKeyframe: index % 5 == 3)
        }
    }()

    @Test func framesJoinAndWireAreTold() async throws {
        let server = try await RTMPTestServer.start(.accepts(playing: Self.tags))
        let said = NIOLockedValueBox<[String]>([])
        var options = RTMPClientOptions()
        options.onWire = { events, _ in said.withLockedValue { $0 += events.map(\.words) } }
        let listening = LiveListening(start: .now())
        #expect(listening.progress(at: .now(), of: 5).hasSuffix("of 5 s: connecting"))
        try await RTMPProbe.listen(to: server.url("show?key=s3cret"), options: options, listening)
        try await server.stop()
        let (report, join) = listening.result
        let video = try #require(report.video)
        #expect(video.sampleCount == 8 && video.keyframes == 1 && video.bytes == 800)
        let times = [join.connected, join.firstByte, join.firstFrame, join.firstKeyframe].compactMap { $0 }
        #expect(times.count == 4 && times == times.sorted())
        #expect(join.line.hasPrefix("Join  connected ") && !join.line.contains("never"))
        #expect(report.findings.contains { $0.rule.name == "first-picture-no-keyframe" })
        #expect(listening.progress(at: .now(), of: 5).hasSuffix("8 frames, 800 bytes"))
        let words = said.withLockedValue { $0 }
        #expect(words.prefix(2).first == "version 3" && words.contains { $0.hasPrefix("connect(1, ") })
        #expect(words.contains { $0.contains("show?key=…") } && !words.contains { $0.contains("s3cret") })
        #expect(words.contains { $0.contains("VP9 keyframe") })
    }

    @Test func refusalIsToldWithTheAddress() async throws {
        let server = try await RTMPTestServer.start(.refuses(.playStreamNotFound, "no stream live/show"))
        let listening = LiveListening(start: .now())
        let error = await #expect(throws: ProbeError.self) {
            try await RTMPProbe.listen(to: server.url(), options: .init(), listening)
        }
        #expect(error?.description.hasPrefix("rtmp://127.0.0.1:\(server.port)/live/show: refused: ") == true)
        #expect(listening.result.join == JoinTimes())
        #expect(JoinTimes().document.text.hasPrefix(#"{"connected":null,"#))
        try await server.stop()
    }
}
