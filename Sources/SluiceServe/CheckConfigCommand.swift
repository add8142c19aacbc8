import ArgumentParser
import ServerConfig

/// `sluice check-config`: says what is wrong with the settings, or what they come to.
package struct CheckConfigCommand: ParsableCommand {
    /// What `sluice check-config --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Look settings over, without starting anything.",
        discussion: """
            Shows every key with its value and where that was set, or every mistake with its line and column.

            EXAMPLES:
              sluice check-config sluice.yaml
              sluice check-config --example > sluice.yaml   a file with every key explained
            """)

    @Argument(help: "A YAML file of settings (default: SLUICE_CONFIG).")
    package var file: String?

    @Flag(help: "Print a file with every key at its default, and look nothing over.")
    package var example = false

    @Flag(help: .hidden)
    package var markdown = false

    /// Made by ArgumentParser.
    package init() {}

    /// Prints the outcome.
    package func run() throws {
        if example {
            print(ConfigurationDocument.exampleFile, terminator: "")
        } else if markdown {
            print(ConfigurationDocument.markdownTable, terminator: "")
        } else {
            let loaded = try ConfigurationSources(file: file, flags: [:]).load()
            for warning in loaded.warnings {
                print("warning: \(warning)")
            }
            print(ConfigurationDocument.summary(of: loaded))
        }
    }
}
