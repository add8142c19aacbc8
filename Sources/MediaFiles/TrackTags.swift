import Codecs
import FLV
import NIOCore

/// Makes FLV tags of one track's coded pictures or audio frames, which stay byte for byte as they are.
///
/// H.264, AAC and MP3 get the tags that every player knows, the others those of Enhanced RTMP.
/// Source: Adobe FLV 10.1, E.4.2 and E.4.3; Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio".
public struct TrackTags: Sendable {
    /// What the track is coded in.
    public let codec: FourCC
    /// Whether the track is pictures; else it is sound.
    public let isVideo: Bool
    /// As ``Codecs/FourCC`` says; empty for codecs that have none.
    public var configuration: ByteBuffer
    /// The first byte of MP3 tags, known with the first frame.
    private var soundFormat: LegacySoundFormat?

    /// - Parameters:
    ///   - codec: what the track is coded in.
    ///   - configuration: as ``Codecs/FourCC`` says.
    /// - Returns: nil for codecs that FLV and Enhanced RTMP have no place for.
    public init?(codec: FourCC, configuration: ByteBuffer = ByteBuffer()) {
        switch codec {
        case .avc1, .hvc1, .vvc1, .av01, .vp09, .vp08: isVideo = true
        case .mp4a, .opus, .flac, .mp3, .ac3, .eac3: isVideo = false
        default: return nil
        }
        self.codec = codec
        self.configuration = configuration
    }

    /// The tag that a decoder must have before the first frame; nil for codecs that need none.
    ///
    /// - Parameter timestamp: milliseconds, wrapping at 2³².
    public func configurationTag(timestamp: UInt32) -> FLVTag? {
        switch codec {
        case .mp3, .ac3, .eac3: return nil
        default: break
        }
        guard configuration.readableBytes > 0 else { return nil }
        if isVideo {
            return video(
                VideoPacket(kind: .sequenceStart, codec: codec, payload: configuration), isKeyframe: true, timestamp)
        }
        return audio(AudioPacket(kind: .sequenceStart, codec: codec, payload: configuration), timestamp)
    }

    /// The tag of a picture or an audio frame.
    ///
    /// - Parameters:
    ///   - payload: length-prefixed NAL units, open bitstream units, or a frame.
    ///   - timestamp: when it is decoded, in milliseconds, wrapping at 2³².
    ///   - compositionTimeOffset: how many milliseconds later it is shown.
    ///   - isKeyframe: whether decoding can begin here; without meaning for sound.
    public mutating func mediaTag(
        _ payload: ByteBuffer, timestamp: UInt32, compositionTimeOffset: Int32 = 0, isKeyframe: Bool = true
    ) -> FLVTag {
        if isVideo {
            let packet = VideoPacket(
                kind: .codedFrames, codec: codec, compositionTimeOffset: compositionTimeOffset, payload: payload)
            return video(packet, isKeyframe: isKeyframe, timestamp)
        }
        guard codec == .mp3 else {
            return audio(AudioPacket(kind: .codedFrames, codec: codec, payload: payload), timestamp)
        }
        let format = soundFormat ?? Self.soundFormat(ofMP3: payload)
        soundFormat = format
        let tag = AudioTag(
            legacySoundFormat: format, packets: [AudioPacket(kind: .codedFrames, codec: .mp3, payload: payload)])
        return Self.written(.audio, timestamp, payload.readableBytes, tag.write)
    }

    private func video(_ packet: VideoPacket, isKeyframe: Bool, _ timestamp: UInt32) -> FLVTag {
        let tag = VideoTag(frameType: isKeyframe ? .key : .inter, packet: packet)
        return Self.written(.video, timestamp, packet.payload.readableBytes, tag.write)
    }

    private func audio(_ packet: AudioPacket, _ timestamp: UInt32) -> FLVTag {
        Self.written(.audio, timestamp, packet.payload.readableBytes, AudioTag(packet: packet).write)
    }

    /// Room for the longest of the headers in front of a payload.
    private static let headerBytesMax = 16

    private static func written(
        _ type: FLVTagType, _ timestamp: UInt32, _ payloadBytes: Int, _ write: (inout ByteBuffer) -> Void
    ) -> FLVTag {
        var body = ByteBuffer()
        body.reserveCapacity(payloadBytes + headerBytesMax)
        write(&body)
        return FLVTag(type: type, timestamp: timestamp, body: body)
    }

    /// SoundFormat 2, the rate and the channels. Rates that the field cannot say are written as 44 kHz, as everyone
    /// does: decoders look at the frames. Source: Adobe FLV 10.1, E.4.2.1.
    private static func soundFormat(ofMP3 frame: ByteBuffer) -> LegacySoundFormat {
        var rate: UInt8 = 3
        var isStereo = true
        do {
            let header = try MPEGAudioHeader(frame)
            isStereo = header.channels > 1
            switch header.sampleRate {
            case 11025: rate = 1
            case 22050: rate = 2
            default: break
            }
        } catch {
            // A frame that cannot be read goes as it is; the decoder passes over it.
        }
        return LegacySoundFormat(rawValue: 0x22 | rate << 2 | (isStereo ? 1 : 0))
    }
}
