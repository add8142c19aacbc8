/// Why a playlist or a request for one cannot be understood.
///
/// The damage is that of one playlist or one request: ask again, or answer 400.
public struct HLSError: Error, Hashable, Sendable {
    /// The kinds of fault.
    public enum Code: Sendable, Hashable {
        /// The first line is not `#EXTM3U`, or the bytes are not UTF-8.
        case notAPlaylist
        /// It ends without what it must hold, or in the middle of a segment.
        case truncated
        /// A tag or an attribute cannot be read.
        case malformed
        /// A tag or an attribute that must be there is not.
        case missing
        /// Two tags that cannot be together, or one twice.
        case contradictory
        /// A protocol version, or a feature that changes what the bytes of segments are, that this library does not know.
        case unsupported
        /// Something passes one of the ``HLSLimits``.
        case limitExceeded
        /// A delivery directive is wrong, or asks too far ahead: the answer is 400.
        case badDirective
        /// A delta update does not fit the playlist it is to be joined with: load the whole playlist.
        case doesNotFit
    }

    /// The kind of fault.
    public var code: Code
    /// What was found, for a log.
    public var detail: String
    /// The line of the playlist, from 1; nil where there is none to name.
    public var line: Int?

    /// Makes an error; see the properties.
    public init(_ code: Code, _ detail: String, line: Int? = nil) {
        self.code = code
        self.detail = detail
        self.line = line
    }
}

extension HLSError: CustomStringConvertible {
    /// The line, the code and the detail.
    public var description: String {
        (line.map { "line \($0): " } ?? "") + "\(code): \(detail)"
    }
}

/// What a server can make the reader of its playlists hold or do at most.
public struct HLSLimits: Sendable, Hashable {
    /// The longest playlist in bytes. A day of segments of two seconds has about 8 MB.
    public var playlistBytesMax: Int
    /// The longest line in bytes. Signed URIs of CDNs reach 2 KB, SCTE-35 messages in date ranges 8 KB.
    public var lineBytesMax: Int
    /// The most media segments. A day of segments of two seconds has 43 200.
    public var segmentsMax: Int
    /// The most partial segments, all segments together. Three target durations of 10 s in parts of 100 ms have 300.
    public var partsMax: Int
    /// The most variants, renditions, rendition reports, preload hints or date ranges, each. A ladder has 10 to 40.
    public var listedMax: Int
    /// The most attributes of one tag. The richest tags have about 20, date ranges some of their own.
    public var attributesMax: Int

    /// Makes limits; see the properties.
    public init(
        playlistBytesMax: Int = 16 << 20, lineBytesMax: Int = 16 << 10, segmentsMax: Int = 100_000,
        partsMax: Int = 10_000, listedMax: Int = 1000, attributesMax: Int = 64
    ) {
        self.playlistBytesMax = playlistBytesMax
        self.lineBytesMax = lineBytesMax
        self.segmentsMax = segmentsMax
        self.partsMax = partsMax
        self.listedMax = listedMax
        self.attributesMax = attributesMax
    }
}
