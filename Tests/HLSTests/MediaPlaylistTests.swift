import HLS
import MediaTesting
import NIOCore
import Testing

@Suite("RFC 8216bis, 4.4.3 to 4.4.5: media playlists")
struct MediaPlaylistTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let playlist: MediaPlaylist
        let text: String

        init(_ name: String, _ playlist: MediaPlaylist, _ text: String) {
            testDescription = name
            self.playlist = playlist
            self.text = text
        }
    }

    static let examples = [
        Example(
            "live, MPEG-TS, 4.4.4.1",
            MediaPlaylist(
                targetDurationSeconds: 4, mediaSequence: 2680,
                segments: [
                    MediaSegment(duration: .milliseconds(3967), uri: "a/2680.ts?x=1,2"),
                    MediaSegment(duration: .microseconds(4_000_001), uri: "2681.ts", title: "the, title"),
                ]),
            """
            #EXTM3U
            #EXT-X-VERSION:3
            #EXT-X-TARGETDURATION:4
            #EXT-X-MEDIA-SEQUENCE:2680
            #EXTINF:3.967,
            a/2680.ts?x=1,2
            #EXTINF:4.000001,the, title
            2681.ts

            """),
        Example(
            "ended event with byte ranges, 4.4.3.4, 4.4.3.5 and 4.4.4.2",
            MediaPlaylist(
                targetDurationSeconds: 10, type: .event, start: PlaylistStart(timeOffset: .seconds(-12)),
                segments: [
                    MediaSegment(
                        duration: .seconds(10), uri: "all.ts", byteRange: ByteRange(length: 1000, offset: 0)),
                    MediaSegment(
                        duration: .milliseconds(500), uri: "all.ts", byteRange: ByteRange(length: 20, offset: 1000)),
                ], isEnded: true),
            """
            #EXTM3U
            #EXT-X-VERSION:4
            #EXT-X-TARGETDURATION:10
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-PLAYLIST-TYPE:EVENT
            #EXT-X-START:TIME-OFFSET=-12.0
            #EXT-X-BYTERANGE:1000@0
            #EXTINF:10.0,
            all.ts
            #EXT-X-BYTERANGE:20@1000
            #EXTINF:0.5,
            all.ts
            #EXT-X-ENDLIST

            """),
        Example(
            "discontinuities, maps, gaps and dates, 4.4.4.3 to 4.4.4.7",
            MediaPlaylist(
                targetDurationSeconds: 2, mediaSequence: 7, discontinuitySequence: 1,
                segments: [
                    MediaSegment(
                        duration: .seconds(2), uri: "7.m4s", programDateTime: start,
                        map: MediaInitializationSection(uri: "a.mp4")),
                    MediaSegment(duration: .seconds(2), uri: "8.m4s", map: MediaInitializationSection(uri: "a.mp4")),
                    MediaSegment(
                        duration: .seconds(2), uri: "9.m4s", isDiscontinuity: true,
                        programDateTime: start.advanced(by: .milliseconds(4001)),
                        map: MediaInitializationSection(
                            uri: "b.mp4", byteRange: ByteRange(length: 700, offset: 9)), isGap: true),
                ]),
            """
            #EXTM3U
            #EXT-X-VERSION:6
            #EXT-X-TARGETDURATION:2
            #EXT-X-MEDIA-SEQUENCE:7
            #EXT-X-DISCONTINUITY-SEQUENCE:1
            #EXT-X-MAP:URI="a.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z
            #EXTINF:2.0,
            7.m4s
            #EXTINF:2.0,
            8.m4s
            #EXT-X-DISCONTINUITY
            #EXT-X-MAP:URI="b.mp4",BYTERANGE="700@9"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:04.001Z
            #EXT-X-GAP
            #EXTINF:2.0,
            9.m4s

            """),
        Example(
            "low latency, 4.4.3.7, 4.4.3.8, 4.4.4.9 and 4.4.5",
            lowLatencyPlaylist(segments: 1, openParts: 2).playlist(),
            """
            #EXTM3U
            #EXT-X-VERSION:9
            #EXT-X-TARGETDURATION:4
            #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3.0,HOLD-BACK=12.0,CAN-SKIP-UNTIL=24.0
            #EXT-X-PART-INF:PART-TARGET=1.0
            #EXT-X-MEDIA-SEQUENCE:100
            #EXT-X-DISCONTINUITY-SEQUENCE:3
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-MAP:URI="init.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z
            #EXT-X-PART:DURATION=1.0,URI="100.0.m4s",INDEPENDENT=YES
            #EXT-X-PART:DURATION=1.0,URI="100.1.m4s"
            #EXT-X-PART:DURATION=1.0,URI="100.2.m4s"
            #EXT-X-PART:DURATION=1.0,URI="100.3.m4s"
            #EXTINF:4.0,
            100.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:04.000Z
            #EXT-X-PART:DURATION=1.0,URI="101.0.m4s",INDEPENDENT=YES
            #EXT-X-PART:DURATION=1.0,URI="101.1.m4s"
            #EXT-X-PRELOAD-HINT:TYPE=PART,URI="101.2.m4s"
            #EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=107,LAST-PART=2

            """),
        Example(
            "parts as byte ranges, and gaps, 4.4.4.9 and 4.4.5.3",
            MediaPlaylist(
                targetDurationSeconds: 4, partTarget: .milliseconds(333),
                openSegment: OpenSegment(
                    isDiscontinuity: true,
                    parts: [
                        PartialSegment(
                            duration: .microseconds(333_333), uri: "1.m4s", byteRange: ByteRange(length: 10, offset: 0)),
                        PartialSegment(duration: .milliseconds(300), uri: "gap", isGap: true),
                    ]),
                preloadHints: [
                    PreloadHint(.part, uri: "1.m4s", byteRangeStart: 10),
                    PreloadHint(.map, uri: "i", byteRangeLength: 5),
                ], renditionReports: [RenditionReport(uri: "b.m3u8", lastMediaSequence: 0)]),
            """
            #EXTM3U
            #EXT-X-VERSION:3
            #EXT-X-TARGETDURATION:4
            #EXT-X-PART-INF:PART-TARGET=0.333
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-DISCONTINUITY
            #EXT-X-PART:DURATION=0.333333,URI="1.m4s",BYTERANGE="10@0"
            #EXT-X-PART:DURATION=0.3,URI="gap",GAP=YES
            #EXT-X-PRELOAD-HINT:TYPE=PART,URI="1.m4s",BYTERANGE-START=10
            #EXT-X-PRELOAD-HINT:TYPE=MAP,URI="i",BYTERANGE-LENGTH=5
            #EXT-X-RENDITION-REPORT:URI="b.m3u8",LAST-MSN=0

            """),
        Example(
            "date ranges, and a delta update that removes some, 4.4.5.1 and 4.4.5.2",
            MediaPlaylist(
                targetDurationSeconds: 6,
                serverControl: ServerControl(canSkipUntil: .seconds(36), canSkipDateRanges: true),
                skippedSegments: 12, removedDateRanges: ["one", "two"],
                segments: [MediaSegment(duration: .seconds(6), uri: "12.ts")],
                dateRanges: [
                    DateRange(
                        id: "ad-3", className: "ads", start: start, end: start.advanced(by: .seconds(30)),
                        duration: .seconds(30), plannedDuration: .milliseconds(29_970), isEndOnNext: true,
                        attributes: [
                            DateRange.Attribute("X-TEXT", .text("a,b=c")),
                            DateRange.Attribute("X-NUMBER", .plain("4.5")),
                            DateRange.Attribute("SCTE35-OUT", .plain("0xFC002F")),
                        ])
                ]),
            """
            #EXTM3U
            #EXT-X-VERSION:10
            #EXT-X-TARGETDURATION:6
            #EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=36.0,CAN-SKIP-DATERANGES=YES
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-DATERANGE:ID="ad-3",CLASS="ads",START-DATE="2026-11-21T12:00:00.000Z",\
            END-DATE="2026-11-21T12:00:30.000Z",DURATION=30.0,PLANNED-DURATION=29.97,\
            X-TEXT="a,b=c",X-NUMBER=4.5,SCTE35-OUT=0xFC002F,END-ON-NEXT=YES
            #EXT-X-SKIP:SKIPPED-SEGMENTS=12,RECENTLY-REMOVED-DATERANGES="one\ttwo"
            #EXTINF:6.0,
            12.ts

            """),
    ]

    @Test(arguments: examples)
    func playlistsAreWrittenOut(_ example: Example) {
        #expect(text(example.playlist.text()) == example.text)
    }

    @Test(arguments: examples)
    func whatIsWrittenIsReadAlike(_ example: Example) throws {
        let read = try verifyOneShot(Array(example.text.utf8)) { try MediaPlaylist(parsing: $0) }
        #expect(read == example.playlist)
        #expect(try Playlist(parsing: ByteBuffer(string: example.text)) == .media(example.playlist))
    }

    @Test func aSegmentsTagsAreNotWrittenBeforeItHasAPart() {
        let open = OpenSegment(isDiscontinuity: true, programDateTime: start)
        let playlist = MediaPlaylist(targetDurationSeconds: 4, openSegment: open)
        #expect(!text(playlist.text()).contains("DISCONTINUITY"))
    }

    @Test func quotationMarksAndLineBreaksCannotBreakOut() throws {
        let evil = "a\"\n#EXT-X-ENDLIST\r\n"
        let segment = MediaSegment(
            duration: .seconds(1), uri: evil, title: evil, map: MediaInitializationSection(uri: evil))
        let playlist = MediaPlaylist(targetDurationSeconds: 1, segments: [segment])
        let read = try MediaPlaylist(parsing: playlist.text())
        #expect(!read.isEnded)
        #expect(read.segments.map(\.map?.uri) == ["a#EXT-X-ENDLIST"])
        #expect(read.segments.map(\.title) == ["a\"#EXT-X-ENDLIST"])
    }
}

