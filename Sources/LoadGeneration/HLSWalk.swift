import HLS

/// How a viewer goes through an HLS stream: which playlist and which segments it asks for, one after the other. It
/// knows no HTTP. Specification: RFC 8216bis, 6.3.
///
/// With low latency (parts and blocking reloads) each part is fetched when the playlist names it; else each segment.
package struct HLSWalk: Sendable {
    /// What is to be asked for next.
    package enum Step: Sendable, Hashable {
        /// The media playlist, perhaps with delivery directives.
        case playlist(query: String?)
        /// A segment, a part or an initialization section, relative to the playlist.
        case media(uri: String, range: ClosedRange<Int>?, isInitialization: Bool)
        /// Nothing for so long, then the playlist again.
        case wait(milliseconds: Int)
    }

    /// The most resources that wait to be asked for.
    package static let queueMax = 512
    /// How long a viewer waits where a playlist names nothing yet.
    private static let emptyWaitMilliseconds = 500

    private var queue: [Step] = []
    private var map: MediaInitializationSection?
    /// The first segment, and its first part, that was not asked for.
    private var sequence: Int?
    private var part = 0
    private var isLowLatency = false
    private var waitMilliseconds = emptyWaitMilliseconds
    private var mustWait = false
    /// Times that segments were gone before they were asked for.
    package private(set) var jumps = 0
    /// Whether the stream has ended, and everything was asked for.
    package private(set) var isEnded = false
    /// The longest segment, in milliseconds; 0 before a playlist.
    package private(set) var targetMilliseconds = 0

    /// In front of the first playlist.
    package init() {}

    /// What is to be asked for next.
    package mutating func next() -> Step {
        if !queue.isEmpty { return queue.removeFirst() }
        if mustWait {
            mustWait = false
            return .wait(milliseconds: waitMilliseconds)
        }
        guard isLowLatency, let sequence else { return .playlist(query: nil) }
        return .playlist(query: DeliveryDirectives(mediaSequence: sequence, part: part).query)
    }

    /// The playlist has come.
    package mutating func receive(_ playlist: MediaPlaylist) {
        targetMilliseconds = playlist.targetDurationSeconds * 1000
        isLowLatency = playlist.partTarget != nil && playlist.serverControl?.canBlockReload == true
        let before = queue.count
        if sequence == nil { begin(playlist) }
        let first = playlist.mediaSequence + playlist.skippedSegments
        if let sequence, sequence < first {
            jumps += 1
            (self.sequence, part) = (first, 0)
        }
        for (index, segment) in playlist.segments.enumerated() where first + index >= (sequence ?? .max) {
            take(segment, number: first + index)
        }
        if let open = playlist.openSegment, sequence == first + playlist.segments.count {
            takeParts(open.parts, open.map)
        }
        let isNew = queue.count > before
        isEnded = playlist.isEnded && !isNew
        // 6.3.4: a target duration after a playlist that changed, half of it after one that did not.
        mustWait = !isLowLatency
        waitMilliseconds =
            sequence == nil ? Self.emptyWaitMilliseconds : max(200, targetMilliseconds / (isNew ? 1 : 2))
    }

    /// Where to begin: at the last segment, or with low latency at the last part that can be begun with.
    private mutating func begin(_ playlist: MediaPlaylist) {
        let first = playlist.mediaSequence + playlist.skippedSegments
        let last = first + playlist.segments.count - 1
        if isLowLatency {
            if let parts = playlist.openSegment?.parts, let index = parts.lastIndex(where: \.isIndependent) {
                (sequence, part) = (last + 1, index)
            } else if let parts = playlist.segments.last?.parts, let index = parts.lastIndex(where: \.isIndependent) {
                (sequence, part) = (last, index)
            } else {
                (sequence, part) = (last + 1, 0)
            }
        } else if !playlist.segments.isEmpty {
            sequence = last
        }
    }

    private mutating func take(_ segment: MediaSegment, number: Int) {
        if isLowLatency, !segment.parts.isEmpty {
            takeParts(segment.parts, segment.map)
        } else if part == 0 {
            append(segment.uri, segment.byteRange, segment.map)
        } else {
            // The rest of a segment whose parts are listed no more.
            jumps += 1
        }
        (sequence, part) = (number + 1, 0)
    }

    private mutating func takeParts(_ parts: [PartialSegment], _ map: MediaInitializationSection?) {
        guard part < parts.count else { return }
        for candidate in parts[part...] where !candidate.isGap { append(candidate.uri, candidate.byteRange, map) }
        part = parts.count
    }

    private mutating func append(_ uri: String, _ range: ByteRange?, _ map: MediaInitializationSection?) {
        guard queue.count < Self.queueMax else { return }
        if let map, map != self.map {
            self.map = map
            queue.append(.media(uri: map.uri, range: Self.closed(map.byteRange), isInitialization: true))
        }
        queue.append(.media(uri: uri, range: Self.closed(range), isInitialization: false))
    }

    private static func closed(_ range: ByteRange?) -> ClosedRange<Int>? {
        guard let range, range.length > 0 else { return nil }
        return range.offset...(range.offset + range.length - 1)
    }
}
