import Codecs
import HLS
import MPEGTS
import MediaCore
import NIOCore

/// Cuts a stream's frames into segments. Knows no clock: dates come with the frames.
///
/// One track leads, video where there is any: it decides where segments end, and the other follows when its own frames
/// reach the boundary, however late they come.
struct StreamPackager: Sendable {
    /// How far the following track may be behind, on the stream's timeline. Then its segments end without it.
    static let lateness: Int64 = 3_000_000_000

    /// What goes on without a break: from one discontinuity to the next.
    struct Stretch: Sendable {
        /// The number of its first segment.
        var firstNumber: Int
        /// When it begins, on the stream's timeline; nanoseconds.
        var time: Int64
        /// The same as nanoseconds since 1970.
        var date: Int64
        var tracks: TrackSet
    }

    /// The most stretches that manifests can tell of. A publisher that returns every few seconds makes many; older
    /// segments are then only in playlists.
    static let stretchesMax = 100

    /// Where a stream stands.
    enum Phase: Sendable {
        /// A publication has begun; its tracks are being found out.
        case gathering(TrackGathering)
        /// Frames become segments.
        case running
        /// Nobody publishes, at least for now.
        case stopped
    }

    let configuration: HLSConfiguration
    let packaging: Packaging
    private(set) var phase = Phase.gathering(TrackGathering())
    private(set) var published = PublishedTracks()
    private(set) var plan: SegmentPlan
    private(set) var writers = MediaWriters()
    private(set) var settings: PlaylistSettings?
    /// Why the stream cannot be cut; nil when it can.
    private(set) var refusal: String?
    private var dates = ProgramDate()
    /// How long after it is decoded a keyframe is shown. Segments begin when their first picture is shown, as sound has
    /// it; decode times are compared with such times by adding this.
    private var compositionShift: Int64 = 0
    /// Something has changed that needs new init segments, at the next keyframe.
    private var needsRestart = false
    /// Oldest first.
    private(set) var stretches: [Stretch] = []
    private var videoFrame = FrameLength(nil)
    private var audioFrame = FrameLength(nil)
    private var lastVideo: Int64?
    private var lastAudio: Int64?
    /// A frame of audio to begin with: some codecs are described by their frames.
    private var audioSample: MediaFrame?
    /// What no other run of segments is named by.
    let epoch: String
    private let firstNumber: Int

    /// - Parameters:
    ///   - epoch: what no other run of segments is named by.
    ///   - firstNumber: of the first segment, and of the first discontinuity; larger than any before.
    init(_ configuration: HLSConfiguration, _ packaging: Packaging, epoch: String, firstNumber: Int) {
        self.configuration = configuration
        self.packaging = packaging
        self.epoch = epoch
        self.firstNumber = firstNumber
        plan = SegmentPlan(
            wanted: configuration.segmentDuration.nanoseconds,
            longestAllowed: max(
                configuration.segmentDuration, HLSConfiguration.targetDurationMax
            ).nanoseconds)
    }

    // MARK: Publications

    /// The publisher has returned after its connection failed, perhaps with other settings.
    mutating func publisherReturned() {
        published.beginPublication()
        phase = .gathering(TrackGathering())
    }

    /// The publisher's connection has failed: what there is becomes whole segments.
    mutating func interrupt() {
        if case .running = phase { writers.endSegments(at: plan.segmentStart) }
        phase = .stopped
    }

    /// Nobody publishes the stream any more.
    mutating func end() {
        if case .gathering(let gathering) = phase { begin(gathering) }
        interrupt()
        writers.forEachTrack { $0.finish() }
    }

    // MARK: Frames

