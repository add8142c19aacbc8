import Codecs
import MediaCore
import NIOCore

/// Frames of AAC, each behind an ADTS header. Specification: ISO/IEC 14496-3, 1.A.2.2. All else is left out.
struct AACRenderer: FrameRenderer {
    private let framing: LiveFraming
    private var configuration: AudioSpecificConfig?
    private var track: UInt8?

    init(framing: LiveFraming) {
        self.framing = framing
    }

    mutating func prepare(_ past: [MediaFrame]) {
        for frame in past { note(frame) }
    }

    func preamble(_ headers: [MediaFrame]) -> ByteBuffer {
        ByteBuffer()
    }

    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        note(frame)
        guard frame.kind == .audio, frame.role.isCoded, frame.codec == .mp4a, frame.track == track, let configuration,
            let header = ADTSHeader(configuration, payloadLength: frame.payload.readableBytes)
        else { return }
        framing.writePiece(byteCount: ADTSHeader.length + frame.payload.readableBytes, into: &bytes) { bytes in
            header.write(to: &bytes)
            bytes.writeImmutableBuffer(frame.payload)
        }
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {}

    mutating func renderEnd(into bytes: inout ByteBuffer) {
        framing.writeEnd(into: &bytes)
    }

    private mutating func note(_ frame: MediaFrame) {
        guard frame.kind == .audio, frame.role == .configuration, frame.codec == .mp4a,
            track == nil || track == frame.track
        else { return }
        track = frame.track
        do { configuration = try AudioSpecificConfig(frame.payload) } catch { configuration = nil }
    }
}
