import Glibc

/// Prints results as they come: a heading for each group, then a line for each benchmark, in columns.
struct Table {
    /// Text that names of benchmarks have to hold to be run; all run where there is none.
    let filters: [String]

    init(filters: [String]) {
        self.filters = filters
    }

    /// Whether that benchmark is asked for.
    func wants(_ group: String) -> Bool {
        filters.isEmpty || filters.contains { group.lowercased().contains($0.lowercased()) }
    }

    func begin(_ group: String) {
        print("\n\(group)")
    }

    /// - Parameters:
    ///   - name: what is measured.
    ///   - measurement: one operation's cost.
    ///   - unit: what one operation is, such as "message".
    ///   - bytes: of one operation, where a rate says something.
    ///   - note: a comparison with another measurement of the same run.
    func row(_ name: String, _ measurement: Measurement, per unit: String, bytes: Int? = nil, note: String = "") {
        let rate = bytes.map { "\(number(measurement.rate(bytes: $0), 2)) GB/s" } ?? ""
        let columns = [
            padded(name, 34), padded("\(number(measurement.nanoseconds, 1)) ns", 14, left: true),
            padded("/ \(unit)", 16), padded(rate, 12, left: true),
            padded("\(number(measurement.allocations, 2)) allocations", 20, left: true),
        ]
        print("  " + columns.joined(separator: " ") + (note.isEmpty ? "" : "   " + note))
        fflush(nil)
    }

    private func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}

/// A number with that many decimals, without Foundation.
func number(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    guard value.isFinite, abs(value) < 1e12 else { return "?" }
    let scaled = Int((abs(value) * scale).rounded())
    let fraction = String(scaled % Int(scale))
    let whole = (value < 0 && scaled > 0 ? "-" : "") + String(scaled / Int(scale))
    return decimals == 0 ? whole : whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
}
