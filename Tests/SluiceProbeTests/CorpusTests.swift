import Codecs
import Foundation
import SluiceProbe
import StreamInspection
import Testing

/// Files that FFmpeg makes, told by us and by ffprobe. Needs FFmpeg, as the other tests with strangers do.
@Suite("The same numbers as ffprobe", .serialized)
struct CorpusTests {
    @Test func corpusIsLarge() {
        #expect(CorpusFile.all.count >= 40)
        #expect(Set(CorpusFile.all.map(\.name)).count == CorpusFile.all.count)
    }

    @Test(arguments: CorpusFile.all)
    func numbersAreEqualOrTheDifferenceIsExplained(file: CorpusFile) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-corpus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: folder) } catch {} }
        let path = folder.appending(path: file.name).path
        try await make(file, at: path)
        let theirs = try await FFprobe(path)
        let ours = try await FileProbe.inspect(path, seconds: nil)
        let media = ours.tracks.filter { $0.track.kind != .data }
        let streams = theirs.streams.filter { $0.kind == "video" || $0.kind == "audio" }
        try #require(media.count == streams.count)
        var different: Set<CorpusFile.Quantity> = []
        for stream in streams {
            let track = try #require(media.first { $0.track.kind.rawValue == stream.kind })
            for (quantity, words) in Self.differences(track, stream) {
                different.insert(quantity)
                #expect(file.differences[quantity] != nil, "\(stream.kind), \(quantity): \(words)")
            }
        }
        // What is explained must be there.
        #expect(different == Set(file.differences.keys))
    }

    private func make(_ file: CorpusFile, at path: String) async throws {
        let inputs = [file.video, file.audio].compactMap { $0 }.flatMap { ["-f", "lavfi", "-i", $0] }
        let arguments = file.arguments.split(separator: " ").map { $0.filter { $0 != "'" } }
        try await FFprobe.run("ffmpeg", ["-v", "error", "-y"] + inputs + arguments + [path])
        guard file.harm != .none else { return }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        switch file.harm {
        case .none: break
        case .cut(let percent): bytes = bytes.prefix(bytes.count * percent / 100)
        case .overwritten(let count):
            let middle = bytes.count / 2
            bytes.replaceSubrange(middle..<(middle + count), with: Data(repeating: 0xAA, count: count))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// How far times may be apart. ffprobe writes microseconds; edits are rounded to a sample; and frames behind the first
    /// of a PES packet have no times of their own, so that every reader rounds them in its way, by some 90 kHz ticks.
    private static let timeSecondsMax = 0.000_05

    /// What differs, with both numbers.
    private static func differences(
        _ track: TrackReport, _ stream: FFprobe.Stream
    ) -> [(CorpusFile.Quantity, String)] {
        var found: [(CorpusFile.Quantity, String)] = []
        func compare<Value: Equatable>(_ quantity: CorpusFile.Quantity, _ ours: Value, _ theirs: Value) {
            if ours != theirs { found.append((quantity, "\(ours), and ffprobe says \(theirs)")) }
        }
        compare(.codec, name(of: track.track.codec, track.audio), stream.codec)
        if stream.kind == "video" {
            compare(.format, [track.video?.width ?? 0, track.video?.height ?? 0], [stream.width, stream.height])
            compare(.keyframes, track.keyframes, stream.keyframes)
            compare(.pictures, pictures(track), stream.pictures)
        } else {
            compare(
                .format, [track.audio?.sampleRate ?? 0, track.audio?.channels ?? 0],
                [stream.sampleRate, stream.channels])
        }
        compare(.packets, track.sampleCount, stream.packets)
        compare(.bytes, track.bytes, stream.bytes)
        let ours = [
            track.startSeconds, track.samples.map(\.presentationTime).max().map(track.seconds),
            track.samples.first.map { track.seconds($0.decodeTime) },
        ]
        for (our, their) in zip(ours, [stream.firstTime, stream.lastTime, stream.firstDecodeTime]) {
            let isSame = our == their || abs((our ?? 0) - (their ?? .infinity)) < Self.timeSecondsMax
            if !isSame { compare(.times, our, their) }
        }
        return found
    }

    private static func pictures(_ track: TrackReport) -> [String: Int] {
        let types: [(PictureType, String)] = [(.intra, "I"), (.predicted, "P"), (.bidirectional, "B")]
        return Dictionary(uniqueKeysWithValues: types.map { ($0.1, track.count(of: $0.0)) }).filter { $0.value > 0 }
    }

    private static func name(of codec: FourCC, _ audio: AudioFormat?) -> String {
        switch codec {
        case .avc1: "h264"
        case .hvc1: "hevc"
        case .av01: "av1"
        case .vp09: "vp9"
        case .mp4a: "aac"
        case .mp3: audio?.profile == "Layer II" ? "mp2" : "mp3"
        case .opus: "opus"
        case .flac: "flac"
        case .ac3: "ac3"
        case .eac3: "eac3"
        default: "\(codec)" == "mp4v" ? "mpeg4" : "\(codec)"
        }
    }
}
