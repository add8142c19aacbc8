import Codecs
import HLS
import MPEGTS
import MediaCore
import NIOCore

/// The tracks that a stream is cut into.
struct TrackSet: Sendable {
    var video: TrackDescription?
    var audio: TrackDescription?
}

/// Writes a stream's frames into the segments of its playlists.
struct MediaWriters: Sendable {
    private(set) var video: CMAFTrack?
    private(set) var audio: CMAFTrack?
    private(set) var program: TSProgram?
    /// Tracks that the publisher had earlier: their playlists go on with gaps, for those who still read them.
    private(set) var silent: [SegmentTrack] = []
    /// What there is at present.
    private(set) var tracks = TrackSet()
    /// Whether segments are being written.
    private(set) var isOpen = false
    /// When the newest discontinuity was: what is from before it is not for these writers.
    private var start: Int64 = 0

    var hasVideo: Bool { isOpen && tracks.video != nil }
    var hasAudio: Bool { isOpen && tracks.audio != nil }
    var audioDescription: TrackDescription? { tracks.audio }

    /// Whether there has never been a segment.
    var isEmpty: Bool { video == nil && audio == nil && program == nil && silent.isEmpty }

    /// Whether a keyframe needs a new init segment.
    func needsRestart(atKeyframe frame: MediaFrame) -> Bool {
        tracks.video?.differs(in: frame.payload) ?? true
    }

    // MARK: Beginning and ending

    /// Begins all tracks at a boundary.
    ///
    /// - Parameter make: makes the segments of a playlist that is new: its kind and its first number, nil when no other
    ///   has begun.
    /// - Returns: why a track cannot be cut, for people; nil when all can.
    mutating func begin(
        _ tracks: TrackSet, _ boundary: SegmentBoundary, _ packaging: Packaging, configuration: HLSConfiguration,
        shift: Int64, make: (TrackKind, Int?) -> SegmentTrack
    ) -> String? {
        self.tracks = tracks
        start = boundary.time
        let kept = releaseSegments()
        let next = kept.lazy.map(\.nextNumber).max()
        func segments(_ kind: TrackKind) -> SegmentTrack { kept.first { $0.kind == kind } ?? make(kind, next) }
        var boundary = boundary
        boundary.isDiscontinuity = !kept.isEmpty
        var refusal: String?
        switch packaging {
        case .transportStream:
            do {
                program = try TSProgram(video: tracks.video, audio: tracks.audio, into: segments(.program))
            } catch {
                refusal = "MPEG-TS does not carry this stream: \(error.detail)"
            }
        case .cmaf:
            let part = configuration.partDuration.nanoseconds
            if let description = tracks.video {
                video = CMAFTrack(description, into: segments(.video), shift: shift, partDuration: part)
                if video == nil { refusal = "\(description.codec) has no place in CMAF" }
            }
            if let description = tracks.audio {
                audio = CMAFTrack(description, into: segments(.audio), shift: 0, partDuration: part)
                if audio == nil { refusal = "\(description.codec) has no place in CMAF" }
            }
        }
        let hasTrack: [TrackKind: Bool] = [.video: video != nil, .audio: audio != nil, .program: program != nil]
        silent = kept.filter { hasTrack[$0.kind] != true }
        video?.begin(boundary)
        audio?.begin(boundary)
        program?.begin(boundary)
        beginSilence(boundary)
        isOpen = refusal == nil
        return refusal
    }

    private mutating func releaseSegments() -> [SegmentTrack] {
        let kept = [video?.segments, audio?.segments, program?.segments].compactMap { $0 } + silent
        (video, audio, program, silent) = (nil, nil, nil, [])
        return kept
    }

    /// Ends all segments at the edge.
    ///
    /// - Parameters:
    ///   - time: where the boundary is.
    ///   - next: when the next frame of the leading track is decoded, if its last one lasts until then.
    mutating func endSegments(at time: Int64, before next: Int64? = nil) {
        guard isOpen else { return }
        isOpen = false
        while audioBoundary != nil { passAudioBoundary(before: nil) }
        video?.endSegment(at: time, before: next)
        audio?.endSegment(at: time, before: nil)
        program?.endSegment(at: time)
        endSilence(at: time)
    }

