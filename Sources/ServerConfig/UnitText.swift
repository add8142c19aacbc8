/// Times as people write them: "250ms", "1.5s", "10s", "1m", "2h".
enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]

    static func parse(_ text: String) throws(ValueProblem) -> Duration {
        guard let (number, unit) = splitNumber(text) else {
            throw ValueProblem("\"\(text)\" is not a time; one looks like 250ms, 10s or 1m")
        }
        if unit.isEmpty {
            guard number == 0 else {
                throw ValueProblem("\"\(text)\" needs a unit: \(text)ms, \(text)s or \(text)m")
            }
            return .zero
        }
        guard let scale = units.first(where: { $0.name == unit })?.milliseconds else {
            throw ValueProblem("\"\(text)\" has an unknown unit; a time looks like 250ms, 10s or 1m")
        }
        let milliseconds = number * Double(scale)
        guard milliseconds <= 1e12 else {
            throw ValueProblem("\"\(text)\" is too long")
        }
        return .milliseconds(Int64(milliseconds.rounded()))
    }

    static func format(_ value: Duration) -> String {
        let (seconds, attoseconds) = value.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        // Seconds up to ten minutes read better than minutes: 90s, but 10m.
        let unit = units.last { unit in
            milliseconds != 0 && milliseconds % unit.milliseconds == 0
                && (unit.milliseconds <= 1_000 || milliseconds >= 10 * unit.milliseconds
                    || milliseconds == unit.milliseconds)
        }
        guard let unit else {
            return "\(milliseconds)ms"
        }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// Sizes as people write them: "4096", "512KiB", "16MiB", "1GB".
enum ByteText {
    private static let units: [(name: String, bytes: Double)] = [
        ("", 1), ("B", 1), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9),
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824),
    ]

    static func parse(_ text: String) -> Int? {
        guard let (number, unit) = splitNumber(text),
            let scale = units.first(where: { $0.name == unit })?.bytes
        else {
            return nil
        }
        return Int(exactly: (number * scale).rounded())
    }

    static func format(_ bytes: Int) -> String {
        for (shift, name) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes >= 1 << shift {
            if bytes & ((1 << shift) - 1) == 0 {
                return "\(bytes >> shift)\(name)"
            }
        }
        return "\(bytes)"
    }
}

/// Splits "1.5s" into 1.5 and "s". Signs, exponents and infinities are not numbers here.
private func splitNumber(_ text: String) -> (number: Double, unit: String)? {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let unit = text[digits.endIndex...].drop { $0 == " " }
    guard let number = Double(digits), number.isFinite else {
        return nil
    }
    return (number, String(unit))
}
