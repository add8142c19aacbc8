import Foundation
import Testing

/// Live fMP4, MPEG-TS and AAC as strangers play them.
@Suite("live MP4, TS and AAC", .serialized, .timeLimit(.minutes(6)))
struct LiveFormatTests {
    /// What a container is played with.
    struct Case: Sendable, CustomTestStringConvertible {
        let ending: String
        let content: Clip.Content
        var testDescription: String { ".\(ending) of \(content.rawValue)" }
    }

    static let cases: [Case] =
        [Clip.Content.h264AAC, .video, .audio, .hevcAAC, .av1AAC, .av1Opus, .vp9Opus, .h264FLAC].map {
            Case(ending: "mp4", content: $0)
        } + [Clip.Content.h264AAC, .video, .audio, .hevcAAC].map { Case(ending: "ts", content: $0) }
        + [Case(ending: "aac", content: .h264AAC), Case(ending: "aac", content: .audio)]

    @Test(arguments: cases)
    func everyFrameIsRecorded(_ test: Case) async throws {
        let clip = try await Clip(test.content)
        let published = try await clip.frames
        let hasVideo = test.ending != "aac" && test.content.hasVideo
        try await withServer { server in
            let directory = try TemporaryDirectory()
            let url = server.http("live/show.\(test.ending)?wait=20")
            let curl = try Stranger.curl.start(
                ["--silent", "--show-error", "--output", directory.path("curl"), url])
            let ffmpeg = try Stranger.newestFFmpeg.start([
                "-hide_banner", "-loglevel", "error", "-i", url, "-map", "0", "-c", "copy", "-strict", "-2", "-f",
                "nut",
                directory.path("ffmpeg"),
            ])
            try await server.logged("viewing", "stream=live/show", skipping: 1)
            let publisher = test.content.isEnhanced ? Publisher.newestFFmpeg : .ffmpeg
            let end = await (try publisher.start(clip, as: "live/show", at: server)).ended(within: .seconds(30))
            #expect(end.isSuccess, "\(end.errors)")
            #expect(await curl.ended(within: .seconds(30)).isSuccess)
            _ = await ffmpeg.ended(within: .seconds(30))
            for player in ["curl", "ffmpeg"] {
                let played = try await DecodedFrames(of: directory.path(player), isEnhanced: test.content.isEnhanced)
                #expect(
                    played.video.map(\.checksum) == (hasVideo ? published.video.map(\.checksum) : []), "\(player)")
                #expect(played.audio.map(\.checksum) == published.audio.map(\.checksum), "\(player)")
                if test.ending != "aac" { #expect(published.difference(from: played) == nil, "\(player)") }
            }
        }
    }

    @Test(arguments: ["mp4", "ts"])
    func lateJoinerBeginsAtAKeyframe(ending: String) async throws {
        let clip = try await Clip(.h264AAC, seconds: 4)
        let published = try await clip.frames
        try await withServer { server in
            let directory = try TemporaryDirectory()
            let program = try Publisher.ffmpeg.start(clip, as: "live/late", at: server)
            let hasGroup = try await eventually { try await server.stream("live/late")?.gop != nil ? true : nil }
            try #require(hasGroup == true)
            let curl = try Stranger.curl.start(
                ["--silent", "--output", directory.path("curl"), server.http("live/late.\(ending)")])
            #expect(await program.ended(within: .seconds(30)).isSuccess)
            #expect(await curl.ended(within: .seconds(30)).isSuccess)
            let played = try await DecodedFrames(of: directory.path("curl"), isEnhanced: false)
            #expect((1..<published.video.count).contains(played.video.count))
            #expect(played.video.count % 25 == 0, "begins at a keyframe: one a second, 25 pictures")
            #expect(published.difference(fromEnd: played, skippingAudio: 1) == nil)
        }
    }

    @Test(arguments: ["mp4", "ts", "aac"])
    func otherPlayersPlayToTheEnd(ending: String) async throws {
        let clip = try await Clip(.h264AAC)
        try await withServer { server in
            let url = server.http("live/show.\(ending)?wait=20")
            let demuxer = ["mp4": "qtdemux", "ts": "tsdemux", "aac": "aacparse"][ending] ?? ""
            let gstreamer = try Stranger.gstreamer.start(
                ["-q", "souphttpsrc", "location=\(url)", "!", demuxer, "!", "fakesink", "sync=false"])
            let mpv = try Stranger.mpv.start(["--no-config", "--vo=null", "--ao=null", "--no-cache", url])
            try await server.logged("viewing", "stream=live/show", skipping: 1)
            let publisher = try Publisher.ffmpeg.start(clip, as: "live/show", at: server)
            #expect(await publisher.ended(within: .seconds(30)).isSuccess)
            let ends = (await gstreamer.ended(within: .seconds(30)), await mpv.ended(within: .seconds(30)))
            #expect(ends.0.isSuccess, "\(ends.0.errors)")
            #expect(ends.1.isSuccess && ends.1.outputText.contains("End of file"), "\(ends.1.outputText)")
        }
    }

    @Test func codecThatTheContainerCannotHoldIsSaid() async throws {
        let clip = try await Clip(.av1Opus, seconds: 8)
        try await withServer { server in
            let publisher = try Publisher.newestFFmpeg.start(clip, as: "live/av1", at: server)
            let answer = try await eventually { () -> String? in
                let answer = try await Stranger.curl.run(
                    ["--silent", "--max-time", "1", "--write-out", "%{http_code}", server.http("live/av1.aac")])
                return answer.outputText.contains("cannot hold") ? answer.outputText : nil
            }
            #expect(answer?.hasSuffix("404") == true, "\(answer ?? "no answer")")
            await publisher.crash()
        }
    }
}