@Suite("RFC 8216bis, 6.2.5.1 and 6.3.7: delta updates")
struct DeltaUpdateTests {
    private static func deltas(segments: Int, boundary: Duration, isEnded: Bool = false) -> MediaPlaylist {
        var whole = playlist(segments: segments)
        whole.serverControl = ServerControl(canSkipUntil: boundary)
        whole.isEnded = isEnded
        return whole
    }

    @Test(arguments: [
        // Segments of 4 s and a boundary of 24 s: what ends further than 24 s from the end may go.
        (6, 24, 0), (7, 24, 0), (8, 24, 1), (20, 24, 13), (20, 25, 13), (20, 23, 14), (0, 24, 0),
    ])
    func segmentsBeyondTheBoundaryMayBeSkipped(segments: Int, boundary: Int, skippable: Int) {
        #expect(Self.deltas(segments: segments, boundary: .seconds(boundary)).skippableSegments == skippable)
    }

    @Test func nothingIsSkippedWithoutABoundaryOrAfterTheEnd() {
        #expect(playlist(segments: 20).skippableSegments == 0)
        #expect(Self.deltas(segments: 20, boundary: .seconds(24), isEnded: true).skippableSegments == 0)
    }

    @Test func aWholePlaylistAndADeltaUpdateMakeTheNewOne() throws {
        var live = lowLatencyPlaylist(segments: 20, openParts: 1)
        let before = live.playlist()
        live.complete(duration: .seconds(1), uri: "120.m4s")
        live.grow(map: "other.mp4", isDiscontinuity: true)
        live.grow(by: 3, map: "other.mp4")
        live.removeFirst(2)
        let update = try MediaPlaylist(parsing: live.text(isDelta: true))
        #expect(update.skippedSegments == 13)
        let joined = try before.joined(with: update)
        #expect(joined == live.playlist())
        #expect(text(joined.text()) == text(live.text()))
    }

