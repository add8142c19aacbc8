import Codecs
import Foundation
import ISOBMFF
import MediaTesting
import NIOCore
import Testing

extension FFmpegProgram {
    /// Debian's, and the newest where the tests' tools are installed.
    fileprivate static let installed = [
        ffmpeg,
        FFmpegProgram(
            "newest FFmpeg",
            path: ProcessInfo.processInfo.environment["SLUICE_NEWEST_FFMPEG"]
                ?? URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: ".build/tools/ffmpeg").path),
    ].filter(\.isInstalled)

    /// What FFmpeg reads of a file.
    fileprivate func packets(_ file: URL) throws -> [Packet] {
        try lines(["-copyts", "-i", file.path, "-map", "0", "-c", "copy", "-copyts", "-f", "framecrc", "-"])
            .map { line in
                let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                guard fields.count >= 6 else { throw FFmpegProgram.Failure("framecrc: \(line)") }
                return Packet(
                    track: Int(fields[0]) ?? -1, decodeTime: Int64(fields[1]) ?? 0,
                    presentationTime: Int64(fields[2]) ?? 0, size: Int(fields[4]) ?? 0, checksum: fields[5])
            }
    }

    /// Time and checksum of each decoded picture and stretch of sound. Sound's beginning and end are left out: in
    /// fragmented files, be they its own, FFmpeg does not cut off what an encoder put there to fill its frames.
    fileprivate func decoded(_ file: URL) throws -> [String] {
        try lines(["-copyts", "-i", file.path, "-map", "0", "-f", "framemd5", "-"])
            .filter { line in
                let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                return fields.count >= 6 && (fields[0] == "0" || (2048..<90_000).contains(Int64(fields[2]) ?? 0))
            }
            .sorted()
    }
}

/// A packet as FFmpeg's framecrc has it, without its duration: in fragmented files FFmpeg guesses that.
private struct Packet: Hashable, CustomStringConvertible {
    var track: Int
    var decodeTime: Int64
    var presentationTime: Int64
    var size: Int
    var checksum: String

    var description: String {
        "\(track): \(decodeTime) \(presentationTime) \(size) \(checksum)"
    }
}

