import FLV
import MediaCore
import NIOCore
import RTMP

extension LogFormat {
    /// RTMP chunks as players of one message stream receive them.
    ///
    /// Each message has full headers and absolute timestamps, so that a viewer can begin at any of them.
    public static func rtmp(_ streamID: MessageStreamID, audio: Bool = true, video: Bool = true) -> LogFormat {
        LogFormat(
            name: "rtmp", variant: UInt64(streamID.rawValue), wantsAudio: audio, wantsVideo: video,
            endsWithPublication: false
        ) { RTMPFrameRenderer(streamID: streamID) }
    }
}

/// Frames to RTMP messages in chunks.
struct RTMPFrameRenderer: FrameRenderer {
    let streamID: MessageStreamID

    /// The chunk size every viewer is told. No video frame of a common stream is cut by it.
    static let chunkSize = 60_000

    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        guard let body = frame.flvTagBody else { return }
        let (typeID, chunkStreamID): (MessageTypeID, ChunkStreamID) =
            switch frame.kind {
            case .video: (.video, .video)
            case .audio: (.audio, .audio)
            case .data: (.dataAMF0, .data)
            }
        ChunkWriter.writeUncompressed(
            typeID: typeID, streamID: streamID,
            timestamp: frame.flvTimestamp, payload: body, on: chunkStreamID,
            chunkSize: Self.chunkSize, into: &bytes)
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {
        write(.streamBegin(streamID), into: &bytes)
        write(.playPublishNotify, description: "The stream is being published.", into: &bytes)
    }

    mutating func renderEnd(into bytes: inout ByteBuffer) {
        write(.playUnpublishNotify, description: "The stream is no longer published.", into: &bytes)
        write(.streamEOF(streamID), into: &bytes)
    }

    private func write(_ event: UserControlEvent, into bytes: inout ByteBuffer) {
        let message = event.message
        ChunkWriter.writeUncompressed(
            typeID: message.typeID, streamID: message.streamID, timestamp: 0, payload: message.payload, on: .control,
            chunkSize: Self.chunkSize, into: &bytes)
    }

    private func write(_ code: StatusCode, description: String, into bytes: inout ByteBuffer) {
        var payload = ByteBuffer()
        StatusEvent(code, description: description).command.write(into: &payload)
        ChunkWriter.writeUncompressed(
            typeID: .commandAMF0, streamID: streamID, timestamp: 0, payload: payload, on: .command,
            chunkSize: Self.chunkSize, into: &bytes)
    }
}
