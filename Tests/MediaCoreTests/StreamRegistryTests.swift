import Codecs
import MediaCore
import NIOCore
import Synchronization
import Testing

@Suite("Stream names")
struct StreamNameTests {
    @Test(arguments: [
        ("live/test", "live", "test"), ("live/a/b", "live", "a/b"), ("直播/房间", "直播", "房间"), ("a/b.c..d", "a", "b.c..d"),
    ])
    func namesAreDividedAtTheFirstSlash(path: String, application: String, stream: String) throws {
        let name = try StreamName(path: path)
        #expect(name.application == application)
        #expect(name.stream == stream)
        #expect(name.description == path)
    }

    @Test(
        arguments: [
            ("", .emptyPart), ("live", .emptyPart), ("/test", .emptyPart), ("live/", .emptyPart),
            ("live//a", .emptyPart),
            ("live/..", .relativePart), ("../live", .relativePart), ("live/./a", .relativePart),
            ("live/a\n", .unsafeCharacter), ("live/\u{0}", .unsafeCharacter), ("live/a\\b", .unsafeCharacter),
            ("live/\u{7F}", .unsafeCharacter), ("live/\u{85}", .unsafeCharacter), ("live/\u{202E}a", .unsafeCharacter),
            ("live/\u{FFFD}", .unsafeCharacter), ("live/\r\n", .unsafeCharacter),
        ] as [(String, StreamName.Flaw)])
    func unsafeNamesAreRefused(path: String, flaw: StreamName.Flaw) {
        #expect(throws: flaw) { try StreamName(path: path) }
    }

    @Test func lengthIsLimited() throws {
        let longest = "live/" + String(repeating: "a", count: StreamName.bytesMax - 5)
        #expect(try StreamName(path: longest).description == longest)
        #expect(throws: StreamName.Flaw.tooLong) { try StreamName(path: longest + "a") }
    }

    @Test func equalTextIsEqual() throws {
        let (one, other) = (try StreamName(application: "a/b", stream: "c"), try StreamName(path: "a/b/c"))
        #expect(one == other)
        #expect(Set([one, other]).count == 1)
    }
}

@Suite("StreamRegistry")
struct StreamRegistryTests {
    private func registry(_ change: (inout StreamRegistry.Configuration) -> Void = { _ in }) -> StreamRegistry {
        var configuration = StreamRegistry.Configuration()
        change(&configuration)
        return StreamRegistry(configuration: configuration)
    }

    private func name(_ number: Int) throws -> StreamName { try StreamName(path: "live/\(number)") }

    @Test func streamsComeWithPublishersAndGoWithThem() throws {
        let registry = registry()
        let publication = try registry.publish(.test, by: .first, at: .start)
        #expect(registry.stream(named: .test) === publication.hub)
        registry.sweep(at: .start)
        #expect(registry.count == 1)
        publication.end(clean: true, at: .after(10))
        registry.sweep(at: .after(20))
        #expect(registry.count == 0)
    }

    @Test func streamsComeWithWaitingViewersAndGoWithThem() throws {
        let registry = registry()
        let viewer = try registry.subscribe(.test, format: .lines, viewer: .rtmp, waits: true)
        registry.sweep(at: .start)
        #expect(registry.snapshot(at: .start).map(\.state) == [.waitingForPublisher])
        viewer.seat.leave()
        viewer.seat.leave()
        registry.sweep(at: .after(10))
        #expect(registry.count == 0)
    }

