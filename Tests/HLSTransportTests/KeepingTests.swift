import HLS
import HLSTransport
import HTTPTypes
import MediaCore
import NIOCore
import Testing

@Suite("windows, limits and memory")
struct KeepingTests {
    private func live(
        seconds: Double = 120, bytes: Int = 20, _ change: (inout HLSConfiguration) -> Void = { _ in }
    ) throws -> Cutter {
        let cutter = try Cutter {
            $0.start = .publish
            change(&$0)
        }
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.send(Frames.stream(0, 20_000, rate: 10, bytes: bytes))
        _ = try cutter.playlist()
        cutter.send(Frames.stream(20_000, seconds * 1000, rate: 10, bytes: bytes))
        return cutter
    }

    struct Window: Sendable {
        var query: String
        var dvr: HLSConfiguration.DVRWindow
        /// Of segments of 4 s.
        var segments: ClosedRange<Int>
        var type: PlaylistType?
    }

    @Test(
        "a playlist lists what is asked for, as far as it is kept",
        arguments: [
            Window(query: "", dvr: .limited(.seconds(60)), segments: 6...7),
            Window(query: "?dvr=0", dvr: .limited(.seconds(60)), segments: 6...7),
            Window(query: "?dvr=40", dvr: .limited(.seconds(60)), segments: 10...11),
            Window(query: "?dvr=600", dvr: .limited(.seconds(60)), segments: 15...16),
            Window(query: "?dvr=all", dvr: .limited(.seconds(60)), segments: 15...16),
            Window(query: "?dvr=all", dvr: .limited(.zero), segments: 6...7),
            Window(query: "?dvr=all", dvr: .unlimited, segments: 29...32, type: .event),
            Window(query: "?dvr=48", dvr: .unlimited, segments: 12...13),
        ])
    func windows(_ window: Window) throws {
        let cutter = try live { $0.dvr = window.dvr }
        for file in ["video.m3u8", "audio.m3u8"] {
            let playlist = try cutter.playlist(file + window.query)
            #expect(window.segments.contains(playlist.segments.count), "\(playlist.segments.count)")
            #expect(playlist.type == window.type)
            for segment in playlist.segments { #expect(try cutter.get("/live/x/\(segment.uri)").status == .ok) }
        }
        #expect(
            try cutter.multivariant(window.query).variants[0].uri.hasSuffix(
                window.query == "?dvr=0" ? "m3u8" : window.query))
    }

    @Test func whatHasJustLeftAPlaylistCanStillBeReadAndThenIsGone() throws {
        let cutter = try live { $0.dvr = .limited(.zero) }
        let oldest = try #require(try cutter.playlist().segments.first)
        cutter.send(Frames.stream(120_000, 136_000, rate: 10))
        #expect(try !cutter.playlist().segments.map(\.uri).contains(oldest.uri))
        #expect(try cutter.get("/live/x/\(oldest.uri)").status == .ok)
        cutter.send(Frames.stream(136_000, 180_000, rate: 10))
        #expect(try cutter.get("/live/x/\(oldest.uri)").status == .gone)
    }

    @Test func memoryIsBoundedWhateverIsAskedFor() throws {
        // 10 pictures a second of 20 kB: 200 kB/s, two minutes would be 24 MB.
        let cutter = try live(bytes: 20_000) {
            $0.dvr = .unlimited
            $0.memoryBytesMax = 8 << 20
        }
        #expect(cutter.service.bytesInMemory <= 9 << 20)
        let playlist = try cutter.playlist("video.m3u8?dvr=all")
        #expect(playlist.segments.count >= 3)
        // Segments have left it, so that it is no event any more.
        #expect(playlist.type == nil)
        for segment in playlist.segments { #expect(try cutter.get("/live/x/\(segment.uri)").status == .ok) }
        cutter.end()
        cutter.pass(seconds: 60)
        #expect(cutter.service.bytesInMemory == 0)
    }

    @Test func noMoreStreamsAreCutThanAllowed() throws {
        let cutter = try live { $0.streamsMax = 1 }
        #expect(cutter.service.streamCount == 1)
        // The same stream in another container is another one to cut.
        let resource = try cutter.get("/live/x.m3u8?format=ts")
        #expect(resource.status == .serviceUnavailable)
        #expect(resource.headers[.retryAfter] != nil)
        let two = try live { $0.streamsMax = 2 }
        _ = try two.wait("/live/x.m3u8?format=ts")
        #expect(two.service.streamCount == 2)
    }

    @Test func bytesAreSharedByAllWhoAsk() throws {
        let cutter = try live(bytes: 5000)
        let uri = try #require(try cutter.playlist().segments.last).uri
        let (first, second) = (try cutter.bytes(uri), try cutter.bytes(uri))
        let addresses = [first, second].map { $0.withUnsafeReadableBytes { $0.baseAddress } }
        #expect(addresses[0] == addresses[1])
        let texts = [try cutter.get("/live/x/video.m3u8"), try cutter.get("/live/x/video.m3u8")]
        #expect(
            texts[0].body.withUnsafeReadableBytes { $0.baseAddress }
                == texts[1].body.withUnsafeReadableBytes { $0.baseAddress })
        #expect(texts[0].etag == texts[1].etag)
        cutter.send(Frames.stream(120_000, 121_000))
        #expect(try cutter.get("/live/x/video.m3u8").etag != texts[0].etag)
    }

    @Test func fieldsTellCachesWhatMayBeKept() throws {
        let cutter = try live()
        let playlist = try cutter.playlist()
        let media = try cutter.get("/live/x/video.m3u8")
        #expect(media.cacheControl == "public, max-age=1")
        #expect(media.contentType == "application/vnd.apple.mpegurl")
        let segment = try cutter.get("/live/x/\(try #require(playlist.segments.last).uri)")
        #expect(segment.cacheControl == "public, max-age=31536000, immutable")
        #expect(segment.contentType == "video/mp4")
        #expect(segment.isRangeable)
        #expect(try cutter.get("/live/x.mpd").contentType == "application/dash+xml")
        #expect(try cutter.get("/live/x.m3u8", .post).status == .methodNotAllowed)
        #expect(try cutter.get("/live/x.m3u8", .head).status == .ok)
    }
}
