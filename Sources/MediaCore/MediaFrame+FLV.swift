import Codecs
import FLV
import NIOCore

extension MediaFrame {
    /// The frames in the body of an FLV tag or RTMP message, in the order of the wire.
    ///
    /// The first frame holds the body, further ones (of a multitrack tag) travel in it. What FLV's parsers do not know
    /// becomes a delta frame without a codec and so passes through. "@setDataFrame" is taken off. Tags that are
    /// neither audio nor video nor script data have no frames.
    ///
    /// - Parameters:
    ///   - type: what the body holds.
    ///   - time: the tag's timestamp; Enhanced RTMP's nanosecond offsets are added to it.
    ///   - body: the whole body. Payloads are slices of it.
    /// - Throws: what the tag's parser found wrong; later tags are not affected.
    public static func frames(
        type: FLVTagType, time: MediaTime, body: ByteBuffer
    ) throws(FLVError) -> [MediaFrame] {
        switch type {
        case .video:
            let tag = try VideoTag(parsing: body)
            return tag.packets.indices.map { index in
                MediaFrame(
                    tag.packets[index], frameType: tag.frameType, time: time,
                    tagBody: index == 0 ? .original(body) : .carriedByEarlierFrame)
            }
        case .audio:
            let tag = try AudioTag(parsing: body)
            return tag.packets.indices.map { index in
                MediaFrame(
                    tag.packets[index], time: time, tagBody: index == 0 ? .original(body) : .carriedByEarlierFrame)
            }
        case .script:
            return [MediaFrame(script: ScriptData.strippingSetDataFrame(body), time: time)]
        default:
            return []
        }
    }

    private init(_ packet: VideoPacket, frameType: VideoFrameType, time: MediaTime, tagBody: TagBody) {
        let role: Role =
            switch packet.kind {
            case .sequenceStart, .mpeg2TSSequenceStart: .configuration
            case .codedFrames: frameType == .key || frameType == .generatedKey ? .key : .delta
            case .sequenceEnd: .sequenceEnd
            case .metadata: .metadata
            case .command, .unknown: .delta
            }
        self.init(
            kind: .video, role: role, track: packet.track, codec: packet.codec,
            decodeTime: time + MediaTime(nanoseconds: Int64(packet.nanosecondOffset)),
            compositionOffset: MediaTime(milliseconds: Int64(packet.compositionTimeOffset)), payload: packet.payload,
            tagBody: tagBody)
    }

    private init(_ packet: AudioPacket, time: MediaTime, tagBody: TagBody) {
        let role: Role =
            switch packet.kind {
            case .sequenceStart: .configuration
            case .codedFrames: .key
            case .sequenceEnd: .sequenceEnd
            // Which channel is which loudspeaker: not the decoder's, but a joiner needs it just the same.
            case .multichannelConfig: .metadata
            case .unknown: .delta
            }
        self.init(
            kind: .audio, role: role, track: packet.track, codec: packet.codec,
            decodeTime: time + MediaTime(nanoseconds: Int64(packet.nanosecondOffset)), payload: packet.payload,
            tagBody: tagBody)
    }

    private init(script body: ByteBuffer, time: MediaTime) {
        self.init(
            kind: .data, role: body.isOnMetaData ? .metadata : .delta, codec: FourCC(rawValue: 0), decodeTime: time,
            payload: body, tagBody: .original(body))
    }

    /// The tag type that the frame travels in.
    public var tagType: FLVTagType {
        switch kind {
        case .video: .video
        case .audio: .audio
        case .data: .script
        }
    }

    /// The timestamp of the frame's FLV tag or RTMP message: milliseconds, wrapping at 2³².
    ///
    /// onMetaData describes the whole stream and is sent with 0: FFmpeg (5.1 to 9.0) takes one with any other time for
    /// a subtitle and invents a track for it.
    public var flvTimestamp: UInt32 {
        kind == .data && role == .metadata ? 0 : UInt32(truncatingIfNeeded: decodeTime.milliseconds)
    }

    /// The frame's FLV tag body: the publisher's where there is one, else one written from the frame; nil where the
    /// frame travels in the body of another.
    public var flvTagBody: ByteBuffer? {
        switch tagBody {
        case .original(let body): body
        case .carriedByEarlierFrame: nil
        case .none: writtenTagBody
        }
    }

    private var writtenTagBody: ByteBuffer {
        // A header takes at most 5 bytes in legacy tags, 13 in enhanced ones with a track and a composition time.
        var body = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 16)
        switch kind {
        case .video:
            let kind: VideoPacketKind =
                switch role {
                case .delta, .key: .codedFrames
                case .configuration: .sequenceStart
                case .metadata: .metadata
                case .sequenceEnd: .sequenceEnd
                }
            let packet = VideoPacket(
                kind: kind, track: track, codec: codec,
                compositionTimeOffset: Int32(clamping: compositionOffset.milliseconds), payload: payload)
            VideoTag(frameType: role == .delta ? .inter : .key, packet: packet).write(into: &body)
        case .audio:
            let kind: AudioPacketKind =
                switch role {
                case .delta, .key: .codedFrames
                case .configuration: .sequenceStart
                case .metadata: .multichannelConfig
                case .sequenceEnd: .sequenceEnd
                }
            AudioTag(packet: AudioPacket(kind: kind, track: track, codec: codec, payload: payload))
                .write(into: &body)
        case .data:
            body.writeImmutableBuffer(payload)
        }
        return body
    }

    /// The frame with bytes of its own. A frame that came from a socket is a slice of what was read with it, and
    /// keeps all of that in memory.
    func detached() -> MediaFrame {
        var frame = self
        frame.payload = ByteBuffer(payload.readableBytesView)
        if case .original(let body) = tagBody { frame.tagBody = .original(ByteBuffer(body.readableBytesView)) }
        return frame
    }
}

extension ByteBuffer {
    /// Whether AMF 0 values begin with the string "onMetaData".
    fileprivate var isOnMetaData: Bool {
        readableBytesView.starts(with: Self.onMetaData)
    }

    private static let onMetaData: [UInt8] = [0x02, 0x00, 0x0A] + Array("onMetaData".utf8)
}
