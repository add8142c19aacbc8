import MediaCore
import NIOCore

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

        /// What suits standard error.
        package static var suiting: Style { Terminal.error.canRewrite ? .terminal : .lines }
    }

    /// How progress is told.
    package let style: Style
    private let error: Terminal
    private let output: Terminal
    /// The lines that stand on the terminal now.
    private let shown = Locked<[String]>([])

    /// - Parameters:
    ///   - style: how progress is told.
    ///   - error: where people look.
    ///   - output: where programs read.
    package init(style: Style, error: Terminal = .error, output: Terminal = .output) {
        self.style = style
        self.error = error
        self.output = output
    }

    /// How often progress is told.
    package var interval: TimeAmount {
        switch style {
        case .terminal, .json: .seconds(1)
        case .lines: .seconds(10)
        case .quiet: .hours(24)
        }
    }

    /// Tells of an event, above the lines of progress.
    package func notice(_ text: String) {
        shown.withLock { error.write(Self.erasing($0) + Self.joined(["sluice: \(text)"] + $0)) }
    }

    /// Tells how things stand; on a terminal, instead of what was told before.
    package func progress(_ lines: [String]) {
        shown.withLock { shown in
            switch style {
            case .terminal:
                let size = error.size
                let cut = lines.prefix(size.rows - 1).map { String($0.prefix(size.columns - 1)) }
                error.write(Self.erasing(shown) + Self.joined(cut))
                shown = cut
            case .lines: error.write(lines)
            case .json: output.write(lines)
            case .quiet: break
            }
        }
    }

    /// Takes away what stands on the terminal: there is something better to come.
    package func clear() {
        shown.withLock { shown in
            error.write(Self.erasing(shown))
            shown = []
        }
    }

    /// To the beginning of the first line, and all from there on gone. Source: ECMA-48, CPL and ED.
    private static func erasing(_ lines: [String]) -> String {
        lines.isEmpty ? "" : "\u{1B}[\(lines.count)F\u{1B}[J"
    }

    private static func joined(_ lines: [String]) -> String {
        lines.map { $0 + "\n" }.joined()
    }
}
