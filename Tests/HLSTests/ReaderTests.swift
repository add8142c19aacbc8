import HLS
import MediaTesting
import NIOCore
import Testing

@Suite("RFC 8216bis, 4: playlists of strangers")
struct ReaderTests {
    private static func media(_ lines: String...) throws(HLSError) -> MediaPlaylist {
        let text = (["#EXTM3U", "#EXT-X-TARGETDURATION:4"] + lines).joined(separator: "\n")
        return try MediaPlaylist(parsing: ByteBuffer(string: text))
    }

    @Test func whatStrangersWriteIsRead() throws {
        let text = """
            #EXTM3U \r
            # a comment\r
            #EXT-X-TARGETDURATION: 6\r
            \r
            #EXT-X-UNKNOWN:whatever,"\r
            #EXT-X-ALLOW-CACHE:NO\r
            #EXT-X-KEY:METHOD=NONE\r
            #EXT-X-MAP:URI="i.mp4", BYTERANGE="5@1" \r
            #EXT-X-PLAYLIST-TYPE:FUTURE\r
            #EXT-X-BYTERANGE:10@7\r
            #EXTINF:6\r
            a\r
            #EXT-X-BYTERANGE:5\r
            #EXTINF:5.,x\r
            a\r
            #EXT-X-PRELOAD-HINT:TYPE=FUTURE,URI="x"\r
            #EXT-X-PART:DURATION=1,URI="p",BYTERANGE="5"\r
            #EXT-X-PART:DURATION=1,URI="p",BYTERANGE="6"
            """
        let playlist = try MediaPlaylist(parsing: ByteBuffer(string: text))
        #expect(playlist.targetDurationSeconds == 6)
        #expect(playlist.segments.map(\.duration) == [.seconds(6), .seconds(5)])
        #expect(playlist.segments.map(\.byteRange?.offset) == [7, 17])
        #expect(playlist.segments.first?.map?.byteRange == ByteRange(length: 5, offset: 1))
        #expect(playlist.openSegment?.parts.map(\.byteRange?.offset) == [0, 5])
        #expect(playlist.preloadHints.isEmpty)
        #expect(playlist.type == nil)
    }

