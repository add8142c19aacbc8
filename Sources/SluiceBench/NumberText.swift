/// Numbers as people read them: a few digits, and the unit.
package enum NumberText {
    /// With so many digits behind the point.
    package static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let whole = Int(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let text = String(whole)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }

    /// Three digits that matter.
    package static func short(_ value: Double) -> String {
        fixed(value, abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2)
    }

    /// "1.2 ms", "–" where there is none.
    package static func milliseconds(_ value: Double?) -> String {
        guard let value else { return "–" }
        return value >= 10_000 ? "\(fixed(value / 1000, 1)) s" : "\(short(value)) ms"
    }

    /// "950 kbit/s", "1.20 Gbit/s".
    package static func bitRate(megabits: Double) -> String {
        megabits >= 1000
            ? "\(short(megabits / 1000)) Gbit/s"
            : megabits >= 1 ? "\(short(megabits)) Mbit/s" : "\(short(megabits * 1000)) kbit/s"
    }

    /// "5.8 kB", "120 MB".
    package static func bytes(_ value: Double) -> String {
        let size = abs(value)
        return size >= 1e9
            ? "\(short(value / 1e9)) GB" : size >= 1e6 ? "\(short(value / 1e6)) MB" : "\(short(value / 1e3)) kB"
    }

    /// Digits in groups of three.
    package static func count(_ value: Int) -> String {
        var text = ""
        for (index, digit) in String(value.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append("\u{202F}") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }
}

/// A table whose columns are as wide as they need to be: the first to the left, the others to the right.
struct TextTable {
    private var rows: [[String]] = []

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// Lines, each with a space in front.
    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            return "  " + cells.joined(separator: "  ")
        }
    }
}
