/// What a client asks of a media playlist in its query. Specification: RFC 8216bis, 6.2.5.
public struct DeliveryDirectives: Sendable, Hashable {
    /// `_HLS_msn`: answer when this segment is listed, or with ``part`` when that part is.
    public var mediaSequence: Int?
    /// `_HLS_part`: the index of a part of segment ``mediaSequence``.
    public var part: Int?
    /// `_HLS_skip`: leave out what the client has.
    public var skip: Skip?

    /// What to leave out.
    public enum Skip: String, Sendable, Hashable {
        /// Old segments.
        case segments = "YES"
        /// Old segments and old date ranges.
        case segmentsAndDateRanges = "v2"
    }

    /// Makes directives; see the properties.
    public init(mediaSequence: Int? = nil, part: Int? = nil, skip: Skip? = nil) {
        self.mediaSequence = mediaSequence
        self.part = part
        self.skip = skip
    }

    /// Reads the directives among a query's parameters. Other parameters are passed over, and so are other values of
    /// `_HLS_skip`: the whole playlist is always a right answer to them.
    ///
    /// - Parameter query: what is behind the question mark, percent-encoded; nil or empty without one.
    /// - Throws: ``HLSError`` with ``HLSError/Code-swift.enum/badDirective`` when a number is none, a directive comes
    ///   twice, or a part is asked for without a segment.
    public init(query: Substring?) throws(HLSError) {
        self.init()
        for parameter in (query ?? "").split(separator: "&") {
            let sides = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count == 2 ? sides[1] : ""
            switch sides[0] {
            case "_HLS_msn": mediaSequence = try Self.number(value, "_HLS_msn", mediaSequence)
            case "_HLS_part": part = try Self.number(value, "_HLS_part", part)
            case "_HLS_skip": skip = Skip(rawValue: String(value)) ?? skip
            default: continue
            }
        }
        guard part == nil || mediaSequence != nil else { throw HLSError(.badDirective, "_HLS_part without _HLS_msn") }
    }

    private static func number(_ text: Substring, _ name: String, _ present: Int?) throws(HLSError) -> Int {
        guard present == nil else { throw HLSError(.badDirective, "\(name) twice") }
        var scanner = TextScanner(text.utf8)
        guard let number = scanner.number(), scanner.isAtEnd else {
            throw HLSError(.badDirective, "\(name) is not a number")
        }
        return Int(number)
    }

    /// The query that says the same, without a question mark; empty without directives.
    public var query: String {
        [
            mediaSequence.map { "_HLS_msn=\($0)" }, part.map { "_HLS_part=\($0)" },
            skip.map { "_HLS_skip=\($0.rawValue)" },
        ].compactMap { $0 }.joined(separator: "&")
    }
}

/// How far a playlist is: what decides whether a request waits. Specification: RFC 8216bis, 6.2.5.2.
public struct PlaylistEdge: Sendable, Hashable {
    /// The number of the segment at the edge, the one after the last whole segment.
    public var nextMediaSequence: Int
    /// The parts of that segment that are listed.
    public var parts: Int
    /// The parts of the last whole segment; 0 where it has none or there is none.
    public var partsOfLast: Int
    /// The part target; nil without parts.
    public var partTarget: Duration?
    /// Whether nothing will be added.
    public var isEnded: Bool

    /// Makes an edge; see the properties.
    public init(
        nextMediaSequence: Int, parts: Int = 0, partsOfLast: Int = 0, partTarget: Duration? = nil, isEnded: Bool = false
    ) {
        self.nextMediaSequence = nextMediaSequence
        self.parts = parts
        self.partsOfLast = partsOfLast
        self.partTarget = partTarget
        self.isEnded = isEnded
    }

    /// What to do with a request.
    public enum Decision: Sendable, Hashable {
        /// The playlist has what was asked for.
        case answer
        /// It will have it soon: ask again after each change. A request that waits longer than three target durations
        /// gets 503.
        case wait
        /// It asks too far ahead: 400.
        case reject(HLSError)
    }

    /// How many parts ahead of the last one a client may ask for. Specification: RFC 8216bis, 6.2.5.2.
    public var advancePartLimit: Int {
        guard let partTarget, partTarget < .seconds(1), partTarget > .zero else { return 3 }
        // Rounded up: of two readings the one that refuses less.
        return Int((3_000_000 + partTarget.wholeMicroseconds - 1) / max(1, partTarget.wholeMicroseconds))
    }

    /// What to do with a request, now that the playlist is this far.
    public func decision(for directives: DeliveryDirectives) -> Decision {
        guard let sequence = directives.mediaSequence, !isEnded else { return .answer }
        // "Greater than the last segment's number plus two", and the last one is before the next one.
        guard sequence <= nextMediaSequence + 1 else {
            return .reject(HLSError(.badDirective, "_HLS_msn \(sequence) is beyond \(nextMediaSequence + 1)"))
        }
        guard let part = directives.part, partTarget != nil else {
            return sequence < nextMediaSequence ? .answer : .wait
        }
        if sequence < nextMediaSequence {
            // A part that the last whole segment does not have is the first one of the segment behind it.
            let isBeyondLast = sequence == nextMediaSequence - 1 && part >= partsOfLast
            return isBeyondLast && parts == 0 ? .wait : .answer
        }
        let ahead = sequence == nextMediaSequence ? part - (parts - 1) : part + 1
        guard ahead <= advancePartLimit else {
            return .reject(HLSError(.badDirective, "_HLS_part \(part) of \(sequence) is \(ahead) parts ahead"))
        }
        return sequence == nextMediaSequence && part < parts ? .answer : .wait
    }
}

extension LivePlaylist {
    /// How far the playlist is.
    public var edge: PlaylistEdge {
        PlaylistEdge(
            nextMediaSequence: nextMediaSequence, parts: openSegment?.parts.count ?? 0,
            partsOfLast: segments.last?.parts.count ?? 0, partTarget: partTarget, isEnded: isEnded)
    }
}