    /// Takes up a frame.
    ///
    /// - Parameter date: when it came; nanoseconds since 1970.
    mutating func receive(_ frame: MediaFrame, at date: Int64) {
        switch frame.role {
        case .configuration:
            guard frame.kind != .data, published.configure(frame), case .running = phase else { return }
            needsRestart = true
        case .metadata, .sequenceEnd: return
        case .key, .delta:
            guard frame.kind != .data, published.accepts(frame) else { return }
            dates.observe(frame.decodeTime.nanoseconds, at: date)
            receiveCoded(frame)
        }
    }

    private mutating func receiveCoded(_ frame: MediaFrame) {
        switch phase {
        case .stopped: return
        case .gathering(var gathering):
            // Taken out, so that the frames are not copied.
            phase = .stopped
            let isComplete = gathering.hold(frame, published)
            phase = .gathering(gathering)
            if isComplete { begin(gathering) }
        case .running:
            if frame.kind == .video { video(frame) } else { audio(frame) }
        }
    }

    /// The tracks are known: the first segment begins, or the one after an interruption.
    private mutating func begin(_ gathering: TrackGathering) {
        phase = .running
        audioSample = gathering.frames.first { $0.kind == .audio }
        if let keyframe = gathering.frames.first(where: \.isVideoKeyframe) { restart(at: keyframe) }
        if !writers.isOpen, let audioSample { restart(at: audioSample) }
        for frame in gathering.frames {
            if frame.kind == .video { video(frame) } else { audio(frame) }
        }
    }

    // MARK: Video

    private mutating func video(_ frame: MediaFrame) {
        let isKeyframe = frame.role == .key
        let decode = frame.decodeTime.nanoseconds
        if isKeyframe, needsRestart || writers.needsRestart(atKeyframe: frame) { restart(at: frame) }
        guard writers.hasVideo else { return }
        let time = decode &+ compositionShift
        if let lastVideo { videoFrame.observe(time &- lastVideo) }
        lastVideo = time
        advance(to: time, slack: 0)
        let ends =
            isKeyframe
            ? plan.endsSegment(beforeKeyframeAt: time)
            : plan.mustEndSegment(before: time, duration: videoFrame.typical)
        if ends { cut(at: time, before: time) }
        writers.append(
            video: frame.payload, decode: decode, shift: compositionShift,
            composition: frame.compositionOffset.nanoseconds, isKeyframe: isKeyframe)
        if let behind = writers.audioBoundary, time &- behind > Self.lateness { writers.passAudioBoundary(before: nil) }
    }

    /// Ends segments that have become too long without a frame of the leading track.
    private mutating func advance(to time: Int64, slack: Int64) {
        // What is farther away than a few segments is no gap in this stream's timeline, and not worth listing.
        if time &- plan.segmentStart > 8 * plan.limit { cut(at: time, before: nil) }
        while time &- plan.segmentStart > plan.limit &+ slack {
            let boundary = plan.segmentStart &+ plan.limit
            cut(at: boundary, before: boundary)
        }
    }

    private mutating func cut(at time: Int64, before next: Int64?) {
        plan.end(at: time)
        writers.cut(
            SegmentBoundary(time: time, date: dates.date(ofSegmentAt: time), isDiscontinuity: false), before: next)
    }

    // MARK: Audio

    private mutating func audio(_ frame: MediaFrame) {
        let time = frame.decodeTime.nanoseconds
        if needsRestart || !writers.hasAudio { audioSample = frame }
        if !writers.hasVideo {
            if needsRestart || !writers.hasAudio { restart(at: frame) }
            guard writers.hasAudio else { return }
            if let lastAudio { audioFrame.observe(time &- lastAudio) }
            lastAudio = time
            if plan.endsSegment(beforeAudioAt: time, duration: audioFrame.typical) { cut(at: time, before: time) }
        } else {
            // A track that is new, or is configured anew, begins with the next keyframe.
            if !writers.hasAudio { needsRestart = true }
            guard !needsRestart || writers.audioDescription == nextAudioDescription else { return }
            // Where video has stopped, its segments end without it.
            advance(to: time, slack: Self.lateness)
            writers.passAudioBoundaries(upTo: time)
        }
        writers.append(audio: frame.payload, at: time)
    }

