import HLS

/// What was found of a file or a stream.
public struct StreamReport: Sendable {
    /// The tracks, in the order in which they were found.
    public internal(set) var tracks: [TrackReport] = []
    /// What was damaged, in the order of the bytes; the first ``damagesMax``.
    public internal(set) var damages: [String] = []
    /// How much was damaged altogether.
    public internal(set) var damageCount = 0
    /// Where the bytes end within an element; nil where they do not.
    public internal(set) var cutShort: String?
    /// How far sound and pictures that belong together lie apart in the order of the bytes, at most, in seconds. Nil
    /// without both.
    public internal(set) var interleavingSeconds: Double?
    /// What a multivariant playlist claims of the stream; nil where there was none.
    public var variant: Variant?

    /// The most damages kept.
    public static let damagesMax = 32

    /// The first track of pictures.
    public var video: TrackReport? { tracks.first { $0.track.kind == .video && $0.sampleCount > 0 } }

    /// The first track of sound.
    public var audio: TrackReport? { tracks.first { $0.track.kind == .audio && $0.sampleCount > 0 } }

    /// From the earliest showing to the latest end of all pictures and sounds, in seconds.
    public var duration: Double? {
        let media = tracks.filter { $0.track.kind != .data }
        guard let start = media.compactMap(\.startSeconds).min(), let end = media.compactMap(\.endSeconds).max() else {
            return nil
        }
        return end - start
    }

    /// How much later than the first picture the first sound is, in seconds; nil without both.
    public var startOffset: Double? {
        guard let picture = video?.startSeconds, let sound = audio?.startSeconds else { return nil }
        return sound - picture
    }

    /// How much later than the last picture the last sound ends, in seconds; nil without both.
    public var endOffset: Double? {
        guard let picture = video?.endSeconds, let sound = audio?.endSeconds else { return nil }
        return sound - picture
    }
}
