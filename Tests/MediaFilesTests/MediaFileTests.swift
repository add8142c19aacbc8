import Codecs
import FLV
import Foundation
import MediaFiles
import MediaTesting
import NIOCore
import Testing

/// Two seconds with B pictures, made once.
enum SourceClip {
    static func make(in scratch: ScratchDirectory) throws -> String {
        let path = scratch.file("source.flv").path
        try FFmpegProgram.ffmpeg.run([
            "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=44100",
            "-t", "2", "-c:v", "libx264", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", path,
        ])
        return path
    }
}

@Suite("Files of every format give the same tags")
struct MediaFileTests {
    struct Content: Equatable {
        var pictures: [ByteBuffer] = []
        var pictureTimes: [Int64] = []
        var shownTimes: [Int64] = []
        var keyframes: [Int] = []
        var sounds: [ByteBuffer] = []
        var soundTimes: [Int64] = []
        var configurations: [FourCC: ByteBuffer] = [:]
        var isOrdered = true
        var last: UInt32 = 0

        mutating func take(_ tag: FLVTag) throws {
            isOrdered = isOrdered && tag.timestamp >= last
            last = tag.timestamp
            let time = Int64(tag.timestamp)
            switch tag.type {
            case .video:
                let video = try VideoTag(parsing: tag.body)
                for packet in video.packets {
                    if packet.kind == .sequenceStart { configurations[packet.codec] = packet.payload }
                    guard packet.kind == .codedFrames else { continue }
                    if video.frameType == .key { keyframes.append(pictures.count) }
                    pictures.append(packet.payload)
                    pictureTimes.append(time)
                    shownTimes.append(time + Int64(packet.compositionTimeOffset))
                }
            case .audio:
                for packet in try AudioTag(parsing: tag.body).packets {
                    if packet.kind == .sequenceStart { configurations[packet.codec] = packet.payload }
                    guard packet.kind == .codedFrames else { continue }
                    sounds.append(packet.payload)
                    soundTimes.append(time)
                }
            default: break
            }
        }
    }

    static func content(of path: String) async throws -> (MediaFile, Content) {
        let file = try await MediaFile.open(path)
        var content = Content()
        for try await tag in file { try content.take(tag) }
        return (file, content)
    }

    struct Container: Sendable, CustomTestStringConvertible {
        let name: String
        let options: [String]
        let format: MediaFile.Format
        var testDescription: String { name }
    }

    static let containers = [
        Container(name: "plain.mp4", options: [], format: .mp4),
        Container(name: "faststart.mp4", options: ["-movflags", "faststart"], format: .mp4),
        Container(name: "quicktime.mov", options: [], format: .mp4),
        Container(
            name: "fragmented.mp4", options: ["-movflags", "frag_keyframe+delay_moov+default_base_moof"],
            format: .fragmentedMP4),
        Container(name: "stream.ts", options: [], format: .mpegTS),
    ]

    @Test(arguments: containers)
    func remuxedFileGivesTheSameFrames(_ container: Container) async throws {
        let scratch = try ScratchDirectory()
        let source = try SourceClip.make(in: scratch)
        let path = scratch.file(container.name).path
        try FFmpegProgram.ffmpeg.run(["-i", source, "-c", "copy"] + container.options + [path])
        let (_, original) = try await Self.content(of: source)
        let (file, copy) = try await Self.content(of: path)
        #expect(file.format == container.format)
        #expect(file.codecs == [.avc1, .mp4a])
        #expect(copy.isOrdered)
        #expect(copy.keyframes == original.keyframes)
        #expect(copy.sounds == original.sounds)
        #expect(copy.pictures.count == original.pictures.count)
        if container.format != .mpegTS { #expect(copy.pictures == original.pictures) }
        #expect(copy.configurations[.mp4a]?.readableBytes ?? 0 >= 2)
        #expect(copy.configurations[.avc1] != nil)
        // The distance of sound and picture as it is shown stays, to the rounding of milliseconds.
        let distance = { (content: Content) in (content.shownTimes.min() ?? 0) - (content.soundTimes.first ?? 0) }
        #expect(abs(distance(copy) - distance(original)) <= 25, "\(distance(copy)) \(distance(original))")
        for (ours, theirs) in zip(copy.shownTimes, original.shownTimes) {
            let shift = (copy.shownTimes.first ?? 0) - (original.shownTimes.first ?? 0)
            #expect(abs(ours - theirs - shift) <= 2)
        }
    }

    @Test func enhancedCodecsGetEnhancedTags() async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("hevc.mp4").path
        try FFmpegProgram.ffmpeg.run([
            "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-t",
            "1",
            "-c:v", "libx265", "-x265-params", "log-level=error", "-c:a", "libopus", path,
        ])
        let (file, content) = try await Self.content(of: path)
        #expect(file.codecs == [.hvc1, .opus])
        #expect(content.pictures.count == 25)
        #expect(content.configurations[.hvc1] != nil && content.configurations[.opus] != nil)
    }

    @Test func fileCutOffGivesWhatItHas() async throws {
        let scratch = try ScratchDirectory()
        let source = try SourceClip.make(in: scratch)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: source))
        let path = scratch.file("cut.flv").path
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        let (_, content) = try await Self.content(of: path)
        #expect(content.pictures.count > 5 && content.pictures.count < 50)
    }

    @Test(
        arguments: [
            ("text.txt", "hello, this is no video at all", MediaFileError.Code.unknownFormat, "neither FLV nor MP4"),
            ("empty.flv", "", .unknownFormat, "neither FLV nor MP4"),
            ("cut.mp4", "\0\0\0\u{8}ftyp\0\0\0\u{8}mdat", .damaged, "no index (moov box)"),
        ])
    func whatCannotBeReadIsTold(name: String, text: String, code: MediaFileError.Code, words: String) async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file(name).path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let error = await #expect(throws: MediaFileError.self) { _ = try await MediaFile.open(path) }
        #expect(error?.code == code)
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test func missingFileIsTold() async {
        let error = await #expect(throws: MediaFileError.self) { _ = try await MediaFile.open("/nonexistent/a.flv") }
        #expect(error?.description == "/nonexistent/a.flv: no such file or directory")
    }

    @Test func codecsWithoutAPlaceAreUnsupported() async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("mpeg2.ts").path
        try FFmpegProgram.ffmpeg.run([
            "-f", "lavfi", "-i", "testsrc2=size=320x180", "-t", "1", "-c:v", "mpeg2video", path,
        ])
        let error = await #expect(throws: MediaFileError.self) { _ = try await MediaFile.open(path) }
        #expect(error?.code == .unsupported)
    }
}
