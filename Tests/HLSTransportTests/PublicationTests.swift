import Codecs
import HLS
import HLSTransport
import HTTPTypes
import ISOBMFF
import MediaCore
import NIOCore
import Testing

@Suite("RFC 8216bis, 4.4.4.3 and 6.2: streams that begin, return and end")
struct PublicationTests {
    private func live(_ change: (inout HLSConfiguration) -> Void = { $0.start = .publish }) throws -> Cutter {
        let cutter = try Cutter("live/x", change)
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.send(Frames.stream(0, 20_000))
        return cutter
    }

    @Test func theFirstRequestWaitsForThreeSegmentsOfAGroupOfPicturesEach() async throws {
        let cutter = try live { _ in }
        let multivariant = try cutter.wait("/live/x.m3u8")
        #expect(cutter.service.streamCount == 1)
        cutter.send(Frames.stream(20_000, 26_000))
        cutter.send(Frames.stream(26_000, 26_100))
        let playlist = try MultivariantPlaylist(parsing: try await multivariant.get().body)
        let variant = try #require(playlist.variants.first)
        #expect(variant.uri == "x/video.m3u8")
        #expect(variant.codecs == ["avc1.64001F", "mp4a.40.2"])
        #expect(variant.resolution == Variant.Resolution(width: 1280, height: 720))
        #expect(variant.frameRate.map { abs($0 - 30) < 1 } == true)
        #expect(playlist.renditions.map(\.uri) == ["x/audio.m3u8"])
        #expect(playlist.renditions.map(\.channels) == ["2"])
        let segments = try cutter.playlist().segments
        #expect(segments.map { ($0.duration.milliseconds / 100).rounded() } == [20, 20, 20])
        // It began with the group of pictures that was under way.
        let first = try #require(try cutter.fragments(segments[0].uri, segments[0].map).first)
        #expect(first.baseDecodeTime == 18_000 * 90)
    }

    @Test func nobodyAsksAndNothingIsCutAnyMore() throws {
        let cutter = try live { _ in }
        _ = try cutter.answer("/live/x.m3u8")
        cutter.send(Frames.stream(20_000, 30_000))
        _ = try cutter.playlist()
        #expect(cutter.service.bytesInMemory > 0)
        cutter.pass(seconds: 30)
        #expect(cutter.service.streamCount == 1)
        cutter.pass(seconds: 2)
        #expect(cutter.service.streamCount == 0)
        #expect(cutter.service.bytesInMemory == 0)
        #expect(cutter.registry.stream(named: cutter.name)?.isWatched == false)
    }

    @Test func aReturnWithAnotherPictureIsADiscontinuityWithAMapOfItsOwn() throws {
        let cutter = try live()
        let before = try cutter.playlist()
        cutter.end(clean: false)
        let interrupted = try cutter.playlist()
        #expect(!interrupted.isEnded)
        #expect(interrupted.openSegment == nil)
        cutter.pass(seconds: 3)
        try cutter.publish(Frames.otherH264, Frames.aac)
        cutter.zero = Int64(cutter.now.uptimeNanoseconds)
        cutter.send(Frames.stream(0, 12_000))
        for file in ["video.m3u8", "audio.m3u8"] {
            let after = try cutter.playlist("\(file)?dvr=60")
            let marked = after.segments.filter(\.isDiscontinuity)
            #expect(marked.count == 1)
            #expect(after.discontinuitySequence == before.discontinuitySequence)
            let index = try #require(after.segments.firstIndex { $0.isDiscontinuity })
            #expect(after.segments[index].map != after.segments[index - 1].map)
            #expect(try cutter.fragments(after.segments[index].uri, after.segments[index].map).isEmpty == false)
        }
        let resolution = try cutter.multivariant().variants.first?.resolution
        #expect(resolution != Variant.Resolution(width: 1280, height: 720))
        #expect(String(buffer: try cutter.get("/live/x.mpd").body).components("<Period ") == 2)
    }

    @Test func discontinuitiesThatHaveLeftAreCounted() throws {
        let cutter = try live()
        let before = try cutter.playlist().discontinuitySequence
        cutter.end(clean: false)
        cutter.pass(seconds: 1)
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.zero = Int64(cutter.now.uptimeNanoseconds)
        cutter.send(Frames.stream(0, 60_000))
        let after = try cutter.playlist()
        #expect(after.segments.allSatisfy { !$0.isDiscontinuity })
        #expect(after.discontinuitySequence == before + 1)
        #expect(try cutter.playlist("audio.m3u8").discontinuitySequence == before + 1)
    }

