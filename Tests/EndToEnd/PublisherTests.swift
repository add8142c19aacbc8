import Foundation
import Testing

/// Who may publish, and what viewers see when a publisher goes and comes.
@Suite("publishers that meet, die, return and end", .serialized, .timeLimit(.minutes(6)))
struct PublisherTests {
    @Test func secondPublisherIsRefusedAndTheFirstGoesOn() async throws {
        let clip = try await Clip(.h264AAC)
        let published = try await clip.frames
        try await withServer { server in
            let audience = try await Audience([.ffmpegRTMP, .curl], of: "live/taken", at: server)
            let first = try Publisher.ffmpeg.start(clip, as: "live/taken", at: server)
            try await server.logged("published", "stream=live/taken")
            for stranger in [Publisher.ffmpeg, .gstreamer] {
                let second = await (try stranger.start(clip, as: "live/taken", at: server)).ended(within: .seconds(10))
                #expect(!second.isSuccess && second.reason != .timeOut, "\(stranger): \(second.reason)")
            }
            #expect(await first.ended(within: .seconds(10)).isSuccess)
            try await audience.expect(published)
        }
    }

    @Test(arguments: [Clip.Content.h264AAC, .h264Large])
    func viewersStayWhileThePublisherIsAway(returning: Clip.Content) async throws {
        let (before, after) = (try await Clip(.h264AAC, seconds: 10), try await Clip(returning, seconds: 2))
        try await withServer { server in
            let audience = try await Audience(
                [.rtmpdump, .curl, .ffprobeRTMP, .ffprobeHTTP], of: "live/blink", at: server)
            let first = try Publisher.ffmpeg.start(before, as: "live/blink", at: server)
            let hasBegun = try await eventually {
                (try await server.stream("live/blink")?.counters.framesIn ?? 0) > 80 ? true : nil
            }
            try #require(hasBegun == true)
            await first.crash()
            try await server.logged("publisher lost", "stream=live/blink")
            #expect(try await server.stream("live/blink")?.state == "waitingForReturn")
            #expect(try await server.stream("live/blink")?.viewers.total == 4)

            let second = try Publisher.ffmpeg.start(after, as: "live/blink", at: server)
            #expect(await second.ended(within: .seconds(10)).isSuccess)
            let ends = await audience.expectCleanEnds()
            for player in [Player.ffprobeRTMP, .ffprobeHTTP] {
                let packets = try #require(ends[player]?.outputText)
                try expectOneTimeline(packets, of: player)
            }
            for player in [Player.rtmpdump, .curl] {
                let played = try await DecodedFrames(of: audience.recording(of: player), isEnhanced: false)
                #expect(played.complaints.isEmpty, "\(player): \(played.complaints)")
                let last = try await after.frames
                #expect(last.video.count == 50)
                // The pictures of another size cannot be compared: FFmpeg scales them to the first size.
                if returning == .h264AAC {
                    #expect(played.video.suffix(50).map(\.checksum) == last.video.map(\.checksum), "\(player)")
                }
                #expect(played.video.count > 80, "\(player): \(played.video.count)")
            }
        }
    }

    /// Expects decode times that never run backwards, and no hole longer than the publisher can have been away.
    private func expectOneTimeline(_ packets: String, of player: Player) throws {
        for kind in ["video", "audio"] {
            let times = packets.split(separator: "\n").filter { $0.hasPrefix(kind) }
                .compactMap { $0.split(separator: ",").last.flatMap { Int($0) } }
            #expect(times.count > 60, "\(player) \(kind)")
            let steps = zip(times, times.dropFirst()).map { $1 - $0 }
            #expect(steps.allSatisfy { $0 > 0 }, "\(player) \(kind) runs backwards: \(steps)")
            #expect(steps.allSatisfy { $0 < 3000 }, "\(player) \(kind) has a hole: \(steps)")
        }
    }

    @Test func viewersAreLetGoWhenThePublisherDoesNotReturn() async throws {
        let clip = try await Clip(.h264AAC, seconds: 10)
        try await withServer(configuration: "streams:\n  publisherGrace: 500ms\n") { server in
            let audience = try await Audience([.ffprobeRTMP, .curl], of: "live/gone", at: server)
            let publisher = try Publisher.ffmpeg.start(clip, as: "live/gone", at: server)
            let hasBegun = try await eventually { try await server.stream("live/gone")?.gop != nil ? true : nil }
            try #require(hasBegun == true)
            await publisher.crash()
            _ = await audience.expectCleanEnds(within: .seconds(5))
        }
    }

    @Test func sameNameCanBePublishedAgainAtOnce() async throws {
        let clip = try await Clip(.h264AAC, seconds: 1)
        let published = try await clip.frames
        try await withServer { server in
            for _ in 0..<3 {
                let audience = try await Audience([.rtmpdump, .curl], of: "live/again", at: server)
                let publisher = try Publisher.ffmpeg.start(clip, as: "live/again", at: server)
                #expect(await publisher.ended(within: .seconds(10)).isSuccess)
                try await audience.expect(published)
                let isGone = try await eventually { try await server.stream("live/again") == nil ? true : nil }
                #expect(isGone == true)
            }
        }
    }
}
