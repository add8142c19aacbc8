import Foundation
import Synchronization

/// How a program ended, and what it wrote.
struct ProgramEnd: Sendable {
    enum Reason: Sendable, Equatable {
        case exit(Int32)
        case signal(Int32)
        /// It was still running when its time was up, and was killed.
        case timeOut
    }

    let program: String
    let reason: Reason
    let output: Data
    let errors: String

    var isSuccess: Bool { reason == .exit(0) }

    /// Standard output as text.
    var outputText: String { String(decoding: output, as: UTF8.self) }
}

/// A program that runs beside the tests.
final class RunningProgram: Sendable {
    /// What starts a program can lack.
    struct StartError: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    let processIdentifier: pid_t
    /// What it has written to standard output.
    let output = Watched(Data())
    /// What it has written to standard error.
    let errors = Watched("")
    private let end = Watched<ProgramEnd.Reason?>(nil)
    private let openStreams = Watched(2)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: the executable.
    ///   - arguments: its arguments.
    ///   - environment: variables added to those of the tests; nil removes one.
    init(_ path: String, _ arguments: [String], environment: [String: String?] = [:]) throws {
        name = URL(fileURLWithPath: path).lastPathComponent
        var variables = ProcessInfo.processInfo.environment
        for (key, value) in environment { variables[key] = value }
        let (outputPipe, errorPipe) = (try ChildPipe(), try ChildPipe())
        do {
            processIdentifier = try spawnProgram(
                path, [path] + arguments, variables.map { "\($0)=\($1)" }, output: outputPipe.writeEnd,
                errors: errorPipe.writeEnd)
        } catch {
            for descriptor in [outputPipe.readEnd, outputPipe.writeEnd, errorPipe.readEnd, errorPipe.writeEnd] {
                close(descriptor)
            }
            throw error
        }
        close(outputPipe.writeEnd)
        close(errorPipe.writeEnd)
        awaitEnd()
        read(outputPipe.readEnd) { [output] data in output.update { $0.append(data) } }
        read(errorPipe.readEnd) { [errors] data in errors.update { $0 += String(decoding: data, as: UTF8.self) } }
    }

    /// Waits for the program on a thread of its own.
    private func awaitEnd() {
        let (identifier, end) = (processIdentifier, end)
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            // The status's layout: the signal in the low seven bits, the exit code above them. Source: sys/wait.h.
            let signal = status & 0x7F
            let reason: ProgramEnd.Reason = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
            end.update { $0 = reason }
        }
    }

    /// Reads a pipe on a thread of its own until it ends.
    private func read(_ descriptor: Int32, _ take: @escaping @Sendable (Data) -> Void) {
        let openStreams = openStreams
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = readSome(descriptor, &buffer)
                if count <= 0 { break }
                take(Data(buffer[..<count]))
            }
            close(descriptor)
            openStreams.update { $0 -= 1 }
        }
    }

    /// Whether it has not ended yet.
    var isRunning: Bool { end.current == nil }

    /// Sends a signal to this program alone.
    func send(_ signal: Int32) {
        if isRunning { kill(processIdentifier, signal) }
    }

    /// Waits for its end; kills it when the time is up.
    func ended(within limit: Duration) async -> ProgramEnd {
        var reason = await end.value(within: limit) { $0 != nil } ?? nil
        if reason == nil {
            send(SIGKILL)
            _ = await end.value(within: .seconds(5)) { $0 != nil }
            reason = .timeOut
        }
        _ = await openStreams.value(within: .seconds(2)) { $0 == 0 }
        return ProgramEnd(
            program: name, reason: reason ?? .timeOut, output: output.current, errors: errors.current)
    }

    /// Interrupts it as Ctrl-C does, and waits for its end.
    @discardableResult
    func interrupt() async -> ProgramEnd {
        send(SIGINT)
        return await ended(within: .seconds(10))
    }

    /// Kills it, as a power cut does, and waits for its end.
    @discardableResult
    func crash() async -> ProgramEnd {
        send(SIGKILL)
        return await ended(within: .seconds(10))
    }
}