    @Test func anotherConfigurationInTheMiddleIsADiscontinuityToo() throws {
        let cutter = try live()
        cutter.configure(Frames.otherH264)
        cutter.send(Frames.stream(20_000, 30_000))
        let playlist = try cutter.playlist("video.m3u8?dvr=60")
        #expect(playlist.segments.filter(\.isDiscontinuity).count == 1)
        #expect(try cutter.playlist("audio.m3u8?dvr=60").segments.filter(\.isDiscontinuity).count == 1)
    }

    @Test func soundConfiguredAnewWaitsForTheNextKeyframe() throws {
        let cutter = try live()
        cutter.configure(Frames.otherAAC)
        cutter.send(Frames.stream(20_100, 30_000))
        let audio = try cutter.playlist("audio.m3u8?dvr=60")
        let index = try #require(audio.segments.firstIndex { $0.isDiscontinuity })
        #expect(audio.segments[index].map != audio.segments[0].map)
        #expect(try cutter.multivariant().variants.first?.codecs == ["avc1.64001F", "mp4a.40.2"])
    }

    @Test func soundThatComesLaterIsTakenUp() throws {
        let cutter = try Cutter { $0.start = .publish }
        try cutter.publish(Frames.h264)
        cutter.send(Frames.stream(0, 10_000, hasSound: false))
        #expect(try cutter.multivariant().renditions.isEmpty)
        cutter.configure(Frames.aac)
        cutter.send(Frames.stream(10_000, 30_000))
        #expect(try cutter.multivariant().renditions.count == 1)
        let (video, audio) = (try cutter.playlist(), try cutter.playlist("audio.m3u8"))
        #expect(video.mediaSequence + video.segments.count == audio.mediaSequence + audio.segments.count)
    }

    @Test func theEndIsSaidAndStaysForAWhileAndThenIsGone() async throws {
        let cutter = try live()
        let edge = try cutter.playlist()
        let reload = try cutter.wait("/live/x/video.m3u8?_HLS_msn=\(edge.mediaSequence + edge.segments.count)")
        cutter.end()
        #expect(try MediaPlaylist(parsing: try await reload.get().body).isEnded)
        let ended = try cutter.playlist()
        #expect(ended.isEnded)
        #expect(ended.preloadHints.isEmpty)
        #expect(try cutter.playlist("audio.m3u8").isEnded)
        let segment = try #require(ended.segments.last)
        #expect(try cutter.get("/live/x/\(segment.uri)").status == .ok)
        cutter.pass(seconds: 20)
        #expect(try cutter.playlist().isEnded)
        cutter.pass(seconds: 20)
        #expect(try cutter.get("/live/x/video.m3u8").status == .gone)
        #expect(try cutter.get("/live/x.m3u8").status == .gone)
        #expect(try cutter.get("/live/x/\(segment.uri)").status == .gone)
        #expect(cutter.service.streamCount == 0)
    }

    @Test func theEndIsSaidToThoseWhoComeOnlyThen() throws {
        let cutter = try live()
        cutter.end()
        #expect(try cutter.playlist().isEnded)
        #expect(try cutter.playlist("audio.m3u8").isEnded)
    }

    @Test func aStreamThatNeverWasIsNotFound() throws {
        let cutter = try Cutter()
        #expect(try cutter.get("/live/x.m3u8").status == .notFound)
        #expect(try cutter.get("/live/x/video.m3u8").status == .notFound)
        #expect(try cutter.get("/live/x/video1-abc.m4s").status == .notFound)
    }

    @Test func numbersAndNamesGoOnInTheNextPublication() throws {
        let cutter = try live()
        let before = try cutter.playlist()
        let names = Set(before.segments.map(\.uri))
        cutter.end()
        cutter.pass(seconds: 2)
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.zero = Int64(cutter.now.uptimeNanoseconds)
        cutter.send(Frames.stream(0, 12_000))
        let after = try cutter.playlist()
        #expect(!after.isEnded)
        #expect(after.mediaSequence >= before.mediaSequence + before.segments.count)
        #expect(after.discontinuitySequence > before.discontinuitySequence)
        #expect(names.isDisjoint(with: after.segments.map(\.uri)))
        // What the earlier publication had is gone, and is told apart from what never was.
        let name = try #require(names.first)
        #expect(try cutter.get("/live/x/\(name)").status == .gone)
    }

    @Test func numbersAndNamesGoOnAfterARestartOfTheServer() throws {
        let first = try live()
        let before = try first.playlist()
        // A minute later by the clock on the wall, with nothing remembered.
        let second = try Cutter(date: Cutter.date + 60_000_000_000) { $0.start = .publish }
        try second.publish(Frames.h264, Frames.aac)
        second.send(Frames.stream(0, 12_000))
        let after = try second.playlist()
        #expect(after.mediaSequence > before.mediaSequence + before.segments.count)
        #expect(Set(before.segments.map(\.uri)).isDisjoint(with: after.segments.map(\.uri)))
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(_ text: String) -> Int {
        var (count, rest) = (0, self[...])
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