    @Test(
        arguments: [
            ("", .notAPlaylist, 1), ("EXTM3U", .notAPlaylist, 1), ("\u{FEFF}#EXTM3U", .notAPlaylist, 1),
            ("#EXTM3U8", .notAPlaylist, 1), ("#EXTM3U\n", .missing, nil), ("#EXTM3U\na", .missing, 2),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:x", .malformed, 2), ("#EXTM3U\n#EXT-X-TARGETDURATION:-1", .malformed, 2),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:99999999999999999999", .malformed, 2),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-TARGETDURATION:4", .contradictory, 3),
            ("#EXTM3U\n#EXT-X-VERSION:13\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,", .truncated, nil),
            ("#EXTM3U\n#EXT-X-VERSION:14", .unsupported, 2), ("#EXTM3U\n\n#EXT-X-I-FRAMES-ONLY", .unsupported, 3),
            ("#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"", .unsupported, 2),
            ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1", .contradictory, 2),
            ("#EXTM3U\n#EXTINF:1,\na\n#EXT-X-MEDIA-SEQUENCE:1", .contradictory, 4),
            ("#EXTM3U\n#EXTINF:1,\na\n#EXT-X-DISCONTINUITY-SEQUENCE:1", .contradictory, 4),
        ] as [(String, HLSError.Code, Int?)])
    func wrongPlaylistsAreRefusedWithTheirLine(text: String, code: HLSError.Code, line: Int?) {
        let error = #expect(throws: HLSError.self) { try MediaPlaylist(parsing: ByteBuffer(string: text)) }
        #expect(error?.code == code)
        #expect(error?.line == line)
    }

    @Test(
        arguments: [
            ("#EXTINF:x,", .malformed), ("#EXTINF:", .malformed), ("#EXTINF:1.x,", .malformed),
            ("#EXTINF:1000000001,", .malformed), ("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"", .unsupported),
            ("#EXT-X-KEY:", .unsupported), ("#EXT-X-PROGRAM-DATE-TIME:today", .malformed),
            ("#EXT-X-MAP:BYTERANGE=\"1@0\"", .missing), ("#EXT-X-MAP:URI=\"a\",BYTERANGE=\"1\"", .malformed),
            ("#EXT-X-MAP:URI=a", .malformed), ("#EXT-X-MAP:URI=\"a", .malformed), ("#EXT-X-MAP:URI=\"a\"b", .malformed),
            ("#EXT-X-MAP:URI=\"a\",URI=\"b\"", .malformed), ("#EXT-X-MAP:URI", .malformed),
            ("#EXT-X-MAP:=\"a\"", .malformed), ("#EXT-X-MAP:A,URI=\"a\"", .malformed),
            ("#EXT-X-PART:URI=\"a\"", .missing),
            ("#EXT-X-PART:DURATION=1", .missing), ("#EXT-X-PART:DURATION=\"1\",URI=\"a\"", .malformed),
            ("#EXT-X-PART-INF:", .missing), ("#EXT-X-SKIP:", .missing), ("#EXT-X-PRELOAD-HINT:URI=\"a\"", .missing),
            ("#EXT-X-RENDITION-REPORT:URI=\"a\"", .missing), ("#EXT-X-START:PRECISE=YES", .missing),
            ("#EXT-X-DATERANGE:CLASS=\"a\"", .missing), ("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"b\"", .malformed),
            ("#EXT-X-SERVER-CONTROL:HOLD-BACK=a", .malformed), ("#EXT-X-BYTERANGE:5\n#EXTINF:1,\na", .malformed),
            ("#EXT-X-BYTERANGE:5@-1\n#EXTINF:1,\na", .malformed),
        ] as [(String, HLSError.Code)])
    func wrongTagsAreRefused(tag: String, code: HLSError.Code) {
        let error = #expect(throws: HLSError.self) { try Self.media(tag) }
        #expect(error?.code == code)
    }

    @Test func textThatIsNotUTF8IsNoPlaylist() {
        let error = #expect(throws: HLSError.self) { try Playlist(parsing: ByteBuffer(bytes: [0x23, 0xFF])) }
        #expect(error?.code == .notAPlaylist)
    }

    struct Limit: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let limits: HLSLimits
        /// A playlist with that many of the thing.
        let text: @Sendable (Int) -> String
        let most: Int
    }

    static let limits = [
        Limit(
            testDescription: "segments", limits: HLSLimits(segmentsMax: 3),
            text: { String(repeating: "#EXTINF:1,\na\n", count: $0) }, most: 3),
        Limit(
            testDescription: "parts", limits: HLSLimits(partsMax: 3),
            text: { String(repeating: "#EXT-X-PART:DURATION=1,URI=\"a\"\n", count: $0) }, most: 3),
        Limit(
            testDescription: "date ranges", limits: HLSLimits(listedMax: 3),
            text: { String(repeating: "#EXT-X-DATERANGE:ID=\"a\"\n", count: $0) }, most: 3),
        Limit(
            testDescription: "preload hints", limits: HLSLimits(listedMax: 3),
            text: { String(repeating: "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"a\"\n", count: $0) }, most: 3),
        Limit(
            testDescription: "rendition reports", limits: HLSLimits(listedMax: 3),
            text: { String(repeating: "#EXT-X-RENDITION-REPORT:URI=\"a\",LAST-MSN=1\n", count: $0) }, most: 3),
        Limit(
            testDescription: "removed date ranges", limits: HLSLimits(listedMax: 3),
            text: {
                let ids = Array(repeating: "a", count: $0).joined(separator: "\t")
                return "#EXT-X-SKIP:SKIPPED-SEGMENTS=1,RECENTLY-REMOVED-DATERANGES=\"\(ids)\""
            }, most: 3),
        Limit(
            testDescription: "attributes", limits: HLSLimits(attributesMax: 3),
            text: { "#EXT-X-START:TIME-OFFSET=1" + (1..<$0).map { ",A\($0)=1" }.joined() }, most: 3),
        Limit(
            testDescription: "bytes of a line", limits: HLSLimits(lineBytesMax: 40),
            text: { "#" + String(repeating: "x", count: $0 - 1) }, most: 40),
        Limit(
            testDescription: "bytes of a playlist", limits: HLSLimits(playlistBytesMax: 100),
            text: { String(repeating: "\n", count: $0 - 32) }, most: 100),
    ]

    @Test(arguments: limits)
    func limitsHold(_ limit: Limit) throws {
        let head = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
        _ = try MediaPlaylist(parsing: ByteBuffer(string: head + limit.text(limit.most)), limits: limit.limits)
        let error = #expect(throws: HLSError.self) {
            try MediaPlaylist(parsing: ByteBuffer(string: head + limit.text(limit.most + 1)), limits: limit.limits)
        }
        #expect(error?.code == .limitExceeded)
    }
}

