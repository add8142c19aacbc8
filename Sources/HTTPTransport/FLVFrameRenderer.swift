import FLV
import MediaCore
import NIOCore

extension LogFormat {
    /// FLV tags as an HTTP response body holds them.
    ///
    /// - Parameters:
    ///   - isChunked: whether each tag is a chunk of the chunked transfer coding (HTTP/1.1), or the body ends with the
    ///     connection (HTTP/1.0).
    ///   - audio: whether audio is sent.
    ///   - video: whether video is sent.
    public static func httpFLV(isChunked: Bool, audio: Bool = true, video: Bool = true) -> LogFormat {
        LogFormat(
            name: "http-flv", variant: isChunked ? 1 : 0, wantsAudio: audio, wantsVideo: video,
            endsWithPublication: true
        ) { FLVFrameRenderer(isChunked: isChunked) }
    }
}

/// Frames to FLV tags. Specification: Adobe FLV 10.1, Annex E; RFC 9112, 7.1, for the chunks.
struct FLVFrameRenderer: FrameRenderer {
    let isChunked: Bool

    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        guard let body = frame.flvTagBody else { return }
        let type: FLVTagType =
            switch frame.kind {
            case .video: .video
            case .audio: .audio
            case .data: .script
            }
        writeChunk(byteCount: FLVWriter.overheadBytes + body.readableBytes, into: &bytes) { bytes in
            FLVWriter.writeTag(
                type, timestamp: frame.flvTimestamp, body: body, into: &bytes)
        }
    }

    /// The file header and the size of the tag before the first, which is 0.
    func writeHeader(hasAudio: Bool, hasVideo: Bool, into bytes: inout ByteBuffer) {
        writeChunk(byteCount: 13, into: &bytes) {
            FLVWriter.writeHeader(hasAudio: hasAudio, hasVideo: hasVideo, into: &$0)
        }
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {}

    mutating func renderEnd(into bytes: inout ByteBuffer) {
        if isChunked { bytes.writeStaticString("0\r\n\r\n") }
    }

    private func writeChunk(byteCount: Int, into bytes: inout ByteBuffer, _ body: (inout ByteBuffer) -> Void) {
        guard isChunked else { return body(&bytes) }
        bytes.writeString(String(byteCount, radix: 16))
        bytes.writeStaticString("\r\n")
        body(&bytes)
        bytes.writeStaticString("\r\n")
    }
}
