import FLV
import NIOCore

/// What the first bytes of an FLV tag body, or of an RTMP audio or video message, tell.
enum TagHead {
    /// How many bytes of a video body must be there to find its stamp.
    static let bytes = FrameStamp.searchBytes

    /// The frame in a body; nil for configurations, metadata and the like, which no viewer shows.
    ///
    /// - Parameters:
    ///   - type: the tag's or message's type: 8 or 9, others are nil.
    ///   - index: where the body begins.
    ///   - count: how many of its bytes are there.
    static func frame(type: UInt8, milliseconds: Int64, in buffer: ByteBuffer, at index: Int, count: Int)
        -> ScannedFrame?
    {
        guard count > 0, let first = buffer.getInteger(at: index, as: UInt8.self) else { return nil }
        let second = count > 1 ? buffer.getInteger(at: index + 1, as: UInt8.self) ?? 0 : 0
        switch type {
        case FLVTagType.video.rawValue:
            guard holdsPicture(first, second) else { return nil }
            let stamp = FrameStamp.find(in: buffer, at: index, count: count)
            return ScannedFrame(kind: .video, isKey: first >> 4 & 7 == 1, milliseconds: milliseconds, stamp: stamp)
        case FLVTagType.audio.rawValue:
            return holdsSound(first, second) ? ScannedFrame(kind: .audio, milliseconds: milliseconds) : nil
        default: return nil
        }
    }

    /// Sources: FLV 10.1, E.4.3.1; Enhanced RTMP v2, "ExVideoTagHeader".
    private static func holdsPicture(_ first: UInt8, _ second: UInt8) -> Bool {
        guard first & 0x80 != 0 else {
            // Of AVC (7), and of HEVC (12) as some write it, only packet type 1 is a picture; frame type 5 is a command.
            let hasPacketType = first & 0x0F == 7 || first & 0x0F == 12
            return first >> 4 != 5 && (!hasPacketType || second == 1)
        }
        // 6 is multitrack: the type of what is inside comes in the next byte.
        let packetType = first & 0x0F == 6 ? second & 0x0F : first & 0x0F
        return packetType == 1 || packetType == 3 || packetType == 7
    }

    /// Sources: FLV 10.1, E.4.2.1; Enhanced RTMP v2, "ExAudioTagHeader".
    private static func holdsSound(_ first: UInt8, _ second: UInt8) -> Bool {
        switch first >> 4 {
        case 10: second == 1
        case 9: first & 0x0F == 1 || first & 0x0F == 7
        default: true
        }
    }
}
