import ClientTesting
import Foundation
import Testing

/// `sluice pull`, the program, from a server of ours in every protocol, over a network that cuts once.
@Suite("sluice pull", .timeLimit(.minutes(60)))
struct PullTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let isRTMP: Bool
        let url: @Sendable (Int) -> String
        let file: String

        init(_ name: String, isRTMP: Bool = false, to file: String, _ url: @escaping @Sendable (Int) -> String) {
            (testDescription, self.isRTMP, self.file, self.url) = (name, isRTMP, file, url)
        }
    }

    static let ways = [
        Way("RTMP", isRTMP: true, to: "a.mp4") { "rtmp://127.0.0.1:\($0)/live/pull" },
        Way("HTTP-FLV", to: "a.flv") { "http://127.0.0.1:\($0)/live/pull.flv" },
        Way("live fMP4", to: "a.ts") { "http://127.0.0.1:\($0)/live/pull.mp4" },
        Way("live MPEG-TS", to: "a.mp4") { "http://127.0.0.1:\($0)/live/pull.ts" },
        Way("FLV over WebSocket", to: "a.flv") { "ws://127.0.0.1:\($0)/live/pull.flv" },
        Way("fMP4 over WebSocket", to: "a.mp4") { "ws://127.0.0.1:\($0)/live/pull.mp4" },
        Way("HLS", to: "a.mp4") { "http://127.0.0.1:\($0)/live/pull.m3u8" },
        Way("HLS of MPEG-TS", to: "a.ts") { "http://127.0.0.1:\($0)/live/pull.m3u8?format=ts" },
    ]

    /// What `sluice pull` tells in its last line of JSON.
    private static func number(_ name: String, _ pull: RunningProgram) -> Int {
        let text = String(decoding: pull.output.current, as: UTF8.self)
        let line = text.split(separator: "\n").last.map(String.init) ?? ""
        let rest = line.components(separatedBy: "\"\(name)\":").dropFirst().first ?? ""
        return Int(rest.prefix { $0.isNumber }) ?? 0
    }

    @Test(arguments: ways)
    func everyPictureIsRecordedOnceAcrossACut(way: Way) async throws {
        let clip = try await Clip(.h264AAC)
        let directory = try TemporaryDirectory()
        let recording = directory.path(way.file)
        try await withServer { server in
            let push = try ServerProcess.start([
                "push", "--loop", "forever", clip.path, server.rtmp("live/pull"), "--quiet",
            ])
            let proxy = try await FaultyProxy.start(to: way.isRTMP ? server.rtmpPort : server.httpPort)
            let pull = try ServerProcess.start([
                "pull", way.url(proxy.port), recording, "--json", "--wait", "60", "--duration", "8",
            ])
            _ = try await eventually { Self.number("recorded", pull) > 2000 ? true : nil }
            try await proxy.become(.cut)
            try await proxy.become(.good)
            let end = await pull.ended(within: .seconds(120))
            #expect(end.reason == .exit(0), "\(end.errors)")
            // Between two segments HLS takes another connection without a word.
            let isHLS = way.testDescription.hasPrefix("HLS")
            #expect(isHLS || Self.number("reconnects", pull) >= 1)
            push.send(SIGINT)
            _ = await push.ended(within: .seconds(30))
            try await proxy.stop()
        }
        let recorded = try await DecodedFrames(of: recording, isEnhanced: false)
        #expect(recorded.video.count >= 150)
        // The clip comes again and again: each picture is followed by the next one of the clip.
        let pictures = try await clip.frames.video.map(\.checksum)
        let next = Dictionary(zip(pictures, pictures.dropFirst() + pictures.prefix(1))) { first, _ in first }
        // The last ones may lack pictures that are shown before them and decoded after them.
        let recordedPictures = recorded.video.map(\.checksum).dropLast(4)
        let strangeSteps = zip(recordedPictures, recordedPictures.dropFirst()).filter { next[$0] != $1 }.count
        #expect(strangeSteps == 0, "\(recorded.complaints)")
    }

    @Test(arguments: ["flv", "mp4", "ts"])
    func recordingThatIsKilledCanBePlayed(format: String) async throws {
        let clip = try await Clip(.h264AAC)
        let directory = try TemporaryDirectory()
        let recording = directory.path("a.\(format)")
        try await withServer { server in
            let push = try ServerProcess.start([
                "push", "--loop", "forever", clip.path, server.rtmp("live/pull"), "--quiet",
            ])
            let pull = try ServerProcess.start([
                "pull", server.http("live/pull.flv"), recording, "--json", "--wait", "60",
            ])
            _ = try await eventually { Self.number("recorded", pull) > 5000 ? true : nil }
            pull.send(SIGKILL)
            _ = await pull.ended(within: .seconds(30))
            push.send(SIGINT)
            _ = await push.ended(within: .seconds(30))
        }
        let recorded = try await DecodedFrames(of: recording, isEnhanced: false)
        #expect(recorded.video.count > 25)
        #expect(recorded.complaints.isEmpty)
    }
}
