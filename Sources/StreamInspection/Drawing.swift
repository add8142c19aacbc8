import Codecs
import PlainText

/// Pictures made of block elements.
enum Drawing {
    /// Eight heights. Specification: Unicode, Block Elements.
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The bar of a share from 0 to 1.
    static func bar(_ share: Double) -> Character {
        guard share.isFinite else { return bars[0] }
        return bars[min(7, max(0, Int(share * 8)))]
    }

    /// Numbers as bars, the largest one the highest.
    static func sparkline(_ numbers: [Double]) -> String {
        let largest = numbers.max() ?? 0
        return String(numbers.map { largest > 0 ? bar($0 / largest) : bars[0] })
    }

    /// How much falls into each of equal stretches of time.
    ///
    /// - Parameters:
    ///   - amounts: when, in seconds, and how much.
    ///   - columns: the most stretches. None is shorter than ``stretchSecondsMin``.
    /// - Returns: the amounts, and how long a stretch is.
    static func stretches(
        _ amounts: [(seconds: Double, amount: Double)], columns: Int
    ) -> (sums: [Double], seconds: Double) {
        guard let start = amounts.map(\.seconds).min(), let end = amounts.map(\.seconds).max() else { return ([], 1) }
        let wanted = max(stretchSecondsMin, (end - start) / Double(max(1, columns)))
        let count = min(max(1, columns), max(1, Int((end - start) / wanted)))
        let seconds = end > start ? (end - start) / Double(count) : wanted
        var sums = Array(repeating: 0.0, count: count)
        for (time, amount) in amounts { sums[min(count - 1, max(0, Int((time - start) / seconds)))] += amount }
        return (sums, seconds)
    }

    /// Shorter stretches hold so few frames that their number says nothing.
    private static let stretchSecondsMin = 0.25
}

extension TrackReport {
    /// The most groups drawn.
    private static let groupsShownMax = 6
    /// The most lines of bars of one group.
    private static let barLinesMax = 3

    /// The first groups of pictures, as bars: a character each, its height the square root of the picture's size, for
    /// what lies between a keyframe's size and a B picture's would not be seen otherwise.
    func groupDrawing(_ style: TextStyle) -> [String] {
        let shown = groups.prefix(Self.groupsShownMax)
        let largest = shown.flatMap { samples[$0.samples] }.map { Double($0.bytes) }.max() ?? 1
        var lines: [String] = []
        for group in shown {
            lines.append("  " + style.paint(title(of: group), .dim))
            lines += bars(of: group, largest: largest, style)
        }
        if groups.count > shown.count { lines.append("  … and \(groups.count - shown.count) more groups") }
        return lines
    }

    private func title(of group: PictureGroup) -> String {
        let pictures = samples[group.samples]
        let types = PictureType.allCases.compactMap { type in
            let count = pictures.count { $0.picture == type }
            return count > 0 ? "\(type) \(count)" : nil
        }
        let length = group.seconds.map { "\(NumberText.decimal($0, digits: 3)) s" } ?? "to the end"
        return "at \(NumberText.decimal(group.startSeconds, digits: 3)) s: \(length), \(pictures.count) pictures"
            + (types.isEmpty ? "" : " (\(types.joined(separator: " ")))") + ", \(NumberText.bytes(group.bytes))"
    }

    private func bars(of group: PictureGroup, largest: Double, _ style: TextStyle) -> [String] {
        let width = style.columns - 4
        var lines: [String] = []
        var rest = samples[group.samples]
        while !rest.isEmpty, lines.count < 2 * Self.barLinesMax {
            let row = rest.prefix(width)
            rest = rest.dropFirst(width)
            let isLast = lines.count == 2 * (Self.barLinesMax - 1) && !rest.isEmpty
            let bars = row.map { sample in
                let share = (Double(sample.bytes) / max(1, largest)).squareRoot()
                return style.paint(String(Drawing.bar(share)), sample.paint)
            }
            let letters = row.map { style.paint($0.letter, $0.paint) }
            lines.append("  " + bars.joined())
            lines.append("  " + letters.joined() + (isLast ? "…" : ""))
        }
        return lines
    }
}

extension SampleRecord {
    /// "I", "P", "B"; where the type is not known, "K" for a keyframe and "-" for others.
    fileprivate var letter: String {
        picture?.description ?? (isKeyframe ? "K" : "-")
    }

    fileprivate var paint: TextStyle.Paint {
        switch picture {
        case .intra: .red
        case .predicted: .green
        case .bidirectional: .blue
        case nil: isKeyframe ? .red : .green
        }
    }
}
