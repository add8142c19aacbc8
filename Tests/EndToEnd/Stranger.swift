import Foundation

/// A program that others wrote, which publishes to the server or plays from it.
enum Stranger: String, Sendable, CaseIterable {
    case ffmpeg, ffprobe, rtmpdump, mpv, curl
    case gstreamer = "gst-launch-1.0"
    /// An FFmpeg of version 8 or newer, which writes Enhanced RTMP.
    case newestFFmpeg = "newest ffmpeg"
    case xvfb = "Xvfb"
    case obs

    /// The executable's path.
    ///
    /// - Throws: what to install, when there is none. Tests do not skip for want of a program.
    var path: String {
        get throws {
            let candidates: [String]
            switch self {
            case .newestFFmpeg:
                candidates = [
                    ProcessInfo.processInfo.environment["SLUICE_NEWEST_FFMPEG"],
                    Self.packageDirectory.appending(path: ".build/tools/ffmpeg").path,
                ].compactMap { $0 }
            default:
                let directories = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
                candidates = directories.split(separator: ":").map { "\($0)/\(rawValue)" }
            }
            guard let path = candidates.first(where: FileManager.default.isExecutableFile) else {
                throw RunningProgram.StartError(
                    description: "\(rawValue) is not installed: run scripts/test-dependencies.sh")
            }
            return path
        }
    }

    /// Starts the program.
    func start(_ arguments: [String], environment: [String: String?] = [:]) throws -> RunningProgram {
        try RunningProgram(path, arguments, environment: environment)
    }

    /// Runs the program to its end.
    func run(_ arguments: [String], within limit: Duration = .seconds(20)) async throws -> ProgramEnd {
        await (try start(arguments)).ended(within: limit)
    }

    /// The directory of Package.swift.
    static var packageDirectory: URL {
        URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }
}
