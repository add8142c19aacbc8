/// Where a setting was written.
package enum SettingPlace: Sendable, Hashable, CustomStringConvertible {
    /// Nowhere: the value every server starts with.
    case byDefault
    /// A line and column, both from 1, of a file; 0 where only the file is known.
    case file(name: String, line: Int, column: Int)
    /// An environment variable.
    case environment(String)
    /// A flag of the command line.
    case flag(String)

    /// "sluice.yaml:4:3", "SLUICE_LOOPS", "--loops".
    package var description: String {
        switch self {
        case .byDefault: "default"
        case .file(let name, 0, _): name
        case .file(let name, let line, let column): "\(name):\(line):\(column)"
        case .environment(let name): name
        case .flag(let name): name
        }
    }
}

/// One thing that is wrong: where, what, and what would be right, on one line.
package struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where it was written.
    package var place: SettingPlace
    /// What is wrong and what would be right.
    package var explanation: String

    /// Makes a problem; see the properties.
    package init(place: SettingPlace, explanation: String) {
        self.place = place
        self.explanation = explanation
    }

    /// "sluice.yaml:4:3: unknown key "rtmp.lisen"; did you mean "rtmp.listen"?"
    package var description: String {
        "\(place): \(explanation)"
    }
}

/// Everything that is wrong with a configuration, not only the first.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order of the sources; never empty.
    package var problems: [ConfigurationProblem]

    /// - Parameter problems: in the order of the sources.
    package init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// A line for each problem.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }

    /// Whether nothing but flags is wrong: a mistake in usage, not in the installation.
    package var concernsOnlyFlags: Bool {
        problems.allSatisfy { problem in
            if case .flag = problem.place { true } else { false }
        }
    }
}
