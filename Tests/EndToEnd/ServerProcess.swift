import Foundation
import Testing

/// The real `sluice serve`, on ports that were free.
final class ServerProcess: Sendable {
    let rtmpPort: Int
    let httpPort: Int
    private let program: RunningProgram
    private let directory: TemporaryDirectory

    /// Starts a server and waits until it listens.
    ///
    /// - Parameters:
    ///   - arguments: flags after `serve`, besides the addresses.
    ///   - configuration: the YAML of a configuration file.
    ///   - environment: variables added to those of the tests.
    init(
        _ arguments: [String] = ["--log-level", "debug"], configuration: String = "",
        environment: [String: String?] = [:]
    ) async throws {
        directory = try TemporaryDirectory()
        let file = try directory.write(configuration, as: "sluice.yaml")
        program = try Self.start(
            ["serve", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--config", file] + arguments,
            environment: environment)
        let program = program
        let log = await program.errors.value(within: .seconds(10)) {
            Self.port("rtmp", in: $0) != nil && Self.port("http", in: $0) != nil
        }
        guard let log, let rtmp = Self.port("rtmp", in: log), let http = Self.port("http", in: log) else {
            let end = await program.crash()
            throw RunningProgram.StartError(description: "sluice does not listen: \(end.errors)")
        }
        rtmpPort = rtmp
        httpPort = http
    }

    /// Starts the program with any arguments.
    static func start(_ arguments: [String], environment: [String: String?] = [:]) throws -> RunningProgram {
        let inherited = ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("SLUICE_") }
        let cleared = Dictionary(uniqueKeysWithValues: inherited.map { ($0, String?.none) })
        return try RunningProgram(binary, arguments, environment: cleared.merging(environment) { $1 })
    }

    /// The program under test: SLUICE_BINARY, or `sluice` beside the test bundle.
    static var binary: String {
        get throws {
            if let given = ProcessInfo.processInfo.environment["SLUICE_BINARY"] { return given }
            var directory = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            while directory.path != "/" {
                directory.deleteLastPathComponent()
                let candidate = directory.appending(path: "sluice").path
                var isDirectory: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory), !isDirectory.boolValue
                {
                    return candidate
                }
            }
            throw RunningProgram.StartError(
                description: "no sluice beside the tests: run `swift build`, or set SLUICE_BINARY")
        }
    }

    /// The port after "listening  at=rtmp://127.0.0.1:", once its line is whole.
    private static func port(_ scheme: String, in log: String) -> Int? {
        guard let start = log.range(of: "at=\(scheme)://127.0.0.1:") else { return nil }
        let rest = log[start.upperBound...]
        guard let end = rest.firstIndex(where: { !$0.isNumber }) else { return nil }
        return Int(rest[..<end])
    }

    // MARK: Addresses

    /// rtmp://127.0.0.1:PORT/live/x of "live/x".
    func rtmp(_ path: String) -> String { "rtmp://127.0.0.1:\(rtmpPort)/\(path)" }

    /// http://127.0.0.1:PORT/live/x.flv of "live/x.flv".
    func http(_ path: String) -> String { "http://127.0.0.1:\(httpPort)/\(path)" }

    /// Where it listens for HTTPS; a test that asks starts the server with a certificate.
    var httpsPort: Int {
        get async throws {
            let log = await program.errors.value(within: .seconds(30)) { Self.port("https", in: $0) != nil }
            return try #require(log.flatMap { Self.port("https", in: $0) }, "no HTTPS: \(self.log)")
        }
    }

    // MARK: What it does

    /// Tells it to read its certificates again.
    func hangUp() { program.send(SIGHUP) }

    /// What it has logged.
    var log: String { program.errors.current }

    /// Waits for a line of the log that holds all of the texts.
    ///
    /// - Parameter skipped: how many such lines are let pass before.
    func logged(_ texts: String..., skipping skipped: Int = 0, within limit: Duration = .seconds(10)) async throws {
        let log = await program.errors.value(within: limit) { log in
            log.split(separator: "\n").filter { line in texts.allSatisfy { line.contains($0) } }.count > skipped
        }
        try #require(log != nil, "the server did not log \(texts) within \(limit):\n\(self.log)")
    }

    /// Memory in RAM. Source: proc(5), VmRSS.
    var residentBytes: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(program.processIdentifier)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
            return try #require(kibibytes) * 1024
        }
    }

    /// Open descriptors. Source: proc(5), /proc/PID/fd.
    var descriptorCount: Int {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.processIdentifier)/fd").count
        }
    }

    /// Whether the process lives.
    var isRunning: Bool { program.isRunning }

    /// Ends it with SIGTERM; it has to exit with 0.
    @discardableResult
    func stop(within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation) async
        -> ProgramEnd
    {
        program.send(SIGTERM)
        let end = await program.ended(within: limit)
        #expect(end.reason == .exit(0), "sluice's log: \(end.errors.suffix(4000))", sourceLocation: sourceLocation)
        return end
    }
}

/// Runs a test with a server, and stops the server whatever happens.
func withServer(
    _ arguments: [String] = ["--log-level", "debug"], configuration: String = "",
    isolation: isolated (any Actor)? = #isolation, sourceLocation: SourceLocation = #_sourceLocation,
    _ test: (ServerProcess) async throws -> Void
) async throws {
    let server = try await ServerProcess(arguments, configuration: configuration)
    do {
        try await test(server)
    } catch {
        await server.stop(sourceLocation: sourceLocation)
        throw error
    }
    await server.stop(sourceLocation: sourceLocation)
}
