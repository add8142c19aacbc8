import CommandOutput
import Logging
import ServerConfig

/// Where log lines go: standard error, a line in one write, so that lines of different threads do not mix.
package enum LogOutput {
    /// Makes every `Logger` of the process write as the configuration says. Once a process.
    static func bootstrap(_ configuration: ServerConfiguration.Log) {
        let shape: LogShape =
            switch configuration.format {
            case .json: .json
            case .text: .text(isColoured: Terminal.error.hasColours)
            }
        let level = Logger.Level(rawValue: configuration.level.rawValue) ?? .info
        LoggingSystem.bootstrap { label in
            LineLogHandler(area: label, level: level, shape: shape) { Terminal.error.write($0 + "\n") }
        }
    }
}

/// A `LogHandler` that makes a line of each record and hands it on.
package struct LineLogHandler: LogHandler {
    /// The least severe level that is written.
    package var logLevel: Logger.Level
    /// What is added to each record.
    package var metadata: Logger.Metadata = [:]
    /// Adds what the task knows.
    package var metadataProvider: Logger.MetadataProvider?

    private let area: String
    private let shape: LogShape
    private let now: @Sendable () -> LogTime
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - area: the part of the server that logs.
    ///   - level: the least severe level that is written.
    ///   - shape: how a record becomes a line.
    ///   - now: the clock.
    ///   - write: takes each line, without a line feed.
    package init(
        area: String, level: Logger.Level, shape: LogShape, now: @escaping @Sendable () -> LogTime = { .now },
        write: @escaping @Sendable (String) -> Void
    ) {
        self.area = area
        logLevel = level
        self.shape = shape
        self.now = now
        self.write = write
    }

    /// What is added under a key.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a record.
    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() {
            all.merge(provided) { $1 }
        }
        if let given = event.metadata {
            all.merge(given) { $1 }
        }
        if let error = event.error {
            all["error"] = "\(error)"
        }
        let record = LogRecord(
            time: now(), level: event.level, area: area, message: event.message.description,
            metadata: all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) })
        write(shape.line(record))
    }
}
