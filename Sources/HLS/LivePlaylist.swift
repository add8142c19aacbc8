import NIOCore

/// A media playlist that grows at its end and shrinks at its front, and whose text is asked for many times a second.
///
/// The text of a whole segment never changes once its parts are out of the list, so it is written once: a playlist of
/// thousands of segments then costs a copy of bytes. One live playlist serves several windows of different length.
public struct LivePlaylist: Sendable {
    /// What stays the same: everything in front of the segments, and `type`. Its segments are ignored.
    private var head: MediaPlaylist
    private var entries: [Entry] = []
    /// The text of all entries, without parts. Its first byte is the first entry's.
    private var text = ByteBuffer()
    /// Where ``text`` begins, counted from the first byte ever.
    private var textStart = 0
    /// The highest version that a segment needed; it stays when that segment goes.
    private var version = 3
    /// The segment at the edge; nil between a segment's end and ``begin(_:)``.
    public private(set) var openSegment: OpenSegment?
    /// What will come next; the caller keeps it right.
    public var preloadHints: [PreloadHint] = []
    /// How far other renditions are; the caller keeps it right.
    public var renditionReports: [RenditionReport] = []
    /// Whether ``end()`` was called.
    public private(set) var isEnded = false

    private struct Entry {
        var segment: MediaSegment
        /// Where its text begins, counted from the first byte ever.
        var textStart: Int
        /// Whether the text names the segment's map, since the segment before has another.
        var namesMap: Bool
        /// The ends of its time and of its discontinuities, counted from the first segment ever.
        var endTime: Duration
        var discontinuities: Int
    }

    /// - Parameter head: what stays the same, and the numbers of the first segment to come. Its segments, parts, hints
    ///   and reports are ignored.
    public init(_ head: MediaPlaylist) {
        self.head = head
        self.head.segments = []
        self.head.openSegment = nil
        self.head.preloadHints = []
        self.head.renditionReports = []
    }

    /// The whole segments, oldest first.
    public var segments: some RandomAccessCollection<MediaSegment> {
        entries.lazy.map(\.segment)
    }

    /// The number of the first segment.
    public var mediaSequence: Int {
        head.mediaSequence
    }

    /// The number of the segment at the edge, the one to come or to be completed next.
    public var nextMediaSequence: Int {
        head.mediaSequence + entries.count
    }

    /// How long all whole segments are together.
    public var duration: Duration {
        endTime - (entries.first.map { $0.endTime - $0.segment.duration } ?? endTime)
    }

    /// The longest part; nil without parts.
    public var partTarget: Duration? {
        head.partTarget
    }

    private var endTime: Duration {
        entries.last?.endTime ?? .zero
    }

    private var target: Duration {
        .seconds(head.targetDurationSeconds)
    }

    // MARK: Growing and shrinking

    /// Begins the segment at the edge, in place of one that was begun and has not been completed.
    public mutating func begin(_ segment: OpenSegment) {
        openSegment = segment
    }

    /// Adds a part to the segment at the edge, which must have begun.
    public mutating func append(_ part: PartialSegment) {
        openSegment?.parts.append(part)
    }

    /// Completes the segment at the edge; its tags and parts are taken over. Without one, a plain segment is added.
    public mutating func complete(duration: Duration, uri: String, byteRange: ByteRange? = nil, isGap: Bool = false) {
        let open = openSegment ?? OpenSegment(map: entries.last?.segment.map)
        append(
            MediaSegment(
                duration: duration, uri: uri, byteRange: byteRange, isDiscontinuity: open.isDiscontinuity,
                programDateTime: open.programDateTime, map: open.map, parts: open.parts, isGap: isGap))
    }

    /// Adds a whole segment, in place of the one at the edge if that has begun.
    public mutating func append(_ segment: MediaSegment) {
        openSegment = nil
        let previous = entries.last
        let map = previous?.segment.map
        entries.append(
            Entry(
                segment: segment, textStart: textStart + text.readableBytes,
                namesMap: segment.map != nil && segment.map != map, endTime: endTime + segment.duration,
                discontinuities: (previous?.discontinuities ?? 0) + (segment.isDiscontinuity ? 1 : 0)))
        segment.write(into: &text, previousMap: map, hasParts: false)
        version = max(version, segment.version)
        dropOldParts()
    }

    /// Parts too old to be listed are not kept either. Specification: RFC 8216bis, 6.2.2.
    private mutating func dropOldParts() {
        let last = firstWithParts
        for index in entries[..<last].indices.reversed() {
            if entries[index].segment.parts.isEmpty { break }
            entries[index].segment.parts = []
        }
    }

    /// Removes the oldest segments and counts the sequence numbers on. Specification: RFC 8216bis, 6.2.2.
    ///
    /// - Parameter count: how many; more than there are removes all.
    /// - Returns: the segments removed.
    @discardableResult
    public mutating func removeFirst(_ count: Int = 1) -> [MediaSegment] {
        let removed = entries.prefix(count).map(\.segment)
        entries.removeFirst(removed.count)
        head.mediaSequence += removed.count
        head.discontinuitySequence += removed.count { $0.isDiscontinuity }
        let kept = entries.first?.textStart ?? textStart + text.readableBytes
        text.moveReaderIndex(forwardBy: kept - textStart)
        textStart = kept
        // Now and then, so that each byte is moved about once.
        if text.readerIndex > text.readableBytes { text.discardReadBytes() }
        return removed
    }