    private var nextAudioDescription: TrackDescription? {
        guard published.audio?.hasFrames == true, let audioSample else { return nil }
        return published.description(.audio, frame: audioSample)
    }

    // MARK: Beginning anew

    /// Begins all tracks with new init segments, behind a discontinuity where there was something before.
    ///
    /// - Parameter first: the frame that begins: a keyframe where there is video.
    private mutating func restart(at first: MediaFrame) {
        let isVideo = first.kind == .video
        let tracks = TrackSet(
            video: isVideo ? published.description(.video, frame: first) : nil, audio: nextAudioDescription)
        // Without its configuration a track waits for it.
        guard !isVideo || tracks.video != nil, tracks.video != nil || tracks.audio != nil else { return }
        needsRestart = false
        let composition = isVideo ? max(0, first.compositionOffset.nanoseconds) : 0
        let time = first.decodeTime.nanoseconds &+ composition
        if writers.isOpen { writers.endSegments(at: time, before: first.decodeTime.nanoseconds &+ compositionShift) }
        compositionShift = composition
        (videoFrame, audioFrame) = (FrameLength(nil), FrameLength(tracks.audio?.frameNanoseconds))
        (lastVideo, lastAudio) = (nil, nil)
        plan.begin(at: time)
        let boundary = SegmentBoundary(
            time: time, date: dates.date(ofSegmentAt: time), isDiscontinuity: !writers.isEmpty)
        refusal = writers.begin(tracks, boundary, packaging, configuration: configuration, shift: compositionShift) {
            kind, number in
            SegmentTrack(kind, epoch: epoch, number: number ?? firstNumber, discontinuity: firstNumber)
        }
        stretches.append(
            Stretch(firstNumber: nextNumber, time: time, date: boundary.date, tracks: writers.tracks))
        if stretches.count > Self.stretchesMax { stretches.removeFirst() }
        if let settings { self.settings = writers.settle(settings) }
    }

    // MARK: Playlists

    /// Counts every change of what can be said to clients.
    var revision: Int { writers.revision &+ (refusal == nil ? 0 : 1) }

    /// Whether there is enough for a player to begin with.
    var isPlayable: Bool {
        if case .stopped = phase { return writers.segmentsReady > 0 }
        return settings != nil || writers.segmentsReady >= Self.segmentsToBegin
    }

    /// Segments that a playlist begins with. Chromium 156 gives up on a live playlist of two ("segment queue never had
    /// any data").
    static let segmentsToBegin = 3

    /// Settles what playlists say once and for all, at the first request for one.
    mutating func settle() {
        guard settings == nil else { return }
        settings = writers.settle(PlaylistSettings(targetDuration: plan.settleTargetDuration()))
    }

    /// Whether every segment so far begins with a keyframe.
    var hasIndependentSegments: Bool {
        TrackKind.allCases.allSatisfy { writers.track($0)?.hasDependentSegments != true }
    }

    /// Pictures a second: what the stream says of itself, where that is how they come.
    var frameRate: Double? {
        let measured = (1e12 / Double(videoFrame.typical)).rounded() / 1000
        guard let told = writers.tracks.video?.video?.frameRate, abs(told - measured) < measured / 50 else {
            return measured
        }
        return told
    }

    /// The number that segments go on with in another run.
    var nextNumber: Int {
        TrackKind.allCases.compactMap { writers.track($0)?.nextNumber }.max() ?? firstNumber
    }

    /// Changes every track.
    mutating func forEachTrack(_ body: (inout SegmentTrack) -> Void) {
        writers.forEachTrack(body)
    }

    /// Changes a track, such as to take segments out of it.
    mutating func withTrack<Result>(_ kind: TrackKind, _ body: (inout SegmentTrack) -> Result) -> Result? {
        writers.withTrack(kind, body)
    }
}
