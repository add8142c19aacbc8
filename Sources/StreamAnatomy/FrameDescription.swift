import Codecs
import MediaCore
import NIOCore

/// What a frame is, in few bytes: for people who look at a stream. Making one reads headers and keeps no payload.
public struct FrameDescription: Sendable, Hashable {
    /// Video, audio or data.
    public var kind: MediaFrame.Kind
    /// What the frame is to a decoder.
    public var role: MediaFrame.Role
    /// The track within its kind.
    public var track: UInt8
    /// The codec.
    public var codec: FourCC
    /// Bytes of the payload.
    public var bytes: Int
    /// When the frame is decoded, on the stream's timeline.
    public var decodeTime: MediaTime
    /// How long after that it is shown.
    public var compositionOffset: MediaTime
    /// What a picture is made of; nil for everything but coded pictures.
    public var picture: AccessUnitSummary?

    /// - Parameters:
    ///   - frame: any frame.
    ///   - nalUnitLengthSize: bytes of the length in front of each NAL unit, as the track's configuration tells.
    public init(_ frame: MediaFrame, nalUnitLengthSize: Int = 4) {
        kind = frame.kind
        role = frame.role
        track = frame.track
        codec = frame.codec
        bytes = frame.payload.readableBytes
        decodeTime = frame.decodeTime
        compositionOffset = frame.compositionOffset
        if frame.kind == .video, frame.role == .key || frame.role == .delta {
            picture = AccessUnitSummary(
                codec: frame.codec, lengthSize: nalUnitLengthSize, accessUnit: frame.payload)
        }
    }
}

extension MediaFrame.Kind {
    /// "video", "audio" or "data".
    public var word: String {
        switch self {
        case .video: "video"
        case .audio: "audio"
        case .data: "data"
        }
    }
}

extension MediaFrame.Role {
    /// "key", "delta", "configuration", "metadata" or "end".
    public var word: String {
        switch self {
        case .key: "key"
        case .delta: "delta"
        case .configuration: "configuration"
        case .metadata: "metadata"
        case .sequenceEnd: "end"
        }
    }
}
