/// A list of segments, as one moment shows it. Specification: RFC 8216bis, 4.4.3.
public struct MediaPlaylist: Sendable, Hashable {
    /// No segment is longer than this, rounded to the nearest second. It never changes. 4.4.3.1.
    public var targetDurationSeconds: Int
    /// The number of the first segment. Numbers never go back. JavaScript players need it below 2^53. 4.4.3.2.
    public var mediaSequence: Int
    /// How many discontinuities came before those of this list. 4.4.3.3.
    public var discontinuitySequence: Int
    /// Whether segments may go; nil for live playlists, whose oldest segments go. 4.4.3.5.
    public var type: PlaylistType?
    /// Whether each segment can be decoded without those before it. 4.4.2.1.
    public var hasIndependentSegments: Bool
    /// Where to begin; nil leaves it to the player. 4.4.2.2.
    public var start: PlaylistStart?
    /// The longest part; nil without parts. 4.4.3.7.
    public var partTarget: Duration?
    /// What clients may ask for, and how far from the edge they must stay. 4.4.3.8.
    public var serverControl: ServerControl?
    /// Segments that a delta update leaves out at the front: 0 for a whole playlist. 4.4.5.2.
    public var skippedSegments: Int
    /// Identifiers of date ranges that went since; only in delta updates. 4.4.5.2.
    public var removedDateRanges: [String]
    /// The whole segments that are listed, oldest first.
    public var segments: [MediaSegment]
    /// The segment at the edge that is not whole yet.
    public var openSegment: OpenSegment?
    /// What will come next. 4.4.5.3.
    public var preloadHints: [PreloadHint]
    /// How far other renditions are. 4.4.5.4.
    public var renditionReports: [RenditionReport]
    /// Spans of time with a meaning. 4.4.5.1.
    public var dateRanges: [DateRange]
    /// Whether nothing will be added. 4.4.3.4.
    public var isEnded: Bool

    /// Makes a playlist; see the properties.
    public init(
        targetDurationSeconds: Int, mediaSequence: Int = 0, discontinuitySequence: Int = 0, type: PlaylistType? = nil,
        hasIndependentSegments: Bool = false, start: PlaylistStart? = nil, partTarget: Duration? = nil,
        serverControl: ServerControl? = nil, skippedSegments: Int = 0, removedDateRanges: [String] = [],
        segments: [MediaSegment] = [], openSegment: OpenSegment? = nil, preloadHints: [PreloadHint] = [],
        renditionReports: [RenditionReport] = [], dateRanges: [DateRange] = [], isEnded: Bool = false
    ) {
        self.targetDurationSeconds = targetDurationSeconds
        self.mediaSequence = mediaSequence
        self.discontinuitySequence = discontinuitySequence
        self.type = type
        self.hasIndependentSegments = hasIndependentSegments
        self.start = start
        self.partTarget = partTarget
        self.serverControl = serverControl
        self.skippedSegments = skippedSegments
        self.removedDateRanges = removedDateRanges
        self.segments = segments
        self.openSegment = openSegment
        self.preloadHints = preloadHints
        self.renditionReports = renditionReports
        self.dateRanges = dateRanges
        self.isEnded = isEnded
    }

    /// The lowest protocol version that has everything this playlist uses. Specification: RFC 8216bis, 8.
    ///
    /// A playlist that offers delta updates says 9 also when it is whole, so that the version stays.
    public var version: Int {
        if !removedDateRanges.isEmpty || serverControl?.canSkipDateRanges == true { return 10 }
        if skippedSegments > 0 || serverControl?.canSkipUntil != nil { return 9 }
        return segments.reduce(openSegment?.map == nil ? 3 : 6) { max($0, $1.version) }
    }

    /// How long the listed whole segments are together.
    public var duration: Duration {
        segments.reduce(.zero) { $0 + $1.duration }
    }
}

/// Whether segments may leave a playlist. Specification: RFC 8216bis, 4.4.3.5, `EXT-X-PLAYLIST-TYPE`.
public enum PlaylistType: String, Sendable, Hashable {
    /// Segments are only ever added.
    case event = "EVENT"
    /// Nothing changes.
    case videoOnDemand = "VOD"
}

/// Where players should begin. Specification: RFC 8216bis, 4.4.2.2, `EXT-X-START`.
public struct PlaylistStart: Sendable, Hashable {
    /// From the start, or back from the end where negative.
    public var timeOffset: Duration
    /// Whether to begin at that very sample, and not at its segment's start.
    public var isPrecise: Bool

    /// Makes a start; see the properties.
    public init(timeOffset: Duration, isPrecise: Bool = false) {
        self.timeOffset = timeOffset
        self.isPrecise = isPrecise
    }
}

/// What clients may ask for. Specification: RFC 8216bis, 4.4.3.8, `EXT-X-SERVER-CONTROL`.
public struct ServerControl: Sendable, Hashable {
    /// Whether a request may wait for what is to come.
    public var canBlockReload: Bool
    /// How far from the edge players of parts should stay: at least twice, better three times the part target.
    public var partHoldBack: Duration?
    /// How far from the edge other players should stay: at least three target durations, which is also what nil means.
    public var holdBack: Duration?
    /// How near the edge delta updates keep segments: at least six target durations; nil without delta updates.
    public var canSkipUntil: Duration?
    /// Whether delta updates also leave out date ranges.
    public var canSkipDateRanges: Bool

    /// Makes a value; see the properties.
    public init(
        canBlockReload: Bool = false, partHoldBack: Duration? = nil, holdBack: Duration? = nil,
        canSkipUntil: Duration? = nil, canSkipDateRanges: Bool = false
    ) {
        self.canBlockReload = canBlockReload
        self.partHoldBack = partHoldBack
        self.holdBack = holdBack
        self.canSkipUntil = canSkipUntil
        self.canSkipDateRanges = canSkipDateRanges
    }
}

/// A resource that will be needed soon. Specification: RFC 8216bis, 4.4.5.3, `EXT-X-PRELOAD-HINT`.
public struct PreloadHint: Sendable, Hashable {
    /// What it will be.
    public enum Kind: String, Sendable, Hashable {
        /// A partial segment.
        case part = "PART"
        /// A Media Initialization Section.
        case map = "MAP"
    }

    /// What it will be.
    public var kind: Kind
    /// Where it will be, relative to the playlist.
    public var uri: String
    /// From which byte of the resource on.
    public var byteRangeStart: Int
    /// How many bytes; nil up to the end, or unknown.
    public var byteRangeLength: Int?

    /// Makes a hint; see the properties.
    public init(_ kind: Kind, uri: String, byteRangeStart: Int = 0, byteRangeLength: Int? = nil) {
        self.kind = kind
        self.uri = uri
        self.byteRangeStart = byteRangeStart
        self.byteRangeLength = byteRangeLength
    }
}

/// How far another rendition is. Specification: RFC 8216bis, 4.4.5.4, `EXT-X-RENDITION-REPORT`.
public struct RenditionReport: Sendable, Hashable {
    /// The rendition's media playlist, relative to this one.
    public var uri: String
    /// The number of its last segment, or of the one at its edge if that has parts.
    public var lastMediaSequence: Int
    /// The index of the last part of that segment; nil without parts.
    public var lastPart: Int?

    /// Makes a report; see the properties.
    public init(uri: String, lastMediaSequence: Int, lastPart: Int? = nil) {
        self.uri = uri
        self.lastMediaSequence = lastMediaSequence
        self.lastPart = lastPart
    }
}
