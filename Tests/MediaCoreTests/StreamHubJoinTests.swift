import MediaCore
import NIOCore
import Testing

@Suite("StreamHub: where viewers begin")
struct StreamHubJoinTests {
    @Test func aLateJoinerGetsHeadersAndThenTheLastKeyframe() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.key("K2", 2_000)
        publisher.audio("A2", 2_010)
        publisher.delta("P2", 2_040)
        var viewer = try LineViewer(hub)
        #expect(
            viewer.preamble == [
                "data metadata 2000 640x360", "video configuration 2000 sps", "audio configuration 2000 asc",
            ])
        #expect(viewer.read() == ["video key 2000 K2", "audio key 2010 A2", "video delta 2040 P2"])
        publisher.delta("P3", 2_080)
        #expect(viewer.read() == ["video delta 2080 P3"])
    }

    @Test func theFirstViewerOfEachFormatBeginsAtTheKeyframeToo() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var first = try LineViewer(hub)
        var other = try LineViewer(hub, .file, .http)
        let expected = ["video key 0 K1", "audio key 10 A1", "video delta 40 P1"]
        #expect(first.read() == expected)
        #expect(other.read() == expected)
        #expect(other.preamble.count == 3)
    }

    @Test func viewersOfOneFormatShareALog() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        let first = try LineViewer(hub)
        publisher.key("K2", 2_000)
        var second = try LineViewer(hub)
        #expect(first.subscription.log === second.subscription.log)
        #expect(second.read() == ["video key 2000 K2"])
    }

    @Test func playBeforePublishWaitsAndThenGetsEverythingInBand() throws {
        let hub = StreamHub.make()
        var viewer = try LineViewer(hub)
        #expect(viewer.preamble.isEmpty)
        #expect(viewer.read().isEmpty)
        let publisher = try LinePublisher(hub)
        publisher.begin()
        #expect(
            viewer.read() == [
                "begin", "data metadata 0 640x360", "video configuration 0 sps", "audio configuration 0 asc",
                "video key 0 K1", "audio key 10 A1", "video delta 40 P1",
            ])
    }

    @Test func anAudioOnlyStreamBeginsAtOnce() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.audioConfiguration("asc")
        for step in 0..<10 { publisher.audio("A\(step)", UInt32(step * 20)) }
        var first = try LineViewer(hub)
        #expect(first.preamble == ["audio configuration 180 asc"])
        #expect(first.read().isEmpty)
        publisher.audio("B", 200)
        #expect(first.read() == ["audio key 200 B"])
        publisher.audio("C", 220)
        var second = try LineViewer(hub)
        #expect(second.read() == ["audio key 220 C"])
    }

    @Test func aVideoOnlyStreamBeginsAtItsKeyframe() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.videoConfiguration("sps")
        publisher.key("K1", 0)
        publisher.delta("P1", 40)
        var viewer = try LineViewer(hub)
        #expect(viewer.preamble == ["video configuration 0 sps"])
        #expect(viewer.read() == ["video key 0 K1", "video delta 40 P1"])
    }

    @Test func selectionsLeaveOutTheOtherKind() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var audio = try LineViewer(hub, .audioLines)
        var video = try LineViewer(hub, .videoLines)
        publisher.audio("A2", 60)
        publisher.delta("P2", 80)
        #expect(audio.preamble == ["data metadata 40 640x360", "audio configuration 40 asc"])
        #expect(audio.read() == ["audio key 60 A2"])
        #expect(video.preamble == ["data metadata 0 640x360", "video configuration 0 sps"])
        #expect(video.read() == ["video key 0 K1", "video delta 40 P1", "video delta 80 P2"])
        var later = try LineViewer(hub, .audioLines)
        #expect(later.read() == ["audio key 60 A2"])
    }

    @Test func withoutKeyframesJoinersBeginAtTheLiveEdge() throws {
        let hub = StreamHub.make {
            $0.log.bytesMax = 64 << 10; $0.log.segmentBytes = 4 << 10
        }
        let publisher = try LinePublisher(hub)
        publisher.videoConfiguration("sps")
        var first = try LineViewer(hub)
        let picture = String(repeating: "p", count: 1_000)
        for step in 0..<1_000 { publisher.delta(picture, UInt32(step * 40)) }
        #expect(first.subscription.log.bytesHeld <= (64 << 10) + (8 << 10))
        var viewer = try LineViewer(hub)
        #expect(viewer.preamble == ["video configuration 39960 sps"])
        #expect(viewer.read().isEmpty)
        publisher.delta("now", 40_000)
        #expect(viewer.read() == ["video delta 40000 now"])
        _ = first.read()
    }

    @Test func audioBeforeVideoIsNoPlaceToBeginOnceThereIsVideo() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        _ = try LineViewer(hub)
        publisher.audio("A1", 0)
        publisher.delta("P1", 20)
        publisher.audio("A2", 30)
        var viewer = try LineViewer(hub)
        #expect(viewer.read().isEmpty)
    }

    @Test func whenVideoHasStoppedJoinersBeginWithTheAudio() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        _ = try LineViewer(hub)
        for step in 1...600 {
            publisher.now = .after(Int64(step * 20))
            publisher.audio("B\(step)", UInt32(step * 20))
        }
        var viewer = try LineViewer(hub)
        #expect(viewer.read() == ["audio key 12000 B600"])
    }

    @Test func aGroupOfPicturesPastTheBoundIsNotKept() throws {
        let hub = StreamHub.make { $0.log.bytesMax = 256 << 10 }
        let publisher = try LinePublisher(hub)
        publisher.begin()
        let picture = String(repeating: "p", count: 10_000)
        for step in 2...40 { publisher.delta(picture, UInt32(step * 40)) }
        var viewer = try LineViewer(hub)
        #expect(viewer.preamble.count == 3)
        #expect(viewer.read().isEmpty)
        publisher.key("K2", 2_000)
        var other = try LineViewer(hub, .file, .http)
        #expect(other.read() == ["video key 2000 K2"])
        #expect(viewer.read() == ["video key 2000 K2"])
    }

    @Test func aGroupOfPicturesLongerThanTheBoundIsNotKept() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        for second in 1...31 {
            publisher.now = .after(Int64(second * 1_000))
            publisher.delta("P", UInt32(second * 1_000))
        }
        var viewer = try LineViewer(hub)
        #expect(viewer.read().isEmpty)
    }

    @Test func aViewerThatFellBehindGoesOnWhereAJoinerBegins() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        let viewer = try LineViewer(hub)
        publisher.key("K2", 2_000)
        let place = try #require(hub.rejoin(viewer.subscription.log))
        let joiner = try LineViewer(hub)
        #expect(place.cursor == joiner.cursor)
        #expect(place.preamble == joiner.subscription.preamble)
        #expect(hub.rejoin(BroadcastLog()) == nil)
    }

    @Test func framesOfLargeReadBuffersAreNotHeldByThem() throws {
        let registry = StreamRegistry()
        let publication = try registry.publish(.test, by: .first, at: .start)
        let publisher = LinePublisher(publication, at: .start)
        publisher.begin()
        for step in 1...1_000 { publisher.audio("A", UInt32(step * 20)) }
        #expect(registry.cacheBytes == 64 << 10)
        publisher.end(clean: true)
        #expect(registry.cacheBytes == 0)
    }

    @Test func theMemoryOfAllCachesIsBounded() throws {
        var configuration = StreamRegistry.Configuration()
        configuration.cacheBytesMax = 128 << 10
        let registry = StreamRegistry(configuration: configuration)
        var publishers: [LinePublisher] = []
        for number in 0..<3 {
            let name = try StreamName(path: "live/\(number)")
            publishers.append(LinePublisher(try registry.publish(name, by: .first, at: .start), at: .start))
            publishers[number].begin()
        }
        #expect(registry.cacheBytes == 128 << 10)
        var last = try LineViewer(publishers[2].publication.hub)
        #expect(last.read().isEmpty)
        publishers[0].end(clean: true)
        publishers[2].key("K2", 2_000)
        var other = try LineViewer(publishers[2].publication.hub, .file)
        #expect(other.read() == ["video key 2000 K2"])
    }
}
