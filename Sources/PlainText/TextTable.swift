/// A table whose columns are as wide as they need to be: the first to the left, the others to the right.
package struct TextTable: Sendable {
    private var rows: [[String]] = []

    /// Without rows.
    package init() {}

    /// Adds a row beneath the others.
    package mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// Lines, each with two spaces in front.
    package var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == 0 ? cell.padded(to: widths[column]) : cell.aligned(to: widths[column])
            }
            return "  " + cells.joined(separator: "  ")
        }
    }
}
