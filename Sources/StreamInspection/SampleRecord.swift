import Codecs

/// What is kept of a sample.
public struct SampleRecord: Sendable, Hashable {
    /// When it is decoded, in ticks of its track.
    public var decodeTime: Int64
    /// When it is shown, in ticks of its track.
    public var presentationTime: Int64
    /// Bytes of the payload.
    public var bytes: UInt32
    /// What the picture is made of; nil for sound, and where the codec or the picture does not tell.
    public var picture: PictureType?
    /// Whether the container says that decoding can begin here.
    public var isKeyframe: Bool
    /// Whether the units' lengths lead outside the picture.
    public var isDamaged: Bool
}

/// A keyframe and what follows it up to the next.
public struct PictureGroup: Sendable, Hashable {
    /// The positions in ``TrackReport/samples``.
    public var samples: Range<Int>
    /// When its first picture is decoded, in seconds on the track's timeline.
    public var startSeconds: Double
    /// From keyframe to keyframe; nil of the last group, whose end is not known.
    public var seconds: Double?
    /// Bytes of all pictures.
    public var bytes: Int
}

/// A stretch without samples.
public struct SampleGap: Sendable, Hashable {
    /// When the last sample before it is decoded, in seconds on the track's timeline.
    public var startSeconds: Double
    /// From that sample to the next.
    public var seconds: Double
}

/// How far apart the samples of a track are decoded.
public struct StepStatistics: Sendable, Hashable {
    /// The shortest step, in seconds; below 0 where times go back.
    public var shortest: Double
    /// The one in the middle.
    public var median: Double
    /// The longest step.
    public var longest: Double
    /// The mean distance of a step from the middle one: 0 where frames come evenly.
    public var jitter: Double

    /// - Parameter steps: in seconds, in any order.
    /// - Returns: nil without steps.
    init?(_ steps: [Double]) {
        let sorted = steps.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        (shortest, longest) = (first, last)
        let middle = sorted[sorted.count / 2]
        median = middle
        jitter = sorted.reduce(0) { $0 + abs($1 - middle) } / Double(sorted.count)
    }
}
