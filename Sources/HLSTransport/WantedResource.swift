import HLS

/// What a request wants of a stream.
enum WantedResource: Sendable, Hashable {
    /// The list of its renditions.
    case multivariant(DVRQuery)
    /// The segments of a rendition.
    case media(TrackKind, DVRQuery, DeliveryDirectives)
    /// The manifest of MPEG-DASH.
    case manifest(DVRQuery)
    /// An init segment, a segment or a part.
    case named(SegmentName)

    /// In which container it is.
    var packaging: Packaging {
        switch self {
        case .multivariant(let query): query.packaging
        case .media(.program, _, _): .transportStream
        case .media, .manifest: .cmaf
        case .named(let name): name.track == .program ? .transportStream : .cmaf
        }
    }
}

/// How far back a playlist is asked to go.
struct DVRQuery: Sendable, Hashable {
    /// How much a playlist lists.
    enum Window: Sendable, Hashable {
        /// What is configured.
        case live
        /// Up to this many seconds.
        case seconds(Int)
        /// Everything.
        case all
    }

    var window = Window.live
    /// For multivariant playlists: in which container the stream is wanted.
    var packaging = Packaging.cmaf

    /// The longest window a query can name, in seconds: a week. It is bounded by what is kept in any case.
    private static let secondsMax = 604_800

    /// - Parameter query: what is behind the question mark; nil without one.
    /// - Returns: nil when `dvr` is not a number of seconds or "all", or `format` is unknown.
    init?(_ query: Substring?) {
        for parameter in (query ?? "").split(separator: "&") {
            let sides = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count == 2 ? sides[1] : ""
            switch sides[0] {
            case "dvr" where value == "all": window = .all
            case "dvr":
                guard value.utf8.count <= 9, let seconds = Int(value), seconds >= 0 else { return nil }
                window = seconds == 0 ? .live : .seconds(min(seconds, Self.secondsMax))
            case "format" where value == "ts": packaging = .transportStream
            case "format" where value == "cmaf" || value == "fmp4": packaging = .cmaf
            case "format": return nil
            default: continue
            }
        }
    }

    /// The query that carries the window on to another playlist, with its question mark; empty for the live window.
    var suffix: String {
        switch window {
        case .live: ""
        case .seconds(let seconds): "?dvr=\(seconds)"
        case .all: "?dvr=all"
        }
    }
}
