/// Specification: RFC 4648, 4. As much of it as handshakes need.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            if count % 3 == 0 {
                for shift: UInt32 in [18, 12, 6, 0] { text.append(letters[Int(group >> shift & 0x3F)]) }
                group = 0
            }
        }
        let rest = count % 3
        if rest > 0 {
            group <<= UInt32(8 * (3 - rest))
            for index in 0..<4 {
                text.append(index <= rest ? letters[Int(group >> UInt32(18 - 6 * index) & 0x3F)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether the text is what 16 bytes become: 22 letters, the last of four unused bits that are zero, and "==".
    static func isSixteenBytes(_ text: String) -> Bool {
        let text = Array(text.utf8)
        guard text.count == 24, text.suffix(2) == Array("==".utf8)[...] else { return false }
        return text.prefix(22).allSatisfy(letters.contains) && "AQgw".utf8.contains(text[21])
    }
}
