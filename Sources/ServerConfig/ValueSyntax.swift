/// What is wrong with a value, in words that say what would be right.
package struct ValueProblem: Error, Sendable, Equatable {
    /// One clause, without a full stop.
    package var explanation: String

    /// - Parameter explanation: one clause, without a full stop.
    package init(_ explanation: String) {
        self.explanation = explanation
    }
}

/// How a value is written: the same in a file, in the environment and on the command line.
package struct ValueSyntax<Value: Sendable>: Sendable {
    /// What a value looks like, for documentation: "a duration: 250ms, 10s, 1m".
    package var expectation: String
    /// Reads a value.
    package var parse: @Sendable (String) throws(ValueProblem) -> Value
    /// Writes a value so that ``parse`` reads it back.
    package var format: @Sendable (Value) -> String
}

extension ValueSyntax where Value == Int {
    /// A whole number.
    package static func count(_ range: ClosedRange<Int>) -> Self {
        Self(
            expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text throws(ValueProblem) in
                guard let value = Int(text), range.contains(value) else {
                    throw ValueProblem(
                        "\"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)")
                }
                return value
            },
            format: { "\($0)" })
    }

    /// A number of bytes with a binary unit.
    package static func bytes(_ range: ClosedRange<Int>) -> Self {
        let limits = "\(ByteText.format(range.lowerBound)) to \(ByteText.format(range.upperBound))"
        return Self(
            expectation: "a size such as 512KiB or 16MiB, \(limits)",
            parse: { text throws(ValueProblem) in
                guard let value = ByteText.parse(text) else {
                    throw ValueProblem("\"\(text)\" is not a size; one looks like 512KiB or 16MiB")
                }
                guard range.contains(value) else {
                    throw ValueProblem("\(text) is out of range; it must be \(limits)")
                }
                return value
            },
            format: { ByteText.format($0) })
    }
}

extension ValueSyntax where Value == Duration {
    /// A time with a unit.
    package static func duration(_ range: ClosedRange<Duration>) -> Self {
        let limits = "\(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
        return Self(
            expectation: "a time such as 250ms, 10s or 1m, \(limits)",
            parse: { text throws(ValueProblem) in
                let value = try DurationText.parse(text)
                guard range.contains(value) else {
                    throw ValueProblem("\(text) is out of range; it must be \(limits)")
                }
                return value
            },
            format: { DurationText.format($0) })
    }
}

extension ValueSyntax where Value == Int? {
    /// A number of event loops, or "auto".
    package static let loops = Self(
        expectation: "auto (one for each core) or a whole number from 1 to 1024",
        parse: { text throws(ValueProblem) in
            if text == "auto" {
                return nil
            }
            guard let value = Int(text), (1...1024).contains(value) else {
                throw ValueProblem("\"\(text)\" is neither auto nor a whole number from 1 to 1024")
            }
            return value
        },
        format: { $0.map { "\($0)" } ?? "auto" })
}

extension ValueSyntax where Value == String? {
    /// A file, or none.
    package static let path = Self(
        expectation: "a path, or none",
        parse: { text throws(ValueProblem) in
            guard !text.isEmpty, !text.utf8.contains(0) else {
                throw ValueProblem("\"\(text)\" is no path; none is written as none")
            }
            return text == "none" ? nil : text
        },
        format: { $0 ?? "none" })
}

extension ValueSyntax where Value == Bool {
    /// Yes or no.
    package static let flag = Self(
        expectation: "true or false",
        parse: { text throws(ValueProblem) in
            guard let value = Bool(text) else { throw ValueProblem("\"\(text)\" is neither true nor false") }
            return value
        },
        format: { "\($0)" })
}

extension ValueSyntax where Value == ListenAddress {
    /// An address and port.
    package static let address = Self(
        expectation: "ADDRESS:PORT, such as 0.0.0.0:1935, :1935 or [::1]:1935",
        parse: { text throws(ValueProblem) in try ListenAddress(parsing: text) },
        format: { $0.description })
}

extension ValueSyntax where Value == ServerConfiguration.MergeWindow {
    /// "100ms" or "100ms..400ms".
    package static let mergeWindow = Self(
        expectation: "FLOOR or FLOOR..CEILING, such as 0ms, 100ms or 100ms..400ms, up to 10s",
        parse: { text throws(ValueProblem) in try parseMergeWindow(text) },
        format: { "\(DurationText.format($0.floor))..\(DurationText.format($0.ceiling))" })

    private static func parseMergeWindow(_ text: String) throws(ValueProblem) -> ServerConfiguration.MergeWindow {
        let longest = Duration.seconds(10)
        let (floorText, ceilingText) = splitOnDots(text)
        let floor = try DurationText.parse(floorText)
        guard let ceilingText else {
            guard floor <= longest else {
                throw ValueProblem("\(text) is out of range; a merge window is at most 10s")
            }
            return ServerConfiguration.MergeWindow(floor: floor)
        }
        let ceiling = try DurationText.parse(ceilingText)
        guard ceiling <= longest else {
            throw ValueProblem("\(ceilingText) is out of range; a merge window is at most 10s")
        }
        guard floor <= ceiling else {
            throw ValueProblem("the floor \(floorText) is more than the ceiling \(ceilingText)")
        }
        return ServerConfiguration.MergeWindow(floor: floor, ceiling: ceiling)
    }

    private static func splitOnDots(_ text: String) -> (String, String?) {
        var rest = text[...]
        while let dot = rest.firstIndex(of: ".") {
            if rest[dot...].hasPrefix("..") {
                return (String(text[..<dot]), String(text[text.index(dot, offsetBy: 2)...]))
            }
            rest = rest[rest.index(after: dot)...]
        }
        return (text, nil)
    }
}

extension ValueSyntax where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words.
    package static var word: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            expectation: "one of \(words.joined(separator: ", "))",
            parse: { text throws(ValueProblem) in
                guard let value = Value(rawValue: text) else {
                    let hint = closest(to: text, among: words).map { "; did you mean \"\($0)\"?" }
                    throw ValueProblem("\"\(text)\" is not one of \(words.joined(separator: ", "))" + (hint ?? ""))
                }
                return value
            },
            format: { $0.rawValue })
    }
}
