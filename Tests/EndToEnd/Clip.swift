import Foundation
import Testing

/// A file of FFmpeg's test pictures and sounds, made for one test.
struct Clip: Sendable {
    /// What a clip is encoded with.
    enum Content: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case h264AAC = "H.264 with B-frames and AAC"
        case h264Large = "H.264 of another size and AAC"
        case video = "H.264 alone"
        case audio = "AAC alone"
        case hevcAAC = "HEVC and AAC"
        case av1AAC = "AV1 and AAC"
        case av1Opus = "AV1 and Opus"
        case vp9Opus = "VP9 and Opus"
        case h264FLAC = "H.264 and FLAC"

        var testDescription: String { rawValue }

        /// Whether FLV needs Enhanced RTMP's FourCCs for it.
        var isEnhanced: Bool {
            switch self {
            case .h264AAC, .h264Large, .video, .audio: false
            case .hevcAAC, .av1AAC, .av1Opus, .vp9Opus, .h264FLAC: true
            }
        }

        var hasVideo: Bool { self != .audio }
        var hasAudio: Bool { self != .video }

        fileprivate var size: String { self == .h264Large ? "480x270" : "320x180" }

        fileprivate var videoArguments: [String] {
            let gop = ["-g", "25", "-keyint_min", "25", "-pix_fmt", "yuv420p"]
            switch self {
            case .audio: return []
            case .h264AAC, .h264Large, .video, .h264FLAC:
                return ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-sc_threshold", "0"] + gop
            case .hevcAAC:
                return ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=2"] + gop
            case .av1AAC, .av1Opus:
                return ["-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "pred-struct=1"] + gop
            case .vp9Opus: return ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"] + gop
            }
        }

        // No noise substitution: a decoder invents that noise out of all it has heard before.
        fileprivate var audioArguments: [String] {
            switch self {
            case .video: []
            case .h264AAC, .h264Large, .audio, .hevcAAC, .av1AAC: ["-c:a", "aac", "-b:a", "64k", "-aac_pns", "0"]
            case .av1Opus, .vp9Opus: ["-c:a", "libopus", "-ar", "48000", "-b:a", "64k"]
            case .h264FLAC: ["-c:a", "flac", "-sample_fmt", "s16"]
            }
        }
    }

    let content: Content
    let path: String
    private let directory: TemporaryDirectory

    /// Encodes a clip: 25 pictures a second, a keyframe each second, 44.1 kHz.
    init(_ content: Content, seconds: Int = 3) async throws {
        self.content = content
        directory = try TemporaryDirectory()
        path = directory.path("clip.flv")
        var arguments = ["-hide_banner", "-loglevel", "error"]
        if content.hasVideo {
            arguments += ["-f", "lavfi", "-i", "testsrc2=size=\(content.size):rate=25:duration=\(seconds)"]
        }
        if content.hasAudio {
            arguments += [
                "-f", "lavfi",
                "-i", "sine=frequency=330:beep_factor=4:sample_rate=44100:duration=\(seconds)",
            ]
        }
        arguments += content.videoArguments + content.audioArguments + ["-f", "flv", path]
        let stranger = content.isEnhanced ? Stranger.newestFFmpeg : .ffmpeg
        let end = try await stranger.run(arguments, within: .seconds(40))
        try #require(end.isSuccess, "\(content.rawValue): \(end.errors)")
    }

    /// What the clip decodes to.
    var frames: DecodedFrames {
        get async throws { try await DecodedFrames(of: path, isEnhanced: content.isEnhanced) }
    }
}

/// The frames of a file, decoded, each by time and checksum.
struct DecodedFrames: Sendable {
    struct Frame: Sendable {
        /// Since the file's first frame of any kind.
        var milliseconds: Double
        let checksum: Substring
    }

    private(set) var video: [Frame] = []
    private(set) var audio: [Frame] = []
    /// What the decoder complained of.
    let complaints: String

    /// Decodes a file.
    init(of path: String, isEnhanced: Bool) async throws {
        let stranger = isEnhanced ? Stranger.newestFFmpeg : .ffmpeg
        let end = try await stranger.run([
            "-hide_banner", "-loglevel", "warning", "-i", path, "-map", "0:v?", "-map", "0:a?", "-fps_mode",
            "passthrough",
            "-f", "framemd5", "-",
        ])
        try #require(end.isSuccess, "\(path): \(end.errors)")
        self.init(framemd5: end)
    }

    /// Reads what FFmpeg's framemd5 muxer wrote: "0, DTS, PTS, duration, size, checksum" under a head of time bases.
    init(framemd5 end: ProgramEnd) {
        complaints = end.errors
        var tickMilliseconds: [String: Double] = [:]
        var kinds: [String: Substring] = [:]
        for line in end.outputText.split(separator: "\n") {
            let words = line.split(whereSeparator: { " ,:/".contains($0) })
            if words.count >= 4, words[0] == "#tb", let numerator = Double(words[2]), let denominator = Double(words[3])
            {
                tickMilliseconds[String(words[1])] = 1000 * numerator / denominator
            } else if words.count >= 3, words[0] == "#media_type" {
                kinds[String(words[1])] = words[2]
            } else if words.count >= 6, let tick = tickMilliseconds[String(words[0])], let time = Double(words[2]) {
                let frame = Frame(milliseconds: time * tick, checksum: words[5])
                if kinds[String(words[0])] == "video" { video.append(frame) } else { audio.append(frame) }
            }
        }
        let start = min(video.first?.milliseconds ?? .infinity, audio.first?.milliseconds ?? .infinity)
        for index in video.indices { video[index].milliseconds -= start }
        for index in audio.indices { audio[index].milliseconds -= start }
    }

    /// These frames without the last of the audio.
    var droppingLastAudio: DecodedFrames {
        var frames = self
        frames.audio.removeLast()
        return frames
    }

    /// How another file's frames differ from these; nil when they are the same at the same times.
    ///
    /// FLV's times are whole milliseconds, so one may be lost on each side.
    func difference(from other: DecodedFrames) -> String? {
        for (kind, ours, theirs) in [("video", video, other.video), ("audio", audio, other.audio)] {
            if ours.count != theirs.count { return "\(theirs.count) instead of \(ours.count) \(kind) frames" }
            for (index, (our, their)) in zip(ours, theirs).enumerated() {
                if our.checksum != their.checksum { return "\(kind) frame \(index) is another" }
                if abs(our.milliseconds - their.milliseconds) > 2 {
                    return "\(kind) frame \(index) is at \(their.milliseconds) instead of \(our.milliseconds) ms"
                }
            }
        }
        return nil
    }

    /// How frames differ from the last of these; nil when they are the same, whatever their times.
    func difference(fromEnd other: DecodedFrames, skippingAudio skipped: Int) -> String? {
        let pairs = [("video", video, other.video[...]), ("audio", audio, other.audio.dropFirst(skipped))]
        for (kind, ours, theirs) in pairs {
            if theirs.count > ours.count { return "\(theirs.count) of \(ours.count) \(kind) frames" }
            for (index, (our, their)) in zip(ours.suffix(theirs.count), theirs).enumerated()
            where our.checksum != their.checksum {
                return "\(kind) frame \(index) of \(theirs.count) is another"
            }
        }
        return nil
    }
}
