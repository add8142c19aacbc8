import Codecs
import NIOCore

/// One track of what is looked at, as its container tells of it.
public struct SourceTrack: Sendable, Hashable {
    /// What a track holds.
    public enum Kind: String, Sendable, Hashable {
        /// Pictures.
        case video
        /// Sound.
        case audio
        /// Anything else.
        case data
    }

    /// Where the track's frames lie, as it concerns their times.
    public enum Container: String, Sendable, Hashable {
        /// FLV tags, or RTMP messages.
        case flv = "FLV"
        /// MP4 with one index of all samples.
        case mp4 = "MP4"
        /// MP4 in fragments.
        case fragmentedMP4 = "fragmented MP4"
        /// An MPEG transport stream.
        case mpegTS = "MPEG-TS"
        /// Something live that was taken out of its container on the way here.
        case live = "live stream"
    }

    /// The track's place among all tracks, from 0.
    public var number: Int
    /// What the container calls it: "track 1", "PID 256".
    public var name: String
    /// What it holds.
    public var kind: Kind
    /// The codec; `FourCC(rawValue: 0)` where it is unknown.
    public var codec: FourCC
    /// What it lies in.
    public var container: Container
    /// Ticks a second of the samples' times; 1 or more.
    public var timescale: Int64
    /// The pictures' size as the container says; nil where it does not.
    public var size: PictureSize?

    /// Makes a track; see the properties. A timescale below 1 means 1.
    public init(
        number: Int, name: String, kind: Kind, codec: FourCC, container: Container, timescale: Int64,
        size: PictureSize? = nil
    ) {
        self.number = number
        self.name = name
        self.kind = kind
        self.codec = codec
        self.container = container
        self.timescale = max(1, timescale)
        self.size = size
    }
}

/// Pixels across and down.
public struct PictureSize: Sendable, Hashable, CustomStringConvertible {
    /// Pixels across.
    public var width: Int
    /// Pixels down.
    public var height: Int

    /// Makes a size; see the properties.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// "1280×720".
    public var description: String { "\(width)×\(height)" }
}

/// A coded picture, a frame of sound, or a piece of data.
public struct SourceSample: Sendable {
    /// ``SourceTrack/number``.
    public var track: Int
    /// When it is decoded, in ticks of its track.
    public var decodeTime: Int64
    /// When it is shown, in ticks of its track.
    public var presentationTime: Int64
    /// How long it lasts, in ticks; nil where the container does not say.
    public var duration: Int64?
    /// Whether the container says that decoding can begin here.
    public var isKeyframe: Bool
    /// Length-prefixed NAL units, open bitstream units, or a frame of sound.
    public var payload: ByteBuffer

    /// Makes a sample; see the properties.
    public init(
        track: Int, decodeTime: Int64, presentationTime: Int64, duration: Int64? = nil, isKeyframe: Bool,
        payload: ByteBuffer
    ) {
        self.track = track
        self.decodeTime = decodeTime
        self.presentationTime = presentationTime
        self.duration = duration
        self.isKeyframe = isKeyframe
        self.payload = payload
    }
}

/// What a container's reader finds, in the order of the bytes.
public enum SourceEvent: Sendable {
    /// A track that was not there before.
    case track(SourceTrack)
    /// What a track's decoder must know from here on; see ``Codecs/FourCC``.
    case configuration(track: Int, ByteBuffer)
    /// A sample.
    case sample(SourceSample)
    /// Something that the container's format forbids, or that is missing; the reader goes on behind it.
    case damage(String)
    /// The bytes end within an element.
    case cutShort(String)
}

/// The most tracks that are told apart. Broadcasters send some ten; a number in each FLV tag could name 256.
public let sourceTracksMax = 64
