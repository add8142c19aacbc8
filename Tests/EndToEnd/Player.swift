import Foundation
import Testing

/// A stranger that plays a stream and keeps what it got.
enum Player: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case ffmpegRTMP, ffmpegHTTP, newestFFmpegRTMP, newestFFmpegHTTP, ffprobeRTMP, ffprobeHTTP, rtmpdump
    case gstreamerRTMP, gstreamerLibrtmp, gstreamerHTTP, curl, mpvRTMP, mpvHTTP

    var testDescription: String { rawValue }

    /// Players that know Enhanced RTMP, or do not look at all.
    static let enhanced: [Player] = [.newestFFmpegRTMP, .newestFFmpegHTTP, .curl]

    var isHTTP: Bool {
        switch self {
        case .ffmpegHTTP, .newestFFmpegHTTP, .ffprobeHTTP, .gstreamerHTTP, .curl, .mpvHTTP: true
        default: false
        }
    }

    /// Whether it takes the stream's end for its own. GStreamer's rtmpsrc connects anew instead.
    var endsWithStream: Bool { self != .gstreamerLibrtmp }

    /// What it complains of although nothing is wrong: FFmpeg 9.0 takes the end of any chunked body for an error.
    fileprivate var knownComplaint: String? {
        self == .newestFFmpegHTTP ? "error during demuxing: input/output error" : nil
    }

    private var stranger: Stranger {
        switch self {
        case .ffmpegRTMP, .ffmpegHTTP: .ffmpeg
        case .newestFFmpegRTMP, .newestFFmpegHTTP: .newestFFmpeg
        case .ffprobeRTMP, .ffprobeHTTP: .ffprobe
        case .rtmpdump: .rtmpdump
        case .gstreamerRTMP, .gstreamerLibrtmp, .gstreamerHTTP: .gstreamer
        case .curl: .curl
        case .mpvRTMP, .mpvHTTP: .mpv
        }
    }

    /// Begins to play.
    ///
    /// - Parameters:
    ///   - name: "live/x", with a query if need be.
    ///   - file: where a recorder writes FLV.
    func start(_ name: String, of server: ServerProcess, to file: String) throws -> RunningProgram {
        let parts = name.split(separator: "?", maxSplits: 1)
        let query = (parts.count > 1 ? "\(parts[1])&" : "") + "wait=20"
        let url = isHTTP ? server.http("\(parts[0]).flv?\(query)") : server.rtmp(name)
        let quiet = ["-hide_banner", "-loglevel", "warning"]
        let fileSink = ["filesink", "buffer-mode=unbuffered", "location=\(file)"]
        let arguments: [String]
        switch self {
        case .ffmpegRTMP, .ffmpegHTTP, .newestFFmpegRTMP, .newestFFmpegHTTP:
            arguments = quiet + ["-i", url, "-map", "0", "-c", "copy", "-f", "flv", file]
        case .ffprobeRTMP, .ffprobeHTTP:
            arguments = quiet + ["-show_entries", "packet=codec_type,dts", "-of", "csv=print_section=0", url]
        case .rtmpdump: arguments = ["--live", "--quiet", "--rtmp", url, "--flv", file]
        case .gstreamerRTMP: arguments = ["-q", "rtmp2src", "location=\(url)", "!"] + fileSink
        case .gstreamerLibrtmp:
            arguments = ["-q", "rtmpsrc", "location=\(url) live=1", "!"] + fileSink
        case .gstreamerHTTP:
            arguments = ["-q", "souphttpsrc", "location=\(url)", "!"] + fileSink
        case .curl: arguments = ["--silent", "--show-error", "--output", file, url]
        case .mpvRTMP, .mpvHTTP: arguments = ["--no-config", "--vo=null", "--ao=null", "--no-cache", url]
        }
        return try stranger.start(arguments)
    }
}

/// Players of one stream, all started before the stream.
struct Audience: Sendable {
    private let server: ServerProcess
    private let directory: TemporaryDirectory
    private var players: [(player: Player, program: RunningProgram)] = []

    /// Starts the players and waits until the server has them.
    init(_ players: [Player], of name: String, at server: ServerProcess) async throws {
        self.server = server
        directory = try TemporaryDirectory()
        for player in players {
            self.players.append((player, try player.start(name, of: server, to: directory.path(player.rawValue))))
        }
        let path = name.prefix { $0 != "?" }
        for (word, count) in [
            ("viewing", players.filter(\.isHTTP).count), ("playing", players.filter { !$0.isHTTP }.count),
        ]
        where count > 0 {
            try await server.logged("\(word) ", "stream=\(path)", skipping: count - 1)
        }
    }

    /// A player's recording.
    func recording(of player: Player) -> String { directory.path(player.rawValue) }

    /// Waits until each player has ended by itself because the stream has, and without a word of complaint.
    func expectCleanEnds(
        within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation
    ) async -> [Player: ProgramEnd] {
        var ends: [Player: ProgramEnd] = [:]
        for (player, program) in players.sorted(by: { $0.player.endsWithStream && !$1.player.endsWithStream }) {
            let end = await (player.endsWithStream ? program.ended(within: limit) : program.crash())
            ends[player] = end
            #expect(
                end.isSuccess || !player.endsWithStream, "\(player): \(end.reason) \(end.errors)",
                sourceLocation: sourceLocation)
            var said = end.errors.lowercased()
            if let known = player.knownComplaint { said.replace(known, with: "") }
            let complaint = ["non monoton", "error", "corrupt", "invalid", "missing", "lost"].first(
                where: said.contains)
            #expect(complaint == nil, "\(player): \(end.errors)", sourceLocation: sourceLocation)
        }
        return ends
    }

    /// Waits for the players' ends and compares what each recorded with what was published.
    func expect(
        _ published: DecodedFrames, isEnhanced: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let ends = await expectCleanEnds(sourceLocation: sourceLocation)
        for (player, end) in ends {
            switch player {
            case .ffprobeRTMP, .ffprobeHTTP:
                let packets = end.outputText.split(separator: "\n")
                #expect(packets.count { $0.hasPrefix("video") } == published.video.count, "\(player)")
            case .mpvRTMP, .mpvHTTP:
                #expect(end.outputText.contains("End of file"), "\(player): \(end.outputText)")
            default:
                let played = try await DecodedFrames(of: recording(of: player), isEnhanced: isEnhanced)
                #expect(played.complaints == published.complaints, "\(player)", sourceLocation: sourceLocation)
                // GStreamer 1.22's rtmp2src throws the message away that waits in it when the stream ends.
                let expected =
                    player == .gstreamerRTMP && played.audio.count < published.audio.count
                    ? published.droppingLastAudio : published
                #expect(expected.difference(from: played) == nil, "\(player)", sourceLocation: sourceLocation)
            }
        }
    }
}
