import ArgumentParser
import NIOCore
import PlainText
import RTMPClient

/// What FFmpeg is to make of a source.
package struct EncoderOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What to encode to (default: h264).", valueName: "codec"))
    package var codec: Encoding.Codec?

    @Option(help: ArgumentHelp("Bits a second of the pictures, as 4M (default: 2500k).", valueName: "rate"))
    package var videoBitrate: BitRateText?

    @Option(help: ArgumentHelp("Bits a second of the sound (default: 160k).", valueName: "rate"))
    package var audioBitrate: BitRateText?

    @Option(help: ArgumentHelp("Seconds between keyframes, 0.1 to 60 (default: 2).", valueName: "seconds"))
    package var keyframeInterval: Double?

    @Option(help: ArgumentHelp("The encoder's preset (default: veryfast; 10 for av1).", valueName: "name"))
    package var preset: String?

    @Option(help: ArgumentHelp("Pixels, even numbers (default: the source's).", valueName: "widthxheight"))
    package var size: PictureSize?

    @Option(help: ArgumentHelp("Pictures a second, 1 to 240 (default: the source's).", valueName: "number"))
    package var fps: Double?

    @Option(help: ArgumentHelp("The FFmpeg program; sets nothing else.", valueName: "path"))
    package var ffmpeg = "ffmpeg"

    /// Made by ArgumentParser.
    package init() {}

    /// Whether a setting was given, so that even a file that could go as it is gets encoded.
    package var isGiven: Bool {
        codec != nil || videoBitrate != nil || audioBitrate != nil || keyframeInterval != nil || preset != nil
            || size != nil || fps != nil
    }

    /// Looks the arguments over.
    package func validate() throws {
        if let keyframeInterval, !(0.1...60).contains(keyframeInterval) {
            throw ValidationError("--keyframe-interval \(keyframeInterval): give 0.1 to 60 seconds")
        }
        if let fps, !(1...240).contains(fps) {
            throw ValidationError("--fps \(fps): give 1 to 240 pictures a second")
        }
        if codec == .copy, videoBitrate != nil || audioBitrate != nil || preset != nil || size != nil || fps != nil {
            throw ValidationError("--codec copy encodes nothing: leave out the other encoder settings")
        }
    }

    /// The settings with their defaults.
    package func encoding(audioSource: InputName?) -> Encoding {
        var encoding = Encoding()
        encoding.codec = codec ?? .h264
        encoding.videoBitrate = videoBitrate?.bits ?? encoding.videoBitrate
        encoding.audioBitrate = audioBitrate?.bits ?? encoding.audioBitrate
        encoding.keyframeSeconds = keyframeInterval ?? encoding.keyframeSeconds
        encoding.preset = preset ?? (codec == .av1 ? "10" : encoding.preset)
        encoding.size = size
        encoding.frameRate = fps
        encoding.audioSource = audioSource
        return encoding
    }
}

/// How the servers are reached.
package struct ConnectionOptions: ParsableArguments {
    @Flag(help: "Keep trying when the first connection fails, as later ones always are.")
    package var keepTrying = false

    @Option(help: ArgumentHelp("Give a connection up after so long without progress, 1 to 60.", valueName: "seconds"))
    package var stallTimeout = 5.0

    @Flag(help: "Take any certificate of an rtmps server: for one's own tests only.")
    package var insecure = false

    @Option(help: ArgumentHelp("A PEM file with the authorities to trust instead of the system's.", valueName: "file"))
    package var caFile: String?

    /// Made by ArgumentParser.
    package init() {}

    /// Looks the arguments over.
    package func validate() throws {
        guard (1...60).contains(stallTimeout) else {
            throw ValidationError("--stall-timeout \(stallTimeout): give 1 to 60 seconds")
        }
        guard !insecure || caFile == nil else {
            throw ValidationError("--insecure and --ca-file contradict each other")
        }
    }

    /// What may wait in a connection: little, for what is in there can no longer be dropped.
    private static let sendBufferBytes = 64 << 10

    /// The options for the client.
    package var options: RTMPClientOptions {
        let patience = TimeAmount.milliseconds(Int64(stallTimeout * 1000))
        var options = RTMPClientOptions(
            connectTimeout: patience, acceptTimeout: patience, stallTimeout: patience,
            sendBufferBytesMax: Self.sendBufferBytes)
        if insecure { options.trust = .anyone }
        if let caFile { options.trust = .authorities(path: caFile) }
        return options
    }
}

/// "2500k", "4M", "4.5M" or "2500000".
package struct BitRateText: Sendable, Hashable, ExpressibleByArgument {
    package let bits: Int

    /// What an encoder may be asked for: from speech to cinema.
    package static let range = 8_000...200_000_000

    package init?(argument: String) {
        guard let bits = Quantity.parse(argument, in: Self.range) else { return nil }
        self.bits = bits
    }
}
