import NIOConcurrencyHelpers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a running command tells how it stands: on a terminal a few lines that are rewritten, elsewhere lines that stay.
package final class Console: Sendable {
    /// How progress is told.
    package enum Style: Sendable, Hashable {
        /// Rewritten every second, on standard error.
        case terminal
        /// A line every ten seconds, on standard error.
        case lines
        /// A JSON document a line every second, on standard output.
        case json
        /// Only what goes wrong.
        case quiet
    }

    /// How progress is told.
    package let style: Style
    /// The lines that stand on the terminal now.
    private let shown = NIOLockedValueBox<[String]>([])

    /// - Parameter style: how progress is told.
    package init(style: Style) {
        self.style = style
    }

    /// What suits standard error.
    package static var suitingStyle: Style {
        isatty(STDERR_FILENO) == 1 ? .terminal : .lines
    }

    /// Tells of an event.
    package func notice(_ text: String) {
        shown.withLockedValue { lines in
            let line = "sluice: \(text)\n"
            switch style {
            case .terminal: Self.write(Self.erasing(lines) + line + Self.joined(lines), to: STDERR_FILENO)
            case .lines, .json, .quiet: Self.write(line, to: STDERR_FILENO)
            }
        }
    }

    /// Tells how things stand; replaces what was told before.
    package func progress(_ lines: [String]) {
        shown.withLockedValue { shown in
            switch style {
            case .terminal:
                let width = Self.columns
                let cut = lines.map { String($0.prefix(width - 1)) }
                Self.write(Self.erasing(shown) + Self.joined(cut), to: STDERR_FILENO)
                shown = cut
            case .lines: Self.write(Self.joined(lines), to: STDERR_FILENO)
            case .json: Self.write(Self.joined(lines), to: STDOUT_FILENO)
            case .quiet: break
            }
        }
    }

    /// To the beginning of the first line, and all from there on gone. Source: ECMA-48, CPL and ED.
    private static func erasing(_ lines: [String]) -> String {
        lines.isEmpty ? "" : "\u{1B}[\(lines.count)F\u{1B}[J"
    }

    private static func joined(_ lines: [String]) -> String {
        lines.map { $0 + "\n" }.joined()
    }

    /// The terminal's width.
    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }

    private static func write(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { writeSome(descriptor, $0) }
            // Nobody reads any more: what is told is lost, the push goes on.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// What write(2) tells.
private func writeSome(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
        let count = write(descriptor, bytes.baseAddress, bytes.count)
        if count >= 0 || errno != EINTR { return count }
    }
}
