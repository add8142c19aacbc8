import NIOCore

/// What one needs to know of an audio stream to show it to people and to players.
public struct AudioFormat: Sendable, Hashable {
    /// The codec.
    public var codec: FourCC
    /// Samples a second that come out.
    public var sampleRate: Int
    /// Channels that come out; 0 where only the stream itself tells.
    public var channels: Int
    /// The profile as people write it, such as "LC" or "HE-AAC"; empty where the codec has none.
    public var profile: String
    /// Samples of a channel in one frame, at ``sampleRate``; nil where frames differ or only they tell.
    public var samplesPerFrame: Int?
    /// The codecs parameter of RFC 6381, such as "mp4a.40.2".
    public var rfc6381: String

    /// Makes a format; see the properties.
    public init(
        codec: FourCC, sampleRate: Int, channels: Int, profile: String = "", samplesPerFrame: Int? = nil,
        rfc6381: String
    ) {
        self.codec = codec
        self.sampleRate = sampleRate
        self.channels = channels
        self.profile = profile
        self.samplesPerFrame = samplesPerFrame
        self.rfc6381 = rfc6381
    }

    /// The format that a decoder configuration tells.
    ///
    /// - Parameters:
    ///   - codec: AAC, Opus or FLAC.
    ///   - configuration: the codec's configuration; see ``FourCC``.
    /// - Returns: nil for other codecs, and where the configuration cannot be read.
    public init?(codec: FourCC, configuration: ByteBuffer) {
        do {
            switch codec {
            case .mp4a: self.init(try AudioSpecificConfig(configuration))
            case .opus:
                let head = try OpusHead(configuration)
                self.init(codec: .opus, sampleRate: 48000, channels: head.channels, rfc6381: "opus")
            case .flac:
                let info = try FLACStreamInfo(configuration)
                self.init(
                    codec: .flac, sampleRate: info.sampleRate, channels: info.channels,
                    samplesPerFrame: info.samplesPerFrame, rfc6381: "fLaC")
            default: return nil
            }
        } catch {
            return nil
        }
    }

    /// The format that a frame tells by itself.
    ///
    /// - Parameters:
    ///   - codec: AC-3, E-AC-3 or MP3.
    ///   - firstFrame: any frame of the stream.
    /// - Returns: nil for other codecs, and where the frame cannot be read.
    public init?(codec: FourCC, firstFrame: ByteBuffer) {
        do {
            switch codec {
            case .ac3, .eac3:
                let info = try AC3SyncInfo(firstFrame)
                self.init(
                    codec: codec, sampleRate: info.sampleRate, channels: info.channels,
                    samplesPerFrame: info.samplesPerFrame, rfc6381: codec == .ac3 ? "ac-3" : "ec-3")
            case .mp3:
                let header = try MPEGAudioHeader(firstFrame)
                self.init(
                    codec: .mp3, sampleRate: header.sampleRate, channels: header.channels,
                    profile: ["Layer I", "Layer II", "Layer III"][header.layer - 1],
                    samplesPerFrame: header.samplesPerFrame, rfc6381: header.codecsParameter)
            default: return nil
            }
        } catch {
            return nil
        }
    }

    private init(_ configuration: AudioSpecificConfig) {
        self.init(
            codec: .mp4a, sampleRate: configuration.outputSampleRate, channels: configuration.channels,
            profile: configuration.profileName, samplesPerFrame: configuration.samplesPerFrame,
            rfc6381: "mp4a.40.\(configuration.signalledObjectType.rawValue)")
    }
}
