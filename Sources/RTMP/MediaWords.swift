import Codecs
import FLV
import NIOCore

/// What an audio or video message holds, in words. The tags' forms are FLV's.
enum MediaWords {
    /// The most packets of a multitrack tag told; tracks are numbered by a byte, and people send two or three.
    static let packetsMax = 8

    static func video(_ payload: ByteBuffer) -> String {
        do throws(FLVError) {
            let tag = try VideoTag(parsing: payload)
            return join(tag.packets.map { words($0, tag) }, count: tag.packets.count, isEnhanced: tag.isEnhanced)
        } catch {
            return malformed(error)
        }
    }

    static func audio(_ payload: ByteBuffer) -> String {
        do throws(FLVError) {
            let tag = try AudioTag(parsing: payload)
            return join(tag.packets.map { words($0, tag) }, count: tag.packets.count, isEnhanced: tag.isEnhanced)
        } catch {
            return malformed(error)
        }
    }

    private static func malformed(_ error: FLVError) -> String {
        "malformed (\(error))"
    }

    private static func join(_ packets: [String], count: Int, isEnhanced: Bool) -> String {
        let shown = packets.prefix(packetsMax) + (count > packetsMax ? ["…"] : [])
        return shown.joined(separator: "; ") + (isEnhanced ? " (enhanced)" : "")
    }

    private static func words(_ packet: VideoPacket, _ tag: VideoTag) -> String {
        let name = trackWords(packet.track) + codecName(packet.codec, id: tag.legacyCodecID)
        switch packet.kind {
        case .sequenceStart:
            let format = VideoFormat(codec: packet.codec, configuration: packet.payload)
            return "\(name) sequence header\(format.map { ": " + words($0) } ?? "")"
        case .codedFrames:
            let summary = AccessUnitSummary(codec: packet.codec, accessUnit: packet.payload)
            let units = summary.words.isEmpty ? "" : ": \(summary.words)"
            let type = summary.picture.map { " (\($0))" } ?? ""
            let offset = packet.compositionTimeOffset == 0 ? "" : ", shown \(packet.compositionTimeOffset) ms later"
            return "\(name) \(tag.frameType.words)\(type)\(units)\(offset)"
        case .sequenceEnd: return "\(name) end of sequence"
        case .metadata: return "\(trackWords(packet.track))video metadata, \(packet.payload.readableBytes) bytes"
        case .mpeg2TSSequenceStart: return "\(name) sequence header in MPEG-2 TS form"
        case .command(let command):
            return "command \(command == 0 ? "seeking" : command == 1 ? "sought" : "\(command)")"
        case .unknown(let type): return "\(name) packet of type \(type), \(packet.payload.readableBytes) bytes"
        }
    }

    private static func words(_ packet: AudioPacket, _ tag: AudioTag) -> String {
        let name = trackWords(packet.track) + codecName(packet.codec, id: tag.legacySoundFormat?.codecID)
        switch packet.kind {
        case .sequenceStart:
            let format = AudioFormat(codec: packet.codec, configuration: packet.payload)
            return "\(name) sequence header\(format.map { ": " + words($0) } ?? "")"
        case .codedFrames: return "\(name) frame"
        case .sequenceEnd: return "\(name) end of sequence"
        case .multichannelConfig: return "\(name) channel layout"
        case .unknown(let type): return "\(name) packet of type \(type), \(packet.payload.readableBytes) bytes"
        }
    }

    private static func trackWords(_ track: UInt8) -> String {
        track == 0 ? "" : "track \(track): "
    }

    private static func codecName(_ codec: FourCC, id: UInt8?) -> String {
        if codec.rawValue == 0, let id { return "codec \(id)" }
        return codec.codecName
    }

    private static func words(_ format: VideoFormat) -> String {
        let parts = [format.profile, format.level, format.width > 0 ? "\(format.width)×\(format.height)" : ""]
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func words(_ format: AudioFormat) -> String {
        let channels = format.channels == 0 ? "" : format.channels == 1 ? "mono" : "\(format.channels) channels"
        return [format.profile, "\(format.sampleRate) Hz", channels].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension VideoFrameType {
    fileprivate var words: String {
        switch self {
        case .key: "keyframe"
        case .inter: "inter frame"
        case .disposableInter: "disposable inter frame"
        case .generatedKey: "generated keyframe"
        case .command: "command"
        default: "frame of type \(rawValue)"
        }
    }
}
