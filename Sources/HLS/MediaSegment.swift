/// One segment of media in a playlist, and the tags that apply to it alone.
/// Specification: RFC 8216bis, 4.4.4.
public struct MediaSegment: Sendable, Hashable {
    /// How long it is. Written and read in whole microseconds. 4.4.4.1.
    public var duration: Duration
    /// Where it is, relative to the playlist.
    public var uri: String
    /// The part of the resource that it is; nil for the whole. 4.4.4.2.
    public var byteRange: ByteRange?
    /// A name for people; may not hold line breaks. 4.4.4.1.
    public var title: String
    /// Whether encoding or timestamps begin anew with it. 4.4.4.3.
    public var isDiscontinuity: Bool
    /// The wall clock of its first sample. 4.4.4.6.
    public var programDateTime: WallTime?
    /// What a decoder must have read before it; nil for MPEG-TS. 4.4.4.5.
    public var map: MediaInitializationSection?
    /// Its parts, while they are near the live edge. 4.4.4.9.
    public var parts: [PartialSegment]
    /// Whether it is missing and should not be loaded. 4.4.4.7.
    public var isGap: Bool

    /// Makes a segment; see the properties.
    public init(
        duration: Duration, uri: String, byteRange: ByteRange? = nil, title: String = "",
        isDiscontinuity: Bool = false, programDateTime: WallTime? = nil, map: MediaInitializationSection? = nil,
        parts: [PartialSegment] = [], isGap: Bool = false
    ) {
        self.duration = duration
        self.uri = uri
        self.byteRange = byteRange
        self.title = title
        self.isDiscontinuity = isDiscontinuity
        self.programDateTime = programDateTime
        self.map = map
        self.parts = parts
        self.isGap = isGap
    }

    /// The protocol version that its tags need. Specification: RFC 8216bis, 8.
    var version: Int {
        map != nil ? 6 : byteRange != nil ? 4 : 3
    }
}

/// The segment at the live edge: it has parts, and no end yet. Its tags stand in front of its parts.
public struct OpenSegment: Sendable, Hashable {
    /// Whether encoding or timestamps begin anew with it.
    public var isDiscontinuity: Bool
    /// The wall clock of its first sample.
    public var programDateTime: WallTime?
    /// What a decoder must have read before it; nil for MPEG-TS.
    public var map: MediaInitializationSection?
    /// The parts so far.
    public var parts: [PartialSegment]

    /// Makes a segment; see the properties.
    public init(
        isDiscontinuity: Bool = false, programDateTime: WallTime? = nil, map: MediaInitializationSection? = nil,
        parts: [PartialSegment] = []
    ) {
        self.isDiscontinuity = isDiscontinuity
        self.programDateTime = programDateTime
        self.map = map
        self.parts = parts
    }
}

/// A part of a segment. Specification: RFC 8216bis, 4.4.4.9, `EXT-X-PART`.
public struct PartialSegment: Sendable, Hashable {
    /// How long it is, in whole microseconds when written.
    public var duration: Duration
    /// Where it is, relative to the playlist.
    public var uri: String
    /// Whether it holds an independent frame.
    public var isIndependent: Bool
    /// The part of the resource that it is; nil for the whole.
    public var byteRange: ByteRange?
    /// Whether it is missing and should not be loaded.
    public var isGap: Bool

    /// Makes a part; see the properties.
    public init(
        duration: Duration, uri: String, isIndependent: Bool = false, byteRange: ByteRange? = nil, isGap: Bool = false
    ) {
        self.duration = duration
        self.uri = uri
        self.isIndependent = isIndependent
        self.byteRange = byteRange
        self.isGap = isGap
    }
}

/// A part of a resource. Specification: RFC 8216bis, 4.4.4.2.
public struct ByteRange: Sendable, Hashable {
    /// How many bytes.
    public var length: Int
    /// From which byte on. The reader fills in what a playlist leaves out, so that it is never the byte after the last.
    public var offset: Int

    /// Makes a range; see the properties.
    public init(length: Int, offset: Int) {
        self.length = length
        self.offset = offset
    }
}

/// A Media Initialization Section. Specification: RFC 8216bis, 4.4.4.5, `EXT-X-MAP`.
public struct MediaInitializationSection: Sendable, Hashable {
    /// Where it is, relative to the playlist.
    public var uri: String
    /// The part of the resource that it is; nil for the whole.
    public var byteRange: ByteRange?

    /// Makes a section; see the properties.
    public init(uri: String, byteRange: ByteRange? = nil) {
        self.uri = uri
        self.byteRange = byteRange
    }
}
