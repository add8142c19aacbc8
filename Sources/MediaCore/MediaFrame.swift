import Codecs
import NIOCore

/// The one currency of the server: one coded picture, one audio access unit, one decoder configuration or one piece
/// of metadata, whatever protocol it came by.
public struct MediaFrame: Sendable, Equatable {
    /// What a frame holds.
    public enum Kind: Sendable, Hashable {
        /// A coded picture, or a video decoder configuration.
        case video
        /// An audio access unit, or an audio decoder configuration.
        case audio
        /// An AMF 0 data message without "@setDataFrame": a handler name such as "onMetaData", then its values.
        case data
    }

    /// What a frame is to a decoder.
    public enum Role: Sendable, Hashable {
        /// Decodable only after the frames before it.
        case delta
        /// Decodable on its own: an IDR picture, or any frame of audio.
        case key
        /// Decoder parameters: an AVCDecoderConfigurationRecord, an AudioSpecificConfig and the like.
        case configuration
        /// A stream description that a joiner needs: "onMetaData", or Enhanced RTMP video metadata (HDR).
        case metadata
        /// The end of a coded sequence. No payload.
        case sequenceEnd

        /// Whether the frame is media, not a description of it.
        public var isCoded: Bool { self == .key || self == .delta }
    }

    /// The frame as the FLV tag body it arrived in.
    public enum TagBody: Sendable, Equatable {
        /// The bytes as the publisher sent them.
        case original(ByteBuffer)
        /// The frame travels in the tag body of an earlier frame (several tracks in one multitrack tag).
        case carriedByEarlierFrame
        /// The frame did not come as FLV; the tag body is written from the frame when a viewer needs one.
        case none
    }

    /// Video, audio or data.
    public var kind: Kind
    /// What the frame is to a decoder.
    public var role: Role
    /// The track within its kind; 0 unless the publisher sends several.
    public var track: UInt8
    /// The codec; for codecs FLV numbers and does not name, `FourCC(rawValue: 0)`.
    public var codec: FourCC
    /// When the frame is decoded, on the stream's timeline.
    public var decodeTime: MediaTime
    /// How long after ``decodeTime`` the frame is shown. Not zero where pictures are reordered (B-frames).
    public var compositionOffset: MediaTime
    /// Length-prefixed NAL units, open bitstream units, raw audio, a configuration record, or AMF 0 values.
    public var payload: ByteBuffer
    /// The FLV tag body, where the frame came in one.
    public var tagBody: TagBody

    /// Makes a frame; see the properties.
    public init(
        kind: Kind, role: Role, track: UInt8 = 0, codec: FourCC, decodeTime: MediaTime,
        compositionOffset: MediaTime = .zero, payload: ByteBuffer, tagBody: TagBody = .none
    ) {
        self.kind = kind
        self.role = role
        self.track = track
        self.codec = codec
        self.decodeTime = decodeTime
        self.compositionOffset = compositionOffset
        self.payload = payload
        self.tagBody = tagBody
    }

    /// Whether a viewer can begin here: a video keyframe.
    public var isVideoKeyframe: Bool {
        kind == .video && role == .key
    }
}
