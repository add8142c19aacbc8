/// How a report is written for people.
public struct TextStyle: Sendable, Hashable {
    /// The most characters of a line; 40 or more.
    public var columns: Int
    /// Whether colours may be used, as on a terminal.
    public var hasColours: Bool

    /// Makes a style. Fewer than 40 columns mean 40, more than 400 mean 400.
    public init(columns: Int = 80, hasColours: Bool = false) {
        self.columns = min(max(columns, 40), 400)
        self.hasColours = hasColours
    }

    /// A colour of a terminal. Source: ECMA-48, SGR.
    package enum Paint: Int, Sendable {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
        case blue = 36
    }

    /// A text in a colour, where colours may be used.
    package func paint(_ text: String, _ paint: Paint) -> String {
        hasColours && !text.isEmpty ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Words one behind another, in as many lines as they need.
    ///
    /// - Parameters:
    ///   - parts: what may stand on a line of its own.
    ///   - separator: what stands between two on a line.
    ///   - first: in front of the first line.
    ///   - further: in front of the others.
    package func wrap(_ parts: [String], separator: String = "  ", first: String, further: String) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for part in parts where !part.isEmpty {
            if !isEmpty, line.count + separator.count + part.count > columns {
                lines.append(line)
                line = further
                isEmpty = true
            }
            line += (isEmpty ? "" : separator) + part
            isEmpty = false
        }
        return isEmpty ? lines : lines + [line]
    }

    /// The beginning of a text that fits.
    package func cut(_ text: String) -> String {
        text.count > columns ? text.prefix(columns - 1) + "…" : text
    }
}
