import Codecs
import FLV
import MediaCore
import MediaTesting
import NIOCore
import Testing

@Suite("StreamHub: publishers come and go")
struct StreamHubPublisherTests {
    @Test func aSecondPublisherIsRefusedAndTheFirstUndisturbed() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var viewer = try LineViewer(hub)
        _ = viewer.read()
        #expect(throws: PublishRefusal.alreadyPublished(by: .first)) { try hub.publish(.second, at: .after(50)) }
        publisher.delta("P2", 80)
        #expect(viewer.read() == ["video delta 80 P2"])
        #expect(hub.snapshot(at: .after(60)).publisher == .first)
    }

    @Test func aCleanEndIsToldAtOnce() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var waiting = try LineViewer(hub)
        var leaving = try LineViewer(hub, .file, .http)
        publisher.end(clean: true)
        #expect(waiting.read().last == "end")
        #expect(leaving.read().last == "end")
        #expect(!waiting.hasEnded)
        #expect(leaving.hasEnded)
        #expect(hub.rejoin(leaving.subscription.log) == nil)
        #expect(!hub.isPublished)
    }

    @Test func afterACleanEndJoinersGetNothingOld() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var stayer = try LineViewer(hub)
        _ = stayer.read()
        publisher.end(clean: true)
        var joiner = try LineViewer(hub)
        var other = try LineViewer(hub, .file)
        #expect(joiner.preamble.isEmpty && other.preamble.isEmpty)
        #expect(joiner.read().isEmpty && other.read().isEmpty)
        let second = try LinePublisher(hub, .second, at: .after(1_040))
        second.videoConfiguration("sps2")
        second.key("K2", 0)
        let expected = ["begin", "video configuration 40 sps2", "video key 1080 K2"]
        #expect(stayer.read() == ["end"] + expected)
        #expect(joiner.read() == expected)
        #expect(other.read() == expected)
    }

    @Test func viewersStayForAPublisherThatBlinks() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var viewer = try LineViewer(hub)
        var file = try LineViewer(hub, .file, .http)
        _ = (viewer.read(), file.read())
        publisher.now = .after(50)
        publisher.end(clean: false)
        #expect(viewer.read().isEmpty)
        #expect(hub.snapshot(at: .after(60)).state == .waitingForReturn)
        hub.sweep(at: .after(15_049))
        let back = try LinePublisher(hub, .second, at: .after(3_000))
        back.metadata("1280x720")
        back.videoConfiguration("sps2")
        back.audioConfiguration("asc")
        back.key("K2", 5)
        back.audio("A2", 5)
        let expected = [
            "data metadata 40 1280x720", "video configuration 40 sps2", "video key 3040 K2", "audio key 3040 A2",
        ]
        #expect(viewer.read() == expected)
        #expect(file.read() == expected)
        #expect(!file.hasEnded)
        var joiner = try LineViewer(hub)
        #expect(
            joiner.preamble == [
                "data metadata 3040 1280x720", "video configuration 3040 sps2", "audio configuration 3040 asc",
            ])
        #expect(joiner.read() == ["video key 3040 K2", "audio key 3040 A2"])
    }

    @Test func aJoinerDuringTheAbsenceSeesTheLastPicture() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.end(clean: false)
        var joiner = try LineViewer(hub)
        #expect(joiner.preamble.count == 3)
        #expect(joiner.read().first == "video key 0 K1")
        #expect(hub.isPublished)
    }

    @Test func anAbsencePastTheGraceEndsTheStream() throws {
        let hub = StreamHub.make { $0.publisherGrace = .seconds(2) }
        let publisher = try LinePublisher(hub)
        publisher.begin()
        var viewer = try LineViewer(hub)
        var file = try LineViewer(hub, .file)
        publisher.end(clean: false)
        hub.sweep(at: .after(1_999))
        #expect(hub.isPublished)
        hub.sweep(at: .after(2_000))
        #expect(!hub.isPublished)
        #expect(viewer.read().last == "end")
        #expect(file.read().last == "end")
        #expect(file.hasEnded)
    }

    @Test func withoutGraceALostConnectionEndsTheStream() throws {
        let hub = StreamHub.make { $0.publisherGrace = .zero }
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.end(clean: false)
        #expect(!hub.isPublished)
    }

    @Test func tracksThatDoNotReturnAreForgotten() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.end(clean: false)
        let back = try LinePublisher(hub, .second, at: .after(1_000))
        back.audioConfiguration("asc")
        for step in 0..<200 {
            back.now = .after(Int64(1_000 + step * 20))
            back.audio("B", UInt32(step * 20))
        }
        let joiner = try LineViewer(hub)
        #expect(joiner.preamble.map { $0.prefix(10) } == ["audio conf"])
    }

    @Test func aLateMessageOfAnEndedPublicationIsDropped() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.end(clean: false)
        let back = try LinePublisher(hub, .second, at: .after(1_000))
        var viewer = try LineViewer(hub)
        _ = viewer.read()
        publisher.delta("late", 80)
        publisher.end(clean: true)
        #expect(viewer.read().isEmpty)
        #expect(back.publication.isLive)
        #expect(!publisher.publication.isLive)
    }

    @Test func aPublicationThatIsLetGoOfCountsAsLost() throws {
        let hub = StreamHub.make()
        do {
            let publisher = try LinePublisher(hub)
            publisher.begin()
        }
        #expect(hub.snapshot(at: .after(100)).state == .waitingForReturn)
    }

    @Test func malformedTagsAreDroppedAndCounted() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        var viewer = try LineViewer(hub)
        publisher.publication.receive(.video, timestamp: 0, body: ByteBuffer(), at: .start)
        publisher.publication.receive(.audio, timestamp: 0, body: ByteBuffer(bytes: [0xAF]), at: .start)
        publisher.key("K", 0)
        #expect(viewer.read() == ["video key 0 K"])
        #expect(hub.snapshot(at: .start).malformedTags == 2)
    }

    @Test func framesOfOtherProtocolsAreTakenUp() throws {
        let hub = StreamHub.make()
        let publication = try hub.publish(.first, at: .start)
        publication.receive(
            MediaFrame(
                kind: .video, role: .key, codec: .avc1, decodeTime: MediaTime(milliseconds: 5_000_000_000),
                payload: ByteBuffer(string: "K")),
            at: .start)
        var viewer = try LineViewer(hub)
        #expect(viewer.read() == ["video key 1000 K"])
    }

    @Test func timestampsThatWrapGoOn() throws {
        let hub = StreamHub.make()
        var viewer = try LineViewer(hub)
        let publisher = try LinePublisher(hub)
        publisher.key("K", 0xFFFF_FFF0)
        publisher.audio("A", 0xFFFF_FFF8)
        publisher.videoConfiguration("sps", 0)
        publisher.audio("B", 15)
        publisher.delta("P", 24)
        #expect(
            viewer.read() == [
                "begin", "video key 1000 K", "audio key 1008 A", "video configuration 1000 sps", "audio key 1031 B",
                "video delta 1040 P",
            ])
        #expect(hub.snapshot(at: .start).timestampWraps == 2)
        #expect(hub.snapshot(at: .start).repairs == TimestampRepair.Counts())
    }

    /// Random clocks, publishers that come and go: no viewer ever sees a track's time run backwards, nor a frame that
    /// its preamble does not fit.
    @Test(arguments: 0..<30)
    func viewersNeverSeeTimeRunBackwards(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let hub = StreamHub.make()
        var publisher = try LinePublisher(hub)
        var viewers = [try LineViewer(hub), try LineViewer(hub, .audioLines), try LineViewer(hub, .file)]
        var last: [[String: Int]] = viewers.map { _ in [:] }
        var clock: UInt32 = 0
        var now: Int64 = 0
        for step in 0..<1_500 {
            now += Int64.random(in: 0...40, using: &random)
            publisher.now = .after(now)
            clock &+= UInt32.random(in: 0...40, using: &random)
            switch Int.random(in: 0..<60, using: &random) {
            case 0: clock = UInt32.random(in: 0...(.max), using: &random)
            case 1: clock &-= UInt32.random(in: 0...30_000, using: &random)
            case 2: now += 12_000
            case 3: publisher.videoConfiguration("sps\(step)", clock)
            case 4: publisher.audioConfiguration("asc\(step)")
            case 5: publisher.metadata("\(step)", clock)
            case 6:
                publisher.end(clean: Bool.random(using: &random))
                publisher = try LinePublisher(hub, at: .after(now))
            case 7: hub.sweep(at: .after(now))
            case 8..<12: publisher.key("K\(step)", clock)
            case 12..<35: publisher.delta("P\(step)", clock)
            default: publisher.audio("A\(step)", clock &+ UInt32.random(in: 0...3_000, using: &random))
            }
            for index in viewers.indices {
                for line in viewers[index].read() {
                    let words = line.split(separator: " ")
                    guard words.count == 4, let time = Int(words[2]) else { continue }
                    #expect(time >= last[index][String(words[0])] ?? 0, "\(line)")
                    last[index][String(words[0])] = time
                }
                if viewers[index].hasEnded { viewers[index] = try LineViewer(hub, .file) }
            }
        }
    }
}
