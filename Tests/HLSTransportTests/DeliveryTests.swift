import HLS
import HLSTransport
import HTTPTypes
import ISOBMFF
import MediaCore
import NIOCore
import Testing

@Suite("RFC 8216bis, 6.2.5 and B: low latency")
struct DeliveryTests {
    private func cutter(
        rate: Double = 30, _ change: (inout HLSConfiguration) -> Void = { _ in }
    ) throws -> Cutter {
        let cutter = try Cutter {
            $0.start = .publish
            change(&$0)
        }
        try cutter.publish(Frames.h264, Frames.aac)
        cutter.send(Frames.stream(0, 20_100, rate: rate))
        return cutter
    }

    @Test("parts are as long as the part target, and no longer", arguments: [24, 25, 29.97, 30, 50, 60, 10])
    func partsFillTheTarget(rate: Double) throws {
        let cutter = try cutter(rate: rate)
        for file in ["video.m3u8", "audio.m3u8"] {
            let first = try cutter.playlist(file)
            cutter.send(Frames.stream(20_100, 28_100, rate: rate).filter { $0.decodeTime.milliseconds > 20_100 })
            let playlist = try cutter.playlist(file)
            let target = try #require(playlist.partTarget)
            #expect(target == first.partTarget)
            #expect(playlist.serverControl?.partHoldBack.map { $0 >= target * 3 } == true)
            for segment in playlist.segments where !segment.parts.isEmpty {
                #expect(segment.parts.allSatisfy { $0.duration <= target })
                #expect(segment.parts.dropLast().allSatisfy { $0.duration * 100 >= target * 85 })
                let whole = segment.parts.reduce(0) { $0 + $1.duration.milliseconds }
                #expect(abs(whole - segment.duration.milliseconds) < 0.1)
            }
            cutter.zero -= 8_000_000_000
            break
        }
    }

    @Test func partsAreTheSegmentInPieces() throws {
        let cutter = try cutter()
        let segment = try #require(try cutter.playlist().segments.last)
        var whole = ByteBuffer()
        for part in segment.parts { whole.writeImmutableBuffer(try cutter.bytes(part.uri)) }
        #expect(try cutter.bytes(segment.uri) == whole)
        for part in segment.parts {
            let first = try #require(try cutter.fragments(part.uri, segment.map).first?.samples.first)
            #expect(first.flags.isSync == part.isIndependent)
        }
    }

    @Test func aPartThatIsHintedAtIsWaitedFor() async throws {
        let cutter = try cutter()
        let hint = try #require(try cutter.playlist().preloadHints.first)
        let part = try cutter.wait("/live/x/\(hint.uri)")
        cutter.send(Frames.stream(20_101, 20_500))
        let resource = try await part.get()
        #expect(resource.status == .ok)
        #expect(resource.cacheControl.contains("immutable"))
        #expect(try cutter.bytes(hint.uri) == resource.body)
    }

    @Test func everyHintIsKept() async throws {
        let cutter = try cutter()
        var time = 20_101.0
        for _ in 0..<45 {
            let hint = try #require(try cutter.playlist().preloadHints.first).uri
            let part = try cutter.wait("/live/x/\(hint)")
            cutter.send(Frames.stream(time, time + 400))
            time += 400
            #expect(try await part.get().status == .ok, "\(hint)")
        }
    }

    @Test func aReloadWaitsForWhatItAsksFor() async throws {
        let cutter = try cutter()
        let edge = try cutter.playlist()
        let number = edge.mediaSequence + edge.segments.count
        let parts = edge.openSegment?.parts.count ?? 0
        let reload = try cutter.wait("/live/x/video.m3u8?_HLS_msn=\(number)&_HLS_part=\(parts)")
        let whole = try cutter.wait("/live/x/video.m3u8?_HLS_msn=\(number)")
        cutter.send(Frames.stream(20_101, 20_500))
        let resource = try await reload.get()
        let playlist = try MediaPlaylist(parsing: resource.body)
        #expect((playlist.openSegment?.parts.count ?? 0) > parts)
        #expect(resource.cacheControl == "public, max-age=24")
        cutter.send(Frames.stream(20_500, 25_000))
        let later = try MediaPlaylist(parsing: try await whole.get().body)
        #expect(later.mediaSequence + later.segments.count > number)
    }

