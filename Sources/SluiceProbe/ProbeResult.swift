import StreamInspection

/// All that a probe tells.
struct ProbeResult: Sendable {
    /// What was looked at.
    var title: String
    /// What was found.
    var report: StreamReport
    /// How long joining took; nil of a file.
    var join: JoinTimes?

    /// For people.
    func text(_ style: TextStyle) -> [String] {
        var lines = report.text(title: title, style: style)
        if let join { lines += ["", join.line] }
        return lines
    }

    /// For programs.
    var document: JSONValue {
        guard case .object(let members) = report.document else { return .null }
        return .object(
            [.init("source", .string(title))] + members + (join.map { [.init("join", $0.document)] } ?? []))
    }
}
