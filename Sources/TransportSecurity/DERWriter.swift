/// Writes the few kinds of values that a certificate is made of. Specification: ITU-T X.690, 8 and 10.
enum DER {
    static func sequence(_ items: [UInt8]...) -> [UInt8] { value(0x30, items.flatMap { $0 }) }
    static func set(_ items: [UInt8]...) -> [UInt8] { value(0x31, items.flatMap { $0 }) }
    static func utf8String(_ text: String) -> [UInt8] { value(0x0C, Array(text.utf8)) }
    static func octetString(_ bytes: [UInt8]) -> [UInt8] { value(0x04, bytes) }
    static func boolean(_ isTrue: Bool) -> [UInt8] { value(0x01, [isTrue ? 0xFF : 0]) }
    static func utcTime(_ text: String) -> [UInt8] { value(0x17, Array(text.utf8)) }

    /// Whole bytes, or fewer bits.
    static func bitString(_ bytes: [UInt8], unusedBits: UInt8 = 0) -> [UInt8] { value(0x03, [unusedBits] + bytes) }

    /// A number without a sign, in as few bytes as it takes.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return value(0x02, (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits)
    }

    /// An object identifier from its parts.
    static func objectIdentifier(_ parts: [UInt32]) -> [UInt8] {
        guard parts.count >= 2 else { return [] }
        var bytes: [UInt8] = []
        for part in [parts[0] * 40 + parts[1]] + parts.dropFirst(2) {
            var groups = [UInt8(part & 0x7F)]
            var rest = part >> 7
            while rest > 0 {
                groups.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            bytes += groups.reversed()
        }
        return value(0x06, bytes)
    }

    /// A value of any kind.
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
