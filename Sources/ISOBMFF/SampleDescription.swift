import Codecs
import NIOCore

/// A sample entry: what a decoder must know of a track. Specification: ISO/IEC 14496-12, 8.5.2.
public struct SampleDescription: Sendable, Equatable {
    /// What is coded.
    public enum Media: Sendable, Hashable {
        /// Pictures.
        case video(VideoSampleFormat)
        /// Sound.
        case audio(AudioSampleFormat)
        /// Something else, by its handler.
        case other(BoxType)
    }

    /// The codec; of sample entries that this library does not know, their own type.
    public var codec: FourCC
    /// The codec's configuration as ``FourCC`` says, which is as RTMP carries it. For AC-3 and E-AC-3 the body of the
    /// `dac3` or `dec3` box; see ``AC3Configuration``. Empty for MP3, and for sample entries of unknown type.
    public var configuration: ByteBuffer
    /// Whether parameter sets may also stand in the samples: `avc3` and `hev1`, and not `avc1` and `hvc1`.
    public var hasInBandParameterSets: Bool
    /// What is coded.
    public var media: Media
    /// How much bandwidth the track takes; nil where unknown.
    public var bitRate: BitRate?

    /// Makes a description; see the properties.
    public init(
        codec: FourCC, configuration: ByteBuffer = ByteBuffer(), hasInBandParameterSets: Bool = false, media: Media,
        bitRate: BitRate? = nil
    ) {
        self.codec = codec
        self.configuration = configuration
        self.hasInBandParameterSets = hasInBandParameterSets
        self.media = media
        self.bitRate = bitRate
    }

    /// The handler of a track of these samples.
    var handler: BoxType {
        switch media {
        case .video: .vide
        case .audio: .soun
        case .other(let handler): handler
        }
    }
}

/// VisualSampleEntry. Specification: ISO/IEC 14496-12, 12.1.3 to 12.1.5.
public struct VideoSampleFormat: Sendable, Hashable {
    /// Pixels across, 0 to 65535.
    public var width: Int
    /// Pixels down, 0 to 65535.
    public var height: Int
    /// The colours' meaning; nil where unspecified.
    public var colour: ColourDescription?
    /// The pixels' shape, each side below 2³²; nil where unspecified, which is square.
    public var sampleAspectRatio: SampleAspectRatio?

    /// Makes a format; see the properties.
    public init(
        width: Int, height: Int, colour: ColourDescription? = nil, sampleAspectRatio: SampleAspectRatio? = nil
    ) {
        self.width = width
        self.height = height
        self.colour = colour
        self.sampleAspectRatio = sampleAspectRatio
    }
}

/// AudioSampleEntry. Specification: ISO/IEC 14496-12, 12.2.3.
public struct AudioSampleFormat: Sendable, Hashable {
    /// Channels, 0 to 65535. Some writers say 2 whatever there are; the codec's configuration knows better.
    public var channels: Int
    /// Samples a second. The box has no room for more than 65535; then it is the track's timescale.
    public var sampleRate: Int

    /// Makes a format; see the properties.
    public init(channels: Int, sampleRate: Int) {
        self.channels = channels
        self.sampleRate = sampleRate
    }
}

/// BitRateBox. Specification: ISO/IEC 14496-12, 8.5.2.2.
public struct BitRate: Sendable, Hashable {
    /// Bytes that a decoder must be able to hold.
    public var bufferSize: UInt32
    /// Bits of the fullest second.
    public var maximum: UInt32
    /// Bits a second over all.
    public var average: UInt32

    /// Makes a bit rate; see the properties.
    public init(bufferSize: UInt32 = 0, maximum: UInt32, average: UInt32) {
        self.bufferSize = bufferSize
        self.maximum = maximum
        self.average = average
    }
}
