/// The list of what a presentation can be had as. Specification: RFC 8216bis, 4.4.6.
public struct MultivariantPlaylist: Sendable, Hashable {
    /// Whether each segment of each rendition can be decoded without those before it. 4.4.2.1.
    public var hasIndependentSegments: Bool
    /// Where to begin; nil leaves it to the player. 4.4.2.2.
    public var start: PlaylistStart?
    /// Audio, subtitles and other video that variants refer to by group.
    public var renditions: [Rendition]
    /// What a player can choose from, the one to begin with first.
    public var variants: [Variant]

    /// Makes a playlist; see the properties.
    public init(
        hasIndependentSegments: Bool = false, start: PlaylistStart? = nil, renditions: [Rendition] = [],
        variants: [Variant]
    ) {
        self.hasIndependentSegments = hasIndependentSegments
        self.start = start
        self.renditions = renditions
        self.variants = variants
    }
}

/// One encoding of the whole presentation. Specification: RFC 8216bis, 4.4.6.2, `EXT-X-STREAM-INF`.
public struct Variant: Sendable, Hashable {
    /// The media playlist, relative to this one.
    public var uri: String
    /// The most bits a second of any segment, its renditions included.
    public var bandwidth: Int
    /// The bits a second of all segments on average, its renditions included; nil where unknown.
    public var averageBandwidth: Int?
    /// The codecs of all media in it, its renditions included, as in RFC 6381; empty where unknown.
    public var codecs: [String]
    /// Pixels across and down; nil without video.
    public var resolution: Resolution?
    /// The highest frames a second, to three decimals; nil without video or where unknown.
    public var frameRate: Double?
    /// `SDR`, `HLG` or `PQ`; nil for SDR left unsaid.
    public var videoRange: String?
    /// The group of its audio renditions.
    public var audioGroup: String?
    /// The group of its subtitles.
    public var subtitlesGroup: String?

    /// Pixels.
    public struct Resolution: Sendable, Hashable {
        /// Across.
        public var width: Int
        /// Down.
        public var height: Int

        /// Makes a resolution; see the properties.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// Makes a variant; see the properties.
    public init(
        uri: String, bandwidth: Int, averageBandwidth: Int? = nil, codecs: [String] = [],
        resolution: Resolution? = nil, frameRate: Double? = nil, videoRange: String? = nil, audioGroup: String? = nil,
        subtitlesGroup: String? = nil
    ) {
        self.uri = uri
        self.bandwidth = bandwidth
        self.averageBandwidth = averageBandwidth
        self.codecs = codecs
        self.resolution = resolution
        self.frameRate = frameRate
        self.videoRange = videoRange
        self.audioGroup = audioGroup
        self.subtitlesGroup = subtitlesGroup
    }
}

/// Media that belongs to variants. Specification: RFC 8216bis, 4.4.6.1, `EXT-X-MEDIA`.
public struct Rendition: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable, Hashable {
        /// Sound.
        case audio = "AUDIO"
        /// Another view.
        case video = "VIDEO"
        /// Text to read along.
        case subtitles = "SUBTITLES"
        /// Captions inside the video.
        case closedCaptions = "CLOSED-CAPTIONS"
    }

    /// What it is.
    public var kind: Kind
    /// The group by which variants refer to it.
    public var group: String
    /// Its name for people, unique in its group.
    public var name: String
    /// The media playlist, relative to this one; nil where the media is in the variant's own segments.
    public var uri: String?
    /// The language, as in RFC 5646.
    public var language: String?
    /// Whether to play it where nobody chose.
    public var isDefault: Bool
    /// Whether a player may choose it by itself.
    public var isAutoselect: Bool
    /// The number of audio channels, and what else the specification has here, such as "2" or "16/JOC".
    public var channels: String?
    /// The channel of captions, such as "CC1".
    public var instreamID: String?

    /// Makes a rendition; see the properties.
    public init(
        _ kind: Kind, group: String, name: String, uri: String? = nil, language: String? = nil,
        isDefault: Bool = false, isAutoselect: Bool = false, channels: String? = nil, instreamID: String? = nil
    ) {
        self.kind = kind
        self.group = group
        self.name = name
        self.uri = uri
        self.language = language
        self.isDefault = isDefault
        self.isAutoselect = isAutoselect
        self.channels = channels
        self.instreamID = instreamID
    }
}
