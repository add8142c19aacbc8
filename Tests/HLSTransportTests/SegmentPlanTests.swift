import Codecs
import HLS
import HLSTransport
import HTTPTypes
import ISOBMFF
import MediaCore
import NIOCore
import Testing

@Suite("RFC 8216bis, 4.4.3.1 and 4.4.4.1: where segments end")
struct SegmentPlanTests {
    /// A stream of a minute after its playlist was asked for in the tenth second.
    private func cutter(
        keyframeEvery: Double, rate: Double = 30, segment: TimeAmount = .seconds(4), shownAfter: Double = 0
    ) throws -> Cutter {
        let cutter = try Cutter {
            $0.segmentDuration = segment
            $0.start = .publish
        }
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.send(Frames.stream(0, 40_000, rate: rate, keyframeEvery: keyframeEvery, shownAfter: shownAfter))
        _ = try cutter.playlist()
        cutter.send(Frames.stream(40_000, 70_000, rate: rate, keyframeEvery: keyframeEvery, shownAfter: shownAfter))
        return cutter
    }

    struct Case: Sendable, CustomStringConvertible {
        var keyframeEvery: Double
        var wanted: TimeAmount
        var target: Int
        /// Of segments that are not among the first.
        var lengths: ClosedRange<Double>
        var isIndependent = true
        var description: String {
            "keyframes every \(keyframeEvery) ms, \(wanted.nanoseconds / 1_000_000_000) s wanted"
        }
    }

    @Test(
        "segments end at the keyframe nearest to the wanted length, and no one is longer than the target duration",
        arguments: [
            Case(keyframeEvery: 2000, wanted: .seconds(4), target: 4, lengths: 3990...4010),
            Case(keyframeEvery: 1000, wanted: .seconds(4), target: 4, lengths: 3990...4010),
            Case(keyframeEvery: 3000, wanted: .seconds(4), target: 4, lengths: 2990...3010),
            Case(keyframeEvery: 2500, wanted: .seconds(4), target: 5, lengths: 4990...5010),
            Case(keyframeEvery: 500, wanted: .seconds(1), target: 1, lengths: 990...1010),
            Case(keyframeEvery: 8000, wanted: .seconds(4), target: 8, lengths: 7990...8010),
            Case(
                keyframeEvery: 20_000, wanted: .seconds(4), target: 12, lengths: 7000...12_400, isIndependent: false),
        ])
    func segmentsEndAtKeyframes(_ item: Case) throws {
        let playlist = try cutter(keyframeEvery: item.keyframeEvery, segment: item.wanted).playlist("video.m3u8?dvr=60")
        #expect(playlist.targetDurationSeconds == item.target)
        #expect(playlist.hasIndependentSegments == item.isIndependent)
        for segment in playlist.segments {
            #expect(segment.duration.milliseconds / 1000 < Double(item.target) + 0.5)
        }
        for segment in playlist.segments.suffix(4) {
            #expect(item.lengths.contains(segment.duration.milliseconds), "\(segment.duration)")
        }
    }

