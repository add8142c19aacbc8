import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// What tells bodies of MP4 apart.
struct MP4Format: Sendable {
    let framing: LiveFraming
    let audio: Bool
    let video: Bool
    let keyframesOnly: Bool
}

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
    /// At a stream's beginning frames are held so long for a track that has not come: a file cannot take it later.
    /// Encoders send the first frames of all tracks within a fraction of this.
    private static let holdMax = MediaTime(milliseconds: 500)
    /// The most bytes held; half a second of 64 Mbit/s.
    private static let heldBytesMax = 4 << 20

    private let framing: LiveFraming
    private let wantsAudio: Bool
    private let wantsVideo: Bool
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
    /// Frames from before it is known which tracks there are, with the times they came; nil once that is known.
    private var held: [(frame: MediaFrame, arrival: NIODeadline)]? = []
    private var heldBytes = 0
    private(set) var hasEnded = false

    init(_ format: MP4Format, wallClock: @escaping @Sendable (NIODeadline) -> Int64) {
        framing = format.framing
        wantsAudio = format.audio && !format.keyframesOnly
        wantsVideo = format.video
        keyframesOnly = format.keyframesOnly
        self.wallClock = wallClock
    }

    // MARK: Rendering

    mutating func prepare(_ past: [MediaFrame]) {
        for frame in past { _ = tracks.note(frame) }
        if !tracks.isIncomplete, begin() { held = nil }
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
        guard !hasEnded, frame.role.isCoded, tracks.track(of: frame) != nil else { return }
        guard !keyframesOnly || frame.isVideoKeyframe else { return }
        guard held != nil else { return write(frame, arrival, into: &bytes) }
        hold(frame, arrival)
        if isSettled(frame) { release(into: &bytes) }
    }

    private mutating func write(_ frame: MediaFrame, _ arrival: NIODeadline, into bytes: inout ByteBuffer) {
        if writer == nil {
            guard !tracks.isIncomplete, begin() else { return }
            bytes.writeImmutableBuffer(beginning)
        }
        append(frame)
        if isDue(frame) { cut(arrival: frame.kind == .video ? arrival : nil, into: &bytes) }
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {}

    mutating func renderEnd(into bytes: inout ByteBuffer) {
        guard !hasEnded else { return }
        release(into: &bytes)
        cut(arrival: nil, into: &bytes)
        framing.writeEnd(into: &bytes)
    }

    // MARK: A stream's beginning

    private mutating func hold(_ frame: MediaFrame, _ arrival: NIODeadline) {
        var frame = frame
        // A slice would keep all of what was read from the socket with it.
        frame.payload = ByteBuffer(frame.payload.readableBytesView)
        frame.tagBody = .none
        held?.append((frame, arrival))
        heldBytes += frame.payload.readableBytes
    }

    /// Whether all tracks are known, or have had their time.
    private func isSettled(_ newest: MediaFrame) -> Bool {
        let isComplete = !tracks.isIncomplete && (tracks.video != nil || !wantsVideo)
        if isComplete, tracks.audio != nil || !wantsAudio { return true }
        let age = held?.first.map { newest.decodeTime - $0.frame.decodeTime } ?? .zero
        return age >= Self.holdMax || heldBytes >= Self.heldBytesMax
    }

    private mutating func release(into bytes: inout ByteBuffer) {
        guard let frames = held else { return }
        held = nil
        heldBytes = 0
        for (frame, arrival) in frames { write(frame, arrival, into: &bytes) }
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
