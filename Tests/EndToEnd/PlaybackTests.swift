import Testing

/// What is published is what is played, frame for frame.
@Suite("publishers and players", .serialized, .timeLimit(.minutes(6)))
struct PlaybackTests {
    @Test(arguments: Publisher.allCases)
    func everyPlayerGetsEveryFrame(publisher: Publisher) async throws {
        let clip = try await Clip(.h264AAC)
        let published = try await publisher.frames(of: clip)
        try #require(published.video.count == 75 && published.audio.count > 120)
        try await withServer { server in
            let audience = try await Audience(Player.allCases, of: "live/show", at: server)
            let program = try publisher.start(clip, as: "live/show", at: server)
            let end = await program.ended(within: .seconds(15))
            #expect(end.isSuccess, "\(end.errors)")
            try await audience.expect(published)
        }
    }

    @Test(arguments: [Clip.Content.audio, .video])
    func oneTrackAloneStartsAtOnce(content: Clip.Content) async throws {
        let clip = try await Clip(content)
        let published = try await clip.frames
        try await withServer { server in
            let audience = try await Audience([.ffmpegRTMP, .ffmpegHTTP, .rtmpdump, .curl], of: "live/one", at: server)
            let end = await (try Publisher.ffmpeg.start(clip, as: "live/one", at: server)).ended(within: .seconds(15))
            #expect(end.isSuccess, "\(end.errors)")
            try await audience.expect(published)
        }
    }

    @Test(arguments: [Clip.Content.hevcAAC, .av1AAC, .av1Opus, .vp9Opus, .h264FLAC])
    func enhancedCodecsGoThrough(content: Clip.Content) async throws {
        let clip = try await Clip(content)
        let published = try await clip.frames
        try #require(published.video.count == 75 && !published.audio.isEmpty)
        try await withServer { server in
            let audience = try await Audience(Player.enhanced, of: "live/enhanced", at: server)
            let program = try Publisher.newestFFmpeg.start(clip, as: "live/enhanced", at: server)
            let end = await program.ended(within: .seconds(15))
            #expect(end.isSuccess, "\(end.errors)")
            try await audience.expect(published, isEnhanced: true)
        }
    }

    @Test(arguments: [Player.ffmpegRTMP, .ffmpegHTTP, .rtmpdump, .curl])
    func lateJoinerStartsAtAKeyframeAndGetsTheRest(player: Player) async throws {
        let clip = try await Clip(.h264AAC, seconds: 4)
        let published = try await clip.frames
        try await withServer { server in
            let program = try Publisher.ffmpeg.start(clip, as: "live/late", at: server)
            let isPastSecondKeyframe = try await eventually {
                try await server.stream("live/late")?.gop != nil ? true : nil
            }
            try #require(isPastSecondKeyframe == true)
            let audience = try await Audience([player], of: "live/late", at: server)
            #expect(await program.ended(within: .seconds(15)).isSuccess)
            _ = await audience.expectCleanEnds()
            let played = try await DecodedFrames(of: audience.recording(of: player), isEnhanced: false)
            #expect(played.complaints.isEmpty, "\(played.complaints)")
            #expect((1..<published.video.count).contains(played.video.count))
            #expect(played.video.count % 25 == 0, "begins at a keyframe: one a second, 25 pictures")
            // An AAC decoder's first frame depends on the one before, which a late joiner does not have.
            #expect(published.difference(fromEnd: played, skippingAudio: 1) == nil)
            #expect(played.audio.count > 1)
        }
    }

    @Test(arguments: [Clip.Content.hevcAAC, .av1Opus])
    func lateJoinersOfEnhancedCodecsGetConfigurations(content: Clip.Content) async throws {
        let clip = try await Clip(content, seconds: 4)
        let published = try await clip.frames
        try await withServer { server in
            let program = try Publisher.newestFFmpeg.start(clip, as: "live/late", at: server)
            let hasGroup = try await eventually { try await server.stream("live/late")?.gop != nil ? true : nil }
            try #require(hasGroup == true)
            let audience = try await Audience(Player.enhanced, of: "live/late", at: server)
            #expect(await program.ended(within: .seconds(15)).isSuccess)
            _ = await audience.expectCleanEnds()
            for player in Player.enhanced {
                let played = try await DecodedFrames(of: audience.recording(of: player), isEnhanced: true)
                #expect(played.complaints == published.complaints, "\(player)")
                #expect((20..<published.video.count).contains(played.video.count), "\(player): \(played.video.count)")
                #expect(published.video.suffix(played.video.count).map(\.checksum) == played.video.map(\.checksum))
            }
        }
    }

    /// FFmpeg writes 31 bits of the time, so its times fall back to 0 after 24 days and 20 hours on air.
    @Test func timesThatWrapWhileOnAirDoNotShow() async throws {
        let clip = try await Clip(.h264AAC)
        let published = try await clip.frames
        try await withServer { server in
            let audience = try await Audience([.rtmpdump, .curl, .ffmpegRTMP, .ffmpegHTTP], of: "live/old", at: server)
            let program = try Publisher.ffmpeg.start(
                clip, as: "live/old", at: server, options: ["-output_ts_offset", "2147482"])
            #expect(await program.ended(within: .seconds(15)).isSuccess)
            try await audience.expect(published)
        }
    }
}
