import Testing

/// Streams in segments as strangers play them.
@Suite("HLS and MPEG-DASH", .serialized, .timeLimit(.minutes(5)))
struct SegmentTests {
    private static let fromPublication = "hls:\n  start: publish\n"

    @Test(arguments: [Clip.Content.h264AAC, .video, .audio, .hevcAAC, .av1AAC, .vp9Opus, .h264FLAC])
    func everyFrameIsInASegment(content: Clip.Content) async throws {
        let clip = try await Clip(content, seconds: 6)
        let published = try await clip.frames
        try await withServer(configuration: Self.fromPublication) { server in
            let publisher = content.isEnhanced ? Publisher.newestFFmpeg : .ffmpeg
            let end = await (try publisher.start(clip, as: "live/show", at: server)).ended(within: .seconds(60))
            #expect(end.isSuccess, "\(end.errors)")
            let played = try await DecodedFrames(of: server.http("live/show.m3u8"), isEnhanced: content.isEnhanced)
            #expect(played.video.map(\.checksum) == published.video.map(\.checksum))
            // Sound from before the first picture is left out, and decoders need a frame to get going.
            let missing = published.audio.count - played.audio.count
            #expect((0...4).contains(missing))
            #expect(
                played.audio.dropFirst(2).map(\.checksum) == published.audio.dropFirst(missing + 2).map(\.checksum))
            guard let sound = played.audio.last, let publishedSound = published.audio.last,
                let picture = played.video.last, let publishedPicture = published.video.last
            else { return }
            let apart = picture.milliseconds - sound.milliseconds
            let publishedApart = publishedPicture.milliseconds - publishedSound.milliseconds
            #expect(abs(apart - publishedApart) < 30, "\(apart) instead of \(publishedApart) ms")
        }
    }

    @Test(arguments: ["m3u8", "m3u8?format=ts", "mpd"])
    func aStreamNobodyHasAskedForBeginsWithTheFirstRequest(ending: String) async throws {
        let clip = try await Clip(.h264AAC, seconds: 20)
        try await withServer { server in
            let program = try Publisher.ffmpeg.start(clip, as: "live/show", at: server)
            let hasGroup = try await eventually { try await server.stream("live/show")?.gop != nil ? true : nil }
            try #require(hasGroup == true)
            let player = try await Stranger.ffmpeg.run([
                "-hide_banner", "-loglevel", "error", "-i", server.http("live/show.\(ending)"), "-t", "3", "-f",
                "framemd5", "-",
            ])
            #expect(player.isSuccess, "\(player.errors)")
            let played = DecodedFrames(framemd5: player)
            #expect(played.video.count >= 70, "\(played.video.count)")
            #expect(played.audio.count >= 120, "\(played.audio.count)")
            #expect(await program.ended(within: .seconds(60)).isSuccess)
        }
    }
}
