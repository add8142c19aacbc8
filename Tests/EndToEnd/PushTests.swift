import ClientTesting
import Foundation
import Testing

/// `sluice push`, the program, against servers of ours and of others.
@Suite("sluice push", .timeLimit(.minutes(60)))
struct PushTests {
    /// The last JSON line that a push wrote.
    private static func lastStatus(_ push: RunningProgram) -> String {
        String(decoding: push.output.current, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
    }

    /// How often a push has told that a connection failed.
    private static func complaintCount(_ errors: String) -> Int {
        errors.split(separator: "\n").count { $0.hasPrefix("sluice: rtmp") && !$0.hasSuffix("publishing again") }
    }

    @Test(arguments: ["flv", "mp4", "ts"])
    func everyFrameOfAFileArrives(container: String) async throws {
        let clip = try await Clip(.h264AAC)
        let directory = try TemporaryDirectory()
        let path = directory.path("clip.\(container)")
        let remuxed = try await Stranger.ffmpeg.run(["-v", "error", "-i", clip.path, "-c", "copy", path])
        try #require(remuxed.isSuccess, "\(remuxed.errors)")
        let published = try await DecodedFrames(of: path, isEnhanced: false)
        try await withServer { server in
            let audience = try await Audience([.ffmpegRTMP], of: "live/push", at: server)
            let push = try ServerProcess.start(["push", path, server.rtmp("live/push"), "--quiet"])
            let end = await push.ended(within: .seconds(60))
            #expect(end.reason == .exit(0), "\(end.errors)")
            _ = await audience.expectCleanEnds(within: .seconds(60))
            let played = try await DecodedFrames(of: audience.recording(of: .ffmpegRTMP), isEnhanced: false)
            #expect(played.complaints == published.complaints)
            #expect(played.video.map(\.checksum) == published.video.map(\.checksum))
            #expect(played.audio.count == published.audio.count)
        }
    }

    @Test func ffmpegListensToUs() async throws {
        let clip = try await Clip(.h264AAC)
        let directory = try TemporaryDirectory()
        let free = try await RTMPTestServer.start()
        try await free.stop()
        let url = "rtmp://127.0.0.1:\(free.port)/live/push"
        let recording = directory.path("recorded.flv")
        let listener = try Stranger.ffmpeg.start([
            "-hide_banner", "-v", "error", "-listen", "1", "-i", url, "-c", "copy", "-f", "flv", recording,
        ])
        let push = try ServerProcess.start(["push", clip.path, url, "--quiet", "--keep-trying"])
        let end = await push.ended(within: .seconds(60))
        #expect(end.reason == .exit(0), "\(end.errors)")
        _ = await listener.ended(within: .seconds(60))
        let recorded = try await DecodedFrames(of: recording, isEnhanced: false)
        let frames = try await clip.frames
        #expect(frames.difference(from: recorded) == nil)
    }

    @Test func patternIsEncodedAndCtrlCEndsIt() async throws {
        try await withServer { server in
            let push = try ServerProcess.start([
                "push", "test:", server.rtmp("live/test"), "--json", "--size", "320x180", "--fps", "25",
            ])
            let stream = try await eventually(within: .seconds(60)) {
                let stream = try await server.stream("live/test")
                return stream?.tracks.count == 2 && (stream?.gop?.frames ?? 0) > 10 ? stream : nil
            }
            #expect(stream?.tracks.first { $0.kind == "video" }?.width == 320)
            let end = await push.interrupt()
            #expect(end.reason == .exit(0), "\(end.errors)")
            try await server.logged("unpublished", "stream=live/test", within: .seconds(60))
        }
    }

    @Test(
        arguments: [
            (
                ["push", "/nonexistent.flv", "rtmp://127.0.0.1:1/live/x"], 1,
                "/nonexistent.flv: no such file or directory"
            ),
            (
                ["push", "test:", "rtmp://127.0.0.1:1/live/x", "--ffmpeg", "/nonexistent"], 1,
                "nobody listens at 127.0.0.1:1"
            ),
            (["push", "a.flv", "nowhere"], 2, "must begin with rtmp:// or rtmps://"),
        ] as [([String], Int32, String)])
    func failuresNameCauseAndRemedy(arguments: [String], code: Int32, words: String) async throws {
        let end = await (try ServerProcess.start(arguments)).ended(within: .seconds(60))
        #expect(end.reason == .exit(code))
        #expect(end.errors.contains(words), "\(end.errors)")
    }

    /// Cut, stalled and limited in turn, with a viewer that decodes everything. `scripts/soak-push.sh` makes it long, and
    /// then the time until the stream is back counts, too: here other tests have the processor.
    @Test func badNetworkCostsOnlyWhatItCuts() async throws {
        let soak = ProcessInfo.processInfo.environment["SLUICE_SOAK_MINUTES"].flatMap(Int.init)
        let clip = try await Clip(.h264AAC, seconds: 10)
        let server = try await ServerProcess()
        let proxy = try await FaultyProxy.start(to: server.rtmpPort)
        let push = try ServerProcess.start([
            "push", "--json", "--loop", "forever", "--stall-timeout", "2", clip.path,
            "rtmp://127.0.0.1:\(proxy.port)/live/soak",
        ])
        try await server.logged("published", "stream=live/soak", within: .seconds(60))
        let viewer = try Stranger.ffmpeg.start([
            "-hide_banner", "-loglevel", "warning", "-i", server.rtmp("live/soak"), "-f", "null", "-",
        ])
        var breaks = 0
        for minute in 0..<(soak ?? 1) {
            for condition in [FaultyProxy.Condition.cut, .stalled, .limited(bytesPerSecond: 25_000)] {
                try await Task.sleep(for: soak == nil ? .seconds(3) : .seconds(14))
                let complaints = Self.complaintCount(push.errors.current)
                try await proxy.become(condition)
                try await Task.sleep(for: .seconds(4))
                if condition == .cut || condition == .stalled {
                    // A stall is noticed when the buffers on the way are full and nothing has moved for two seconds.
                    let noticed = await push.errors.value(within: .seconds(60)) { Self.complaintCount($0) > complaints }
                    try #require(noticed != nil, "minute \(minute), \(condition)")
                }
                let back = ContinuousClock.now
                try await proxy.become(.good)
                if case .limited = condition { continue }
                breaks += 1
                let wanted = breaks
                let isBack = await push.errors.value(within: .seconds(60)) {
                    $0.split(separator: "\n").count { $0.hasSuffix("publishing again") } >= wanted
                }
                try #require(isBack != nil, "minute \(minute), \(condition): \(push.errors.current.suffix(2000))")
                let took = ContinuousClock.now - back
                if soak != nil {
                    print("minute \(minute): \(condition): back after \(took)")
                    #expect(took < .seconds(2), "minute \(minute), \(condition)")
                }
            }
        }
        try await Task.sleep(for: .seconds(2))
        let end = await push.interrupt()
        #expect(end.reason == .exit(0), "\(end.errors)")
        #expect(Self.lastStatus(push).contains("\"state\":\"ended\",\"reason\":null"), "\(Self.lastStatus(push))")
        let watched = await viewer.ended(within: .seconds(60))
        let complaint = ["non monoton", "error", "corrupt", "invalid", "missing", "concealing"].first {
            watched.errors.lowercased().contains($0)
        }
        #expect(complaint == nil, "\(watched.errors)")
        try await proxy.stop()
        await server.stop()
    }
}
