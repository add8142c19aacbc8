import Logging

/// One line of the log before it has a shape. Secrets are already gone from it.
package struct LogRecord: Sendable {
    /// When it was said.
    package var time: LogTime
    /// How severe it is.
    package var level: Logger.Level
    /// The part of the server that says it: "rtmp".
    package var area: String
    /// What is said.
    package var message: String
    /// What is added, by key.
    package var metadata: [(key: String, value: String)]

    /// Takes the secrets out; see the properties.
    package init(
        time: LogTime, level: Logger.Level, area: String, message: String, metadata: [(key: String, value: String)] = []
    ) {
        self.time = time
        self.level = level
        self.area = area
        self.message = Secrets.removed(from: message)
        self.metadata = metadata.map { key, value in
            (key, Secrets.isSecret(key: key) ? Secrets.replacement : Secrets.removed(from: value))
        }
    }
}

/// Keeps stream keys and passwords out of the log, whoever logs them: the last line of defence.
enum Secrets {
    static let replacement = "…"

    private static let secretKeys: Set = [
        "key", "streamkey", "token", "secret", "password", "authorization", "query", "credentials",
    ]

    static func isSecret(key: String) -> Bool {
        secretKeys.contains(key.lowercased())
    }

    /// "live/x?key=abc" as "live/x?…", and "rtmp://me:abc@host" as "rtmp://…@host".
    static func removed(from text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "@") }) else {
            return text
        }
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(where: { !isBoundary($0) }) {
            result += rest[..<start]
            let word = rest[start...].prefix { !isBoundary($0) }
            result += removed(fromWord: word)
            rest = rest[word.endIndex...]
        }
        return result + rest
    }

    private static func removed(fromWord word: Substring) -> String {
        var word = word
        var ending = ""
        if let mark = word.firstIndex(of: "?"), word[mark...].contains("=") {
            word = word[...mark]
            ending = replacement
        }
        if let scheme = word.firstRange(of: "://"), let at = word[scheme.upperBound...].firstIndex(of: "@") {
            return word[..<scheme.upperBound] + replacement + word[at...] + ending
        }
        return word + ending
    }

    private static func isBoundary(_ character: Character) -> Bool {
        character.isWhitespace || character == "\"" || character == "'" || character == "(" || character == ")"
    }
}
