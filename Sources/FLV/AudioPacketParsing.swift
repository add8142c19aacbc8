import Codecs
import NIOCore

/// AudioPacketType. Source: Enhanced RTMP v2, "Enhanced Audio".
enum AudioPacketType {
    static let sequenceStart: UInt8 = 0
    static let codedFrames: UInt8 = 1
    static let sequenceEnd: UInt8 = 2
    static let multichannelConfig: UInt8 = 4
    static let multitrack: UInt8 = 5
}

extension AudioPacketKind {
    init(packetType: UInt8) {
        self =
            switch packetType {
            case AudioPacketType.sequenceStart: .sequenceStart
            case AudioPacketType.codedFrames: .codedFrames
            case AudioPacketType.sequenceEnd: .sequenceEnd
            case AudioPacketType.multichannelConfig: .multichannelConfig
            default: .unknown(packetType)
            }
    }

    var packetType: UInt8 {
        switch self {
        case .sequenceStart: AudioPacketType.sequenceStart
        case .codedFrames: AudioPacketType.codedFrames
        case .sequenceEnd: AudioPacketType.sequenceEnd
        case .multichannelConfig: AudioPacketType.multichannelConfig
        case .unknown(let packetType): packetType & 0x0F
        }
    }
}

// MARK: Legacy

extension AudioPacket {
    /// Reads what follows the first byte of a legacy tag: for AAC, AACPacketType UI8.
    /// Source: Adobe FLV 10.1, E.4.2.1.
    init(parsingLegacy body: inout ByteBuffer, format: LegacySoundFormat) throws(FLVError) {
        guard format.codecID == LegacySoundFormat.aac.codecID else {
            self.init(kind: .codedFrames, codec: format.codec, payload: body.slice())
            return
        }
        guard let packetType: UInt8 = body.readInteger() else { throw EnhancedHeader.truncated("AACPacketType") }
        let kind: AudioPacketKind =
            switch packetType {
            case 0: .sequenceStart
            case 1: .codedFrames
            default: .unknown(packetType)
            }
        self.init(kind: kind, codec: .mp4a, payload: body.slice())
    }

    /// Writes a whole legacy tag.
    func writeLegacy(format: LegacySoundFormat, into buffer: inout ByteBuffer) {
        buffer.writeInteger(format.rawValue)
        if format.codecID == LegacySoundFormat.aac.codecID {
            let packetType: UInt8 =
                switch kind {
                case .sequenceStart: 0
                case .unknown(let packetType): packetType
                case .codedFrames, .sequenceEnd, .multichannelConfig: 1
                }
            buffer.writeInteger(packetType)
        }
        buffer.writeImmutableBuffer(payload)
    }
}

// MARK: Enhanced

extension AudioTag {
    /// Reads what follows the first byte of an enhanced tag. Source: Enhanced RTMP v2, ExAudioTagHeader.
    init(parsingEnhanced body: inout ByteBuffer, first: UInt8, limits: FLVLimits) throws(FLVError) {
        let header = try EnhancedHeader(parsing: &body, packetType: first & 0x0F)
        self.init(legacySoundFormat: nil, packets: [])
        if header.packetType == AudioPacketType.multitrack {
            packets = try Self.readMultitrack(header, from: &body, limits: limits)
        } else {
            let codec = try body.readFourCC()
            packets = [
                AudioPacket(
                    kind: AudioPacketKind(packetType: header.packetType), codec: codec,
                    nanosecondOffset: header.nanosecondOffset, payload: body.slice())
            ]
        }
    }

    private static func readMultitrack(
        _ header: EnhancedHeader, from body: inout ByteBuffer, limits: FLVLimits
    ) throws(FLVError) -> [AudioPacket] {
        guard
            let (packetType, tracks) = try EnhancedHeader.readMultitrack(
                AudioPacketType.multitrack, from: &body, limits: limits)
        else {
            return [
                AudioPacket(
                    kind: .unknown(AudioPacketType.multitrack), codec: FourCC(rawValue: 0),
                    nanosecondOffset: header.nanosecondOffset, payload: body.slice())
            ]
        }
        return tracks.map { track in
            AudioPacket(
                kind: AudioPacketKind(packetType: packetType), track: track.number, codec: track.codec,
                nanosecondOffset: header.nanosecondOffset, payload: track.payload)
        }
    }

    /// Writes an enhanced tag. The first packet decides the kind and the nanosecond offset of all.
    func writeEnhanced(into buffer: inout ByteBuffer) {
        guard let first = packets.first else { return }
        let packetType = first.kind.packetType
        let isPlain = packets.count == 1 && first.track == 0
        EnhancedHeader.write(
            high: 0x90, packetType: isPlain ? packetType : AudioPacketType.multitrack,
            nanosecondOffset: first.nanosecondOffset, into: &buffer)
        if isPlain {
            // A multitrack type that we do not know keeps its own header in the payload.
            if packetType != AudioPacketType.multitrack { buffer.writeInteger(first.codec.rawValue) }
            buffer.writeImmutableBuffer(first.payload)
            return
        }
        let type = EnhancedHeader.multitrackType(of: packets.lazy.map(\.codec))
        buffer.writeInteger(type.rawValue << 4 | packetType)
        if type != .manyTracksManyCodecs { buffer.writeInteger(first.codec.rawValue) }
        for packet in packets {
            EnhancedHeader.writeTrack(
                packet.track, codec: packet.codec, payloadBytes: packet.payload.readableBytes, in: type, into: &buffer)
            buffer.writeImmutableBuffer(packet.payload)
        }
    }
}
