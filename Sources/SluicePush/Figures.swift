import NIOCore

/// Numbers and texts as status lines and JSON documents have them.
package enum Figures {
    /// H:MM:SS.
    package static func clock(_ elapsed: TimeAmount) -> String {
        let seconds = elapsed.nanoseconds / 1_000_000_000
        let pad = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 3600):\(pad(seconds / 60 % 60)):\(pad(seconds % 60))"
    }

    /// Bits a second, with their unit.
    package static func bitrate(_ bits: Double) -> String {
        bits < 1_000_000
            ? "\(decimal(bits / 1000, digits: 0)) kbit/s" : "\(decimal(bits / 1_000_000, digits: 2)) Mbit/s"
    }

    /// A number with so many digits behind the point.
    package static func decimal(_ number: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { power, _ in power * 10 }
        let scaled = Int64((number * Double(scale)).rounded())
        guard digits > 0 else { return "\(scaled)" }
        let rest = String(scaled.magnitude % UInt64(scale))
        let zeros = String(repeating: "0", count: digits - rest.utf8.count)
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / UInt64(scale)).\(zeros)\(rest)"
    }

    /// A string of JSON. Specification: RFC 8259, 7.
    package static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                quoted += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
