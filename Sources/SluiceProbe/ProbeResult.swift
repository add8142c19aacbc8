import PlainText
import StreamInspection

/// All that a probe tells.
struct ProbeResult: Sendable {
    /// What was looked at.
    var title: String
    /// What was found.
    var report: StreamReport
    /// How long joining took; nil of a file.
    var join: JoinTimes?
    /// Why a stream ended before its time; nil where it did not.
    var end: ProbeError?

    /// For people.
    func text(_ style: TextStyle) -> [String] {
        var lines = report.text(title: title, style: style)
        if let join { lines += ["", join.line] }
        return lines
    }

    /// For programs.
    ///
    /// - Parameter findings: what breaks rules; nil where nobody looked.
    func document(findings: [Finding]?) -> JSONValue {
        guard case .object(var members) = report.document else { return .null }
        members.insert(.init("source", .string(title)), at: 0)
        if let join { members.append(.init("join", join.document)) }
        if let end { members.append(.init("end", .string(end.description))) }
        if let findings { members.append(.init("findings", .array(findings.map(\.document)))) }
        return .object(members)
    }
}
