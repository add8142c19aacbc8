import FLV
import MPEGTS
import NIOCore
import StreamSources

/// Writes an MPEG transport stream.
struct TSRecording: RecordingWriter {
    private var writer: TSWriter
    private var tracks: RecordingTracks
    private let videoIndex: Int?
    private let audioIndex: Int?

    init(_ tracks: RecordingTracks, into bytes: inout ByteBuffer) throws(PullError) {
        var written: [TSTrack] = []
        if let track = tracks.video { written.append(TSTrack(.video(track.codec), configuration: track.configuration)) }
        if let track = tracks.audio { written.append(TSTrack(.audio(track.codec), configuration: track.configuration)) }
        do {
            writer = try TSWriter(tracks: written)
        } catch {
            throw PullError("MPEG-TS does not carry this stream: \(error.detail); record to .mp4 or .flv")
        }
        self.tracks = tracks
        videoIndex = tracks.video == nil ? nil : 0
        audioIndex = tracks.audio == nil ? nil : written.count - 1
        writer.beginSegment(into: &bytes)
    }

    mutating func write(_ tag: LiveTag, at milliseconds: Int64, into bytes: inout ByteBuffer) throws(PullError) {
        let time = TSTime(milliseconds: milliseconds)
        switch tag.content {
        case .data: break
        case .video(let content):
            guard let packet = content.packets.first, packet.track == 0, packet.kind == .codedFrames, let videoIndex
            else { return }
            let shown = time + TSTime(milliseconds: Int64(packet.compositionTimeOffset))
            write(
                TSAccessUnit(
                    decodeTime: time, presentationTime: shown, isKeyframe: tag.isKeyframe, payload: packet.payload),
                track: videoIndex, into: &bytes)
        case .audio(let content):
            guard let packet = content.packets.first, packet.track == 0, packet.kind == .codedFrames, let audioIndex
            else { return }
            write(TSAccessUnit(decodeTime: time, payload: packet.payload), track: audioIndex, into: &bytes)
        }
    }

    private mutating func write(_ unit: TSAccessUnit, track: Int, into bytes: inout ByteBuffer) {
        do {
            try writer.write(unit, track: track, into: &bytes)
        } catch {
            // A frame that cannot be read is left out; the recording goes on.
        }
    }

    mutating func change(to tracks: RecordingTracks, at milliseconds: Int64, into bytes: inout ByteBuffer) -> Bool {
        guard tracks.video?.codec == self.tracks.video?.codec, tracks.audio?.codec == self.tracks.audio?.codec else {
            return false
        }
        do {
            if let videoIndex, let track = tracks.video {
                try writer.setConfiguration(track.configuration, track: videoIndex)
            }
            if let audioIndex, let track = tracks.audio {
                try writer.setConfiguration(track.configuration, track: audioIndex)
            }
        } catch {
            return false
        }
        self.tracks = tracks
        return true
    }

    mutating func finish(into bytes: inout ByteBuffer) {}
}