    @Test(arguments: [(10, 5), (9, 3), (14, 2), (4, 1)])
    func anUpdateThatDoesNotFitIsRefused(first: Int, skipped: Int) {
        var update = playlist(segments: 3, from: first)
        update.skippedSegments = skipped
        let error = #expect(throws: HLSError.self) { try playlist(segments: 4, from: 10).joined(with: update) }
        #expect(error?.code == .doesNotFit)
    }

    @Test func anUpdateThatSkipsNothingIsTheNewPlaylist() throws {
        #expect(
            try playlist(segments: 4).joined(with: playlist(segments: 2, from: 90)) == playlist(segments: 2, from: 90))
    }

    @Test func dateRangesAreKeptReplacedAndRemoved() throws {
        var whole = playlist(segments: 8)
        whole.dateRanges = ["a", "b", "c"].map { DateRange(id: $0, start: start) }
        var update = playlist(segments: 4)
        update.skippedSegments = 4
        update.removedDateRanges = ["a"]
        update.dateRanges = [DateRange(id: "c", start: nil, duration: .seconds(1))]
        let joined = try whole.joined(with: update, keepsDateRanges: true)
        #expect(joined.dateRanges.map(\.id) == ["b", "c"])
        #expect(joined.dateRanges.last?.duration == .seconds(1))
        #expect(try whole.joined(with: update).dateRanges.map(\.id) == ["c"])
    }
}
