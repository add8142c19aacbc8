import ClientTesting
import FLV
import Foundation
import MediaFiles
import NIOCore
import NIOPosix
import RTMP
import RTMPClient
import SluicePush
import Testing

/// An FLV file of pictures and sound that no decoder needs to understand: a keyframe a second, every third picture
/// disposable, 80 kilobytes a second.
final class PretendClip: Sendable {
    let path: String
    static let pictures = 50
    static let sounds = 86

    init(pictureBytes: Int = 3000) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID()).flv").path
        var bytes = ByteBuffer()
        FLVWriter.writeHeader(hasAudio: true, hasVideo: true, into: &bytes)
        var tags = [tag(.video, 0, [0x17, 0, 0, 0, 0, 1, 100, 0, 31]), tag(.audio, 0, [0xAF, 0, 0x12, 0x10])]
        for index in 0..<Self.pictures {
            let isKey = index % 25 == 0
            let unit: UInt8 = isKey ? 0x65 : index % 3 == 1 ? 0x01 : 0x41
            let length = [0, 0, UInt8(pictureBytes >> 8), UInt8(pictureBytes & 255)]
            let body = [isKey ? 0x17 : 0x27, 1, 0, 0, 0] + length + [unit]
            tags.append(tag(.video, UInt32(index * 40), body + [UInt8](repeating: 0x80, count: pictureBytes - 1)))
        }
        for index in 0..<Self.sounds {
            tags.append(tag(.audio, UInt32(index * 1024 * 10 / 441), [0xAF, 1] + [UInt8](repeating: 7, count: 100)))
        }
        for tag in tags.sorted(by: { $0.timestamp < $1.timestamp }) {
            FLVWriter.writeTag(tag.type, timestamp: tag.timestamp, body: tag.body, into: &bytes)
        }
        try Data(bytes.readableBytesView).write(to: URL(fileURLWithPath: path))
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
    }
}

/// A push on its way, and where it goes.
struct RunningPush: Sendable {
    let uplinks: [Uplink]
    private let task: Task<[String], Never>

    init(
        _ clip: PretendClip, rounds: Rounds = .forever, to ports: [Int],
        stallTimeout: TimeAmount = .seconds(60), isPatient: Bool = false
    ) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let options = RTMPClientOptions(
            acceptTimeout: min(stallTimeout, .seconds(20)), stallTimeout: stallTimeout, sendBufferBytesMax: 32 << 10)
        uplinks = ports.map { port in
            let url = RTMPURL(host: "127.0.0.1", port: port, app: "live", streamName: "show")
            return Uplink(
                url: url, on: loop, options: options, isPatient: isPatient, notice: { _ in },
                onChange: { change.yield() })
        }
        let source = PushSource.native(try await MediaFile.open(clip.path))
        let run = PushRun(source, rounds: rounds, isPaced: true, to: uplinks, changes: changes, on: loop)
        task = Task { await run.run() }
    }

    func report() async -> Uplink.Report { await uplinks[0].report() }

    /// Waits for the end.
    func ended() async -> [String] { await task.value }

    /// Ends it as Ctrl-C does.
    func interrupt() async -> [String] {
        task.cancel()
        return await task.value
    }
}

/// What one connection brought must begin with configurations and a keyframe, and times must not fall back.
func expectWellFormed(_ heard: [RTMPTestServer.Heard], sourceLocation: SourceLocation = #_sourceLocation) {
    var last: UInt32 = 0
    for connection in heard where !connection.media.isEmpty {
        var classifier = UplinkClassifier()
        let roles = connection.media.map { message in
            classifier.role(
                of: FLVTag(
                    type: FLVTagType(rawValue: message.typeID.rawValue), timestamp: message.timestamp,
                    body: message.payload))
        }
        #expect(
            Set(roles.prefix(2)) == [.configuration(.video), .configuration(.audio)], sourceLocation: sourceLocation)
        let first = roles.first { $0 == .keyframe || $0 == .reference || $0 == .disposable }
        #expect(first == .keyframe, sourceLocation: sourceLocation)
        let times = connection.media.map(\.timestamp)
        // Sound and pictures of one instant may come in either order.
        let fallsBack = zip([last] + times, times).contains { $1 + 40 < $0 }
        #expect(!fallsBack, sourceLocation: sourceLocation)
        last = max(last, times.max() ?? 0)
    }
}

@Suite("Pushing", .timeLimit(.minutes(4)))
struct PushRunTests {
    @Test func fileGoesToEveryServerAndRoundsFollowEachOther() async throws {
        let clip = try PretendClip()
        let servers = [try await RTMPTestServer.start(), try await RTMPTestServer.start()]
        let push = try await RunningPush(clip, rounds: .times(3), to: servers.map(\.port))
        let failures = await push.ended()
        #expect(failures == [])
        for server in servers {
            let heard = try #require(server.heard.first)
            #expect(server.heard.count == 1 && heard.isEnded)
            let pictures = heard.media.filter { $0.typeID == .video }
            #expect(pictures.count == 3 * PretendClip.pictures + 1)
            #expect(heard.media.count { $0.typeID == .audio } == 3 * PretendClip.sounds + 1)
            #expect(pictures.last?.timestamp == 5960)
            expectWellFormed(server.heard)
            try await server.stop()
        }
    }