    @Test("a segment lasts what its samples last, and begins where the one before ended", arguments: [0.0, 66])
    func segmentsAreWhole(shownAfter: Double) throws {
        let cutter = try cutter(keyframeEvery: 2000, shownAfter: shownAfter)
        for file in ["video.m3u8", "audio.m3u8"] {
            var end: UInt64?
            for segment in try cutter.playlist(file).segments {
                let fragments = try cutter.fragments(segment.uri, segment.map)
                let timescale = file == "video.m3u8" ? 90_000.0 : 48_000
                let ticks = fragments.reduce(0) { $0 + $1.duration }
                #expect(abs(segment.duration.milliseconds - Double(ticks) * 1000 / timescale) < 0.01)
                for fragment in fragments {
                    if let end { #expect(fragment.baseDecodeTime == end) }
                    end = fragment.baseDecodeTime + fragment.duration
                }
                let first = try #require(fragments.first?.samples.first)
                #expect(first.flags.isSync)
                // FFmpeg shows pictures with negative offsets too late.
                #expect(first.compositionOffset == (file == "video.m3u8" ? Int32(shownAfter * 90) : 0))
            }
        }
    }

    @Test func soundIsCutWherePicturesAre() throws {
        let cutter = try cutter(keyframeEvery: 2000)
        let (video, audio) = (try cutter.playlist(), try cutter.playlist("audio.m3u8"))
        #expect(video.mediaSequence == audio.mediaSequence)
        #expect(video.targetDurationSeconds == audio.targetDurationSeconds)
        for (picture, sound) in zip(video.segments, audio.segments) {
            let dates = (try #require(picture.programDateTime), try #require(sound.programDateTime))
            #expect(dates.0 == dates.1)
            #expect(abs(picture.duration.milliseconds - sound.duration.milliseconds) < 44)
        }
    }

    @Test func datesAreThoseOfTheServerAndAgreeWithTheDurations() throws {
        let cutter = try Cutter { $0.start = .publish }
        try cutter.publish(Frames.h264, Frames.aac)
        var frames = Frames.stream(0, 60_000)
        var late: Int64 = 0
        while !frames.isEmpty {
            // The network's jitter.
            late = (late * 7 + 13) % 40
            cutter.send(Array(frames.prefix(5)), late: late)
            frames.removeFirst(min(5, frames.count))
        }
        let segments = try cutter.playlist("video.m3u8?dvr=50").segments
        for (segment, next) in zip(segments, segments.dropFirst()) {
            let (date, nextDate) = (try #require(segment.programDateTime), try #require(next.programDateTime))
            let apart = Double(nextDate.unixMilliseconds - date.unixMilliseconds)
            #expect(abs(apart - segment.duration.milliseconds) <= 10)
        }
        let first = try #require(segments.first?.programDateTime).unixMilliseconds
        let fragment = try #require(try cutter.fragments(segments[0].uri, segments[0].map).first)
        let sent = (Cutter.date + cutter.zero) / 1_000_000 + Int64(fragment.baseDecodeTime / 90)
        #expect((-2...40).contains(first - sent))
    }

    @Test func soundAloneIsCutByItself() throws {
        let cutter = try Cutter { $0.start = .publish }
        try cutter.publish(Frames.aac)
        cutter.send(Frames.stream(0, 30_000, keyframeEvery: nil))
        let playlist = try cutter.playlist("audio.m3u8")
        #expect(playlist.targetDurationSeconds == 4)
        #expect(playlist.segments.suffix(3).allSatisfy { $0.duration.milliseconds > 3900 })
        #expect(try cutter.multivariant().variants.map(\.codecs) == [["mp4a.40.2"]])
        #expect(try cutter.get("/live/x/video.m3u8").status == .notFound)
    }

    @Test func aPictureThatStaysIsHeldUntilTheSegmentsEnd() throws {
        let cutter = try Cutter { $0.start = .publish }
        try cutter.publish(Frames.h264)
        cutter.send(Frames.stream(0, 12_000, hasSound: false))
        _ = try cutter.playlist()
        // A screen on which nothing happens for seven seconds.
        cutter.send(Frames.stream(19_000, 30_000, hasSound: false))
        let segments = try cutter.playlist("video.m3u8?dvr=60").segments
        #expect(segments.allSatisfy { $0.duration.milliseconds < 4500 })
        let whole = segments.reduce(0) { $0 + $1.duration.milliseconds }
        #expect(whole > 26_000)
    }

    @Test func soundThatStopsLeavesGaps() throws {
        let cutter = try Cutter { $0.start = .publish }
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.send(Frames.stream(0, 12_000))
        _ = try cutter.playlist()
        cutter.send(Frames.stream(12_000, 40_000, hasSound: false))
        let audio = try cutter.playlist("audio.m3u8")
        #expect(audio.segments.last?.isGap == true)
        let video = try cutter.playlist()
        #expect(abs(audio.mediaSequence + audio.segments.count - video.mediaSequence - video.segments.count) <= 1)
    }
}