@Suite("RFC 8216bis, 4.4.6: multivariant playlists")
struct MultivariantPlaylistTests {
    static let playlist = MultivariantPlaylist(
        hasIndependentSegments: true, start: PlaylistStart(timeOffset: .milliseconds(-4500), isPrecise: true),
        renditions: [
            Rendition(
                .audio, group: "audio", name: "Audio", uri: "x/audio.m3u8", language: "en", isDefault: true,
                isAutoselect: true, channels: "2"),
            Rendition(.closedCaptions, group: "cc", name: "English", instreamID: "CC1"),
        ],
        variants: [
            Variant(
                uri: "x/video.m3u8", bandwidth: 4_200_000, averageBandwidth: 3_900_000,
                codecs: ["avc1.64001F", "mp4a.40.2"], resolution: Variant.Resolution(width: 1280, height: 720),
                frameRate: 29.97, videoRange: "SDR", audioGroup: "audio", subtitlesGroup: "subs"),
            Variant(uri: "x/audio.m3u8", bandwidth: 128_000, codecs: ["mp4a.40.2"]),
            Variant(uri: "y", bandwidth: 1, frameRate: 60.0),
        ])

    static let text = """
        #EXTM3U
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-START:TIME-OFFSET=-4.5,PRECISE=YES
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",LANGUAGE="en",CHANNELS="2",URI="x/audio.m3u8",\
        DEFAULT=YES,AUTOSELECT=YES
        #EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="English",INSTREAM-ID="CC1"
        #EXT-X-STREAM-INF:BANDWIDTH=4200000,AVERAGE-BANDWIDTH=3900000,CODECS="avc1.64001F,mp4a.40.2",\
        RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="audio",SUBTITLES="subs"
        x/video.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=128000,CODECS="mp4a.40.2"
        x/audio.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=1,FRAME-RATE=60.000
        y

        """

    @Test func playlistsAreWrittenOutAndReadAlike() throws {
        #expect(HLSTests.text(Self.playlist.text()) == Self.text)
        let read = try verifyOneShot(Array(Self.text.utf8)) { try MultivariantPlaylist(parsing: $0) }
        #expect(read == Self.playlist)
        let either = try verifyOneShot(Array(Self.text.utf8)) { try Playlist(parsing: $0) }
        #expect(either == .multivariant(Self.playlist))
    }

    @Test func whatPlayersNeedNotKnowIsPassedOver() throws {
        let text = """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="i.m3u8"
            #EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b"
            #EXT-X-STREAM-INF:BANDWIDTH=5,PROGRAM-ID=1,CLOSED-CAPTIONS=NONE,CODECS=" a , b "

            # a comment
            v.m3u8
            """
        let playlist = try MultivariantPlaylist(parsing: ByteBuffer(string: text))
        #expect(playlist.variants == [Variant(uri: "v.m3u8", bandwidth: 5, codecs: ["a", "b"])])
    }

    @Test(
        arguments: [
            ("#EXT-X-STREAM-INF:BANDWIDTH=1", .truncated), ("#EXT-X-STREAM-INF:CODECS=\"a\"\nv", .missing),
            ("v", .missing), ("#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv", .malformed),
            ("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1\nv", .malformed),
            ("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x\nv", .malformed), ("#EXTINF:1,\nv", .contradictory),
            ("#EXT-X-MEDIA:GROUP-ID=\"a\",NAME=\"b\"", .malformed), ("#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"b\"", .missing),
            ("#EXT-X-MEDIA:TYPE=FUTURE,GROUP-ID=\"a\",NAME=\"b\"", .malformed), ("#EXT-X-VERSION:99", .unsupported),
            ("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"", .unsupported),
        ] as [(String, HLSError.Code)])
    func wrongPlaylistsAreRefused(lines: String, code: HLSError.Code) {
        let error = #expect(throws: HLSError.self) {
            try MultivariantPlaylist(parsing: ByteBuffer(string: "#EXTM3U\n\(lines)"))
        }
        #expect(error?.code == code)
    }

    @Test(arguments: [
        "#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n", "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"b\"\n",
    ])
    func listsHaveALimit(lines: String) throws {
        let limits = HLSLimits(listedMax: 3)
        let text = "#EXTM3U\n" + String(repeating: lines, count: 3)
        _ = try MultivariantPlaylist(parsing: ByteBuffer(string: text), limits: limits)
        let error = #expect(throws: HLSError.self) {
            try MultivariantPlaylist(parsing: ByteBuffer(string: text + lines), limits: limits)
        }
        #expect(error?.code == .limitExceeded)
    }
}
