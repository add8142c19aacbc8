/// Numbers as people write them.
public enum NumberText {
    /// A number with so many digits behind the point; "–" for what is no number.
    public static func decimal(_ number: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { power, _ in power * 10 }
        guard let scaled = Int64(exactly: (number * Double(scale)).rounded()) else { return "–" }
        guard digits > 0 else { return "\(scaled)" }
        let rest = String(scaled.magnitude % UInt64(scale))
        let zeros = String(repeating: "0", count: max(0, digits - rest.utf8.count))
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / UInt64(scale)).\(zeros)\(rest)"
    }

    /// At most so many digits behind the point, and no zeros at the end: "29.97", "30".
    public static func short(_ number: Double, digits: Int) -> String {
        var text = decimal(number, digits: digits)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// "980 kbit/s", "2.51 Mbit/s".
    public static func bitRate(_ bits: Double) -> String {
        bits < 1_000_000 ? "\(decimal(bits / 1000, digits: 0)) kbit/s" : "\(decimal(bits / 1e6, digits: 2)) Mbit/s"
    }

    /// "812 bytes", "24 kB", "1.3 MB".
    public static func bytes(_ count: Int) -> String {
        switch count {
        case ..<1000: "\(count) bytes"
        case ..<100_000: "\(short(Double(count) / 1000, digits: 1)) kB"
        case ..<1_000_000: "\(count / 1000) kB"
        default: "\(short(Double(count) / 1e6, digits: 1)) MB"
        }
    }

    /// "33.3 ms" below a second, "2.000 s" from there on.
    public static func time(_ seconds: Double) -> String {
        abs(seconds) < 1 ? "\(short(seconds * 1000, digits: 1)) ms" : "\(decimal(seconds, digits: 3)) s"
    }
}
