import SluicePull
import Subprocess
import SystemPackage

/// A player that runs beside us. What is written to it waits while it is slow; it ends when its input does, or when the
/// viewer closes its window.
struct PlayerProcess: Sendable {
    let program: PlayerProgram

    /// How long a player may take to end when asked to.
    private static let endTimeout = Duration.seconds(2)
    /// How many of its last words are kept for the message.
    private static let errorBytesMax = 64 << 10

    /// Runs it to its end.
    ///
    /// - Parameter feed: writes to it, and returns when there is no more, or when writing fails: the player has ended.
    /// - Throws: ``PlayError`` in the player's own words when it fails, and what `feed` throws.
    func run(_ feed: (OutputFile) async throws -> Void) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.endTimeout)]
        let executable: Executable =
            program.name.contains("/") ? .path(FilePath(program.name)) : .name(program.name)
        let readingEnd: FileDescriptor
        var writingEnd: OutputFile?
        (readingEnd, writingEnd) = try PlayerPipe.open()
        let result = try await Subprocess.run(
            executable, arguments: Arguments(program.arguments), platformOptions: options,
            input: .fileDescriptor(readingEnd, closeAfterSpawningProcess: true), output: .discarded,
            error: .string(limit: Self.errorBytesMax)
        ) { _ in
            // The player sees the end when nobody holds this one any more.
            defer { writingEnd = nil }
            if let end = writingEnd { try await feed(end) }
        }
        guard !result.terminationStatus.isSuccess, !Task.isCancelled else { return }
        let words = result.standardError.split(separator: "\n").suffix(3).joined(separator: "; ")
        throw PlayError("\(program.name) failed: \(words.isEmpty ? "it gave no reason" : words)")
    }
}
