import Foundation
import NIOCore

/// A program of FFmpeg's, which is run beside the test; where it is not installed, tests that need it are skipped.
public struct FFmpegProgram: Sendable, CustomStringConvertible {
    /// What went wrong, with the arguments.
    public struct Failure: Error, CustomStringConvertible {
        /// For people.
        public let description: String

        /// - Parameter description: for people.
        public init(_ description: String) {
            self.description = description
        }
    }

    /// For people.
    public let description: String
    /// Where it is.
    public let path: String
    /// What each of its calls begins with.
    private let options: [String]

    /// Debian's.
    public static let ffmpeg = FFmpegProgram("FFmpeg", path: "/usr/bin/ffmpeg")
    /// Debian's, which tells what is in files.
    public static let ffprobe = FFmpegProgram("ffprobe", path: "/usr/bin/ffprobe", options: [])

    /// - Parameters:
    ///   - description: for people.
    ///   - path: where it is.
    ///   - options: what each call begins with; FFmpeg is told to write over what is there.
    public init(_ description: String, path: String, options: [String] = ["-y"]) {
        self.description = description
        self.path = path
        self.options = ["-hide_banner", "-loglevel", "error"] + options
    }

    /// Whether it is there.
    public var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Runs it to its end.
    ///
    /// - Returns: what it printed.
    /// - Throws: ``Failure`` where it complained, or did not end well.
    @discardableResult
    public func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = options + arguments
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, complaint.isEmpty else {
            throw Failure("\(path) \(arguments.joined(separator: " ")): \(complaint)")
        }
        return text
    }

    /// What FFmpeg prints of each packet, picture or stretch of sound: lines without its remarks.
    public func lines(_ arguments: [String]) throws -> [String] {
        try run(arguments).split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    }
}

/// A directory that goes away with the test.
public final class ScratchDirectory: Sendable {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")

    /// Makes the directory.
    public init() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(at: directory) } catch { print("left behind: \(directory.path)") }
    }

    /// Where a file of that name is, or would be.
    public func file(_ name: String) -> URL {
        directory.appending(path: name)
    }
}
