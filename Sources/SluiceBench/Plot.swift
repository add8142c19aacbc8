import PlainText

/// A line plot over time as inline SVG; its colours are the page's.
struct Plot {
    /// One line: a name, a colour's class, and values by second; nil breaks it.
    struct Line {
        let name: String
        let style: String
        let values: [Double?]
    }

    let title: String
    let unit: String
    let times: [Double]
    /// From when on it was measured, in seconds; shaded before.
    let measuredFrom: Double?
    let lines: [Line]

    private static let width = 640.0
    private static let height = 200.0
    private static let margin = (left: 56.0, right: 12.0, top: 10.0, bottom: 26.0)

    /// The figure; empty where there is nothing to draw.
    var html: String {
        let values = lines.flatMap { $0.values.compactMap { $0 } }
        guard let lastTime = times.last, lastTime > 0, let highest = values.max() else { return "" }
        let top = Self.roundedUp(highest)
        var parts: [String] = []
        if let measuredFrom {
            let end = x(min(measuredFrom, lastTime), lastTime)
            parts.append(
                "<rect class=\"ramp\" x=\"\(text(Self.margin.left))\" y=\"\(text(Self.margin.top))\" width=\"\(text(end - Self.margin.left))\" "
                    + "height=\"\(text(Self.height - Self.margin.top - Self.margin.bottom))\"/>")
        }
        parts += grid(top, lastTime)
        parts += lines.map { path($0, top, lastTime) }
        let legend = lines.map { "<span class=\"key \($0.style)\">\(HTMLReport.escaped($0.name))</span>" }.joined(
            separator: " ")
        return """
            <figure><figcaption>\(HTMLReport.escaped(title)), \(HTMLReport.escaped(unit)) \(legend)</figcaption>
            <svg viewBox="0 0 \(text(Self.width)) \(text(Self.height))" role="img" aria-label="\(HTMLReport.escaped(title))">
            \(parts.joined(separator: "\n"))
            </svg></figure>

            """
    }

    private func grid(_ top: Double, _ lastTime: Double) -> [String] {
        var parts: [String] = []
        for step in 0...4 {
            let value = top * Double(step) / 4
            let line = text(y(value, top))
            parts.append(
                "<line class=\"grid\" x1=\"\(text(Self.margin.left))\" x2=\"\(text(Self.width - Self.margin.right))\" y1=\"\(line)\" y2=\"\(line)\"/>"
                    + "<text x=\"\(text(Self.margin.left - 6))\" y=\"\(text(y(value, top) + 4))\" text-anchor=\"end\">\(NumberText.significant(value))</text>"
            )
        }
        for step in 0...4 {
            let time = lastTime * Double(step) / 4
            parts.append(
                "<text x=\"\(text(x(time, lastTime)))\" y=\"\(text(Self.height - 8))\" text-anchor=\"middle\">\(NumberText.decimal(time, digits: 0)) s</text>"
            )
        }
        return parts
    }

    private func path(_ line: Line, _ top: Double, _ lastTime: Double) -> String {
        var commands = ""
        var isDrawing = false
        for (time, value) in zip(times, line.values) {
            if let value {
                commands += "\(isDrawing ? "L" : "M")\(text(x(time, lastTime))) \(text(y(value, top)))"
            }
            isDrawing = value != nil
        }
        return "<path class=\"line \(line.style)\" d=\"\(commands)\"/>"
    }

    private func x(_ time: Double, _ lastTime: Double) -> Double {
        Self.margin.left + time / lastTime * (Self.width - Self.margin.left - Self.margin.right)
    }

    private func y(_ value: Double, _ top: Double) -> Double {
        Self.height - Self.margin.bottom - value / top * (Self.height - Self.margin.top - Self.margin.bottom)
    }

    private func text(_ value: Double) -> String {
        NumberText.decimal(value, digits: 1)
    }

    /// 1, 2, 4, 8 or 10 times a power of ten: what quarters well.
    static func roundedUp(_ value: Double) -> Double {
        guard value > 0 else { return 1 }
        var power = 1.0
        while power * 10 < value { power *= 10 }
        while power >= value { power /= 10 }
        for factor in [2.0, 4, 6, 8] where power * factor >= value { return power * factor }
        return power * 10
    }
}
