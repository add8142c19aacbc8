import Codecs
import NIOCore

/// What an audio packet holds. Source: Adobe FLV 10.1, E.4.2.1; Enhanced RTMP v2, "Enhanced Audio".
public enum AudioPacketKind: Sendable, Hashable {
    /// The payload is the codec's configuration.
    case sequenceStart
    /// The payload is one access unit, or what the codec calls a packet or frame.
    case codedFrames
    /// The sequence ends. No payload.
    case sequenceEnd
    /// The payload is an ``AudioChannelLayout``.
    case multichannelConfig
    /// A packet type, or a multitrack type (5), that is not defined yet. The payload is what follows.
    case unknown(UInt8)
}

/// One packet of one track.
public struct AudioPacket: Sendable, Equatable {
    /// What the payload holds.
    public var kind: AudioPacketKind
    /// The track; 0 unless the tag is a multitrack one.
    public var track: UInt8
    /// The codec. `FourCC(rawValue: 0)` for legacy codecs without a name here, and where the wire has none.
    public var codec: FourCC
    /// Nanoseconds to add to the tag's timestamp, 0 to 999 999. Source: Enhanced RTMP v2, TimestampOffsetNano.
    public var nanosecondOffset: UInt32
    /// What follows the headers: a slice of the tag's body.
    public var payload: ByteBuffer

    /// Makes a packet; see the properties.
    public init(
        kind: AudioPacketKind, track: UInt8 = 0, codec: FourCC, nanosecondOffset: UInt32 = 0,
        payload: ByteBuffer = ByteBuffer()
    ) {
        self.kind = kind
        self.track = track
        self.codec = codec
        self.nanosecondOffset = nanosecondOffset
        self.payload = payload
    }
}

/// The first byte of a legacy audio tag. Source: Adobe FLV 10.1, E.4.2.1.
public struct LegacySoundFormat: RawRepresentable, Hashable, Sendable {
    /// SoundFormat UB[4], SoundRate UB[2], SoundSize UB[1], SoundType UB[1].
    public var rawValue: UInt8

    /// - Parameter rawValue: SoundFormat UB[4], SoundRate UB[2], SoundSize UB[1], SoundType UB[1].
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// AAC; its rate, size and type are fixed, whatever the sound's.
    public static let aac = LegacySoundFormat(rawValue: 0xAF)

    /// SoundFormat: 2 MP3, 10 AAC, 14 MP3 at 8 kHz, and so on.
    public var codecID: UInt8 {
        rawValue >> 4
    }

    /// The codec, or `FourCC(rawValue: 0)` where it has no name here.
    public var codec: FourCC {
        switch codecID {
        case 2, 14: .mp3
        case 10: .mp4a
        default: FourCC(rawValue: 0)
        }
    }

    /// SoundRate in hertz; for MP3 at 8 kHz, 8000. Without meaning for AAC.
    public var sampleRate: Int {
        if codecID == 14 { return 8000 }
        return switch rawValue >> 2 & 0x03 {
        case 0: 5512
        case 1: 11025
        case 2: 22050
        default: 44100
        }
    }

    /// SoundType. Without meaning for AAC.
    public var isStereo: Bool {
        rawValue & 0x01 != 0
    }
}

/// The body of an audio tag or of an RTMP audio message.
/// Source: Adobe FLV 10.1, E.4.2; Enhanced RTMP v2, "Enhanced Audio".
public struct AudioTag: Sendable, Equatable {
    /// The first byte of a legacy tag; `nil` in an enhanced tag, which has FourCCs.
    public var legacySoundFormat: LegacySoundFormat?
    /// The packets in the order of the wire; more than one, or one with a track, only in an enhanced tag.
    public var packets: [AudioPacket]

    /// Makes a tag.
    ///
    /// - Parameters:
    ///   - legacySoundFormat: the first byte of a legacy tag; `nil` for an enhanced tag.
    ///   - packets: at least one; in an enhanced tag all of one kind, in a legacy tag exactly one.
    public init(legacySoundFormat: LegacySoundFormat?, packets: [AudioPacket]) {
        self.legacySoundFormat = legacySoundFormat
        self.packets = packets
    }

    /// Makes a tag of one packet, in the legacy form where the packet is AAC and fits it, else in the enhanced form.
    public init(packet: AudioPacket) {
        let isLegacy: Bool =
            switch packet.kind {
            case .sequenceStart, .codedFrames:
                packet.codec == .mp4a && packet.track == 0 && packet.nanosecondOffset == 0
            default: false
            }
        self.init(legacySoundFormat: isLegacy ? .aac : nil, packets: [packet])
    }

    /// Whether the tag has the enhanced header, with FourCCs.
    public var isEnhanced: Bool {
        legacySoundFormat == nil
    }
}

extension AudioTag {
    /// Reads a tag's body to its end.
    ///
    /// - Parameters:
    ///   - body: the whole body. Payloads are slices of it.
    ///   - limits: what the peer can make the parser do.
    /// - Throws: ``FLVError`` with ``FLVError/Damage/tag``.
    public init(parsing body: ByteBuffer, limits: FLVLimits = .init()) throws(FLVError) {
        var body = body
        guard let first: UInt8 = body.readInteger() else {
            throw FLVError(.emptyBody, "audio")
        }
        if first >> 4 == 9 {
            try self.init(parsingEnhanced: &body, first: first, limits: limits)
        } else {
            let format = LegacySoundFormat(rawValue: first)
            self.init(
                legacySoundFormat: format, packets: [try AudioPacket(parsingLegacy: &body, format: format)])
        }
    }

    /// Writes the body that ``init(parsing:limits:)`` reads.
    ///
    /// A legacy tag is its first packet. In an enhanced tag the first packet decides the kind and the nanosecond offset
    /// of all; unknown modifiers that the parser skipped are gone.
    public func write(into buffer: inout ByteBuffer) {
        if let legacySoundFormat {
            packets.first?.writeLegacy(format: legacySoundFormat, into: &buffer)
        } else {
            writeEnhanced(into: &buffer)
        }
    }
}
