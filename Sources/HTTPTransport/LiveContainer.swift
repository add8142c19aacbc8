import Codecs

/// What a live body is made of; the path's ending names it.
public enum LiveContainer: String, Sendable, Hashable, CaseIterable {
    /// FLV tags, with whatever the publisher sends. Specification: Adobe FLV 10.1, Annex E.
    case flv
    /// Fragmented MP4. Specification: ISO/IEC 14496-12.
    case mp4
    /// MPEG-TS. Specification: ISO/IEC 13818-1.
    case ts
    /// AAC alone, in ADTS. Specification: ISO/IEC 14496-3, 1.A.2.2.
    case aac

    /// The media type of a response. Specification: RFC 9110, 8.3.
    ///
    /// - Parameter hasVideo: whether video is asked for.
    func contentType(hasVideo: Bool) -> String {
        switch self {
        case .flv: "video/x-flv"
        case .mp4: hasVideo ? "video/mp4" : "audio/mp4"
        case .ts: "video/mp2t"
        case .aac: "audio/aac"
        }
    }

    /// The codecs that have a place in it; nil where all have.
    var codecs: Set<FourCC>? {
        switch self {
        case .flv: nil
        case .mp4: [.avc1, .hvc1, .vvc1, .av01, .vp09, .vp08, .mp4a, .mp3, .opus, .flac, .ac3, .eac3]
        case .ts: [.avc1, .hvc1, .mp4a, .mp3, .opus, .ac3, .eac3]
        case .aac: [.mp4a]
        }
    }
}
