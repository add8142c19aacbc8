/// Numbers as people read them: a few digits, and the unit.
package enum NumberText {
    /// With so many digits behind the point; "–" for what is no number.
    package static func decimal(_ number: Double, digits: Int) -> String {
        guard number.isFinite else { return "–" }
        let scale = (0..<digits).reduce(1) { power, _ in power * 10 }
        guard let scaled = Int64(exactly: (number * Double(scale)).rounded()) else { return "\(number)" }
        guard digits > 0 else { return "\(scaled)" }
        let rest = String(scaled.magnitude % UInt64(scale))
        let zeros = String(repeating: "0", count: max(0, digits - rest.utf8.count))
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / UInt64(scale)).\(zeros)\(rest)"
    }

    /// At most so many digits behind the point, and no zeros at the end: "29.97", "30".
    package static func short(_ number: Double, digits: Int) -> String {
        var text = decimal(number, digits: digits)
        guard text.contains("."), !text.contains("e") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// The three digits that matter: "1.25", "12.5", "125"; "0" for less than 0.005.
    package static func significant(_ number: Double) -> String {
        let size = abs(number)
        return size < 0.005 ? "0" : decimal(number, digits: size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2)
    }

    /// Of bits a second: "950 kbit/s", "2.51 Mbit/s".
    package static func bitRate(_ bits: Double) -> String {
        scaled(bits, [(1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")])
    }

    /// "812 bytes", "5.80 kB", "120 MB".
    package static func bytes(_ count: Double) -> String {
        abs(count) < 999.5
            ? "\(decimal(count, digits: 0)) bytes"
            : scaled(count, [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")])
    }

    /// "812 bytes", "5.80 kB", "120 MB".
    package static func bytes(_ count: Int) -> String {
        bytes(Double(count))
    }

    /// The largest unit that leaves a digit in front of the point, else the last.
    private static func scaled(_ number: Double, _ units: [(size: Double, name: String)]) -> String {
        let unit = units.dropLast().first { abs(number) >= 0.9995 * $0.size } ?? units[units.count - 1]
        return "\(significant(number / unit.size)) \(unit.name)"
    }

    /// "33.3 ms" below a second, "2.000 s" from there on.
    package static func time(_ seconds: Double) -> String {
        abs(seconds) < 0.9995 ? "\(significant(seconds * 1000)) ms" : "\(decimal(seconds, digits: 3)) s"
    }

    /// The same of milliseconds; "–" where there is none.
    package static func time(milliseconds: Double?) -> String {
        milliseconds.map { time($0 / 1000) } ?? "–"
    }

    /// Of whole seconds: "1:02:03".
    package static func clock(_ seconds: Int64) -> String {
        let pad = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 3600):\(pad(seconds / 60 % 60)):\(pad(seconds % 60))"
    }

    /// Digits in groups of three.
    package static func count(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append("\u{202F}") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }
}