    @Test(arguments: [FaultyProxy.Condition.cut, .stalled])
    func breakIsBridgedAtAKeyframe(condition: FaultyProxy.Condition) async throws {
        let clip = try PretendClip()
        let server = try await RTMPTestServer.start()
        let proxy = try await FaultyProxy.start(to: server.port)
        let push = try await RunningPush(clip, to: [proxy.port], stallTimeout: .seconds(1))
        _ = try await eventually { (server.heard.first?.media.count ?? 0) > 60 ? true : nil }
        try await proxy.become(condition)
        let waited = try await eventually { await push.report().state == .publishing ? nil : true }
        #expect(waited != nil)
        try await proxy.become(.good)
        let resumed = try await eventually { await push.report().reconnects > 0 ? true : nil }
        #expect(resumed != nil)
        // Attempts that came to nothing are among the connections.
        _ = try await eventually { server.heard.count { $0.media.count > 60 } > 1 ? true : nil }
        let failures = await push.interrupt()
        #expect(failures == [])
        expectWellFormed(server.heard)
        let ended = try await eventually { server.heard.contains(where: \.isEnded) ? true : nil }
        #expect(ended != nil)
        try await proxy.stop()
        try await server.stop()
    }

    @Test func narrowUplinkCostsPicturesAndNoSound() async throws {
        let clip = try PretendClip(pictureBytes: 8000)
        let server = try await RTMPTestServer.start()
        let proxy = try await FaultyProxy.start(to: server.port)
        let push = try await RunningPush(clip, to: [proxy.port])
        _ = try await eventually { (server.heard.first?.media.count ?? 0) > 30 ? true : nil }
        try await proxy.become(.limited(bytesPerSecond: 60_000))
        let shed = try await eventually { await push.report().losses.reference > 20 ? true : nil }
        #expect(shed != nil)
        let report = await push.report()
        #expect(report.losses.disposable > 0 && report.losses.audio == 0 && report.reconnects == 0)
        try await proxy.become(.good)
        let drained = try await eventually { await push.report().queueMilliseconds < 100 ? true : nil }
        #expect(drained != nil)
        let failures = await push.interrupt()
        #expect(failures == [])
        expectWellFormed(server.heard)
        let sounds = server.heard.first?.media.filter { $0.typeID == .audio }.map(\.timestamp) ?? []
        #expect(zip(sounds, sounds.dropFirst()).allSatisfy { $1 - $0 <= 60 })
        try await proxy.stop()
        try await server.stop()
    }

    @Test func refusedServerDoesNotStopTheOthers() async throws {
        let clip = try PretendClip()
        let good = try await RTMPTestServer.start()
        let bad = try await RTMPTestServer.start(.refuses(.publishBadName, "live/show is being published by 10.0.0.7"))
        let push = try await RunningPush(clip, rounds: .times(1), to: [bad.port, good.port])
        let failures = await push.ended()
        #expect(failures.count == 1)
        #expect(failures.first?.contains("NetStream.Publish.BadName: live/show is being published by 10.0.0.7") == true)
        #expect(good.heard.first?.isEnded == true)
        try await good.stop()
        try await bad.stop()
    }

    @Test func patientPushWaitsForItsServer() async throws {
        let clip = try PretendClip()
        let closed = try await RTMPTestServer.start()
        try await closed.stop()
        let push = try await RunningPush(clip, rounds: .times(1), to: [closed.port], isPatient: true)
        let waited = try await eventually {
            if case .waiting = await push.report().state { true } else { nil }
        }
        #expect(waited != nil)
        let server = try await RTMPTestServer.start(port: closed.port)
        let failures = await push.ended()
        #expect(failures == [])
        #expect(server.heard.first?.media.count { $0.typeID == .video } == PretendClip.pictures + 1)
        try await server.stop()
    }

    @Test func serverThatMovesIsFollowed() async throws {
        let clip = try PretendClip()
        let target = try await RTMPTestServer.start()
        let origin = try await RTMPTestServer.start(.moves(toTCURL: "rtmp://127.0.0.1:\(target.port)/live"))
        let push = try await RunningPush(clip, to: [origin.port])
        let moved = try await eventually { (target.heard.first?.media.count ?? 0) > 60 ? true : nil }
        #expect(moved != nil)
        let failures = await push.interrupt()
        #expect(failures == [])
        expectWellFormed(target.heard)
        try await origin.stop()
        try await target.stop()
    }

    @Test func ffmpegsWordsReachTheUser() async throws {
        let process = FFmpegProcess(
            program: "ffmpeg", arguments: Encoding().arguments(for: InputName("/nonexistent/a.mkv")),
            source: "/nonexistent/a.mkv")
        let error = await #expect(throws: PushError.self) { try await process.run { _ in } }
        #expect(error?.description.contains("No such file or directory") == true, "\(String(describing: error))")
        let missing = FFmpegProcess(program: "no-such-ffmpeg", arguments: [], source: "test:")
        let remedy = await #expect(throws: PushError.self) { try await missing.run { _ in } }
        #expect(remedy?.description.contains("--ffmpeg PATH") == true)
    }

    @Test func patternComesEncodedAndEndsWithTheReader() async throws {
        struct Enough: Error {}
        var encoding = Encoding()
        encoding.size = PictureSize(width: 320, height: 180)
        let process = FFmpegProcess(
            program: "ffmpeg", arguments: encoding.arguments(for: InputName("test:")), source: "test:")
        var classifier = UplinkClassifier()
        var roles: [UplinkFrame.Role: Int] = [:]
        await #expect(throws: Enough.self) {
            try await process.run { tag in
                if let role = classifier.role(of: tag) { roles[role, default: 0] += 1 }
                if (roles[.keyframe] ?? 0) >= 3, (roles[.audio] ?? 0) > 100 { throw Enough() }
            }
        }
        #expect(roles[.configuration(.video)] == 1 && roles[.configuration(.audio)] == 1)
        // A keyframe every two seconds of thirty pictures.
        let pictures = (roles[.reference] ?? 0) + (roles[.disposable] ?? 0)
        #expect((118...180).contains(pictures), "\(roles)")
    }
}
