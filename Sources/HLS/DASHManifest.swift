/// A media presentation description of the live profile: the same CMAF segments that media playlists list, for players of
/// MPEG-DASH. Specification: ISO/IEC 23009-1, 5.3.1.2 (MPD) and 8.4 (the profile).
public struct DASHManifest: Sendable, Hashable {
    /// What segments' times count from: the start of the first period ever, and never changes. `availabilityStartTime`.
    public var availabilityStart: WallTime
    /// When this version of the manifest was made. `publishTime`.
    public var publishTime: WallTime
    /// How often players should look for a new version; nil when nothing will be added, and then it is static.
    public var minimumUpdatePeriod: Duration?
    /// How far back segments remain; nil for all of them. `timeShiftBufferDepth`.
    public var timeShiftBufferDepth: Duration?
    /// How far from the edge players should stay. `suggestedPresentationDelay`.
    public var suggestedPresentationDelay: Duration?
    /// What a player must hold to play at a representation's bandwidth. `minBufferTime`.
    public var minBufferTime: Duration
    /// No segment is longer than this. `maxSegmentDuration`.
    public var maxSegmentDuration: Duration
    /// How players learn the server's time. 5.8.4.11.
    public var timings: [Timing]
    /// The stretches between discontinuities, oldest first.
    public var periods: [Period]

    /// How players learn the server's time. Specification: ISO/IEC 23009-1, 5.8.4.11, `UTCTiming`.
    public enum Timing: Sendable, Hashable {
        /// The time when the manifest is written: right to within the way it takes to the player.
        case direct(WallTime)
        /// A URL whose body is an ISO 8601 date and time.
        case httpISO(String)
        /// A URL whose response has a Date header.
        case httpHead(String)
    }

    /// A stretch in which codecs and timestamps go on without a break. Specification: ISO/IEC 23009-1, 5.3.2.
    public struct Period: Sendable, Hashable {
        /// Names it; stays the same in all versions of the manifest.
        public var id: String
        /// From ``DASHManifest/availabilityStart``.
        public var start: Duration
        /// How long it is; nil for the last one of a live presentation, and where the next one tells.
        public var duration: Duration?
        /// Video, audio.
        public var adaptationSets: [AdaptationSet]

        /// Makes a period; see the properties.
        public init(id: String, start: Duration, duration: Duration? = nil, adaptationSets: [AdaptationSet]) {
            self.id = id
            self.start = start
            self.duration = duration
            self.adaptationSets = adaptationSets
        }
    }

    /// Makes a manifest; see the properties.
    public init(
        availabilityStart: WallTime, publishTime: WallTime, minimumUpdatePeriod: Duration?,
        timeShiftBufferDepth: Duration? = nil, suggestedPresentationDelay: Duration? = nil,
        minBufferTime: Duration = .seconds(2), maxSegmentDuration: Duration, timings: [Timing] = [], periods: [Period]
    ) {
        self.availabilityStart = availabilityStart
        self.publishTime = publishTime
        self.minimumUpdatePeriod = minimumUpdatePeriod
        self.timeShiftBufferDepth = timeShiftBufferDepth
        self.suggestedPresentationDelay = suggestedPresentationDelay
        self.minBufferTime = minBufferTime
        self.maxSegmentDuration = maxSegmentDuration
        self.timings = timings
        self.periods = periods
    }
}

/// One kind of media in a period. Specification: ISO/IEC 23009-1, 5.3.3.
public struct AdaptationSet: Sendable, Hashable {
    /// What it holds.
    public enum ContentType: String, Sendable, Hashable {
        /// Pictures.
        case video
        /// Sound.
        case audio
    }

    /// Names it in its period.
    public var id: Int
    /// What it holds.
    public var contentType: ContentType
    /// The language, as in RFC 5646.
    public var language: String?
    /// Whether each segment begins with a sync sample: `startWithSAP` 1.
    public var beginsWithSync: Bool
    /// Its encodings.
    public var representations: [Representation]

    /// Makes a set; see the properties.
    public init(
        id: Int, _ contentType: ContentType, language: String? = nil, beginsWithSync: Bool = true,
        representations: [Representation]
    ) {
        self.id = id
        self.contentType = contentType
        self.language = language
        self.beginsWithSync = beginsWithSync
        self.representations = representations
    }
}

/// One encoding. Specification: ISO/IEC 23009-1, 5.3.5.
public struct Representation: Sendable, Hashable {
    /// Names it; unique in its period.
    public var id: String
    /// The codecs parameter of RFC 6381.
    public var codecs: String
    /// Bits a second.
    public var bandwidth: Int
    /// Pixels across and down; nil for audio.
    public var resolution: Variant.Resolution?
    /// Frames a second, in thousandths; nil for audio or where unknown.
    public var frameRate: Double?
    /// Samples a second; nil for video.
    public var audioSamplingRate: Int?
    /// Channels; nil for video or where unknown.
    public var channels: Int?
    /// Where its segments are, and when.
    public var template: SegmentTemplate

    /// Makes a representation; see the properties.
    public init(
        id: String, codecs: String, bandwidth: Int, resolution: Variant.Resolution? = nil, frameRate: Double? = nil,
        audioSamplingRate: Int? = nil, channels: Int? = nil, template: SegmentTemplate
    ) {
        self.id = id
        self.codecs = codecs
        self.bandwidth = bandwidth
        self.resolution = resolution
        self.frameRate = frameRate
        self.audioSamplingRate = audioSamplingRate
        self.channels = channels
        self.template = template
    }
}

/// Where segments are, and when. Specification: ISO/IEC 23009-1, 5.3.9.4 and 5.3.9.6.
public struct SegmentTemplate: Sendable, Hashable {
    /// Ticks a second of all times in here.
    public var timescale: Int
    /// The media time at the period's start, in ticks.
    public var presentationTimeOffset: Int64
    /// The URL of the initialization segment, relative to the manifest.
    public var initialization: String
    /// The URL of a segment, with `$Number$` or `$Time$` in it.
    public var media: String
    /// The number of the first segment listed.
    public var startNumber: Int
    /// The segments' times; runs of equal length are one entry.
    public private(set) var timeline: [Run] = []

    /// Segments of equal length, one after another: an `S` element.
    public struct Run: Sendable, Hashable {
        /// The media time of the first one, in ticks.
        public var start: Int64
        /// The length of each, in ticks.
        public var duration: Int64
        /// How many more there are than one.
        public var repeats: Int

        /// Makes a run; see the properties.
        public init(start: Int64, duration: Int64, repeats: Int = 0) {
            self.start = start
            self.duration = duration
            self.repeats = repeats
        }
    }

    /// Makes a template without segments; see the properties.
    public init(
        timescale: Int, presentationTimeOffset: Int64 = 0, initialization: String, media: String, startNumber: Int
    ) {
        self.timescale = timescale
        self.presentationTimeOffset = presentationTimeOffset
        self.initialization = initialization
        self.media = media
        self.startNumber = startNumber
    }

    /// Adds a segment at the end.
    ///
    /// - Parameters:
    ///   - start: its media time, in ticks.
    ///   - duration: its length, in ticks.
    public mutating func append(start: Int64, duration: Int64) {
        if let last = timeline.last, last.duration == duration,
            last.start &+ last.duration &* Int64(last.repeats &+ 1) == start
        {
            timeline[timeline.count - 1].repeats += 1
        } else {
            timeline.append(Run(start: start, duration: duration))
        }
    }
}
