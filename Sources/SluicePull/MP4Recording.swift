import Codecs
import FLV
import ISOBMFF
import NIOCore
import StreamSources

/// Writes fragmented MP4: what is on the disk is whole up to its last fragment, whatever happens.
struct MP4Recording: RecordingWriter {
    private var writer: FragmentWriter
    private let hasVideo: Bool
    private let tracks: RecordingTracks
    private var fragmentStart: Int64?

    private static let videoID: UInt32 = 1
    private static let audioID: UInt32 = 2
    /// How much a fragment holds at most, in time and in bytes: what a crash can cost.
    private static let fragmentMillisecondsMax: Int64 = 2000
    private static let fragmentBytesMax = 16 << 20

    init(_ tracks: RecordingTracks, into bytes: inout ByteBuffer) throws(PullError) {
        var written: [Track] = []
        if let track = tracks.video {
            guard let format = track.video else { throw Self.unsupported(track.codec) }
            written.append(Track(id: Self.videoID, video: format, configuration: track.configuration))
        }
        if let track = tracks.audio {
            guard let format = track.audio else { throw Self.unsupported(track.codec) }
            written.append(Track(id: Self.audioID, audio: format, configuration: track.configuration))
        }
        do {
            try InitSegment(tracks: written).write(into: &bytes)
        } catch {
            throw PullError("MP4 does not carry this stream: \(error); record to .flv")
        }
        writer = FragmentWriter(
            tracks: written.map { track in
                FragmentWriter.TrackConfiguration(
                    trackID: track.id, timescale: track.timescale,
                    frameTicks: track.id == Self.audioID ? tracks.audio?.audio?.samplesPerFrame : nil)
            })
        hasVideo = tracks.video != nil
        self.tracks = tracks
    }

    private static func unsupported(_ codec: FourCC) -> PullError {
        PullError("MP4 does not carry \(codec) here; record to .flv")
    }

    mutating func write(_ tag: LiveTag, at milliseconds: Int64, into bytes: inout ByteBuffer) {
        let time = milliseconds * 1_000_000
        switch tag.content {
        case .data: break
        case .video(let content):
            guard let packet = content.packets.first, packet.track == 0, packet.kind == .codedFrames else { return }
            cutIfDue(tag, milliseconds, Self.videoID, into: &bytes)
            writer.append(
                trackID: Self.videoID, decodeNanoseconds: time,
                compositionNanoseconds: Int64(packet.compositionTimeOffset) * 1_000_000,
                flags: tag.isKeyframe ? .sync : .dependent, payload: packet.payload)
        case .audio(let content):
            guard let packet = content.packets.first, packet.track == 0, packet.kind == .codedFrames else { return }
            if !hasVideo { cutIfDue(tag, milliseconds, Self.audioID, into: &bytes) }
            writer.append(trackID: Self.audioID, decodeNanoseconds: time, payload: packet.payload)
        }
    }

    private mutating func cutIfDue(
        _ tag: LiveTag, _ milliseconds: Int64, _ track: UInt32, into bytes: inout ByteBuffer
    ) {
        let start = fragmentStart ?? milliseconds
        fragmentStart = start
        let isDue =
            tag.isKeyframe || milliseconds - start >= Self.fragmentMillisecondsMax
            || writer.pendingBytes >= Self.fragmentBytesMax
        guard isDue, !writer.isEmpty else { return }
        fragmentStart = milliseconds
        writer.cut(before: .init(trackID: track, decodeNanoseconds: milliseconds * 1_000_000))?.write(into: &bytes)
    }

    /// The tracks stand at the beginning of the file.
    mutating func change(to tracks: RecordingTracks, at milliseconds: Int64, into bytes: inout ByteBuffer) -> Bool {
        tracks.video == self.tracks.video && tracks.audio == self.tracks.audio
    }

    mutating func finish(into bytes: inout ByteBuffer) {
        writer.cut()?.write(into: &bytes)
    }
}