extension ByteBuffer {
    /// Adler-32 as FFmpeg has it: beginning with 0, and not with 1.
    fileprivate var checksum: String {
        var (low, high): (UInt32, UInt32) = (0, 0)
        for byte in readableBytesView {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return "0x" + String(format: "%08x", high << 16 | low)
    }
}

private func bytes(_ file: URL) throws -> ByteBuffer {
    ByteBuffer(bytes: try Data(contentsOf: file))
}

/// The packets of an unfragmented file.
private func packets(movie bytes: ByteBuffer) throws -> [Packet] {
    let boxes = try BoxSequence(bytes).all()
    let movie = try Movie(parsing: try #require(boxes.first { $0.type == .moov }))
    var cursor = try movie.makeCursor()
    var packets: [Packet] = []
    while let (index, sample) = try cursor.next() {
        let payload = try #require(bytes.getSlice(at: Int(sample.offset), length: Int(sample.size)))
        let shift = movie.initSegment.tracks[index].presentationShift(
            movieTimescale: movie.initSegment.movieTimescale)
        packets.append(
            Packet(
                track: index, decodeTime: sample.decodeTime + shift,
                presentationTime: sample.decodeTime + Int64(sample.compositionOffset) + shift,
                size: Int(sample.size), checksum: payload.checksum))
    }
    return packets
}

/// The packets of a fragmented file.
private func packets(fragmented bytes: ByteBuffer) throws -> [Packet] {
    let elements = try read(Array(bytes.readableBytesView))
    let segment = try #require(elements.initSegment)
    return try elements.fragments.flatMap(\.tracks).flatMap { fragment -> [Packet] in
        let index = try #require(segment.tracks.firstIndex { $0.id == fragment.trackID })
        var time = Int64(fragment.baseDecodeTime)
        time += segment.tracks[index].presentationShift(movieTimescale: segment.movieTimescale)
        return fragment.samples.map { sample in
            defer { time += Int64(sample.duration) }
            return Packet(
                track: index, decodeTime: time, presentationTime: time + Int64(sample.compositionOffset),
                size: sample.payload.readableBytes,
                checksum: sample.payload.checksum)
        }
    }
}

/// By track and time, since interleaving is each writer's own.
private func sorted(_ packets: [Packet]) -> [Packet] {
    packets.sorted { ($0.track, $0.decodeTime, $0.checksum) < ($1.track, $1.decodeTime, $1.checksum) }
}

/// Records where two lists of packets differ.
private func expectEqual(_ ours: [Packet], _ theirs: [Packet], _ name: String = "") {
    let (ours, theirs) = (sorted(ours), sorted(theirs))
    guard ours != theirs else { return }
    let pairs = zip(ours, theirs).enumerated().filter { $1.0 != $1.1 }
    let list = pairs.prefix(3).map { "; packet \($0): \($1.0) and \($1.1)" }.joined()
    Issue.record("\(name) \(ours.count) and \(theirs.count) packets\(list)")
}

/// What an encoder of FFmpeg makes, and how.
private struct Clip: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var encoder: [String]

    init(_ name: String, _ encoder: String...) {
        testDescription = name
        self.encoder = encoder.flatMap { $0.split(separator: " ").map(String.init) }
    }

    /// Two seconds of moving picture and tone.
    func make(_ file: URL, with ffmpeg: FFmpegProgram, _ options: String...) throws {
        try ffmpeg.run(
            ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2"]
                + ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"]
                + ["-pix_fmt", "yuv420p", "-strict", "-2", "-shortest"] + encoder + options + [file.path])
    }

    static let bFrames = Clip("H.264 with B-frames, AAC", "-c:v libx264 -bf 3 -b_strategy 0 -g 12 -c:a aac")
    static let all = [
        bFrames,
        Clip("HEVC, AC-3", "-c:v libx265 -tag:v hvc1 -x265-params log-level=0 -g 25 -c:a ac3"),
        Clip("HEVC as hev1, E-AC-3", "-c:v libx265 -tag:v hev1 -x265-params log-level=0 -c:a eac3"),
        Clip("AV1, FLAC", "-c:v libaom-av1 -cpu-used 8 -g 25 -c:a flac"),
        Clip("VP9, Opus", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus -ac 2"),
        Clip("H.264 of one picture each, MP3", "-c:v libx264 -g 1 -c:a libmp3lame"),
    ]
}

@Suite("Files of FFmpeg and for FFmpeg", .serialized)
struct StrangerTests {
    /// Where FFmpeg is not installed there are no arguments; the other tests do not need it.
    @Test(arguments: FFmpegProgram.installed, Clip.all)
    private func filesOfFFmpegAreReadAsFFmpegReadsThem(_ ffmpeg: FFmpegProgram, _ clip: Clip) throws {
        let scratch = try ScratchDirectory()
        let plain = scratch.file("plain.mp4")
        try clip.make(plain, with: ffmpeg)
        let expected = try ffmpeg.packets(plain)
        #expect(expected.count > 70)
        expectEqual(try packets(movie: try bytes(plain)), expected)

        for flags in [
            "frag_keyframe+empty_moov+delay_moov", "frag_keyframe+delay_moov+default_base_moof",
            "frag_every_frame+delay_moov",
        ] {
            let file = scratch.file("fragmented.mp4")
            try ffmpeg.run(
                ["-i", plain.path, "-map", "0", "-c", "copy", "-strict", "-2", "-movflags", flags, file.path])
            expectEqual(try packets(fragmented: try bytes(file)), try ffmpeg.packets(file), flags)
        }
    }

    @Test(arguments: FFmpegProgram.installed)
    private func movieInFrontOfTheMediaIsReadToo(_ ffmpeg: FFmpegProgram) throws {
        let scratch = try ScratchDirectory()
        let file = scratch.file("faststart.mp4")
        try Clip.bFrames.make(file, with: ffmpeg, "-movflags", "faststart")
        expectEqual(try packets(movie: try bytes(file)), try ffmpeg.packets(file))
        // Cut as a stream, it tells of its tracks, and its media data are passed over.
        #expect(try read(Array(try bytes(file).readableBytesView)).initSegment?.tracks.count == 2)
    }

    @Test(arguments: FFmpegProgram.installed, Clip.all)
    private func ffmpegReadsWhatWeWriteAsItReadsTheSource(_ ffmpeg: FFmpegProgram, _ clip: Clip) throws {
        let scratch = try ScratchDirectory()
        let source = scratch.file("source.mp4")
        try clip.make(source, with: ffmpeg, "-video_track_timescale", "90000")
        let (expected, pictures) = (try ffmpeg.packets(source), try ffmpeg.decoded(source))
        #expect(pictures.count > 60)
        for samplesPerFragment in [1, 10, 1000] {
            let ours = scratch.file("ours.mp4")
            try Data(try rewritten(try bytes(source), samplesPerFragment).readableBytesView).write(to: ours)
            expectEqual(try ffmpeg.packets(ours), expected, "\(samplesPerFragment) a fragment:")
            let decoded = try ffmpeg.decoded(ours)
            #expect(decoded == pictures)
            expectEqual(try packets(fragmented: try bytes(ours)), expected)
        }
    }

    /// A file's samples as fragments, by way of nanoseconds.
    private func rewritten(_ source: ByteBuffer, _ samplesPerFragment: Int) throws -> ByteBuffer {
        let movie = try Movie(parsing: try #require(try BoxSequence(source).all().first { $0.type == .moov }))
        var segment = movie.initSegment
        segment.fileType = .initSegment
        var written = ByteBuffer()
        try segment.write(into: &written)
        var writer = FragmentWriter(
            tracks: segment.tracks.map { .init(trackID: $0.id, timescale: $0.timescale, firstDuration: 3600) })
        var (cursor, count) = (try movie.makeCursor(), 0)
        while let (index, sample) = try cursor.next() {
            let track = segment.tracks[index]
            let start = TrackClock.nanoseconds(ticks: sample.decodeTime, timescale: track.timescale)
            let shown = TrackClock.nanoseconds(
                ticks: sample.decodeTime + Int64(sample.compositionOffset), timescale: track.timescale)
            count += 1
            let boundary = FragmentWriter.Boundary(trackID: track.id, decodeNanoseconds: start)
            if count > samplesPerFragment, let fragment = writer.cut(before: boundary) {
                FileType.chunk.write(as: .styp, into: &written)
                fragment.write(into: &written)
                count = 1
            }
            writer.append(
                trackID: track.id, decodeNanoseconds: start, compositionNanoseconds: shown - start,
                flags: sample.isSync ? .sync : .dependent,
                payload: try #require(source.getSlice(at: Int(sample.offset), length: Int(sample.size))))
        }
        writer.cut()?.write(into: &written)
        return written
    }
}
