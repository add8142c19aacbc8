/// A configuration, and where each of its values came from.
package struct LoadedConfiguration: Sendable {
    /// The values.
    package var configuration = ServerConfiguration()
    /// Where each key that is not at its default was last set.
    package var places: [String: SettingPlace] = [:]
    /// What looks like a mistake and is none for certain.
    package var warnings: [ConfigurationProblem] = []
}

/// Gathers the settings of all sources. The later wins: defaults, file, environment, flags.
package struct ConfigurationLoader: Sendable {
    /// A YAML file's name, for messages, and its text.
    package var file: (name: String, text: String)?
    /// The process's environment.
    package var environment: [String: String]
    /// The flags' values by key name; a key without values is left alone.
    package var flags: [String: [String]]

    /// Makes a loader; see the properties.
    package init(
        file: (name: String, text: String)? = nil, environment: [String: String] = [:], flags: [String: [String]] = [:]
    ) {
        self.file = file
        self.environment = environment
        self.flags = flags
    }

    /// Reads every source, and reports every problem, not only the first.
    package func load() throws(ConfigurationError) -> LoadedConfiguration {
        var loaded = LoadedConfiguration()
        var problems: [ConfigurationProblem] = []
        var settings: [Setting] = []
        if let file {
            let yaml = YAMLSettings(fileName: file.name, text: file.text)
            settings += yaml.settings
            problems += yaml.problems
        }
        settings += environmentSettings()
        settings += flagSettings()
        for setting in settings {
            do throws(ValueProblem) {
                try setting.key.apply(&loaded.configuration, setting.values)
                loaded.places[setting.key.name] = setting.place
            } catch {
                problems.append(ConfigurationProblem(place: setting.place, explanation: explain(error, setting)))
            }
        }
        guard problems.isEmpty else {
            throw ConfigurationError(problems: problems)
        }
        loaded.warnings = suspiciousVariables()
        return loaded
    }

    /// A message names the key unless the place (a flag, a variable) already does.
    private func explain(_ problem: ValueProblem, _ setting: Setting) -> String {
        if case .file = setting.place, !problem.explanation.hasPrefix("\"\(setting.key.name)\"") {
            return "\(setting.key.name): \(problem.explanation)"
        }
        return problem.explanation
    }

    private func environmentSettings() -> [Setting] {
        ConfigurationKey.all.compactMap { key in
            guard let text = environment[key.environmentName], !text.isEmpty else {
                return nil
            }
            let values = key.isList ? Self.splitList(text) : [text]
            return Setting(key: key, values: values, place: .environment(key.environmentName))
        }
    }

    private func flagSettings() -> [Setting] {
        ConfigurationKey.all.compactMap { key in
            guard let values = flags[key.name], !values.isEmpty else {
                return nil
            }
            return Setting(key: key, values: values, place: .flag(key.flag ?? key.name))
        }
    }

    /// An unknown SLUICE_ variable is no error, since others set such names too (Kubernetes sets SLUICE_SERVICE_HOST
    /// for a service called sluice); one that is nearly a key's deserves a word.
    private func suspiciousVariables() -> [ConfigurationProblem] {
        let known = ConfigurationKey.all.map(\.environmentName)
        return environment.keys.sorted().compactMap { name in
            guard name.hasPrefix("SLUICE_"), !known.contains(name), let meant = closest(to: name, among: known) else {
                return nil
            }
            return ConfigurationProblem(
                place: .environment(name), explanation: "unknown variable; did you mean \(meant)?")
        }
    }

    /// "a, b" or "a b".
    private static func splitList(_ text: String) -> [String] {
        text.split { $0 == "," || $0 == " " }.map(String.init)
    }
}
