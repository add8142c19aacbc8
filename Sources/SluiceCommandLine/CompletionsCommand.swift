import ArgumentParser

/// `sluice completions`: what a shell needs to complete the program's arguments.
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Write the script with which a shell completes arguments of sluice.",
        discussion: """
            EXAMPLES:
              sluice completions bash > /etc/bash_completion.d/sluice
              sluice completions zsh  > ~/.zfunc/_sluice
              sluice completions fish > ~/.config/fish/completions/sluice.fish
            """)

    /// The shells that there are scripts for.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish

        var completionShell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"))
    var shell: Shell

    func run() throws {
        print(SluiceCommand.completionScript(for: shell.completionShell))
    }
}
