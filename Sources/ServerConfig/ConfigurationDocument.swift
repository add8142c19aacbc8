/// What is written about the keys, from the table of keys itself.
package enum ConfigurationDocument {
    /// A file with every key at its default, its meaning above it: docs/sluice.example.yaml.
    package static var exampleFile: String {
        let defaults = ServerConfiguration()
        var text = """
            # Every key of Sluice, each at its default: an empty file does the same.
            # Start with `sluice serve --config sluice.yaml`; look it over with `sluice check-config sluice.yaml`.
            # Each key is also an environment variable, which wins over the file; flags win over both.
            # This file is written by `sluice check-config --example`.

            """
        var section: Substring = ""
        for key in ConfigurationKey.all {
            if key.section != section || key.section.isEmpty {
                section = key.section
                text += section.isEmpty ? "\n" : "\n\(section):\n"
            } else {
                text += "\n"
            }
            let indent = section.isEmpty ? "" : "  "
            for line in wrap(key.sentence, width: 116 - indent.count) {
                text += "\(indent)# \(line)\n"
            }
            text += "\(indent)# Write \(key.expectation).\n"
            text += "\(indent)# Environment: \(key.environmentName)" + (key.flag.map { ". Flag: \($0)." } ?? ".") + "\n"
            text += "\(indent)\(key.leaf): \(yamlValue(key, in: defaults))\n"
        }
        return text
    }

    /// A table of every key: docs/configuration.md holds it.
    package static var markdownTable: String {
        let defaults = ServerConfiguration()
        var text = "| key | default | environment | flag | meaning |\n|---|---|---|---|---|\n"
        for key in ConfigurationKey.all {
            let value = key.values(defaults).joined(separator: ", ")
            let flag = key.flag.map { "`\($0)`" } ?? ""
            text += "| `\(key.name)` | `\(value)` | `\(key.environmentName)` | \(flag) | \(key.sentence) "
            text += "Write \(key.expectation). |\n"
        }
        return text
    }

    /// What a loaded configuration comes to, a line for each key, with the place of those that were set.
    package static func summary(of loaded: LoadedConfiguration) -> String {
        let rows = ConfigurationKey.all.map { key in
            let value = key.values(loaded.configuration).joined(separator: ", ")
            return (key.name, value.isEmpty ? "none" : value, loaded.places[key.name] ?? .byDefault)
        }
        let nameWidth = rows.map(\.0.count).max() ?? 0
        let valueWidth = rows.map(\.1.count).max() ?? 0
        return rows.map { name, value, place in
            "\(pad(name, nameWidth))  \(pad(value, valueWidth))  \(place)"
        }.joined(separator: "\n")
    }

    private static func yamlValue(_ key: ConfigurationKey, in configuration: ServerConfiguration) -> String {
        let values = key.values(configuration)
        return key.isList ? "[\(values.map { "\"\($0)\"" }.joined(separator: ", "))]" : values.joined()
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
