import Codecs
import NIOCore

/// VideoPacketType. Source: Enhanced RTMP v2, "Enhanced Video".
enum VideoPacketType {
    static let sequenceStart: UInt8 = 0
    static let codedFrames: UInt8 = 1
    static let sequenceEnd: UInt8 = 2
    static let codedFramesX: UInt8 = 3
    static let metadata: UInt8 = 4
    static let mpeg2TSSequenceStart: UInt8 = 5
    static let multitrack: UInt8 = 6
}

extension VideoPacketKind {
    init(packetType: UInt8) {
        self =
            switch packetType {
            case VideoPacketType.sequenceStart: .sequenceStart
            case VideoPacketType.codedFrames, VideoPacketType.codedFramesX: .codedFrames
            case VideoPacketType.sequenceEnd: .sequenceEnd
            case VideoPacketType.metadata: .metadata
            case VideoPacketType.mpeg2TSSequenceStart: .mpeg2TSSequenceStart
            default: .unknown(packetType)
            }
    }

    /// The packet type; a command's is without meaning.
    var packetType: UInt8 {
        switch self {
        case .sequenceStart, .command: VideoPacketType.sequenceStart
        case .codedFrames: VideoPacketType.codedFrames
        case .sequenceEnd: VideoPacketType.sequenceEnd
        case .metadata: VideoPacketType.metadata
        case .mpeg2TSSequenceStart: VideoPacketType.mpeg2TSSequenceStart
        case .unknown(let packetType): packetType & 0x0F
        }
    }
}

extension FourCC {
    /// Whether coded frames of this codec have a composition time in an enhanced tag.
    /// Source: Enhanced RTMP v2, ExVideoTagBody.
    var hasCompositionTime: Bool {
        self == .avc1 || self == .hvc1 || self == .vvc1
    }
}

// MARK: Legacy

extension VideoPacket {
    /// Reads what follows the first byte of a legacy tag: for AVC, AVCPacketType UI8 and CompositionTime SI24.
    /// Source: Adobe FLV 10.1, E.4.3.1.
    init(parsingLegacy body: inout ByteBuffer, frameType: VideoFrameType, codecID: UInt8) throws(FLVError) {
        let codec = LegacyVideoCodec.fourCC(of: codecID)
        if frameType == .command {
            guard let command: UInt8 = body.readInteger() else { throw EnhancedHeader.truncated("command") }
            self.init(kind: .command(command), codec: codec ?? FourCC(rawValue: 0), payload: body.slice())
            return
        }
        guard let codec else {
            self.init(kind: .codedFrames, codec: FourCC(rawValue: 0), payload: body.slice())
            return
        }
        guard let packetType: UInt8 = body.readInteger() else { throw EnhancedHeader.truncated("AVCPacketType") }
        guard let offset = body.readInt24() else {
            guard packetType == VideoPacketType.sequenceEnd else {
                throw EnhancedHeader.truncated("CompositionTime")
            }
            self.init(kind: .sequenceEnd, codec: codec)
            return
        }
        let kind: VideoPacketKind =
            switch packetType {
            case 0: .sequenceStart
            case 1: .codedFrames
            case 2: .sequenceEnd
            default: .unknown(packetType)
            }
        self.init(kind: kind, codec: codec, compositionTimeOffset: offset, payload: body.slice())
    }

    /// Writes a whole legacy tag.
    func writeLegacy(frameType: VideoFrameType, codecID: UInt8, into buffer: inout ByteBuffer) {
        let isLaidOutLikeAVC = LegacyVideoCodec.fourCC(of: codecID) != nil
        switch kind {
        case .command(let command):
            buffer.writeMultipleIntegers(VideoFrameType.command.rawValue << 4 | codecID & 0x0F, command)
        case _ where isLaidOutLikeAVC:
            let packetType: UInt8 =
                switch kind {
                case .unknown(let packetType): packetType
                default: self.kind.packetType
                }
            buffer.writeMultipleIntegers((frameType.rawValue & 0x07) << 4 | codecID & 0x0F, packetType)
            buffer.writeUInt24(UInt32(bitPattern: compositionTimeOffset))
        default:
            buffer.writeInteger((frameType.rawValue & 0x07) << 4 | codecID & 0x0F)
        }
        buffer.writeImmutableBuffer(payload)
    }
}

// MARK: Enhanced

extension VideoTag {
    /// Reads what follows the first byte of an enhanced tag. Source: Enhanced RTMP v2, ExVideoTagHeader.
    init(parsingEnhanced body: inout ByteBuffer, first: UInt8, limits: FLVLimits) throws(FLVError) {
        let frameType = VideoFrameType(rawValue: first >> 4 & 0x07)
        let header = try EnhancedHeader(parsing: &body, packetType: first & 0x0F)
        self.init(frameType: frameType, legacyCodecID: nil, packets: [])
        if frameType == .command, header.packetType != VideoPacketType.metadata {
            guard let command: UInt8 = body.readInteger() else { throw EnhancedHeader.truncated("command") }
            packets = [
                VideoPacket(
                    kind: .command(command), codec: FourCC(rawValue: 0), nanosecondOffset: header.nanosecondOffset,
                    payload: body.slice())
            ]
        } else if header.packetType == VideoPacketType.multitrack {
            packets = try Self.readMultitrack(header, from: &body, limits: limits)
        } else {
            let codec = try body.readFourCC()
            packets = [try VideoPacket(header, packetType: header.packetType, codec: codec, body: body)]
        }
    }

