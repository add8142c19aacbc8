import Codecs
import Foundation
import MPEGTS
import MediaTesting
import NIOCore
import Testing

/// What FFmpeg makes, and makes of what we make.
private enum FFmpeg {
    /// Encodes two seconds of a test picture and a tone.
    static func encode(_ video: [String], _ audio: [String], to file: URL) throws {
        var arguments: [String] = []
        if !video.isEmpty { arguments += ["-f", "lavfi", "-i", "testsrc2=s=192x144:r=25:d=2"] }
        if !audio.isEmpty { arguments += ["-f", "lavfi", "-i", "sine=f=440:r=48000:d=2"] }
        try FFmpegProgram.ffmpeg.run(arguments + video + audio + ["-f", "mpegts", file.path])
    }

    /// Time and checksum of each decoded picture and stretch of sound.
    static func decoded(_ file: URL) throws -> [String] {
        try FFmpegProgram.ffmpeg.lines([
            "-copyts", "-i", file.path, "-map", "0", "-fps_mode", "passthrough", "-copyts", "-f", "framemd5", "-",
        ]).sorted()
    }

    /// What ffprobe reads of a file.
    static func packets(_ file: URL) throws -> [ProbedPacket] {
        let entries = "packet=stream_index,pts,dts,flags"
        return try FFmpegProgram.ffprobe.lines(["-show_entries", entries, "-of", "csv=p=0", file.path])
            .map { line in
                let fields = line.split(separator: ",")
                return ProbedPacket(
                    stream: Int(fields[0]) ?? -1, presentation: Int64(fields[1]) ?? -1, decode: Int64(fields[2]) ?? -1,
                    isKey: fields[3].hasPrefix("K"))
            }
    }
}

private struct ProbedPacket: Hashable, CustomStringConvertible {
    var stream: Int
    var presentation: Int64
    var decode: Int64
    var isKey: Bool

    var description: String {
        "\(stream): \(decode) \(presentation)\(isKey ? " key" : "")"
    }
}

private func bytes(_ file: URL) throws -> ByteBuffer {
    ByteBuffer(bytes: try Data(contentsOf: file))
}

/// What is read, written again, with segments that begin at keyframes.
private func rewritten(_ elements: [TSReader.Element]) throws -> ByteBuffer {
    let map = try #require(elements.programs.last)
    let tracks = map.streams.map { stream in
        let configuration = elements.compactMap { element in
            if case .configuration(stream.id, let bytes) = element { bytes } else { nil }
        }.first
        return TSTrack(
            stream.content, configuration: configuration ?? ByteBuffer(), language: stream.descriptors.language)
    }
    var writer = try writer(tracks)
    var output = ByteBuffer()
    for element in elements {
        guard case .accessUnit(let id, let unit) = element else { continue }
        let index = try #require(map.streams.firstIndex { $0.id == id })
        if unit.isKeyframe, tracks[index].content == .video(.avc1) || tracks[index].content == .video(.hvc1) {
            writer.beginSegment(into: &output)
        }
        try writer.write(unit, track: index, into: &output)
    }
    return output
}

private let aac = ["-c:a", "aac", "-ac", "2"]
private let h264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "12"]
private let hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=3:keyint=12"]

@Suite("MPEG-TS with FFmpeg", .enabled(if: FFmpegProgram.ffmpeg.isInstalled))
struct StrangerTests {
    static let streams: [(name: String, video: [String], audio: [String])] = [
        ("H.264 with B-frames, AAC", h264 + ["-bf", "3"], aac),
        ("H.264 without B-frames, mono", h264 + ["-bf", "0"], ["-c:a", "aac", "-ac", "1"]),
        ("H.264 with an open GOP and slices", h264 + ["-x264-params", "open-gop=1:slices=3:bframes=3"], aac),
        ("H.264 baseline, MP3", h264 + ["-profile:v", "baseline"], ["-c:a", "libmp3lame", "-b:a", "96k"]),
        (
            "H.264 at a constant bit rate, 22 kHz MP3", h264 + ["-b:v", "300k", "-muxrate", "900k"],
            ["-c:a", "libmp3lame", "-ar", "22050"]
        ),
        ("HEVC with B-frames, AC-3", hevc, ["-c:a", "ac3", "-b:a", "192k"]),
        ("HEVC, E-AC-3", hevc, ["-c:a", "eac3", "-b:a", "192k"]),
        ("H.264, Opus", h264, ["-c:a", "libopus", "-ac", "2"]),
        ("AAC alone", [], aac),
        ("H.264 alone", h264, []),
    ]

