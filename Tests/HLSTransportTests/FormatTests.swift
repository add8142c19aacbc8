import Codecs
import HLS
import HLSTransport
import HTTPTypes
import ISOBMFF
import MPEGTS
import MediaCore
import NIOCore
import Testing

@Suite("MPEG-TS, MPEG-DASH and paths")
struct FormatTests {
    private func live(_ stream: String = "live/x") throws -> Cutter {
        let cutter = try Cutter(stream) { $0.start = .publish }
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.send(Frames.stream(0, 20_000, shownAfter: 66))
        return cutter
    }

    @Test func transportStreamsAreCutOnlyWhenAskedForAndHoldEverything() async throws {
        let cutter = try live()
        #expect(cutter.service.streamCount == 1)
        let multivariant = try cutter.wait("/live/x.m3u8?format=ts")
        cutter.send(Frames.stream(20_000, 40_100, shownAfter: 66))
        let variants = try MultivariantPlaylist(parsing: try await multivariant.get().body)
        #expect(variants.variants.map(\.uri) == ["x/ts.m3u8"])
        #expect(variants.renditions.isEmpty)
        let playlist = try cutter.playlist("ts.m3u8")
        #expect(playlist.segments.allSatisfy { $0.map == nil })
        var (pictures, sounds) = (0, 0)
        var reader = TSReader()
        for segment in playlist.segments {
            var bytes = try cutter.bytes(segment.uri)
            #expect(bytes.readableBytes % 188 == 0)
            var isFirst = true
            while let element = try reader.read(from: &bytes) {
                guard case .accessUnit(let id, let unit) = element else { continue }
                if id.rawValue == 0x100 {
                    pictures += 1
                    if isFirst { #expect(unit.isKeyframe) }
                    isFirst = false
                } else {
                    sounds += 1
                }
            }
        }
        let seconds = playlist.segments.reduce(0) { $0 + $1.duration.milliseconds } / 1000
        #expect(abs(Double(pictures) / 30 - seconds) < 0.2)
        #expect(abs(Double(sounds) * 1024 / 48_000 - seconds) < 0.4)
    }

    @Test func aCodecThatAContainerCannotHoldIsSaid() async throws {
        let cutter = try Cutter()
        try cutter.publish(Frames.vp9)
        let request = try cutter.wait("/live/x.m3u8?format=ts")
        for time in stride(from: 0.0, to: 3000, by: 40) {
            let isKey = time.truncatingRemainder(dividingBy: 1000) == 0
            var picture = Frames.picture(time, key: isKey)
            picture.codec = .vp09
            picture.payload = Frames.hex(isKey ? "924983420014080b4b04" : "86")
            cutter.send([picture])
        }
        let resource = try await request.get()
        #expect(resource.status == .notFound)
        #expect(String(buffer: resource.body).contains("MPEG-TS"))
    }

    @Test func theManifestTellsOfTheSameSegments() throws {
        let cutter = try live()
        let playlist = try cutter.playlist()
        let text = String(buffer: try cutter.get("/live/x.mpd").body)
        let first = try #require(playlist.segments.first)
        let stem = first.uri.split(separator: "-")[1]
        #expect(text.contains("media=\"x/video-at1.$Time$-\(stem)\""))
        // When it is shown, which is 66 ms after it is decoded.
        let ticks = try #require(try cutter.fragments(first.uri, first.map).first).baseDecodeTime + 66 * 90
        #expect(text.contains("<S t=\"\(ticks)\""))
        #expect(try cutter.bytes("video-at1.\(ticks)-\(stem)") == (try cutter.bytes(first.uri)))
        #expect(try cutter.get("/live/x/video-at1.\(ticks + 1)-\(stem)").status == .gone)
        #expect(text.contains("codecs=\"avc1.64001F\""))
        #expect(text.contains("type=\"dynamic\""))
        cutter.end()
        #expect(String(buffer: try cutter.get("/live/x.mpd").body).contains("type=\"static\""))
    }

    @Test(
        "paths that are other people's are left to them",
        arguments: [
            "/", "/live/x.flv", "/live/x.mp4", "/live/x.ts", "/live/x.aac", "/live/x", "/live/x/segment.mp4",
            "/live/x/video1.m4s", "/live/x/video01-a.m4s", "/live/x/../x/video1-a.m4s", "/video.m3u8", "/.m3u8",
            "/live/.m3u8", "/live/x/video1-a.mp4", "/live/x/video1-a.m4s/..", "/live/x/video-1-a.m4s",
            "/live/x/video1.2.3-a.m4s", "/live/x/%2e%2e/video1-a.m4s",
        ])
    func otherPaths(path: String) throws {
        let cutter = try Cutter()
        let answer = cutter.service.answer(method: .get, path: path, query: nil, on: cutter.eventLoop)
        #expect(answer.map { _ in path } == nil)
    }

    @Test func namesOfStreamsAreWrittenSoThatPlayersFindThem() throws {
        let cutter = try live("live/two words/ü&\"x")
        let playlist = try MultivariantPlaylist(parsing: try cutter.get("/live/two%20words/%C3%BC%26%22x.m3u8").body)
        #expect(playlist.variants[0].uri == "%C3%BC%26%22x/video.m3u8")
        #expect(try cutter.get("/live/two%20words/%C3%BC%26%22x/video.m3u8").status == .ok)
    }

    @Test func aStreamMayBeCalledLikeAPlaylist() throws {
        let cutter = try live("live/x/video")
        let playlist = try MultivariantPlaylist(parsing: try cutter.get("/live/x/video.m3u8").body)
        #expect(playlist.variants[0].uri == "video/video.m3u8")
    }
}
