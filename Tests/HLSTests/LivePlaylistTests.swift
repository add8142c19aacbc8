import HLS
import NIOCore
import Testing

@Suite("RFC 8216bis, 6.2.2: live playlists")
struct LivePlaylistTests {
    /// Through every kind of change; the text kept and the text written from the value must agree at each.
    @Test func theTextKeptIsThatOfTheValue() throws {
        var live = LivePlaylist(lowLatencyHead)
        for step in 0..<60 {
            let map = "init-\(step / 7).mp4"
            live.grow(by: 2, map: map, isDiscontinuity: step % 7 == 0)
            try Self.check(live)
            live.grow(map: map, isDiscontinuity: step % 7 == 0)
            try Self.check(live)
            if step > 20 { live.removeFirst(step % 3) }
            try Self.check(live)
        }
        live.end()
        try Self.check(live)
    }

    private static func check(_ live: LivePlaylist) throws {
        for window in [nil, Duration.seconds(1), .seconds(40), .seconds(41), .seconds(1000)] {
            let value = live.playlist(window: window)
            #expect(text(live.text(window: window)) == text(value.text()))
            let skipping = value.skippableSegments
            #expect(text(live.text(window: window, isDelta: true)) == text(value.text(skipping: skipping)))
        }
    }

    @Test func sequenceNumbersCountWhatWasRemoved() {
        var live = LivePlaylist(lowLatencyHead)
        for step in 0..<10 { live.grow(isDiscontinuity: step == 0 || step == 4) }
        #expect(live.removeFirst(3).map(\.uri) == ["100.m4s", "101.m4s", "102.m4s"])
        #expect(live.playlist().mediaSequence == 103)
        #expect(live.playlist().discontinuitySequence == 4)
        live.removeFirst(2)
        #expect(live.playlist().mediaSequence == 105)
        #expect(live.playlist().discontinuitySequence == 5)
        #expect(live.nextMediaSequence == 110)
        #expect(live.removeFirst(1000).count == 5)
        #expect(live.mediaSequence == 110)
        #expect(live.duration == .zero)
        live.grow()
        #expect(live.segments.map(\.uri) == ["110.m4s"])
    }

    @Test func windowsCountWhatTheyLeaveOutLikewise() {
        var live = LivePlaylist(lowLatencyHead)
        for step in 0..<10 { live.grow(isDiscontinuity: step == 0 || step == 4) }
        #expect(live.playlist(window: .seconds(24)).mediaSequence == 104)
        #expect(live.playlist(window: .seconds(24)).discontinuitySequence == 4)
        #expect(live.playlist(window: .seconds(20)).discontinuitySequence == 5)
    }

    @Test(arguments: [(0, 12), (12, 12), (13, 16), (20, 20), (39, 40), (40, 40), (41, 40)])
    func aWindowHoldsWhatWasAskedForAndAtLeastThreeTargets(seconds: Int, listed: Int) {
        let live = lowLatencyPlaylist(segments: 10)
        #expect(live.playlist(window: .seconds(seconds)).duration == .seconds(listed))
    }

    @Test func partsAreListedForThreeTargetDurations() {
        let live = lowLatencyPlaylist(segments: 10, openParts: 1)
        #expect(live.playlist().segments.map(\.parts.count) == [0, 0, 0, 0, 0, 0, 0, 4, 4, 4])
    }

    @Test func theFirstSegmentListedNamesItsMap() throws {
        var live = LivePlaylist(lowLatencyHead)
        for step in 0..<20 { live.grow(map: step < 5 ? "a.mp4" : "b.mp4") }
        for removed in 0..<20 {
            let read = try MediaPlaylist(parsing: live.text())
            #expect(read.segments.first?.map?.uri == (removed < 5 ? "a.mp4" : "b.mp4"))
            #expect(text(live.text()).components("#EXT-X-MAP").count == (removed < 5 ? 3 : 2))
            live.removeFirst()
        }
    }

    @Test func theEndTakesTheUnfinishedSegmentAway() throws {
        var live = lowLatencyPlaylist(segments: 4, openParts: 2)
        live.end()
        let read = try MediaPlaylist(parsing: live.text())
        #expect(read.isEnded)
        #expect(read.openSegment == nil)
        #expect(read.preloadHints.isEmpty)
        #expect(text(live.text(isDelta: true)) == text(live.text()))
    }

    @Test func aSegmentWithoutABeginningHasTheLastOnesMap() {
        var live = lowLatencyPlaylist(segments: 1)
        live.complete(duration: .seconds(2), uri: "plain.m4s")
        #expect(live.segments.last?.map?.uri == "init.mp4")
        #expect(live.duration == .seconds(6))
    }

    @Test func theVersionStaysWhenWhatNeededItIsGone() throws {
        var live = LivePlaylist(MediaPlaylist(targetDurationSeconds: 4))
        live.append(MediaSegment(duration: .seconds(4), uri: "0", map: MediaInitializationSection(uri: "i")))
        live.append(MediaSegment(duration: .seconds(4), uri: "1"))
        live.removeFirst()
        #expect(text(live.text()).contains("#EXT-X-VERSION:6\n"))
    }
}

extension String {
    /// What is between the separators.
    fileprivate func components(_ separator: String) -> [Substring] {
        var result: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            result.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return result + [rest]
    }
}
