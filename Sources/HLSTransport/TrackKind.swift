/// A media playlist of a stream, and what its segments hold.
enum TrackKind: String, Sendable, Hashable, CaseIterable {
    /// Pictures, in CMAF.
    case video
    /// Sound, in CMAF.
    case audio
    /// Pictures and sound together, in MPEG-TS.
    case program = "ts"

    /// The number of the track in fragments; 0 where there are none.
    var trackID: UInt32 {
        switch self {
        case .video: 1
        case .audio: 2
        case .program: 0
        }
    }

    /// How segments' names end.
    var fileExtension: String { self == .program ? "ts" : "m4s" }

    /// What segments and parts are served as. RFC 8216bis, 3.1.2 has `video/mp4` for what only holds audio, too;
    /// players look at it less than caches do.
    var contentType: String {
        switch self {
        case .video: "video/mp4"
        case .audio: "audio/mp4"
        case .program: "video/mp2t"
        }
    }
}

/// In which containers a stream is cut.
enum Packaging: Sendable, Hashable {
    /// Fragmented MP4, each track by itself.
    case cmaf
    /// MPEG-TS, all in one.
    case transportStream
}