    @Test(
        "directives that cannot be understood, or ask too far ahead, get 400",
        arguments: [
            "_HLS_msn=x", "_HLS_part=1", "_HLS_msn=99999999999", "dvr=-1", "dvr=x", "format=avi",
        ])
    func badQueriesAreRefused(query: String) throws {
        let cutter = try cutter()
        _ = try cutter.playlist()
        #expect(try cutter.get("/live/x/video.m3u8?\(query)").status == .badRequest)
    }

    @Test func aRequestWaitsNoLongerThanThreeTargetDurations() async throws {
        let cutter = try cutter()
        let edge = try cutter.playlist()
        let reload = try cutter.wait("/live/x/video.m3u8?_HLS_msn=\(edge.mediaSequence + edge.segments.count + 1)")
        cutter.pass(seconds: 13)
        let resource = try await reload.get()
        #expect(resource.status == .serviceUnavailable)
        #expect(resource.headers[.retryAfter] == "1")
    }

    @Test func noMoreRequestsWaitThanAllowed() async throws {
        let cutter = try cutter { $0.blockedRequestsMax = 3 }
        let edge = try cutter.playlist()
        let path = "/live/x/video.m3u8?_HLS_msn=\(edge.mediaSequence + edge.segments.count + 1)"
        var waiting: [EventLoopFuture<HLSResource>] = []
        for _ in 0..<3 { waiting.append(try cutter.wait(path)) }
        #expect(try cutter.get(path).status == .serviceUnavailable)
        #expect(cutter.service.status(of: cutter.name).first?.waitingRequests == 3)
        cutter.send(Frames.stream(20_101, 29_000))
        for request in waiting { #expect(try await request.get().status == .ok) }
        #expect(cutter.service.status(of: cutter.name).first?.waitingRequests == 0)
    }

    @Test func aDeltaUpdateAndWhatTheClientHasMakeTheWhole() throws {
        let cutter = try cutter()
        cutter.send(Frames.stream(20_101, 60_000))
        let whole = try cutter.playlist("video.m3u8?dvr=60")
        let delta = try cutter.playlist("video.m3u8?dvr=60&_HLS_skip=YES")
        #expect(delta.skippedSegments > 0)
        #expect(delta.segments.count + delta.skippedSegments == whole.segments.count)
        #expect(delta.segments.map(\.uri) == whole.segments.suffix(delta.segments.count).map(\.uri))
    }

    @Test func renditionsReportEachOther() throws {
        let cutter = try cutter()
        let (video, audio) = (try cutter.playlist(), try cutter.playlist("audio.m3u8"))
        let report = try #require(video.renditionReports.first)
        #expect(report.uri == "audio.m3u8")
        let parts = audio.openSegment?.parts.count ?? 0
        if parts > 0 {
            #expect(report.lastMediaSequence == audio.mediaSequence + audio.segments.count)
            #expect(report.lastPart == parts - 1)
        } else {
            #expect(report.lastMediaSequence == audio.mediaSequence + audio.segments.count - 1)
        }
    }

    @Test func withoutPartsNothingIsSaidOfThem() throws {
        let cutter = try cutter { $0.partDuration = .zero }
        let playlist = try cutter.playlist()
        #expect(playlist.partTarget == nil)
        #expect(playlist.preloadHints.isEmpty)
        #expect(playlist.serverControl?.partHoldBack == nil)
        #expect(playlist.segments.allSatisfy { $0.parts.isEmpty })
        let segment = try #require(playlist.segments.last)
        #expect(try cutter.fragments(segment.uri, segment.map).reduce(0) { $0 + $1.samples.count } > 100)
    }
}