    @Test(arguments: streams.indices)
    func whatFFmpegWritesIsReadAndWrittenAgain(_ index: Int) throws {
        let (name, video, audio) = Self.streams[index]
        let scratch = try ScratchDirectory()
        let (source, result) = (scratch.file("source.ts"), scratch.file("result.ts"))
        try FFmpeg.encode(video, audio, to: source)
        let elements = try read(try bytes(source))
        #expect(elements.damages.isEmpty, "\(name)")

        let streams = try #require(elements.programs.first).streams
        let ours = elements.compactMap { element -> ProbedPacket? in
            guard case .accessUnit(let id, let unit) = element,
                let stream = streams.firstIndex(where: { $0.id == id })
            else { return nil }
            return ProbedPacket(
                stream: stream, presentation: unit.presentationTime.ticks, decode: unit.decodeTime.ticks,
                isKey: unit.isKeyframe)
        }
        #expect(Set(ours) == Set(try FFmpeg.packets(source)), "\(name)")

        let written = try rewritten(elements)
        checkConformance(written, name)
        try Data(written.readableBytesView).write(to: result)
        let theirs = try FFmpeg.decoded(source)
        #expect(theirs.count > 40)
        #expect(try FFmpeg.decoded(result) == theirs, "\(name)")
        #expect(try read(written).units == elements.units, "\(name)")
    }

    @Test func segmentsAreDecodedOneByOne() throws {
        let scratch = try ScratchDirectory()
        let (source, file) = (scratch.file("source.ts"), scratch.file("segment.ts"))
        try FFmpeg.encode(h264 + ["-bf", "3"], [], to: source)
        let elements = try read(try bytes(source))
        var writer = try writer([TSTrack(.video(.avc1), configuration: try #require(elements.configurations.first))])
        var segments: [ByteBuffer] = []
        for unit in elements.units(0x100) {
            if unit.isKeyframe {
                var segment = ByteBuffer()
                writer.beginSegment(into: &segment)
                segments.append(segment)
            }
            try writer.write(unit, track: 0, into: &segments[segments.count - 1])
        }
        #expect(segments.count == 5)
        for segment in segments {
            try Data(segment.readableBytesView).write(to: file)
            let pictures = try FFmpeg.decoded(file)
            #expect(pictures.count == (segment == segments.last ? 2 : 12))
        }
    }

    @Test func framesOfAudioThatShareAPESPacketAreDecoded() throws {
        let scratch = try ScratchDirectory()
        let (source, result) = (scratch.file("source.ts"), scratch.file("result.ts"))
        try FFmpeg.encode([], aac, to: source)
        let elements = try read(try bytes(source))
        let units = elements.units
        var writer = try writer([TSTrack(.audio(.mp4a), configuration: try #require(elements.configurations.first))])
        var output = ByteBuffer()
        for first in stride(from: 0, to: units.count, by: 5) {
            let frames = units[first..<min(first + 5, units.count)].map(\.payload)
            try writer.write(frames: frames, at: units[first].decodeTime, track: 0, into: &output)
        }
        try Data(output.readableBytesView).write(to: result)
        #expect(try FFmpeg.decoded(result) == FFmpeg.decoded(source))
        #expect(output.readableBytes < (try bytes(source).readableBytes))
    }

    @Test func aStreamBeyondTheWrapOfItsTimesIsRead() throws {
        let scratch = try ScratchDirectory()
        let source = scratch.file("source.ts")
        // 2^33 ticks are 95443.717 seconds.
        try FFmpeg.encode(h264 + ["-output_ts_offset", "95442"], aac, to: source)
        let units = try read(try bytes(source)).units(0x100)
        #expect(units.count == 50)
        #expect(zip(units, units.dropFirst()).allSatisfy { $1.decodeTime - $0.decodeTime == TSTime(ticks: 3600) })
        #expect(try #require(units.last).decodeTime.ticks > 1 << 33)
    }

    @Test func timedID3IsSeen() throws {
        let scratch = try ScratchDirectory()
        let source = scratch.file("source.ts")
        var writer = try writer([
            videoTrack, TSTrack(.timedID3), TSTrack(.privateData, registration: FourCC(rawValue: 0x4B4C_5641)),
        ])
        var output = ByteBuffer()
        try writer.write(picture(1000, key: true), track: 0, into: &output)
        let tag = ByteBuffer(bytes: Array("ID3".utf8) + hex("04 00 00 0000000A") + Array("TXXX000000".utf8))
        try writer.write(TSAccessUnit(decodeTime: TSTime(milliseconds: 1000), payload: tag), track: 1, into: &output)
        try writer.write(sound(1000), track: 2, into: &output)
        try Data(output.readableBytesView).write(to: source)
        let streams = try FFmpegProgram.ffprobe.run([
            "-loglevel", "quiet", "-show_entries", "stream=codec_name,codec_tag_string", "-of", "csv=p=0", source.path,
        ])
        #expect(streams.contains("timed_id3,ID3 "))
        #expect(streams.contains("klv,KLVA"))
    }
}
