import AMF
import FLV
import Foundation
import MediaFiles
import NIOCore
import SluicePull
import StreamSources
import Testing

/// A folder of one test's own.
private struct Folder: ~Copyable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "sluice-pull-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("\(path) stays: \(error)") }
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

/// What a file holds: its pictures and frames of sound, as they stand in it.
private struct Contents: Equatable {
    var pictures: [ByteBuffer] = []
    var sounds: [ByteBuffer] = []
    var beginsWithKeyframe: Bool?
    var lastTime: UInt32 = 0

    /// A transport stream puts parameter sets and delimiters around pictures, so that only sizes of sound compare.
    init(_ path: String) async throws {
        for try await tag in try await MediaFile.open(path) { try add(tag) }
    }

    mutating func add(_ tag: FLVTag) throws {
        switch tag.type {
        case .video:
            let video = try VideoTag(parsing: tag.body)
            guard let packet = video.packets.first, packet.kind == .codedFrames else { return }
            if beginsWithKeyframe == nil { beginsWithKeyframe = video.frameType == .key }
            pictures.append(packet.payload)
        case .audio:
            guard let packet = try AudioTag(parsing: tag.body).packets.first, packet.kind == .codedFrames else {
                return
            }
            sounds.append(packet.payload)
        default: return
        }
        lastTime = max(lastTime, tag.timestamp)
    }
}

@Suite("Recording")
struct RecorderTests {
    private static let clip = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/CDemoClip/demo.flv").path()

    private func record(_ plan: RecordingPlan, finishes: Bool = true) async throws -> Recorder {
        var recorder = Recorder(plan, wallClock: { 0 })
        var splicer = Splicer()
        splicer.beginConnection()
        for try await tag in try await MediaFile.open(Self.clip) {
            for live in splicer.place(tag, at: .now()) { try await recorder.take(live) }
        }
        if finishes { try await recorder.finish() }
        return recorder
    }

    private func plan(_ name: String, isSplit: Bool = false) throws -> RecordingPlan {
        let format = try #require(RecordingFormat(fileName: name))
        return RecordingPlan(names: FileNames(name, isSplit: isSplit), format: format)
    }

    @Test(arguments: ["flv", "mp4"])
    func fileHoldsEveryFrameAsItCame(format: String) async throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.\(format)"
        let recorder = try await record(try plan(path))
        let (clip, recorded) = (try await Contents(Self.clip), try await Contents(path))
        #expect(recorded.pictures == clip.pictures)
        #expect(recorded.sounds == clip.sounds)
        #expect(recorder.report.pictures == clip.pictures.count)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == recorder.report.bytes)
    }

    @Test func transportStreamHoldsEveryFrame() async throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.ts"
        _ = try await record(try plan(path))
        let (clip, recorded) = (try await Contents(Self.clip), try await Contents(path))
        #expect(recorded.pictures.count == clip.pictures.count)
        #expect(recorded.sounds == clip.sounds)
    }

    @Test func durationAndSizeAreFilledIn() async throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.flv"
        let recorder = try await record(try plan(path))
        for try await tag in try await MediaFile.open(path) {
            let metadata = try #require(StreamMetadata(try ScriptData(parsing: tag.body)))
            let seconds = try #require(metadata.durationSeconds)
            #expect(abs(seconds - Double(recorder.report.milliseconds) / 1000) < 0.1)
            #expect(metadata.object["filesize"]?.number == Double(recorder.report.bytes))
            return
        }
        Issue.record("no metadata")
    }

    @Test(arguments: ["flv", "mp4", "ts"])
    func filesAreSplitOnKeyframesWithoutLoss(format: String) async throws {
        let folder = try Folder()
        var plan = try plan("\(folder.path)/a.\(format)", isSplit: true)
        plan.splitMilliseconds = 3000
        let recorder = try await record(plan)
        let names = try folder.names
        #expect(names.count == recorder.report.fileCount)
        #expect(names.count > 1)
        #expect(names.first == "a-001.\(format)")
        var pictures = 0
        for name in names {
            let contents = try await Contents("\(folder.path)/\(name)")
            #expect(contents.beginsWithKeyframe == true)
            pictures += contents.pictures.count
        }
        #expect(pictures == (try await Contents(Self.clip).pictures.count))
    }

    @Test func filesAreSplitBySize() async throws {
        let folder = try Folder()
        var plan = try plan("\(folder.path)/a.flv", isSplit: true)
        plan.splitBytes = 1000
        let recorder = try await record(plan)
        #expect(recorder.report.fileCount > 1)
        #expect(try folder.names.count == recorder.report.fileCount)
    }

    @Test func onlySoMuchIsRecorded() async throws {
        let folder = try Folder()
        var plan = try plan("\(folder.path)/a.mp4")
        plan.durationMilliseconds = 2000
        let recorder = try await record(plan)
        #expect(recorder.isDone)
        #expect(try await Contents("\(folder.path)/a.mp4").lastTime < 2000)
    }

    @Test func fileThatIsThereIsLeftAlone() async throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.mp4"
        try Data("mine".utf8).write(to: URL(filePath: path))
        await #expect { try await record(try plan(path)) } throws: { "\($0)".contains("--force") }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
        var forced = try plan(path)
        forced.overwrites = true
        _ = try await record(forced)
        #expect(try await Contents(path).pictures.count > 0)
    }

    @Test(arguments: ["flv", "mp4", "ts"])
    func fileThatWasNotFinishedLacksOnlyTheLastSeconds(format: String) async throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.\(format)"
        let recorder = try await record(try plan(path), finishes: false)
        let recorded = try await Contents(path)
        #expect(Int64(recorded.lastTime) > recorder.report.milliseconds - 4000)
        #expect(recorded.pictures.count > 0)
    }

    @Test func fullDiskIsToldInWords() async throws {
        var plan = RecordingPlan(names: FileNames("/dev/full", isSplit: false), format: .flv)
        plan.overwrites = true
        await #expect { try await record(plan) } throws: { "\($0)".contains("disk is full") }
    }
}