    @Test func viewersThatDoNotWaitNeedAPublisher() throws {
        let registry = registry()
        #expect(throws: SubscribeRefusal.noSuchStream) {
            try registry.subscribe(.test, format: .lines, viewer: .http, waits: false)
        }
        #expect(registry.count == 0)
        let publisher = LinePublisher(try registry.publish(.test, by: .first, at: .start), at: .start)
        publisher.begin()
        _ = try registry.subscribe(.test, format: .lines, viewer: .http, waits: false)
        publisher.end(clean: false)
        _ = try registry.subscribe(.test, format: .lines, viewer: .http, waits: false)
        registry.sweep(at: .after(15_000))
        #expect(throws: SubscribeRefusal.noSuchStream) {
            try registry.subscribe(.test, format: .lines, viewer: .http, waits: false)
        }
    }

    @Test func aPublisherMeetsTheViewersThatWait() throws {
        let registry = registry()
        var viewer = LineViewer(try registry.subscribe(.test, format: .lines, viewer: .rtmp, waits: true))
        let publisher = LinePublisher(try registry.publish(.test, by: .first, at: .start), at: .start)
        publisher.key("K", 0)
        #expect(viewer.read() == ["begin", "video key 0 K"])
    }

    @Test func publishedStreamsAreLimited() throws {
        let registry = registry { $0.streamsMax = 2 }
        let first = try registry.publish(name(1), by: .first, at: .start)
        let second = try registry.publish(name(2), by: .first, at: .start)
        #expect(throws: PublishRefusal.tooManyStreams(limit: 2)) {
            try registry.publish(name(3), by: .first, at: .start)
        }
        let waiting = try registry.subscribe(name(3), format: .lines, viewer: .rtmp, waits: true)
        #expect(throws: PublishRefusal.tooManyStreams(limit: 2)) {
            try registry.publish(name(3), by: .first, at: .start)
        }
        first.end(clean: true, at: .after(10))
        let third = try registry.publish(name(3), by: .first, at: .after(20))
        #expect(second.isLive && third.isLive)
        waiting.seat.leave()
    }

    @Test func waitedForStreamsAreLimitedApart() throws {
        let registry = registry { $0.waitingStreamsMax = 2 }
        let viewers = try (1...2).map { try registry.subscribe(name($0), format: .lines, viewer: .rtmp, waits: true) }
        #expect(throws: SubscribeRefusal.tooManyStreams(limit: 2)) {
            try registry.subscribe(name(3), format: .lines, viewer: .rtmp, waits: true)
        }
        _ = try registry.subscribe(name(2), format: .lines, viewer: .rtmp, waits: true)
        let publication = try registry.publish(name(3), by: .first, at: .start)
        _ = try registry.subscribe(name(3), format: .lines, viewer: .rtmp, waits: true)
        viewers[0].seat.leave()
        // The place of the stream that nobody waits for any more is free at once.
        let fourth = try registry.subscribe(name(4), format: .lines, viewer: .rtmp, waits: true)
        #expect(registry.stream(named: try name(1)) == nil)
        #expect(publication.isLive)
        fourth.seat.leave()
    }

    @Test func aViewerThatIsLetGoOfHasLeft() throws {
        let registry = registry()
        _ = try registry.subscribe(.test, format: .lines, viewer: .rtmp, waits: true)
        registry.sweep(at: .start)
        #expect(registry.count == 0)
    }

    @Test func formatsNobodyWatchesAreLetGoOf() throws {
        let registry = registry()
        let publisher = LinePublisher(try registry.publish(.test, by: .first, at: .start), at: .start)
        publisher.begin()
        let viewer = LineViewer(try registry.subscribe(.test, format: .lines, viewer: .rtmp, waits: true))
        let log = viewer.subscription.log
        viewer.subscription.seat.leave()
        registry.sweep(at: .after(1_000))
        registry.sweep(at: .after(5_999))
        #expect(publisher.publication.hub.rejoin(log) != nil)
        registry.sweep(at: .after(6_000))
        #expect(publisher.publication.hub.rejoin(log) == nil)
        let head = log.head
        publisher.key("K2", 2_000)
        #expect(log.head == head)
        var again = LineViewer(try registry.subscribe(.test, format: .lines, viewer: .rtmp, waits: true))
        #expect(again.read() == ["video key 2000 K2"])
    }

    /// For the thread sanitizer, mostly.
    @Test func threadsMayMeetInOneStream() async throws {
        let registry = registry()
        let seen = await withTaskGroup(of: Int.self) { group in
            group.addTask {
                var refusals = 0
                for round in 0..<40 {
                    do {
                        let publication = try registry.publish(.test, by: .first, at: .start)
                        let publisher = LinePublisher(publication, at: .after(Int64(round) * 100))
                        publisher.begin()
                        for step in 2..<50 { publisher.delta("P", UInt32(step * 40)) }
                        publisher.end(clean: round % 3 == 0)
                    } catch { refusals += 1 }
                }
                return -refusals
            }
            for _ in 0..<4 {
                group.addTask {
                    var count = 0
                    for round in 0..<200 {
                        guard
                            let subscription = try? registry.subscribe(
                                .test, format: round % 2 == 0 ? .lines : .file, viewer: .rtmp, waits: true)
                        else { return -1 }
                        var viewer = LineViewer(subscription)
                        count += viewer.read().count
                        registry.sweep(at: .after(Int64(round)))
                        _ = registry.snapshot(at: .after(Int64(round)))
                        subscription.seat.leave()
                    }
                    return count
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(seen.allSatisfy { $0 >= 0 })
        registry.sweep(at: .after(60_000))
        #expect(registry.count == 0)
    }

    @Test func tenThousandComeAndGo() throws {
        let registry = registry()
        for number in 0..<10_000 {
            let publication = try registry.publish(name(number % 7), by: .first, at: .start)
            let viewer = try registry.subscribe(name(number % 7), format: .lines, viewer: .rtmp, waits: true)
            LinePublisher(publication, at: .start).key("K", 0)
            publication.end(clean: true, at: .start)
            viewer.seat.leave()
        }
        registry.sweep(at: .start)
        #expect(registry.count == 0)
        #expect(registry.cacheBytes == 0)
    }
}

@Suite("StreamSnapshot")
struct StreamSnapshotTests {
    @Test func aLiveStreamIsDescribed() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        for picture in 2...200 {
            publisher.now = .after(Int64(picture * 40))
            let text = String(repeating: "p", count: 500)
            if picture % 50 == 0 { publisher.key(text, UInt32(picture * 40)) }
            if picture % 50 != 0 { publisher.delta(text, UInt32(picture * 40)) }
        }
        let viewers = [try LineViewer(hub), try LineViewer(hub), try LineViewer(hub, .file, .http)]
        viewers[0].subscription.counters.jumps.wrappingAdd(3, ordering: .relaxed)
        let snapshot = hub.snapshot(at: .after(8_000))
        #expect(snapshot.name == .test)
        #expect(snapshot.state == .live)
        #expect(snapshot.publisher == .first)
        #expect(snapshot.uptime == .seconds(8))
        #expect(snapshot.tracks.map(\.kind) == [.video, .audio])
        #expect(snapshot.tracks.map(\.codec) == [.avc1, .mp4a])
        #expect(snapshot.tracks[0].frames == 201)
        #expect(snapshot.tracks[0].frameRate == 25)
        #expect(snapshot.tracks[0].bitrate == 25 * 500 * 8)
        #expect(snapshot.groupOfPictures?.frames == 50)
        #expect(snapshot.groupOfPictures?.duration == MediaTime(milliseconds: 2_000))
        #expect(snapshot.framesReceived == 202)
        #expect(snapshot.viewers == ["rtmp": 2, "http-flv": 1])
        #expect(snapshot.viewerCounts.jumps == 3)
        #expect(snapshot.metadata != nil)
        viewers[0].subscription.seat.leave()
        #expect(hub.snapshot(at: .after(8_000)).viewers == ["rtmp": 1, "http-flv": 1])
    }

    @Test func aStreamThatNobodyPublishesHasNoTracks() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        publisher.end(clean: true)
        let snapshot = hub.snapshot(at: .after(100))
        #expect(snapshot.state == .waitingForPublisher)
        #expect(snapshot.publisher == nil && snapshot.uptime == nil && snapshot.groupOfPictures == nil)
        #expect(snapshot.tracks.isEmpty)
    }

    @Test func ratesAreUnknownInTheFirstSecond() throws {
        let hub = StreamHub.make()
        let publisher = try LinePublisher(hub)
        publisher.begin()
        #expect(hub.snapshot(at: .after(900)).tracks.map(\.frameRate) == [nil, nil])
    }
}