    /// Nothing more will come: the segment at the edge and the hints go, and the end is marked.
    public mutating func end() {
        openSegment = nil
        preloadHints = []
        isEnded = true
    }
}

// MARK: Text

extension LivePlaylist {
    /// How many of the oldest segments a window leaves out. At least three target durations stay in, as players need
    /// and RFC 8216bis, 6.2.2 demands.
    ///
    /// - Parameter window: how much shall be listed; nil for all.
    public func segmentsBefore(window: Duration?) -> Int {
        guard let window else { return 0 }
        let start = endTime - max(window, target * 3)
        // The first one that begins after the window's start may go only if the rest still fills the window.
        let after = entries.partitioningIndex { $0.endTime - $0.segment.duration > start }
        return max(0, after - 1)
    }

    private var firstWithParts: Int {
        let horizon = endTime - target * 3
        return entries.partitioningIndex { $0.endTime > horizon }
    }

    /// Appends the text of a window of the playlist.
    ///
    /// - Parameters:
    ///   - buffer: gets the text.
    ///   - window: how much to list; nil for all there is.
    ///   - isDelta: whether to skip what a delta update may leave out. Where nothing can be left out the text is that
    ///     of the whole window. Specification: RFC 8216bis, 6.2.5.1.
    ///   - type: of this window, in place of what the head says; a window of everything may be an event's.
    public func write(
        into buffer: inout ByteBuffer, window: Duration? = nil, isDelta: Bool = false, type: PlaylistType? = nil
    ) {
        let first = segmentsBefore(window: window)
        let listed = isDelta ? max(first, firstKeptByDelta) : first
        var headline = headline(first: first, listed: listed)
        headline.type = type ?? headline.type
        let openVersion = openSegment?.map == nil ? 3 : 6
        headline.writeHead(into: &buffer, version: max(version, openVersion, headline.version))
        let recent = max(listed, firstWithParts)
        writeOld(listed..<recent, isFirst: listed == first, into: &buffer)
        var map = recent > first ? entries[recent - 1].segment.map : nil
        for entry in entries[recent...] {
            entry.segment.write(into: &buffer, previousMap: map, hasParts: true)
            map = entry.segment.map
        }
        tail.writeTail(into: &buffer, previousMap: map)
    }

    /// The text of a window of the playlist, see ``write(into:window:isDelta:type:)``.
    public func text(window: Duration? = nil, isDelta: Bool = false, type: PlaylistType? = nil) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(into: &buffer, window: window, isDelta: isDelta, type: type)
        return buffer
    }

    /// A window of the playlist as a value.
    public func playlist(window: Duration? = nil) -> MediaPlaylist {
        let first = segmentsBefore(window: window)
        var playlist = headline(first: first, listed: first)
        playlist.segments = entries[first...].map(\.segment)
        playlist.openSegment = openSegment?.parts.isEmpty == false ? openSegment : nil
        playlist.preloadHints = preloadHints
        playlist.renditionReports = renditionReports
        playlist.isEnded = isEnded
        return playlist
    }

    /// Segments that have no parts any more, from the bytes written before.
    private func writeOld(_ range: Range<Int>, isFirst: Bool, into buffer: inout ByteBuffer) {
        var range = range
        if let index = range.first, isFirst, entries[index].segment.map != nil, !entries[index].namesMap {
            // The one in front, which named the map, is not in this window.
            entries[index].segment.write(into: &buffer, previousMap: nil, hasParts: false)
            range.removeFirst()
        }
        guard let index = range.first else { return }
        let start = entries[index].textStart
        let isToEnd = range.upperBound == entries.count
        let end = isToEnd ? textStart + text.readableBytes : entries[range.upperBound].textStart
        if let slice = text.getSlice(at: text.readerIndex + start - textStart, length: end - start) {
            buffer.writeImmutableBuffer(slice)
        }
    }

    /// Specification: RFC 8216bis, 6.2.5.1.
    private var firstKeptByDelta: Int {
        guard let boundary = head.serverControl?.canSkipUntil, !isEnded else { return 0 }
        let horizon = endTime - boundary
        return entries.partitioningIndex { $0.endTime >= horizon }
    }

    private func headline(first: Int, listed: Int) -> MediaPlaylist {
        var playlist = head
        playlist.mediaSequence += first
        if first > 0, let oldest = entries.first {
            let before = oldest.discontinuities - (oldest.segment.isDiscontinuity ? 1 : 0)
            playlist.discontinuitySequence += entries[first - 1].discontinuities - before
        }
        playlist.skippedSegments = listed - first
        return playlist
    }

    private var tail: MediaPlaylist {
        MediaPlaylist(
            targetDurationSeconds: head.targetDurationSeconds, openSegment: openSegment, preloadHints: preloadHints,
            renditionReports: renditionReports, isEnded: isEnded)
    }
}

extension Array {
    /// The first index for which the condition holds, given that it also holds for all behind it.
    fileprivate func partitioningIndex(_ holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
