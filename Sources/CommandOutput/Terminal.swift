import PlainText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One of the process's standard streams, and what is known of the terminal behind it, if it is one.
package struct Terminal: Sendable {
    /// Standard output: what was asked for.
    package static let output = Terminal(descriptor: STDOUT_FILENO)
    /// Standard error: how it is going.
    package static let error = Terminal(descriptor: STDERR_FILENO)

    private let descriptor: CInt
    private let variable: @Sendable (String) -> String?

    /// - Parameters:
    ///   - descriptor: is open as long as this is used.
    ///   - variable: a variable of the environment.
    package init(
        descriptor: CInt,
        variable: @escaping @Sendable (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) {
        self.descriptor = descriptor
        self.variable = variable
    }

    /// Whether a person looks at it.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether lines on it can be rewritten.
    package var canRewrite: Bool { isTerminal && variable("TERM") != "dumb" }

    /// Whether colours may be used: on terminals that have them, and not for those who say no. Source: no-color.org.
    package var hasColours: Bool { canRewrite && (variable("NO_COLOR") ?? "").isEmpty }

    /// Columns and rows; 80 and 24 where nobody knows.
    package var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1, size.ws_row > 1 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// How a report is written here.
    package var style: TextStyle { TextStyle(columns: size.columns, hasColours: hasColours) }

    /// Writes a text. What nobody reads any more is lost.
    package func write(_ text: String) {
        writeWhole(text, to: descriptor)
    }

    /// Writes lines.
    package func write(_ lines: [String]) {
        write(lines.map { $0 + "\n" }.joined())
    }
}
