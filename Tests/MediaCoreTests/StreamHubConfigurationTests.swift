import Codecs
import FLV
import MediaCore
import NIOCore
import Testing

@Suite("StreamHub: metadata and configurations")
struct StreamHubConfigurationTests {
    @Test func repeatedHeadersAreNotSentAgain() throws {
        let hub = StreamHub.make()
        var viewer = try LineViewer(hub)
        let publisher = try LinePublisher(hub)
        publisher.begin()
        _ = viewer.read()
        publisher.metadata("640x360", 80, setDataFrame: false)
        publisher.videoConfiguration("sps", 80)
        publisher.audioConfiguration("asc", 80)
        publisher.delta("P2", 80)
        #expect(viewer.read() == ["video delta 80 P2"])
    }

    @Test func changedMetadataIsSentAndKept() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var viewer = try LineViewer(hub)
        _ = viewer.read()
        publisher.metadata("1280x720", 60)
        #expect(viewer.read() == ["data metadata 60 1280x720"])
        var joiner = try LineViewer(hub)
        #expect(joiner.preamble.first == "data metadata 0 1280x720")
        #expect(joiner.read().first == "video key 0 K1")
    }

    @Test func aJoinerNeverGetsFramesOfAnOlderConfiguration() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var viewer = try LineViewer(hub)
        _ = viewer.read()
        publisher.videoConfiguration("sps2", 80)
        #expect(viewer.read() == ["video configuration 40 sps2"])
        var joiner = try LineViewer(hub)
        #expect(joiner.preamble.contains("video configuration 40 sps2"))
        #expect(joiner.read() == ["video configuration 40 sps2"])
        var first = try LineViewer(hub, .file)
        #expect(first.read().isEmpty)
        publisher.key("K2", 80)
        for var each in [viewer, joiner, first] { #expect(each.read() == ["video key 80 K2"]) }
    }

    @Test func configurationsThatChangeTogetherAreBegunWithTogether() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        _ = try LineViewer(hub)
        _ = try LineViewer(hub, .audioLines)
        publisher.audio("A2", 60)
        publisher.videoConfiguration("sps2", 80)
        publisher.audioConfiguration("asc2", 80)
        var joiner = try LineViewer(hub)
        #expect(joiner.read() == ["video configuration 40 sps2", "audio configuration 60 asc2"])
        var listener = try LineViewer(hub, .audioLines)
        #expect(listener.read() == ["audio configuration 60 asc2"])
    }

    @Test func aLateFirstConfigurationKeepsTheKeyframe() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.videoConfiguration("sps")
        publisher.key("K1", 0)
        _ = try LineViewer(hub)
        publisher.audioConfiguration("asc", 0)
        publisher.audio("A1", 10)
        var joiner = try LineViewer(hub)
        #expect(joiner.preamble == ["video configuration 0 sps", "audio configuration 0 asc"])
        #expect(joiner.read() == ["video key 0 K1", "audio configuration 0 asc", "audio key 10 A1"])
    }

    @Test func anotherCodecWithoutConfigurationDropsTheOldOne() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.send(.audio, 60, [0x2F], "mp3")
        let joiner = try LineViewer(hub)
        #expect(joiner.preamble == ["data metadata 0 640x360", "video configuration 0 sps"])
    }

    @Test func seekCommandsDropNothing() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.send(.video, 60, [0x57], "")
        publisher.send(.video, 60, [0x57, 0], "")
        let joiner = try LineViewer(hub)
        #expect(joiner.preamble.contains("video configuration 0 sps"))
    }

    @Test func unknownCodecsPassThrough() throws {
        let hub = StreamHub.make()
        var viewer = try LineViewer(hub)
        let publisher = try LinePublisher(hub)
        publisher.send(.video, 0, [0x12], "h263")
        publisher.send(.video, 40, [0x91] + Array("????".utf8), "new codec")
        publisher.send(.video, 80, [0xAE] + Array("hvc1".utf8), "new packet type")
        #expect(
            viewer.read() == [
                "begin", "video key 0 h263", "video key 40 new codec", "video delta 80 new packet type",
            ])
    }

    @Test func headersPastTheBoundReachViewersButNotJoiners() throws {
        let hub = StreamHub.make()
        var viewer = try LineViewer(hub)
        let publisher = try LinePublisher(hub)
        publisher.videoConfiguration(String(repeating: "s", count: 512 << 10))
        publisher.audioConfiguration("asc")
        #expect(viewer.read().map(\.count) == [5, (512 << 10) + 22, 25])
        #expect(try LineViewer(hub).preamble.map { $0.prefix(9) } == ["video con"])
        publisher.videoConfiguration("sps")
        publisher.audioConfiguration("asc")
        publisher.videoConfiguration(String(repeating: "s", count: (512 << 10) - 2))
        #expect(viewer.read().count == 3)
        #expect(try LineViewer(hub).preamble == ["video configuration 0 sps", "audio configuration 0 asc"])
    }

    @Test func joinersHearEveryTrackOfAMultitrackTag() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        func send(_ kind: VideoPacketKind, _ payloads: [String]) {
            let packets = payloads.enumerated().map { track, payload in
                VideoPacket(kind: kind, track: UInt8(track), codec: .hvc1, payload: ByteBuffer(string: payload))
            }
            var body = ByteBuffer()
            VideoTag(frameType: .key, legacyCodecID: nil, packets: packets).write(into: &body)
            publisher.publication.receive(.video, timestamp: 0, body: body, at: publisher.now)
        }
        send(.sequenceStart, ["sps0", "sps1"])
        send(.codedFrames, ["K0", "K1"])
        var joiner = try LineViewer(hub)
        #expect(joiner.preamble == ["video configuration 0 sps0", "video#1 configuration 0 sps1"])
        #expect(joiner.read() == ["video key 0 K0"])
        send(.sequenceStart, ["sps0", "sps2"])
        #expect(joiner.read() == ["video configuration 0 sps0"])
        #expect(try LineViewer(hub).preamble == ["video configuration 0 sps0", "video#1 configuration 0 sps2"])
    }
}
