import NIOCore

extension Duration {
    /// Microseconds, rounded to the nearest one: how finely playlists tell time here.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let half: Int64 = attoseconds < 0 ? -500_000_000_000 : 500_000_000_000
        return seconds &* 1_000_000 &+ (attoseconds &+ half) / 1_000_000_000_000
    }
}

/// Which mark an attribute has in front of it. Specification: RFC 8216bis, 4.2.
struct AttributeSeparator {
    private var isFirst = true

    /// Writes `NAME=`, with a comma in front from the second one on.
    mutating func write(_ name: String, to buffer: inout ByteBuffer) {
        if !isFirst { buffer.writeString(",") }
        isFirst = false
        buffer.writeString(name)
        buffer.writeString("=")
    }
}

extension ByteBuffer {
    /// A decimal-floating-point with one to six decimals: "4.0", "0.200033".
    mutating func writeSeconds(_ duration: Duration) {
        let microseconds = duration.wholeMicroseconds
        if microseconds < 0 { writeString("-") }
        let (seconds, fraction) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        writeString(String(seconds))
        writeString(".")
        var (rest, unit) = (fraction, UInt64(100_000))
        repeat {
            writeInteger(UInt8(truncatingIfNeeded: 0x30 + rest / unit))
            rest %= unit
            unit /= 10
        } while rest > 0
    }

    /// Text in quotation marks. What cannot stand there, quotation marks and line breaks, is left out.
    /// Specification: RFC 8216bis, 4.2.
    mutating func writeQuoted(_ text: String) {
        writeString("\"")
        if text.utf8.contains(where: { $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) {
            writeBytes(text.utf8.filter { $0 != 0x22 && $0 != 0x0A && $0 != 0x0D })
        } else {
            writeString(text)
        }
        writeString("\"")
    }

    /// Text up to the end of a line, and the line's end. Line breaks within are left out.
    mutating func writeLine(_ text: String) {
        if text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            writeBytes(text.utf8.filter { $0 != 0x0A && $0 != 0x0D })
        } else {
            writeString(text)
        }
        writeString("\n")
    }

    /// `N@O`, as tags and attributes for byte ranges have it.
    mutating func writeByteRange(_ range: ByteRange) {
        writeString(String(range.length))
        writeString("@")
        writeString(String(range.offset))
    }
}
