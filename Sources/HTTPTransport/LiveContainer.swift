/// What a live body is made of; the path's ending names it.
public enum LiveContainer: String, Sendable, Hashable, CaseIterable {
    /// FLV tags, with whatever the publisher sends. Specification: Adobe FLV 10.1, Annex E.
    case flv

    /// The media type of a response. Specification: RFC 9110, 8.3.
    var contentType: String {
        switch self {
        case .flv: "video/x-flv"
        }
    }
}
