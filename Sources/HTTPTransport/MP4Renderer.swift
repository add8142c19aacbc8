import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// Frames to fragmented MP4: an init segment, then a fragment for each picture, with the sound since the last one, and
/// the time of day at which the picture came. Specification: ISO/IEC 14496-12, 8.8 and 8.16.5.
///
/// A picture goes out when it comes. What it lasts is taken to be what pictures lasted before; the next fragment has the
/// true time. When the tracks change, a WebSocket's viewers are sent the new types and another init segment. Other
/// bodies are one file, which cannot have two: they end, and a viewer who asks again gets the new tracks.
struct MP4Renderer: FrameRenderer {
    private static let videoID: UInt32 = 1
    private static let audioID: UInt32 = 2
    /// Sound waits so long for the next picture; longer, and it goes out alone.
    private static let audioPatience = MediaTime(milliseconds: 100)
    /// Without a picture for this long, sound does not wait for one.
    private static let videoMemory = MediaTime(milliseconds: 500)

    private let framing: LiveFraming
    private let keyframesOnly: Bool
    /// Nanoseconds since 1970 at a moment.
    private let wallClock: @Sendable (NIODeadline) -> Int64
    private var tracks = LiveTracks()
    /// What joiners hear: types and init segment as last sent, or as they will be.
    private var beginning = ByteBuffer()
    /// Writes the fragments behind ``beginning``; nil when the tracks are not told yet.
    private var writer: FragmentWriter?
    private var fragmentCount: UInt32 = 0
    /// Since when sound waits for a picture.
    private var audioSince: MediaTime?
    private var lastVideo: MediaTime?
    private(set) var hasEnded = false

    init(framing: LiveFraming, keyframesOnly: Bool, wallClock: @escaping @Sendable (NIODeadline) -> Int64) {
        self.framing = framing
        self.keyframesOnly = keyframesOnly
        self.wallClock = wallClock
    }

    // MARK: Rendering

    mutating func prepare(_ past: [MediaFrame]) {
        for frame in past { _ = tracks.note(frame) }
        if !tracks.isIncomplete { _ = begin() }
    }

    func preamble(_ headers: [MediaFrame]) -> ByteBuffer {
        beginning
    }

    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        render(frame, arrival: .now(), into: &bytes)
    }

    mutating func render(_ frame: MediaFrame, arrival: NIODeadline, into bytes: inout ByteBuffer) {
        guard !hasEnded else { return }
        if tracks.note(frame) { changeTracks(into: &bytes) }
        guard !hasEnded, frame.role.isCoded, !tracks.isIncomplete, tracks.track(of: frame) != nil else { return }
        guard !keyframesOnly || frame.isVideoKeyframe else { return }
        if writer == nil {
            guard begin() else { return }
            bytes.writeImmutableBuffer(beginning)
        }
        append(frame)
        if isDue(frame) { cut(arrival: frame.kind == .video ? arrival : nil, into: &bytes) }
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {}

    mutating func renderEnd(into bytes: inout ByteBuffer) {
        guard !hasEnded else { return }
        cut(arrival: nil, into: &bytes)
        framing.writeEnd(into: &bytes)
    }

    // MARK: Tracks

    private mutating func changeTracks(into bytes: inout ByteBuffer) {
        guard writer != nil else { return }
        cut(arrival: nil, into: &bytes)
        writer = nil
        guard !framing.allowsNewTracks else { return }
        framing.writeEnd(into: &bytes)
        hasEnded = true
    }

    /// Makes types and init segment of the tracks that have a place in the format. - Returns: whether there are any.
    private mutating func begin() -> Bool {
        var (written, formats): ([Track], [String]) = ([], [])
        if let track = tracks.video, let format = track.video {
            add(Track(id: Self.videoID, video: format, configuration: track.configuration), &written)
            if !written.isEmpty { formats.append(format.rfc6381) }
        }
        if let track = tracks.audio, let format = track.audio, !keyframesOnly {
            let count = written.count
            add(Track(id: Self.audioID, audio: format, configuration: track.configuration), &written)
            if written.count > count { formats.append(format.rfc6381) }
        }
        var segment = ByteBuffer()
        do { try InitSegment(tracks: written).write(into: &segment) } catch { return false }
        guard !written.isEmpty else { return false }
        let type = written[0].id == Self.videoID ? "video/mp4" : "audio/mp4"
        beginning.clear()
        framing.writeText(#"{"type":"\#(type); codecs=\"\#(formats.joined(separator: ","))\""}"#, into: &beginning)
        framing.writePiece(byteCount: segment.readableBytes, into: &beginning) { $0.writeImmutableBuffer(segment) }
        writer = FragmentWriter(
            tracks: written.map(configuration), firstSequenceNumber: fragmentCount &+ 1)
        audioSince = nil
        return true
    }

    /// Adds a track that the format can hold.
    private func add(_ track: Track, _ tracks: inout [Track]) {
        var bytes = ByteBuffer()
        do { try InitSegment(tracks: [track]).write(into: &bytes) } catch { return }
        tracks.append(track)
    }

    private func configuration(_ track: Track) -> FragmentWriter.TrackConfiguration {
        FragmentWriter.TrackConfiguration(
            trackID: track.id, timescale: track.timescale,
            frameTicks: track.id == Self.audioID ? tracks.audio?.audio?.samplesPerFrame : nil)
    }

    // MARK: Fragments

    private mutating func append(_ frame: MediaFrame) {
        let isVideo = frame.kind == .video
        writer?.append(
            trackID: isVideo ? Self.videoID : Self.audioID, decodeNanoseconds: frame.decodeTime.nanoseconds,
            compositionNanoseconds: frame.compositionOffset.nanoseconds,
            flags: isVideo && frame.role != .key ? .dependent : .sync, payload: frame.payload)
        if isVideo {
            lastVideo = frame.decodeTime
        } else if audioSince == nil {
            audioSince = frame.decodeTime
        }
    }

    private func isDue(_ frame: MediaFrame) -> Bool {
        guard frame.kind == .audio, let lastVideo, frame.decodeTime - lastVideo < Self.videoMemory else { return true }
        return audioSince.map { frame.decodeTime - $0 >= Self.audioPatience } ?? true
    }

    /// - Parameter arrival: when the picture came; nil for a fragment without one.
    private mutating func cut(arrival: NIODeadline?, into bytes: inout ByteBuffer) {
        guard let fragment = writer?.cut() else { return }
        fragmentCount &+= 1
        audioSince = nil
        var clock = ByteBuffer()
        if let arrival, let video = fragment.track(Self.videoID) {
            ProducerReferenceTime(
                trackID: Self.videoID, ntpTime: ProducerReferenceTime.ntpTime(unixNanoseconds: wallClock(arrival)),
                mediaTime: video.baseDecodeTime, moment: .consistent
            ).write(into: &clock)
        }
        framing.writePiece(byteCount: clock.readableBytes + fragment.encodedBytes, into: &bytes) { bytes in
            bytes.writeImmutableBuffer(clock)
            fragment.write(into: &bytes)
        }
    }
}
