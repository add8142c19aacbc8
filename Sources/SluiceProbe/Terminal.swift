import StreamInspection

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where the report goes, and a line that tells how listening goes on.
enum Terminal {
    /// How a report is written to standard output: in colours and as wide as a terminal, if it is one.
    /// Source: NO_COLOR (no-color.org) for those who want none.
    static var style: TextStyle {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        return TextStyle(
            columns: columns(of: STDOUT_FILENO) ?? 80, hasColours: isTerminal && getenv("NO_COLOR") == nil)
    }

    /// Whether standard error is a terminal, so that a line on it can be rewritten.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Rewrites the line of progress; an empty text takes it away.
    static func progress(_ text: String) {
        let width = columns(of: STDERR_FILENO) ?? 80
        // To the line's beginning, and what is behind it gone. Source: ECMA-48, CR and EL.
        write("\r\u{1B}[K" + text.prefix(width - 1), to: STDERR_FILENO)
    }

    /// Writes lines to standard output. False when nobody reads them.
    @discardableResult
    static func print(_ lines: [String]) -> Bool {
        write(lines.map { $0 + "\n" }.joined(), to: STDOUT_FILENO)
    }

    /// Tells of an event on standard error.
    static func notice(_ text: String) {
        write("sluice: \(text)\n", to: STDERR_FILENO)
    }

    private static func columns(of descriptor: CInt) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return nil }
        return Int(size.ws_col)
    }

    @discardableResult
    private static func write(_ text: String, to descriptor: CInt) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { writeSome(descriptor, $0) }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}

/// What write(2) tells.
private func writeSome(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
        let count = write(descriptor, bytes.baseAddress, bytes.count)
        if count >= 0 || errno != EINTR { return count }
    }
}
