import FLV
import MediaCore
import NIOCore

/// Frames to FLV tags. Specification: Adobe FLV 10.1, Annex E.
struct FLVRenderer: FrameRenderer {
    let framing: LiveFraming

    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        guard let body = frame.flvTagBody else { return }
        framing.writePiece(byteCount: FLVWriter.overheadBytes + body.readableBytes, into: &bytes) { bytes in
            FLVWriter.writeTag(frame.tagType, timestamp: frame.flvTimestamp, body: body, into: &bytes)
        }
    }

    /// The file header and the size of the tag before the first, which is 0.
    func writeHeader(hasAudio: Bool, hasVideo: Bool, into bytes: inout ByteBuffer) {
        framing.writePiece(byteCount: 13, into: &bytes) {
            FLVWriter.writeHeader(hasAudio: hasAudio, hasVideo: hasVideo, into: &$0)
        }
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {}

    mutating func renderEnd(into bytes: inout ByteBuffer) {
        framing.writeEnd(into: &bytes)
    }
}
