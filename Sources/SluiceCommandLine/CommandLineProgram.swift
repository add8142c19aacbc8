import ArgumentParser
import CommandOutput
import ServerConfig
import SluiceBench
import SluiceProbe
import SluicePlay
import SluicePull
import SluicePush
import SluiceServe

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The program's outer edge: arguments in, exit code out. 0 is success, 1 failure, 2 a mistake in usage; nothing else.
package enum CommandLineProgram {
    /// Runs the command the process was started with, and exits.
    package static func run() async -> Never {
        let outcome = await outcome(of: Array(CommandLine.arguments.dropFirst()))
        if !outcome.text.isEmpty {
            let terminal = outcome.exitCode == 0 ? Terminal.output : Terminal.error
            terminal.write(outcome.text.hasSuffix("\n") ? outcome.text : outcome.text + "\n")
        }
        exit(outcome.exitCode)
    }

    /// What a command comes to: text for the terminal (standard error unless the exit code is 0) and the exit code.
    package static func outcome(of arguments: [String]) async -> (text: String, exitCode: Int32) {
        do {
            var command = try SluiceCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ("", 0)
        } catch let error as StartupError {
            return ("sluice: \(error)", 1)
        } catch let error as PushError {
            return ("sluice: \(error)", 1)
        } catch let error as PullError {
            return ("sluice: \(error)", 1)
        } catch let error as PlayError {
            return ("sluice: \(error)", 1)
        } catch let error as ProbeError {
            return ("sluice: \(error)", 1)
        } catch let error as BenchError {
            return ("sluice: \(error)", 1)
        } catch let error as ConfigurationError {
            return (error.problems.map { "sluice: \($0)" }.joined(separator: "\n"), error.concernsOnlyFlags ? 2 : 1)
        } catch {
            return (SluiceCommand.fullMessage(for: error), exitCode(SluiceCommand.exitCode(for: error)))
        }
    }

    /// ArgumentParser says 64 (EX_USAGE) for a mistake in usage; GNU programs say 2.
    private static func exitCode(_ code: ExitCode) -> Int32 {
        switch code {
        case .success: 0
        case .validationFailure: 2
        default: code.rawValue == 2 ? 2 : 1
        }
    }
}
