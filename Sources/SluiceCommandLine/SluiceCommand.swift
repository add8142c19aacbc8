import ArgumentParser
import SluiceBench
import SluiceProbe
import SluicePlay
import SluicePull
import SluicePush
import SluiceServe

/// `sluice`: the command that the others are part of.
package struct SluiceCommand: AsyncParsableCommand {
    /// What `sluice --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "A live-video server, and the publisher to go with it.",
        discussion: """
            EXAMPLES:
              sluice serve --demo                   a server with a test stream to watch
              sluice serve --rtmp :1936 --http :80  other addresses
              sluice serve --config sluice.yaml     settings from a file
              sluice check-config sluice.yaml       look the file over
              sluice push talk.mp4 rtmp://localhost/live/talk
              sluice pull rtmp://localhost/live/talk talk.mp4
              sluice play rtmp://localhost/live/talk
              sluice probe rtmp://localhost/live/talk
              sluice bench rtmp://127.0.0.1/live/b --viewers 1000

            Exit codes: 0 success, 1 failure, 2 a mistake in usage.
            """,
        version: "sluice \(SluiceVersion.current)",
        subcommands: [
            ServeCommand.self, PushCommand.self, PullCommand.self, PlayCommand.self, ProbeCommand.self,
            BenchCommand.self,
            CheckConfigCommand.self, CompletionsCommand.self,
        ])

    /// Made by ArgumentParser.
    package init() {}
}
