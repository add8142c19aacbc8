import Codecs
import MPEGTS
import MediaCore
import NIOCore

/// Frames to MPEG-TS: the tables in front of each keyframe, where viewers begin, and twice a second.
/// Specification: ISO/IEC 13818-1, 2.4. Codecs that have no place in it are left out.
struct TSRenderer: FrameRenderer {
    private let framing: LiveFraming
    private var tracks = LiveTracks()
    /// Writes ``tracks``; nil when they have changed since.
    private var writer: TSWriter?
    private var videoIndex: Int?
    private var audioIndex: Int?
    /// Of the program map that is in force; viewers look at a map only when its version is new.
    private var mapVersion: UInt8 = 0
    private var hasBegun = false
    private var packets = ByteBuffer()

    init(framing: LiveFraming) {
        self.framing = framing
    }

    mutating func prepare(_ past: [MediaFrame]) {
        for frame in past { _ = tracks.note(frame) }
    }

    func preamble(_ headers: [MediaFrame]) -> ByteBuffer {
        ByteBuffer()
    }

    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        if tracks.note(frame) { writer = nil }
        guard frame.role.isCoded, tracks.track(of: frame) != nil else { return }
        packets.clear()
        if writer == nil { begin() }
        if let index = frame.kind == .video ? videoIndex : audioIndex { write(frame, track: index) }
        guard packets.readableBytes > 0 else { return }
        framing.writePiece(byteCount: packets.readableBytes, into: &bytes) { $0.writeImmutableBuffer(packets) }
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {}

    mutating func renderEnd(into bytes: inout ByteBuffer) {
        framing.writeEnd(into: &bytes)
    }

    private mutating func write(_ frame: MediaFrame, track: Int) {
        if frame.isVideoKeyframe { writer?.beginSegment(into: &packets) }
        let unit = TSAccessUnit(
            decodeTime: TSTime(nanoseconds: frame.decodeTime.nanoseconds),
            presentationTime: TSTime(nanoseconds: (frame.decodeTime + frame.compositionOffset).nanoseconds),
            isKeyframe: frame.role == .key, payload: frame.payload)
        // A frame that its codec's configuration does not fit is left out; decoders go on at the next.
        do { try writer?.write(unit, track: track, into: &packets) } catch {}
    }

    /// Begins to write the tracks there are. The packets' counters begin anew, which is told.
    private mutating func begin() {
        (videoIndex, audioIndex) = (nil, nil)
        var written: [TSTrack] = []
        if let track = tracks.video, add(TSTrack(.video(track.codec), configuration: track.configuration), &written) {
            videoIndex = 0
        }
        if let track = tracks.audio {
            let configuration = track.codec == .ac3 || track.codec == .eac3 ? ByteBuffer() : track.configuration
            let index = written.count
            if add(TSTrack(.audio(track.codec), configuration: configuration), &written) { audioIndex = index }
        }
        if hasBegun { mapVersion = (mapVersion &+ 1) & 0x1F }
        var configuration = TSWriterConfiguration()
        configuration.mapVersion = mapVersion
        do { writer = try TSWriter(tracks: written, configuration: configuration) } catch { return }
        writer?.beginSegment(isDiscontinuous: hasBegun, into: &packets)
        hasBegun = true
    }

    /// Adds a track that the format can hold. - Returns: whether it can.
    private func add(_ track: TSTrack, _ tracks: inout [TSTrack]) -> Bool {
        do { _ = try TSWriter(tracks: [track]) } catch { return false }
        tracks.append(track)
        return true
    }
}
