/// Reads numbers from ASCII text, front to back.
struct TextScanner<Bytes: Collection> where Bytes.Element == UInt8 {
    private let bytes: Bytes
    private var index: Bytes.Index

    init(_ bytes: Bytes) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    var isAtEnd: Bool {
        index == bytes.endIndex
    }

    private var next: UInt8? {
        index == bytes.endIndex ? nil : bytes[index]
    }

    private mutating func digit() -> Int64? {
        guard let byte = next, (0x30...0x39).contains(byte) else { return nil }
        index = bytes.index(after: index)
        return Int64(byte - 0x30)
    }

    /// Passes a character if it is the next one.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = next, UInt32(byte) == character.value else { return false }
        index = bytes.index(after: index)
        return true
    }

    /// A number of exactly so many digits; at most 18.
    mutating func number(digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// A number of one digit or more, at most `most`.
    mutating func number(most: Int64 = Int64.max / 16) -> Int64? {
        guard var number = digit() else { return nil }
        while let digit = digit() {
            let (product, hasOverflowed) = number.multipliedReportingOverflow(by: 10)
            guard !hasOverflowed, product <= most - digit else { return nil }
            number = product + digit
        }
        return number <= most ? number : nil
    }

    /// The digits behind a decimal point in millionths, rounded; at least one digit.
    mutating func fraction() -> Int64? {
        guard let first = digit() else { return nil }
        var millionths = first * 100_000
        var unit: Int64 = 10_000
        var isRounded = false
        while let digit = digit() {
            if unit > 0 {
                millionths += digit * unit
                unit /= 10
            } else if !isRounded {
                millionths += digit >= 5 ? 1 : 0
                isRounded = true
            }
        }
        return millionths
    }

    /// A time zone in minutes east of Greenwich: "Z", "+01:00", "+0100", "+01", or nothing.
    mutating func zone() -> Int64? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), hours < 24 else { return nil }
        if isAtEnd { return sign * hours * 60 }
        _ = take(":")
        guard let minutes = number(digits: 2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
