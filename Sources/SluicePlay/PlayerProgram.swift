/// A program that shows, or takes a picture of, what comes on its standard input.
package struct PlayerProgram: Sendable, Equatable {
    /// Its name, looked for in PATH, or its path.
    package var name: String
    /// What it is started with.
    package var arguments: [String]

    /// Makes a program; see the properties.
    package init(name: String, arguments: [String]) {
        self.name = name
        self.arguments = arguments
    }

    /// The players that are looked for, best first.
    package static let known = ["ffplay", "mpv"]

    /// The arguments with which a player shows FLV from standard input with as little delay as it can; those of a player
    /// that is not known are only "-".
    package static func player(_ name: String, title: String) -> PlayerProgram {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        switch base {
        case "ffplay":
            return PlayerProgram(
                name: name,
                arguments: [
                    "-hide_banner", "-loglevel", "error", "-fflags", "nobuffer", "-flags", "low_delay", "-probesize",
                    "65536", "-analyzeduration", "500000", "-framedrop", "-autoexit", "-window_title", title, "-f",
                    "flv", "-i", "pipe:0",
                ])
        case "mpv":
            return PlayerProgram(
                name: name,
                arguments: [
                    "--no-terminal", "--profile=low-latency", "--demuxer-lavf-format=flv",
                    "--force-media-title=\(title)",
                    "-",
                ])
        default: return PlayerProgram(name: name, arguments: ["-"])
        }
    }

    /// FFmpeg, writing the first picture of FLV from standard input.
    package static func snapshot(_ ffmpeg: String, to file: String) -> PlayerProgram {
        // A name that begins with a dash, or holds a colon or a percent sign, is still a file's.
        PlayerProgram(
            name: ffmpeg,
            arguments: [
                "-hide_banner", "-loglevel", "error", "-y", "-probesize", "65536", "-f", "flv", "-i", "pipe:0", "-an",
                "-frames:v", "1", "-update", "1", "file:\(file)",
            ])
    }

    /// Where a program is, in the folders of PATH; nil where it is in none.
    ///
    /// - Parameters:
    ///   - path: the value of PATH.
    ///   - isExecutable: whether a file is there and can be run.
    package static func find(_ name: String, path: String, isExecutable: (String) -> Bool) -> String? {
        if name.contains("/") { return isExecutable(name) ? name : nil }
        return path.split(separator: ":").lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
    }
}
