/// Bits a second and bytes as people give them on a command line: "2500k", "4.5M", "2G" or "1000000".
package enum Quantity {
    private static let factors: [Character: Double] = ["k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "g": 1e9, "G": 1e9]

    /// Reads a whole number.
    ///
    /// - Parameters:
    ///   - text: a number, and a thousand, a million or a thousand millions as a letter behind it.
    ///   - range: what there may be.
    /// - Returns: nil where it is no number, or not in the range.
    package static func parse(_ text: String, in range: ClosedRange<Int>) -> Int? {
        let factor = text.last.flatMap { factors[$0] }
        guard let number = Double(factor == nil ? text[...] : text.dropLast()),
            let whole = Int(exactly: (number * (factor ?? 1)).rounded()), range.contains(whole)
        else { return nil }
        return whole
    }

    /// The shortest text that is read as a number: "1.5M".
    package static func text(_ number: Int) -> String {
        let (factor, letter) =
            switch number.magnitude {
            case 1_000_000_000...: (1e9, "G")
            case 1_000_000...: (1e6, "M")
            case 1000...: (1e3, "k")
            default: (1.0, "")
            }
        return NumberText.short(Double(number) / factor, digits: 9) + letter
    }
}
