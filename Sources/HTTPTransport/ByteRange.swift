/// What a field Range asks for of a body. Specification: RFC 9110, 14.1.2 and 14.2.
enum ByteRange: Equatable {
    /// All of it: the field is not understood, or asks for several parts, which a server may answer with the whole.
    case whole
    /// One part; never empty.
    case part(Range<Int>)
    /// Nothing that there is.
    case unsatisfiable

    /// - Parameters:
    ///   - field: such as "bytes=0-499", "bytes=500-" or "bytes=-500".
    ///   - count: the bytes there are.
    init(_ field: String, of count: Int) {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes", !parts[1].utf8.contains(UInt8(ascii: ",")),
            let dash = parts[1].firstIndex(of: "-")
        else {
            self = .whole
            return
        }
        let firstText = parts[1][..<dash].drop { $0 == " " }
        let lastText = parts[1][parts[1].index(after: dash)...]
        switch (Self.number(firstText), Self.number(lastText)) {
        case (let first?, let last?) where first <= last: self = Self.of(first, min(last, count - 1), count)
        case (let first?, nil) where lastText.isEmpty: self = Self.of(first, count - 1, count)
        case (nil, let suffix?) where firstText.isEmpty:
            self = suffix == 0 ? .unsatisfiable : Self.of(max(0, count - suffix), count - 1, count)
        default: self = .whole
        }
    }

    private static func of(_ first: Int, _ last: Int, _ count: Int) -> ByteRange {
        first < count && first <= last ? .part(first..<last + 1) : .unsatisfiable
    }

    /// Digits; a number too large for any body counts as the largest.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text) ?? Int.max
    }
}
