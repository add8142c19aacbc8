import Logging
import PlainText

/// How a record becomes a line.
package enum LogShape: Sendable, Equatable {
    /// "12:03:04.123 INFO   rtmp    live/x published  viewers=3"; in colour on a terminal.
    case text(isColoured: Bool)
    /// One JSON object.
    case json

    /// The line, without a line feed; whatever a stranger named a stream, it stays one line.
    package func line(_ record: LogRecord) -> String {
        switch self {
        case .text(let isColoured): Self.textLine(record, isColoured: isColoured)
        case .json: Self.jsonLine(record)
        }
    }

    private static func textLine(_ record: LogRecord, isColoured: Bool) -> String {
        let paint = { (text: String, code: String) in isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        var line = paint(record.time.clockText, "2")
        line += " " + paint(name(record.level).padded(to: 6), colour(record.level))
        line += " " + record.area.padded(to: 6) + "  " + printable(record.message)
        for (key, value) in record.metadata {
            let shown = printable(value)
            let needsQuotes = shown.isEmpty || shown.contains { $0 == " " || $0 == "=" || $0 == "\"" }
            line += "  " + paint("\(printable(key))=", "2") + (needsQuotes ? "\"\(shown)\"" : shown)
        }
        return line
    }

    private static func jsonLine(_ record: LogRecord) -> String {
        let metadata = record.metadata.map { JSONValue.Member($0.key, .string($0.value)) }
        return JSONValue.members([
            "time": .string(record.time.timestampText), "level": .string(record.level.rawValue),
            "area": .string(record.area), "message": .string(record.message),
            "metadata": metadata.isEmpty ? nil : .object(metadata),
        ]).text
    }

    private static func name(_ level: Logger.Level) -> String {
        switch level {
        case .warning: "WARN"
        case .critical: "FATAL"
        default: level.rawValue.uppercased()
        }
    }

    private static func colour(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "2"
        case .info: "32"
        case .notice: "36"
        case .warning: "33"
        case .error, .critical: "1;31"
        }
    }

    /// Control characters, with which a name could forge lines or drive the terminal, as "\u{1B}".
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else {
            return text
        }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }
}
