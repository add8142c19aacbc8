import NIOCore

/// How live streams are cut into segments, kept and served.
public struct HLSConfiguration: Sendable {
    /// When a stream begins to be cut into segments.
    public enum Start: String, Sendable, CaseIterable {
        /// With the first request for a playlist; it ends when requests stay away.
        case request
        /// With its publication: rewinding goes back to the beginning, and the first viewer does not wait.
        case publish
    }

    /// How far viewers can rewind.
    public enum DVRWindow: Sendable, Equatable {
        /// Up to this long; zero turns it off.
        case limited(TimeAmount)
        /// To the beginning, as far as the bytes allow.
        case unlimited
    }

    /// How long segments should be. They are cut at the keyframes that come nearest, and so may be longer.
    public var segmentDuration = TimeAmount.seconds(4)
    /// How long parts of segments should be; zero offers none, and so no low latency.
    public var partDuration = TimeAmount.milliseconds(200)
    /// What a playlist lists when no more is asked for. At least three target durations, as RFC 8216bis, 6.2.2 wants.
    public var window = TimeAmount.seconds(24)
    /// How far `?dvr=SECONDS` can go back.
    public var dvr = DVRWindow.limited(.minutes(5))
    /// A folder for the segments that have left the live window; nil keeps them in memory.
    public var dvrPath: String?
    /// The most bytes of segments on disk, all streams together.
    public var dvrBytesMax = 16 << 30
    /// The most bytes of segments in memory, all streams together. Past it streams give up what is oldest, but not
    /// their last three segments; no stream is begun to be cut.
    public var memoryBytesMax = 1 << 30
    /// When a stream begins to be cut into segments.
    public var start = Start.request
    /// How long a stream is cut on when nobody asks for it any more.
    public var idleTimeout = TimeAmount.seconds(30)
    /// The most streams that are cut into segments at once; each costs what it holds in memory.
    public var streamsMax = 1_000
    /// The most requests that wait for something of one stream. Each costs about a kilobyte; past it the answer is 503.
    public var blockedRequestsMax = 20_000

    /// The longest target duration that a stream's distance of keyframes can lead to. A group of pictures that lasts
    /// longer is cut at a picture that is no keyframe: encoders left alone send a keyframe every 250 pictures, which is
    /// 10 s at 25 pictures a second.
    public static let targetDurationMax = TimeAmount.seconds(12)

    /// The defaults.
    public init() {}
}
