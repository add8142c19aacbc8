import Foundation
import Testing

/// What an operator sees and does while people watch.
@Suite("a server at work", .serialized, .timeLimit(.minutes(6)))
struct OperationTests {
    @Test func streamsAreListedWithWhatTheyHoldAndWhoWatches() async throws {
        let clip = try await Clip(.h264AAC, seconds: 12)
        try await withServer { server in
            #expect(try await server.streams().isEmpty)
            let audience = try await Audience([.rtmpdump, .curl, .ffmpegHTTP], of: "live/listed", at: server)
            #expect(try await server.stream("live/listed")?.state == "waitingForPublisher")

            let publisher = try Publisher.ffmpeg.start(clip, as: "live/listed", at: server)
            let known = try await eventually {
                let stream = try await server.stream("live/listed")
                return stream?.gop != nil && stream?.tracks.count == 2 ? stream : nil
            }
            let stream = try #require(known)
            #expect(stream.state == "live")
            #expect(stream.publisher?.protocol == "rtmp")
            #expect(stream.publisher?.encoder?.contains("Lavf59") == true)
            #expect(stream.viewers.total == 3)
            #expect(stream.viewers.protocols == ["rtmp": 1, "http-flv": 2])
            let (video, audio) = (stream.tracks[0], stream.tracks[1])
            #expect(video.kind == "video" && video.codec == "H.264")
            #expect(video.width == 320 && video.height == 180 && video.frameRate == 25)
            #expect(audio.kind == "audio" && audio.codec == "AAC" && audio.sampleRate == 44_100)
            #expect(stream.gop?.frames == 25)
            #expect(abs((stream.gop?.seconds ?? 0) - 1) < 0.05)
            #expect(stream.counters.viewerSkips == 0 && stream.counters.viewersStuck == 0)

            await publisher.interrupt()
            _ = await audience.expectCleanEnds()
            let isGone = try await eventually { try await server.streams().isEmpty ? true : nil }
            #expect(isGone == true)
        }
    }

    @Test func termEndsStreamsAndViewersAndExitsWithZero() async throws {
        let clip = try await Clip(.h264AAC, seconds: 20)
        let server = try await ServerProcess()
        let audience = try await Audience([.ffprobeRTMP, .rtmpdump, .ffprobeHTTP, .curl], of: "live/last", at: server)
        let publisher = try Publisher.ffmpeg.start(clip, as: "live/last", at: server)
        #expect(try await eventually { try await server.stream("live/last")?.gop != nil ? true : nil } == true)
        await server.stop()
        _ = await audience.expectCleanEnds(within: .seconds(3))
        await publisher.crash()
    }

    @Test func waitingForAPublisherEndsWhenTheTimeIsUp() async throws {
        try await withServer { server in
            let answer = try await Stranger.curl.run(["--silent", "--show-error", server.http("live/never.flv?wait=1")])
            #expect(answer.isSuccess, "\(answer.errors)")
            let isGone = try await eventually { try await server.streams().isEmpty ? true : nil }
            #expect(isGone == true)
        }
    }
}