    /// Ends the leading track's segment; the other one's ends when it gets there.
    mutating func cut(_ boundary: SegmentBoundary, before next: Int64?) {
        program?.endSegment(at: boundary.time)
        program?.begin(boundary)
        if video != nil {
            video?.endSegment(at: boundary.time, before: next)
            video?.begin(boundary)
            audio?.expect(boundary)
        } else {
            audio?.endSegment(at: boundary.time, before: next)
            audio?.begin(boundary)
        }
        endSilence(at: boundary.time)
        beginSilence(boundary)
    }

    private mutating func beginSilence(_ boundary: SegmentBoundary) {
        for index in silent.indices {
            silent[index].begin(
                at: boundary.time, date: boundary.date, isDiscontinuity: boundary.isDiscontinuity)
        }
    }

    private mutating func endSilence(at time: Int64) {
        for index in silent.indices {
            let start = silent[index].open?.start ?? time
            silent[index].end(gapDuration: .nanoseconds(max(1_000_000, time &- start)), startsWithKeyframe: true)
        }
    }

    // MARK: The following track

    /// The boundary that the following track has not reached.
    var audioBoundary: Int64? { audio?.boundaries.first?.time }

    /// Ends the following track's segment without waiting for more.
    mutating func passAudioBoundary(before next: Int64?) {
        audio?.passBoundary(before: next)
    }

    /// Ends the following track's segments that end before a frame of it. A frame belongs where most of it is.
    mutating func passAudioBoundaries(upTo time: Int64) {
        let frame = tracks.audio?.frameNanoseconds ?? 20_000_000
        while let boundary = audioBoundary, time &+ frame / 2 >= boundary {
            // Over a gap the last frame is not drawn out.
            let isNear = audio?.last.map { time &- $0 < 3 * frame } ?? false
            passAudioBoundary(before: isNear ? time : nil)
        }
    }

    // MARK: Frames

    mutating func append(video payload: ByteBuffer, decode: Int64, shift: Int64, composition: Int64, isKeyframe: Bool) {
        // MPEG-TS has no need of the shift.
        program?.append(video: payload, time: decode, composition: composition, isKeyframe: isKeyframe)
        video?.append(
            time: decode &+ shift, composition: composition, isKeyframe: isKeyframe, payload: payload)
    }

    mutating func append(audio payload: ByteBuffer, at time: Int64) {
        let frame = tracks.audio?.frameNanoseconds ?? 20_000_000
        guard time &+ frame / 2 >= start else { return }
        program?.append(audio: payload, time: time)
        audio?.append(time: time, composition: 0, isKeyframe: true, payload: payload)
    }

    // MARK: Segments

    /// Counts every change of what can be read.
    var revision: Int {
        (video?.segments.revision ?? 0) &+ (audio?.segments.revision ?? 0) &+ (program?.segments.revision ?? 0)
            &+ silent.reduce(0) { $0 &+ $1.revision }
    }

    /// The fewest whole segments that each track which is being written has.
    var segmentsReady: Int {
        [video?.segments, audio?.segments, program?.segments].compactMap { $0?.segments.count }.min() ?? 0
    }

    /// From now on there are playlists. - Returns: the settings, with what was still open in them.
    mutating func settle(_ settings: PlaylistSettings) -> PlaylistSettings {
        let targets = (video: video?.settlePartTarget(), audio: audio?.settlePartTarget())
        var settings = settings
        if settings.partHoldBack == nil, let longest = [targets.video, targets.audio].compactMap({ $0 }).max() {
            settings.partHoldBack = longest * 3
        }
        for (kind, target) in [(TrackKind.video, targets.video), (.audio, targets.audio), (.program, nil)] {
            var own = settings
            own.partTarget = target
            _ = withTrack(kind) { $0.settle(own) }
        }
        return settings
    }

    /// Changes the segments of a playlist in place. - Returns: nil when there is no such playlist.
    mutating func withTrack<Result>(_ kind: TrackKind, _ body: (inout SegmentTrack) -> Result) -> Result? {
        for index in silent.indices where silent[index].kind == kind { return body(&silent[index]) }
        return switch kind {
        case .video: video?.withSegments(body)
        case .audio: audio?.withSegments(body)
        case .program: program?.withSegments(body)
        }
    }

    mutating func forEachTrack(_ body: (inout SegmentTrack) -> Void) {
        for kind in TrackKind.allCases { _ = withTrack(kind, body) }
    }

    /// The segments of a playlist.
    func track(_ kind: TrackKind) -> SegmentTrack? {
        let present: SegmentTrack? =
            switch kind {
            case .video: video?.segments
            case .audio: audio?.segments
            case .program: program?.segments
            }
        return present ?? silent.first { $0.kind == kind }
    }
}
