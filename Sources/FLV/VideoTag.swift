import Codecs
import NIOCore

/// What a picture is to a decoder. Source: Adobe FLV 10.1, E.4.3.1; Enhanced RTMP v2, "Enhanced Video".
public struct VideoFrameType: RawRepresentable, Hashable, Sendable {
    /// The number on the wire: four bits in legacy tags, three in enhanced ones.
    public var rawValue: UInt8

    /// - Parameter rawValue: the number on the wire.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Decodable on its own.
    public static let key = VideoFrameType(rawValue: 1)
    /// Decodable only after the pictures before it.
    public static let inter = VideoFrameType(rawValue: 2)
    /// An inter frame that no other needs; H.263 only.
    public static let disposableInter = VideoFrameType(rawValue: 3)
    /// A keyframe that a server made.
    public static let generatedKey = VideoFrameType(rawValue: 4)
    /// No picture: a command to the player.
    public static let command = VideoFrameType(rawValue: 5)
}

/// What a video packet holds. Source: Adobe FLV 10.1, E.4.3.1; Enhanced RTMP v2, "Enhanced Video".
public enum VideoPacketKind: Sendable, Hashable {
    /// The payload is the codec's configuration record.
    case sequenceStart
    /// The payload is one coded picture.
    case codedFrames
    /// The coded sequence ends. No payload.
    case sequenceEnd
    /// The payload is AMF 0: pairs of a name and a value; "colorInfo" is the one defined.
    case metadata
    /// The payload is a configuration in the form of an MPEG-2 TS descriptor.
    case mpeg2TSSequenceStart
    /// 0 begins, 1 ends a sequence of pictures that the player decodes while seeking. No payload.
    case command(UInt8)
    /// A packet type, or a multitrack type (6), that is not defined yet. The payload is what follows.
    case unknown(UInt8)
}

/// One packet of one track.
public struct VideoPacket: Sendable, Equatable {
    /// What the payload holds.
    public var kind: VideoPacketKind
    /// The track; 0 unless the tag is a multitrack one.
    public var track: UInt8
    /// The codec. `FourCC(rawValue: 0)` for legacy codecs without a name here, and where the wire has none.
    public var codec: FourCC
    /// Milliseconds from decoding to showing, −8 388 608 to 8 388 607.
    public var compositionTimeOffset: Int32
    /// Nanoseconds to add to the tag's timestamp, 0 to 999 999. Source: Enhanced RTMP v2, TimestampOffsetNano.
    public var nanosecondOffset: UInt32
    /// What follows the headers: a slice of the tag's body.
    public var payload: ByteBuffer

    /// Makes a packet; see the properties.
    public init(
        kind: VideoPacketKind, track: UInt8 = 0, codec: FourCC, compositionTimeOffset: Int32 = 0,
        nanosecondOffset: UInt32 = 0, payload: ByteBuffer = ByteBuffer()
    ) {
        self.kind = kind
        self.track = track
        self.codec = codec
        self.compositionTimeOffset = compositionTimeOffset
        self.nanosecondOffset = nanosecondOffset
        self.payload = payload
    }
}

/// The body of a video tag or of an RTMP video message.
/// Source: Adobe FLV 10.1, E.4.3; Enhanced RTMP v2, "Enhanced Video".
///
/// CodecIDs 12 (HEVC) and 13 (AV1), laid out like AVC, come from publishers that follow the custom of Chinese
/// delivery networks (Kingsoft's and Tencent's FFmpeg patches) from before Enhanced RTMP.
public struct VideoTag: Sendable, Equatable {
    /// What the pictures are to a decoder; one for all packets. Without meaning for ``VideoPacketKind/metadata``.
    public var frameType: VideoFrameType
    /// The four bits of CodecID; `nil` in an enhanced tag, which has FourCCs.
    public var legacyCodecID: UInt8?
    /// The packets in the order of the wire; more than one, or one with a track, only in an enhanced tag.
    public var packets: [VideoPacket]

    /// Makes a tag.
    ///
    /// - Parameters:
    ///   - frameType: what the pictures are to a decoder.
    ///   - legacyCodecID: the four bits of CodecID; `nil` for an enhanced tag.
    ///   - packets: at least one; in an enhanced tag all of one kind, in a legacy tag exactly one.
    public init(frameType: VideoFrameType, legacyCodecID: UInt8?, packets: [VideoPacket]) {
        self.frameType = frameType
        self.legacyCodecID = legacyCodecID
        self.packets = packets
    }

    /// Makes a tag of one packet, in the legacy form where the codec has one that every player knows (AVC) and the
    /// packet fits it, else in the enhanced form.
    public init(frameType: VideoFrameType, packet: VideoPacket) {
        let isLegacy: Bool =
            switch packet.kind {
            case .sequenceStart, .codedFrames, .sequenceEnd:
                packet.codec == .avc1 && packet.track == 0 && packet.nanosecondOffset == 0
            default: false
            }
        self.init(
            frameType: frameType, legacyCodecID: isLegacy ? LegacyVideoCodec.avc : nil, packets: [packet])
    }

    /// Whether the tag has the enhanced header, with FourCCs.
    public var isEnhanced: Bool {
        legacyCodecID == nil
    }
}

/// The CodecIDs that have an AVCPacketType and a composition time behind them.
enum LegacyVideoCodec {
    static let avc: UInt8 = 7
    static let hevc: UInt8 = 12
    static let av1: UInt8 = 13

    /// The codec of an ID laid out like AVC, else `nil`.
    static func fourCC(of codecID: UInt8) -> FourCC? {
        switch codecID {
        case avc: .avc1
        case hevc: .hvc1
        case av1: .av01
        default: nil
        }
    }
}

extension VideoTag {
    /// Reads a tag's body to its end.
    ///
    /// - Parameters:
    ///   - body: the whole body. Payloads are slices of it.
    ///   - limits: what the peer can make the parser do.
    /// - Throws: ``FLVError`` with ``FLVError/Damage/tag``.
    public init(parsing body: ByteBuffer, limits: FLVLimits = .init()) throws(FLVError) {
        var body = body
        guard let first: UInt8 = body.readInteger() else {
            throw FLVError(.emptyBody, "video")
        }
        if first & 0x80 != 0 {
            try self.init(parsingEnhanced: &body, first: first, limits: limits)
        } else {
            let frameType = VideoFrameType(rawValue: first >> 4)
            let packet = try VideoPacket(parsingLegacy: &body, frameType: frameType, codecID: first & 0x0F)
            self.init(frameType: frameType, legacyCodecID: first & 0x0F, packets: [packet])
        }
    }

    /// Writes the body that ``init(parsing:limits:)`` reads.
    ///
    /// A legacy tag is its first packet. In an enhanced tag the first packet decides the kind and the nanosecond offset
    /// of all; unknown modifiers that the parser skipped are gone.
    public func write(into buffer: inout ByteBuffer) {
        if let legacyCodecID {
            packets.first?.writeLegacy(frameType: frameType, codecID: legacyCodecID, into: &buffer)
        } else {
            writeEnhanced(into: &buffer)
        }
    }
}
