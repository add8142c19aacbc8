/// The attributes of one tag. Specification: RFC 8216bis, 4.2.
struct AttributeList {
    private var values: [(name: Substring, value: Value)] = []

    private enum Value {
        case quoted(Substring)
        case plain(Substring)
    }

    /// The longest time that is read, in seconds: 31 years.
    static let secondsMax: Int64 = 1_000_000_000

    init(_ text: Substring, limits: HLSLimits) throws(HLSError) {
        var rest = text
        while !rest.isEmpty {
            guard let equals = rest.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                throw HLSError(.malformed, "attribute without a value")
            }
            let name = rest[..<equals].trimmed
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
                throw HLSError(.malformed, "name of an attribute")
            }
            guard !values.contains(where: { $0.name == name }) else {
                throw HLSError(.malformed, "attribute \(name) twice")
            }
            guard values.count < limits.attributesMax else { throw HLSError(.limitExceeded, "attributes of a tag") }
            rest = rest[rest.index(after: equals)...]
            values.append((name, try Self.value(&rest)))
        }
    }

    /// Letters, digits and hyphens; small letters and underscores are strangers'.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Reads a value and the comma behind it.
    private static func value(_ rest: inout Substring) throws(HLSError) -> Value {
        let value: Value
        if rest.utf8.first == UInt8(ascii: "\"") {
            let inside = rest.dropFirst()
            guard let quote = inside.utf8.firstIndex(of: UInt8(ascii: "\"")) else {
                throw HLSError(.malformed, "quotation mark without another")
            }
            value = .quoted(inside[..<quote])
            rest = inside[inside.index(after: quote)...]
            guard rest.isEmpty || rest.utf8.first == UInt8(ascii: ",") else {
                throw HLSError(.malformed, "text behind a quoted value")
            }
        } else {
            let end = rest.utf8.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
            value = .plain(rest[..<end].trimmed)
            rest = rest[end...]
        }
        rest = rest.dropFirst()
        return value
    }

    private func value(_ name: String) -> Value? {
        values.first { $0.name == name }?.value
    }

    // MARK: Values by type

    /// A quoted-string.
    func text(_ name: String) throws(HLSError) -> String? {
        switch value(name) {
        case nil: return nil
        case .quoted(let text): return String(text)
        case .plain: throw HLSError(.malformed, "\(name) is not in quotation marks")
        }
    }

    /// A quoted-string that must be there.
    func requiredText(_ name: String) throws(HLSError) -> String {
        guard let text = try text(name) else { throw HLSError(.missing, "attribute \(name)") }
        return text
    }

    /// An enumerated-string, a number or a hexadecimal sequence, as it is written.
    func word(_ name: String) throws(HLSError) -> Substring? {
        switch value(name) {
        case nil: return nil
        case .plain(let text): return text
        case .quoted: throw HLSError(.malformed, "\(name) is in quotation marks")
        }
    }

    /// YES, and everything else is NO.
    func flag(_ name: String) throws(HLSError) -> Bool {
        try word(name) == "YES"
    }

    /// A decimal-integer.
    func integer(_ name: String) throws(HLSError) -> Int? {
        guard let word = try word(name) else { return nil }
        return try Int(decimal: word, name)
    }

    /// A decimal-integer that must be there.
    func requiredInteger(_ name: String) throws(HLSError) -> Int {
        guard let integer = try integer(name) else { throw HLSError(.missing, "attribute \(name)") }
        return integer
    }

    /// A signed-decimal-floating-point of seconds.
    func seconds(_ name: String) throws(HLSError) -> Duration? {
        guard let word = try word(name) else { return nil }
        return try Duration(decimal: word, name)
    }

    /// A signed-decimal-floating-point of seconds that must be there.
    func requiredSeconds(_ name: String) throws(HLSError) -> Duration {
        guard let seconds = try seconds(name) else { throw HLSError(.missing, "attribute \(name)") }
        return seconds
    }

    /// Attributes whose names the condition holds for, in order.
    func others(_ isWanted: (Substring) -> Bool) -> [DateRange.Attribute] {
        values.filter { isWanted($0.name) }.map { name, value in
            switch value {
            case .quoted(let text): DateRange.Attribute(String(name), .text(String(text)))
            case .plain(let text): DateRange.Attribute(String(name), .plain(String(text)))
            }
        }
    }
}

extension Substring {
    /// Without white space around it; strangers write it although the specification has none.
    var trimmed: Substring {
        var bytes = utf8
        while let byte = bytes.first, byte == 0x20 || byte == 0x09 || byte == 0x0D { bytes.removeFirst() }
        while let byte = bytes.last, byte == 0x20 || byte == 0x09 || byte == 0x0D { bytes.removeLast() }
        return Substring(bytes)
    }
}

extension Int {
    init(decimal text: Substring, _ name: String) throws(HLSError) {
        var scanner = TextScanner(text.trimmed.utf8)
        guard let number = scanner.number(), scanner.isAtEnd else {
            throw HLSError(.malformed, "\(name) is not a decimal integer")
        }
        self = Int(number)
    }
}

extension Duration {
    init(decimal text: Substring, _ name: String) throws(HLSError) {
        var scanner = TextScanner(text.trimmed.utf8)
        let sign: Int64 = scanner.take("-") ? -1 : 1
        guard let seconds = scanner.number(most: AttributeList.secondsMax) else {
            throw HLSError(.malformed, "\(name) is not a number of seconds")
        }
        var microseconds = seconds * 1_000_000
        if scanner.take("."), !scanner.isAtEnd {
            guard let fraction = scanner.fraction() else {
                throw HLSError(.malformed, "\(name) is not a number of seconds")
            }
            microseconds += fraction
        }
        guard scanner.isAtEnd, microseconds <= AttributeList.secondsMax * 1_000_000 else {
            throw HLSError(.malformed, "\(name) is not a number of seconds")
        }
        self = .microseconds(sign * microseconds)
    }
}

extension ByteRange {
    /// Reads `N` or `N@O`.
    ///
    /// - Parameter implied: the offset where none is written; nil where one must be.
    init(_ text: Substring, implied: Int?) throws(HLSError) {
        let sides = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = sides.first else { throw HLSError(.malformed, "byte range") }
        length = try Int(decimal: first, "byte range")
        if sides.count == 2 {
            offset = try Int(decimal: sides[1], "byte range")
        } else if let implied {
            offset = implied
        } else {
            throw HLSError(.malformed, "byte range without an offset")
        }
    }

    var end: Int {
        offset &+ length
    }
}
