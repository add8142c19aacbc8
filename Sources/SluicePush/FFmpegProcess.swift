import FLV
import NIOCore
import Subprocess
import SystemPackage

/// FFmpeg, run beside us: it reads and encodes, and writes FLV, which we read. It ends when we do.
package struct FFmpegProcess: Sendable {
    /// The program's name, looked for in PATH, or its path.
    package var program: String
    /// What it is started with.
    package var arguments: [String]
    /// What it reads, for messages.
    package var source: String

    /// Makes a process that is not yet started; see the properties.
    package init(program: String, arguments: [String], source: String) {
        self.program = program
        self.arguments = arguments
        self.source = source
    }

    /// How long FFmpeg may take to end when asked to.
    private static let endTimeout = Duration.seconds(2)
    /// How many of its last words are kept for the message.
    private static let errorLinesMax = 5

    /// Runs it to its end, or until the task is cancelled.
    ///
    /// - Throws: ``PushError`` in FFmpeg's own words, and what `take` throws.
    package func run(_ take: (FLVTag) async throws -> Void) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.endTimeout)]
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        let words = LastWords()
        let result: ExecutionResult<Void, SequenceOutput, SequenceOutput>
        do {
            result = try await Subprocess.run(
                executable, arguments: Arguments(arguments), platformOptions: options, input: .none, output: .sequence,
                error: .sequence
            ) { execution in
                let errors = execution.standardError
                async let listening: Void = words.hear(errors)
                try await Self.read(execution.standardOutput, take)
                await listening
            }
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw PushError(
                "\(source) needs FFmpeg, and there is no program \(program): install it (apt-get install ffmpeg), or name "
                    + "it with --ffmpeg PATH; FLV, MP4 and MPEG-TS files need none")
        }
        guard !Task.isCancelled else { return }
        guard result.terminationStatus.isSuccess else {
            throw PushError("FFmpeg cannot read \(source): \(await words.text)")
        }
    }

    private static func read(
        _ output: SubprocessOutputSequence, _ take: (FLVTag) async throws -> Void
    ) async throws {
        var reader = FLVReader()
        var pending = ByteBuffer()
        for try await piece in output {
            var bytes = ByteBuffer()
            bytes.reserveCapacity(pending.readableBytes + piece.count)
            bytes.writeImmutableBuffer(pending)
            piece.withUnsafeBytes { _ = bytes.writeBytes($0) }
            while let element = try reader.read(from: &bytes) {
                if case .tag(let tag) = element { try await take(tag) }
            }
            pending = bytes
        }
    }

    /// FFmpeg's last lines on standard error.
    private actor LastWords {
        private var lines: [String] = []

        func hear(_ errors: SubprocessOutputSequence) async {
            do {
                for try await line in errors.strings() {
                    let line = line.trimmingPrefix { $0.isWhitespace }
                    guard !line.isEmpty else { continue }
                    lines.append(String(line.prefix(200)))
                    if lines.count > FFmpegProcess.errorLinesMax { lines.removeFirst() }
                }
            } catch {
                lines.append("\(error)")
            }
        }

        var text: String {
            lines.isEmpty ? "it gave no reason" : lines.joined(separator: "; ")
        }
    }
}
