/// Texts of a peer made fit to be shown: without secrets, without what would move a terminal's cursor, not long.
enum SecretText {
    /// The most bytes of a text that are looked at; what is behind them is not shown.
    static let bytesMax = 512

    /// Parts of names whose values are secrets, in small letters: "wsSecret", "auth_key", "txSign", "streamKey".
    private static let secretNames = [
        "key", "token", "auth", "secret", "pass", "pwd", "sign", "sig", "hash", "credential", "jwt", "ticket", "nonce",
        "challenge", "response", "opaque",
    ]

    /// The text as it may be shown.
    static func shown(_ text: String) -> String {
        let cut = cut(text)
        return redacted(cut.isCut ? cut.text + "…" : cut.text)
    }

    /// Whether a parameter or property of that name is nobody's business.
    static func isSecret(_ name: some Sequence<UInt8>) -> Bool {
        let name = String(decoding: name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
        let plain = name.utf8.contains(UInt8(ascii: "%")) ? decoded(name) : name
        return secretNames.contains { plain.contains($0) }
    }

    private static func cut(_ text: String) -> (text: String, isCut: Bool) {
        guard text.utf8.count > bytesMax else { return (text, false) }
        return (String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self), true)
    }

    /// Values of secret parameters, and the user before a host, become "…"; what controls a terminal, "\u{1B}".
    private static func redacted(_ text: String) -> String {
        let text = withoutUser(text)
        var shown: [UInt8] = []
        var nameStart = 0
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            shown.append(byte)
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "&"), UInt8(ascii: ";"), UInt8(ascii: "#"), UInt8(ascii: " "):
                nameStart = shown.count
            case UInt8(ascii: "=") where isSecret(shown[nameStart..<(shown.count - 1)]):
                shown += "…".utf8
                bytes = bytes.drop { !endsValue($0) }
                nameStart = shown.count
            default: break
            }
        }
        return printable(String(decoding: shown, as: UTF8.self))
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "&") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: " ")
    }

    /// "rtmp://user:password@host" without user and password.
    private static func withoutUser(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@") else { return text }
        return text[..<scheme.upperBound] + "…" + rest[at...]
    }

    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
        var printable = ""
        for scalar in text.unicodeScalars {
            if isUnprintable(scalar) {
                printable += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                printable.unicodeScalars.append(scalar)
            }
        }
        return printable
    }

    /// Controls, and marks that turn the direction of what follows.
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }

    /// "%6bey" is "key".
    private static func decoded(_ name: String) -> String {
        StreamQuery(parsing: name[...]).items.first.map { $0.name.lowercased() } ?? name
    }
}
