import HLS
import Testing

@Suite("RFC 8216bis, 6.2.5: delivery directives")
struct DeliveryDirectivesTests {
    @Test(
        arguments: [
            (nil, DeliveryDirectives()), ("", DeliveryDirectives()), ("dvr=60&&x", DeliveryDirectives()),
            ("_HLS_msn=7", DeliveryDirectives(mediaSequence: 7)),
            ("_HLS_part=0&a=b&_HLS_msn=1761000000123", DeliveryDirectives(mediaSequence: 1_761_000_000_123, part: 0)),
            ("_HLS_skip=YES", DeliveryDirectives(skip: .segments)),
            ("_HLS_msn=1&_HLS_skip=v2", DeliveryDirectives(mediaSequence: 1, skip: .segmentsAndDateRanges)),
            ("_HLS_skip=NO", DeliveryDirectives()), ("_HLS_future=1", DeliveryDirectives()),
        ] as [(String?, DeliveryDirectives)])
    func directivesAreReadFromQueries(query: String?, directives: DeliveryDirectives) throws {
        #expect(try DeliveryDirectives(query: query.map { $0[...] }) == directives)
        #expect(try DeliveryDirectives(query: directives.query[...]) == directives)
    }

    @Test(arguments: [
        "_HLS_part=1", "_HLS_msn=", "_HLS_msn", "_HLS_msn=-1", "_HLS_msn=1.5", "_HLS_msn=1x",
        "_HLS_msn=99999999999999999999", "_HLS_msn=1&_HLS_msn=1", "_HLS_msn=1&_HLS_part=x",
        "_HLS_msn=1&_HLS_part=1&_HLS_part=2",
    ])
    func wrongDirectivesAreRefused(query: String) {
        let error = #expect(throws: HLSError.self) { try DeliveryDirectives(query: query[...]) }
        #expect(error?.code == .badDirective)
    }

    /// Segments up to 9 of five parts are whole, segment 10 has two of its parts, parts are 200 ms.
    private static let edge = PlaylistEdge(
        nextMediaSequence: 10, parts: 2, partsOfLast: 5, partTarget: .milliseconds(200))
    private static let noParts = PlaylistEdge(nextMediaSequence: 10)
    /// Segment 9 has just been completed.
    private static let between = PlaylistEdge(nextMediaSequence: 10, partsOfLast: 5, partTarget: .milliseconds(200))

    struct Request: Sendable, CustomTestStringConvertible {
        let edge: PlaylistEdge
        let query: String
        let outcome: String
        var testDescription: String { "\(query) \(outcome)" }

        init(_ edge: PlaylistEdge, _ query: String, _ outcome: String) {
            self.edge = edge
            self.query = query
            self.outcome = outcome
        }
    }

    static let requests = [
        Request(edge, "", "answer"), Request(edge, "_HLS_skip=YES", "answer"),
        // A segment alone: until it is whole.
        Request(edge, "_HLS_msn=0", "answer"), Request(edge, "_HLS_msn=9", "answer"),
        Request(edge, "_HLS_msn=10", "wait"), Request(edge, "_HLS_msn=11", "wait"),
        // The last segment's number plus two is the most.
        Request(edge, "_HLS_msn=12", "reject"), Request(noParts, "_HLS_msn=11", "wait"),
        Request(noParts, "_HLS_msn=12", "reject"),
        // A part.
        Request(edge, "_HLS_msn=10&_HLS_part=0", "answer"), Request(edge, "_HLS_msn=10&_HLS_part=1", "answer"),
        Request(edge, "_HLS_msn=10&_HLS_part=2", "wait"), Request(edge, "_HLS_msn=9&_HLS_part=4", "answer"),
        // A part that the segment does not have is the first one of the next segment.
        Request(edge, "_HLS_msn=9&_HLS_part=5", "answer"), Request(between, "_HLS_msn=9&_HLS_part=5", "wait"),
        Request(between, "_HLS_msn=9&_HLS_part=4", "answer"), Request(between, "_HLS_msn=8&_HLS_part=99", "answer"),
        // The advance part limit: 3 s of parts.
        Request(edge, "_HLS_msn=10&_HLS_part=16", "wait"), Request(edge, "_HLS_msn=10&_HLS_part=17", "reject"),
        Request(edge, "_HLS_msn=11&_HLS_part=14", "wait"), Request(edge, "_HLS_msn=11&_HLS_part=15", "reject"),
        // Without parts the segment alone counts.
        Request(noParts, "_HLS_msn=9&_HLS_part=3", "answer"), Request(noParts, "_HLS_msn=10&_HLS_part=3", "wait"),
        // An ended playlist ignores what it is asked.
        Request(PlaylistEdge(nextMediaSequence: 10, isEnded: true), "_HLS_msn=99&_HLS_part=1", "answer"),
    ]

    @Test(arguments: requests)
    func requestsAreAnsweredWaitOrAreRejected(_ request: Request) throws {
        let decision = request.edge.decision(for: try DeliveryDirectives(query: request.query[...]))
        switch decision {
        case .answer: #expect(request.outcome == "answer")
        case .wait: #expect(request.outcome == "wait")
        case .reject(let error):
            #expect(request.outcome == "reject")
            #expect(error.code == .badDirective)
        }
    }

    @Test(arguments: [(200, 15), (300, 10), (350, 9), (999, 4), (1000, 3), (2000, 3)])
    func theAdvancePartLimitIsThreeSecondsOrThreeParts(milliseconds: Int, parts: Int) {
        let edge = PlaylistEdge(nextMediaSequence: 0, partTarget: .milliseconds(milliseconds))
        #expect(edge.advancePartLimit == parts)
    }

    @Test func aLivePlaylistTellsItsEdge() {
        var live = lowLatencyPlaylist(segments: 3, openParts: 2)
        #expect(
            live.edge
                == PlaylistEdge(nextMediaSequence: 103, parts: 2, partsOfLast: 4, partTarget: .seconds(1)))
        #expect(live.edge.decision(for: DeliveryDirectives(mediaSequence: 103, part: 2)) == .wait)
        live.append(PartialSegment(duration: .seconds(1), uri: "p"))
        #expect(live.edge.decision(for: DeliveryDirectives(mediaSequence: 103, part: 2)) == .answer)
        live.end()
        #expect(live.edge.isEnded)
    }
}
