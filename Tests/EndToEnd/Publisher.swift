import Foundation
import Testing

/// A stranger that publishes a clip at its own pace, unchanged.
enum Publisher: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case ffmpeg, newestFFmpeg
    /// GStreamer's own RTMP.
    case gstreamer
    /// GStreamer with librtmp, which is also what OBS and rtmpdump are made with.
    case librtmp

    var testDescription: String { rawValue }

    /// Begins to publish.
    ///
    /// - Parameter options: what FFmpeg is told besides, of its output.
    func start(
        _ clip: Clip, as name: String, at server: ServerProcess, options: [String] = []
    ) throws -> RunningProgram {
        let url = server.rtmp(name)
        switch self {
        case .ffmpeg, .newestFFmpeg:
            var arguments = ["-hide_banner", "-loglevel", "warning", "-re", "-i", clip.path]
            arguments += ["-map", "0", "-c", "copy"] + options + ["-f", "flv"]
            if clip.content.isEnhanced {
                arguments += ["-rtmp_enhanced_codecs", "hvc1,av01,vp09,Opus,fLaC"]
            }
            return try (self == .ffmpeg ? Stranger.ffmpeg : .newestFFmpeg).start(arguments + [url])
        case .gstreamer: return try Self.gstreamer(clip, ["rtmp2sink", "location=\(url)", "sync=true"])
        case .librtmp: return try Self.gstreamer(clip, ["rtmpsink", "location=\(url) live=1", "sync=true"])
        }
    }

    /// The frames that it sends of a clip. GStreamer's muxer begins time anew, so what it writes to a file counts.
    func frames(of clip: Clip) async throws -> DecodedFrames {
        switch self {
        case .ffmpeg, .newestFFmpeg: return try await clip.frames
        case .gstreamer, .librtmp:
            let directory = try TemporaryDirectory()
            let file = directory.path("muxed.flv")
            let end = try await Self.gstreamer(clip, ["filesink", "location=\(file)"]).ended(within: .seconds(10))
            try #require(end.isSuccess, "\(end.errors)")
            return try await DecodedFrames(of: file, isEnhanced: false)
        }
    }

    private static func gstreamer(_ clip: Clip, _ sink: [String]) throws -> RunningProgram {
        try Stranger.gstreamer.start(
            ["-q", "filesrc", "location=\(clip.path)", "!", "flvdemux", "name=demuxer"]
                + ["flvmux", "name=muxer", "streamable=true", "!"] + sink
                + ["demuxer.video", "!", "queue", "!", "h264parse", "!", "muxer."]
                + ["demuxer.audio", "!", "queue", "!", "aacparse", "!", "muxer."])
    }
}
