import Codecs
import FLV
import NIOCore
import StreamSources

/// What a recording has to know of a stream before its first frame.
struct RecordingTracks: Sendable, Equatable {
    /// One track.
    struct Track: Sendable, Equatable {
        var codec: FourCC
        /// As ``Codecs/FourCC`` says; empty for codecs that have none.
        var configuration: ByteBuffer
        /// The tag that brought it; nil for codecs that have none.
        var tag: FLVTag?
        /// What the frames look like; nil for sound, and where it cannot be read.
        var video: VideoFormat?
        /// What the frames sound like; nil for pictures, and where it cannot be read.
        var audio: AudioFormat?

        /// Whether frames of one can be decoded as those of the other.
        func isLike(_ other: Track) -> Bool {
            codec == other.codec && configuration == other.configuration
        }
    }

    var video: Track?
    var audio: Track?
    /// The last "onMetaData".
    var metadata: StreamMetadata?

    /// What a tag has changed.
    enum Change {
        case nothing
        case metadata
        case video
        case audio
    }

    /// Looks at a tag.
    mutating func note(_ tag: LiveTag) -> Change {
        switch tag.content {
        case .data: return noteScript(tag.tag)
        case .video(let content):
            guard let packet = content.packets.first, packet.track == 0 else { return .nothing }
            let isConfiguration = packet.kind == .sequenceStart
            guard isConfiguration || packet.kind == .codedFrames && video?.codec != packet.codec else {
                return .nothing
            }
            let configuration = isConfiguration ? packet.payload : ByteBuffer()
            let track = Track(
                codec: packet.codec, configuration: configuration, tag: isConfiguration ? tag.tag : nil,
                video: VideoFormat(codec: packet.codec, configuration: configuration))
            defer { video = track }
            return video?.isLike(track) == true ? .nothing : .video
        case .audio(let content):
            guard let packet = content.packets.first, packet.track == 0 else { return .nothing }
            let isConfiguration = packet.kind == .sequenceStart
            guard isConfiguration || packet.kind == .codedFrames && audio?.codec != packet.codec else {
                return .nothing
            }
            let configuration = isConfiguration ? packet.payload : ByteBuffer()
            let format =
                AudioFormat(codec: packet.codec, configuration: configuration)
                ?? AudioFormat(codec: packet.codec, firstFrame: packet.payload)
            let track = Track(
                codec: packet.codec, configuration: configuration, tag: isConfiguration ? tag.tag : nil,
                audio: format)
            defer { audio = track }
            return audio?.isLike(track) == true ? .nothing : .audio
        }
    }

    private mutating func noteScript(_ tag: FLVTag) -> Change {
        guard tag.type == .script else { return .nothing }
        do {
            let script = try ScriptData(parsing: ScriptData.strippingSetDataFrame(tag.body))
            guard let found = StreamMetadata(script), found != metadata else { return .nothing }
            metadata = found
            return .metadata
        } catch {
            // Metadata that cannot be read is no reason not to record.
            return .nothing
        }
    }
}
