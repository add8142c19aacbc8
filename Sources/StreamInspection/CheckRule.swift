import PlainText

/// Something that a stream must have, or must not, for players to play it.
public struct CheckRule: Sendable {
    /// How bad it is to break the rule.
    public enum Severity: String, Sendable, Hashable {
        /// Players stop, skip, or show garbage.
        case breaks
        /// Some players do worse than they could.
        case advises
    }

    /// A short name, for people who look for it and programs that leave it out.
    public let name: String
    /// How bad it is to break the rule.
    public let severity: Severity
    /// The rule in a sentence.
    public let statement: String
    /// Where it is from.
    public let source: String
    /// What breaks the rule in a report, a line each.
    let check: @Sendable (StreamReport) -> [String]

    /// All rules, in the order in which their findings are told.
    public static let all: [CheckRule] = integrity + keyframes + timing + pictures + sound + variant
}

extension CheckRule {
    /// A rule of each track by itself.
    ///
    /// - Parameters:
    ///   - kinds: the tracks that it is asked of.
    ///   - finding: what breaks the rule in one of them; nil for nothing.
    init(
        name: String, severity: Severity, statement: String, source: String, of kinds: SourceTrack.Kind...,
        finding: @escaping @Sendable (TrackReport) -> String?
    ) {
        self.init(name: name, severity: severity, statement: statement, source: source) { report in
            kinds.flatMap { report.each($0, finding) }
        }
    }
}

/// What breaks a rule.
public struct Finding: Sendable {
    /// The rule.
    public let rule: CheckRule
    /// What was found, with its place.
    public let words: String

    /// For programs.
    public var document: JSONValue {
        .members([
            "rule": .string(rule.name), "severity": .string(rule.severity.rawValue), "found": .string(words),
            "statement": .string(rule.statement), "source": .string(rule.source),
        ])
    }
}

extension StreamReport {
    /// What breaks the rules.
    public var findings: [Finding] {
        CheckRule.all.flatMap { rule in rule.check(self).map { Finding(rule: rule, words: $0) } }
    }

    /// What breaks the rules, for people.
    public static func text(_ findings: [Finding], style: TextStyle) -> [String] {
        var lines = ["", style.paint("Check", .bold)]
        for finding in findings {
            let breaks = finding.rule.severity == .breaks
            let mark = style.paint(breaks ? "✗" : "!", breaks ? .red : .yellow)
            let words = finding.words.split(separator: " ").map(String.init)
            var wrapped = style.wrap(words, separator: " ", first: "  \(finding.rule.name): ", further: "    ")
            if let first = wrapped.first { wrapped[0] = "\(mark)\(first.dropFirst())" }
            lines += wrapped
            let reason = "\(finding.rule.statement) (\(finding.rule.source))".split(separator: " ").map(String.init)
            lines += style.wrap(reason, separator: " ", first: "    ", further: "    ").map { style.paint($0, .dim) }
        }
        let breaking = findings.count { $0.rule.severity == .breaks }
        lines.append(
            findings.isEmpty
                ? "\(style.paint("✓", .green)) none of \(CheckRule.all.count) rules is broken"
                : "  \(breaking) that break players, \(findings.count - breaking) to think about; "
                    + "\(CheckRule.all.count) rules")
        return lines
    }

    /// What a question about each track of a kind finds, with the track in front.
    func each(_ kind: SourceTrack.Kind, _ question: (TrackReport) -> String?) -> [String] {
        tracks.filter { $0.track.kind == kind && $0.sampleCount > 0 }.compactMap { track in
            question(track).map { "\(track.label): \($0)" }
        }
    }
}
