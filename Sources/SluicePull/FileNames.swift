#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The names of a recording's files, from the one on the command line.
///
/// "%d" and "%03d" stand for the file's number from 1 on; the letters of strftime(3) for the time at which it begins,
/// and among them "%d" is the day, so that a number needs its width there.
package struct FileNames: Sendable {
    private let pattern: String
    /// Whether the name holds the number or the time, so that every file has its own.
    package let isPattern: Bool
    private let hasTime: Bool

    /// - Parameters:
    ///   - text: the name from the command line.
    ///   - isSplit: whether there are to be several files; then a name without a number gets one.
    package init(_ text: String, isSplit: Bool) {
        let letters = Self.letters(text)
        hasTime = letters.contains { $0.width == nil && $0.letter != "d" && $0.letter != "%" }
        isPattern = letters.contains { $0.letter != "%" }
        pattern = isSplit && !isPattern ? Self.inserting("-%03d", into: text) : text
    }

    /// The name of a file.
    ///
    /// - Parameters:
    ///   - number: from 1 on.
    ///   - seconds: when it begins, since 1970.
    package func name(_ number: Int, at seconds: Int) -> String {
        var name = ""
        var rest = pattern[...]
        while let mark = rest.firstIndex(of: "%") {
            name += rest[..<mark]
            rest = rest[rest.index(after: mark)...]
            let width = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(width.count)
            guard let letter = rest.popFirst() else { return name + "%" + width }
            if letter == "%" {
                name += "%"
            } else if letter == "d", !width.isEmpty || !hasTime {
                let digits = "\(number)"
                let zeros = max(0, min(Int(width) ?? 0, Self.widthMax) - digits.count)
                name += String(repeating: "0", count: zeros) + digits
            } else {
                name += Self.time("%\(letter)", seconds)
            }
        }
        name += rest
        let needsNumber = number > 1 && !hasNumber && !hasTime
        return needsNumber ? Self.inserting("-\(number)", into: name) : name
    }

    /// No file has a number of more digits.
    private static let widthMax = 12

    private var hasNumber: Bool {
        Self.letters(pattern).contains { $0.letter == "d" && ($0.width != nil || !hasTime) }
    }

    private static func letters(_ text: String) -> [(width: Int?, letter: Character)] {
        var found: [(Int?, Character)] = []
        var rest = text[...]
        while let mark = rest.firstIndex(of: "%") {
            rest = rest[rest.index(after: mark)...]
            let width = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(width.count)
            guard let letter = rest.popFirst() else { break }
            found.append((Int(width), letter))
        }
        return found
    }

    /// In front of the extension.
    private static func inserting(_ part: String, into name: String) -> String {
        let folder = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        guard let dot = name[folder...].lastIndex(of: "."), dot > folder else { return name + part }
        return name[..<dot] + part + name[dot...]
    }

    /// What strftime(3) makes of a letter, in the machine's time zone.
    private static func time(_ letter: String, _ seconds: Int) -> String {
        var clock = time_t(seconds)
        var parts = tm()
        guard localtime_r(&clock, &parts) != nil else { return letter }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: timeBytesMax) { space in
            let count = strftime(space.baseAddress, space.count, letter, &parts)
            return String(decoding: space.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return text
    }

    private static let timeBytesMax = 128
}