    private static func readMultitrack(
        _ header: EnhancedHeader, from body: inout ByteBuffer, limits: FLVLimits
    ) throws(FLVError) -> [VideoPacket] {
        guard
            let (packetType, tracks) = try EnhancedHeader.readMultitrack(
                VideoPacketType.multitrack, from: &body, limits: limits)
        else {
            return [
                VideoPacket(
                    kind: .unknown(VideoPacketType.multitrack), codec: FourCC(rawValue: 0),
                    nanosecondOffset: header.nanosecondOffset, payload: body.slice())
            ]
        }
        var packets: [VideoPacket] = []
        for track in tracks {
            packets.append(
                try VideoPacket(
                    header, packetType: packetType, track: track.number, codec: track.codec, body: track.payload))
        }
        return packets
    }

    /// Writes an enhanced tag. The first packet decides the kind and the nanosecond offset of all.
    func writeEnhanced(into buffer: inout ByteBuffer) {
        guard let first = packets.first else { return }
        var high = 0x80 | (frameType.rawValue & 0x07) << 4
        var packetType = first.kind.packetType
        if case .command(let command) = first.kind {
            high = 0x80 | VideoFrameType.command.rawValue << 4
            EnhancedHeader.write(
                high: high, packetType: packetType, nanosecondOffset: first.nanosecondOffset, into: &buffer)
            buffer.writeInteger(command)
            buffer.writeImmutableBuffer(first.payload)
            return
        }
        if first.kind == .codedFrames, packets.contains(where: { $0.codec.hasCompositionTime }),
            packets.allSatisfy({ $0.compositionTimeOffset == 0 })
        {
            packetType = VideoPacketType.codedFramesX
        }
        let isPlain = packets.count == 1 && first.track == 0
        EnhancedHeader.write(
            high: high, packetType: isPlain ? packetType : VideoPacketType.multitrack,
            nanosecondOffset: first.nanosecondOffset, into: &buffer)
        if isPlain {
            // A multitrack type that we do not know keeps its own header in the payload.
            if packetType != VideoPacketType.multitrack { buffer.writeInteger(first.codec.rawValue) }
            first.writeBody(packetType: packetType, into: &buffer)
        } else {
            writeTracks(packetType: packetType, into: &buffer)
        }
    }

    private func writeTracks(packetType: UInt8, into buffer: inout ByteBuffer) {
        let type = EnhancedHeader.multitrackType(of: packets.lazy.map(\.codec))
        buffer.writeInteger(type.rawValue << 4 | packetType)
        if type != .manyTracksManyCodecs, let codec = packets.first?.codec { buffer.writeInteger(codec.rawValue) }
        for packet in packets {
            let bodyBytes = packet.bodyBytes(packetType: packetType)
            EnhancedHeader.writeTrack(
                packet.track, codec: packet.codec, payloadBytes: bodyBytes, in: type, into: &buffer)
            packet.writeBody(packetType: packetType, into: &buffer)
        }
    }
}

extension VideoPacket {
    /// Reads a track's body: compositionTimeOffset SI24 in CodedFrames of AVC, HEVC and VVC, then the payload.
    fileprivate init(
        _ header: EnhancedHeader, packetType: UInt8, track: UInt8 = 0, codec: FourCC, body: ByteBuffer
    ) throws(FLVError) {
        var body = body
        var offset: Int32 = 0
        if packetType == VideoPacketType.codedFrames, codec.hasCompositionTime {
            guard let wireOffset = body.readInt24() else {
                throw EnhancedHeader.truncated("compositionTimeOffset")
            }
            offset = wireOffset
        }
        self.init(
            kind: VideoPacketKind(packetType: packetType), track: track, codec: codec, compositionTimeOffset: offset,
            nanosecondOffset: header.nanosecondOffset, payload: body.slice())
    }

    fileprivate func bodyBytes(packetType: UInt8) -> Int {
        (packetType == VideoPacketType.codedFrames && codec.hasCompositionTime ? 3 : 0) &+ payload.readableBytes
    }

    fileprivate func writeBody(packetType: UInt8, into buffer: inout ByteBuffer) {
        if packetType == VideoPacketType.codedFrames, codec.hasCompositionTime {
            buffer.writeUInt24(UInt32(bitPattern: compositionTimeOffset))
        }
        buffer.writeImmutableBuffer(payload)
    }
}
