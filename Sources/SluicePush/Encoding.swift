import ArgumentParser

/// What SOURCE names: a device, a pattern, an address, or a file.
package struct InputName: Sendable, Hashable {
    /// What kind of thing it is.
    package enum Kind: Sendable, Hashable {
        /// `test:`, a moving pattern with a clock and a beep.
        case test
        /// `v4l2:/dev/video0`, a camera.
        case video4Linux(String)
        /// `x11::0.0`, a screen.
        case x11(String)
        /// `alsa:default`, a sound card.
        case alsa(String)
        /// `rtsp://…`, `https://…`: what FFmpeg reads.
        case address(String)
        /// A path.
        case file(String)
    }

    /// What kind of thing it is.
    package let kind: Kind

    /// - Parameter text: as given on the command line.
    package init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count > 1 ? String(parts[1]) : ""
        switch (parts.first, parts.count) {
        case ("test", 2): kind = .test
        case ("v4l2", 2): kind = .video4Linux(rest)
        case ("x11", 2): kind = .x11(rest.isEmpty ? ":0.0" : rest)
        case ("alsa", 2): kind = .alsa(rest.isEmpty ? "default" : rest)
        default: kind = text.contains("://") ? .address(text) : .file(text)
        }
    }

    package var isFile: Bool {
        if case .file = kind { true } else { false }
    }

    /// Whether it comes as fast as it is read.
    package var isMadeAtAnyPace: Bool {
        switch kind {
        case .test, .file: true
        case .video4Linux, .x11, .alsa, .address: false
        }
    }
}

/// What FFmpeg is to encode, in the field's words.
package struct Encoding: Sendable, Hashable {
    /// A codec that FFmpeg has an encoder for.
    package enum Codec: String, Sendable, Hashable, CaseIterable, ExpressibleByArgument {
        case h264, hevc, av1, copy
    }

    /// The pictures' codec; sound is AAC, or copied with the pictures.
    package var codec = Codec.h264
    /// Bits a second.
    package var videoBitrate = 2_500_000
    /// Bits a second.
    package var audioBitrate = 160_000
    /// Seconds between keyframes.
    package var keyframeSeconds = 2.0
    /// The encoder's trade of processor time for quality.
    package var preset = "veryfast"
    /// Pixels, as 1280x720; nil for the source's own.
    package var size: PictureSize?
    /// Pictures a second; nil for the source's own.
    package var frameRate: Double?
    /// A second source, for sound.
    package var audioSource: InputName?

    /// Makes settings with the defaults of live streams.
    package init() {}

    /// What FFmpeg is started with, its own name left out: FLV comes out on standard output.
    package func arguments(for input: InputName) -> [String] {
        var arguments = ["-hide_banner", "-loglevel", "error", "-nostdin"]
        arguments += inputArguments(input)
        if let audioSource { arguments += inputArguments(audioSource) + ["-map", "0:v", "-map", "1:a"] }
        arguments += codec == .copy ? ["-c", "copy"] : videoArguments(input) + audioArguments
        return arguments + ["-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1"]
    }

    private func inputArguments(_ input: InputName) -> [String] {
        let rate = frameRate.map { ["-framerate", Self.text($0)] } ?? []
        let size = size.map { ["-video_size", $0.description] } ?? []
        // Devices are read on a thread of their own, and a queue bridges a slow moment.
        let queue = ["-thread_queue_size", "512"]
        switch input.kind {
        case .test:
            let size = self.size ?? PictureSize(width: 1280, height: 720)
            let pattern = "testsrc2=size=\(size):rate=\(Self.text(frameRate ?? 30))"
            let beep = "sine=frequency=330:beep_factor=4:sample_rate=48000"
            return ["-f", "lavfi", "-i", pattern, "-f", "lavfi", "-i", beep]
        case .video4Linux(let device): return queue + ["-f", "v4l2"] + rate + size + ["-i", device]
        case .x11(let screen): return queue + ["-f", "x11grab"] + rate + size + ["-i", screen]
        case .alsa(let device): return queue + ["-f", "alsa", "-i", device]
        case .address(let address): return queue + ["-i", address]
        case .file(let path):
            // A name that begins with "-" is no option, and one with a colon no protocol.
            return ["-i", "file:" + path]
        }
    }

    private func videoArguments(_ input: InputName) -> [String] {
        let isScaled: Bool =
            switch input.kind {
            case .file, .address: true
            case .test, .video4Linux, .x11, .alsa: false
            }
        var arguments: [String] = []
        if isScaled, let size { arguments += ["-s", size.description] }
        if isScaled, let frameRate { arguments += ["-r", Self.text(frameRate)] }
        let rate = ["-b:v", "\(videoBitrate)", "-maxrate", "\(videoBitrate)", "-bufsize", "\(videoBitrate)"]
        let keyframes = ["-force_key_frames", "expr:gte(t,n_forced*\(Self.text(keyframeSeconds)))"]
        // The encoder's own limit is only a bound: forced keyframes hold the interval whatever the frame rate.
        let interval = ["-g", "\(Int((keyframeSeconds * 120).rounded(.up)))", "-pix_fmt", "yuv420p"]
        switch codec {
        case .h264, .copy: arguments += ["-c:v", "libx264", "-preset", preset, "-tune", "zerolatency"]
        case .hevc: arguments += ["-c:v", "libx265", "-preset", preset, "-tune", "zerolatency"]
        case .av1: arguments += ["-c:v", "libsvtav1", "-preset", preset]
        }
        return arguments + rate + keyframes + interval
    }

    private var audioArguments: [String] {
        ["-c:a", "aac", "-b:a", "\(audioBitrate)", "-ac", "2"]
    }

    /// "30", and not "30.0".
    private static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}

/// Pixels across and down, written 1280x720.
package struct PictureSize: Sendable, Hashable, CustomStringConvertible, ExpressibleByArgument {
    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The longest side: what H.264's highest level allows, rounded up.
    package static let sideMax = 16_384

    package init?(argument: String) {
        let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1],
            [width, height].allSatisfy({ (2...Self.sideMax).contains($0) && $0 % 2 == 0 })
        else { return nil }
        self.init(width: width, height: height)
    }

    package var description: String {
        "\(width)x\(height)"
    }
}
