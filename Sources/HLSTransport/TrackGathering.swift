import Codecs
import MediaCore
import NIOCore

/// What is known of the tracks of a publication: which there are, and how each is configured.
struct PublishedTracks: Sendable {
    /// One kind's track; of several, the first that came is taken.
    struct Source: Sendable {
        var track: UInt8
        var codec: FourCC
        var configuration: ByteBuffer?
        /// Whether a coded frame has come.
        var hasFrames = false
    }

    private(set) var video: Source?
    private(set) var audio: Source?

    func source(_ kind: MediaFrame.Kind) -> Source? {
        kind == .video ? video : kind == .audio ? audio : nil
    }

    /// A publisher returns, perhaps with other tracks. Configurations hold until new ones come.
    mutating func beginPublication() {
        video?.hasFrames = false
        audio?.hasFrames = false
    }

    /// Takes up a decoder configuration. - Returns: whether it is another than before.
    mutating func configure(_ frame: MediaFrame) -> Bool {
        var source = source(frame.kind) ?? Source(track: frame.track, codec: frame.codec)
        guard source.track == frame.track || !source.hasFrames else { return false }
        let isNew =
            source.configuration != frame.payload || source.codec != frame.codec || source.track != frame.track
        source.track = frame.track
        source.codec = frame.codec
        // A slice would hold all of what was read from the socket with it.
        if isNew { source.configuration = ByteBuffer(frame.payload.readableBytesView) }
        set(source, frame.kind)
        return isNew
    }

    /// Whether a coded frame is of a track that is taken.
    mutating func accepts(_ frame: MediaFrame) -> Bool {
        guard var source = source(frame.kind) else {
            guard frame.kind != .data else { return false }
            set(Source(track: frame.track, codec: frame.codec, hasFrames: true), frame.kind)
            return true
        }
        if source.track == frame.track, source.hasFrames, source.codec == frame.codec { return true }
        guard source.track == frame.track || !source.hasFrames else { return false }
        if source.codec != frame.codec { source = Source(track: frame.track, codec: frame.codec) }
        source.track = frame.track
        source.hasFrames = true
        set(source, frame.kind)
        return true
    }

    private mutating func set(_ source: Source, _ kind: MediaFrame.Kind) {
        if kind == .video { video = source } else if kind == .audio { audio = source }
    }

    /// The description of a kind's track.
    ///
    /// - Parameter frame: a frame of it; a keyframe, for video.
    func description(_ kind: MediaFrame.Kind, frame: MediaFrame) -> TrackDescription? {
        guard let source = source(kind), source.track == frame.track, source.codec == frame.codec else { return nil }
        return TrackDescription(
            isVideo: kind == .video, codec: source.codec, configuration: source.configuration,
            firstFrame: frame.payload)
    }
}

/// Frames held back until it is known which tracks a publication has, so that its first segments have them all.
struct TrackGathering: Sendable {
    /// How long a track may take after the first, on the stream's timeline. Encoders send the first frames of all
    /// tracks within a fraction of this.
    static let patience: Int64 = 1_000_000_000
    /// The most bytes held; a second of 64 Mbit/s.
    static let bytesMax = 8 << 20

    private(set) var frames: [MediaFrame] = []
    private var bytes = 0
    private var hasKeyframe = false

    /// Holds a frame. - Returns: whether to begin now.
    mutating func hold(_ frame: MediaFrame, _ tracks: PublishedTracks) -> Bool {
        if frame.kind == .video {
            // What comes before the first keyframe cannot be decoded.
            if !hasKeyframe, frame.role != .key { return false }
            hasKeyframe = true
        }
        frames.append(frame)
        bytes += frame.payload.readableBytes
        let hasVideo = tracks.video.map { !$0.hasFrames || hasKeyframe } ?? false
        if hasKeyframe, tracks.audio?.hasFrames == true { return true }
        let first = frames[0].decodeTime.nanoseconds
        let isLate = frame.decodeTime.nanoseconds &- first >= Self.patience || bytes >= Self.bytesMax
        if isLate, tracks.video?.hasFrames == true, !hasVideo { dropFirst() }
        return isLate && (hasKeyframe || tracks.video?.hasFrames != true)
    }

    /// Video has begun in the middle of a group of pictures: sound from before its first keyframe is not needed.
    private mutating func dropFirst() {
        let half = frames.count / 2
        for frame in frames.prefix(max(1, half)) { bytes -= frame.payload.readableBytes }
        frames.removeFirst(max(1, half))
    }
}
