import HLS
import NIOCore

/// One media playlist's segments: those listed, those that have just left it, and the one that is growing.
struct SegmentTrack: Sendable {
    /// The segment at the edge.
    struct Open: Sendable {
        var start: Int64
        var date: Int64
        var isDiscontinuity: Bool
        var initNumber: Int?
        var startTicks: UInt64?
        var durationTicks: UInt64 = 0
        /// The bytes of all parts so far, which become the segment's.
        var bytes: ByteBuffer
        var duration = Duration.zero
        /// The parts' own bytes.
        var parts: [(part: StoredPart, bytes: ByteBuffer)] = []
    }

    let kind: TrackKind
    /// What names end with.
    let epoch: String
    /// The number of the first segment ever.
    let firstNumber: Int
    /// Oldest first; numbers have no holes.
    private(set) var segments: [StoredSegment] = []
    private(set) var open: Open?
    /// Init segments by number: those of segments that are held, and the newest.
    private(set) var inits: [Int: ByteBuffer] = [:]
    /// The number of the segment at the edge, or of the next one.
    private(set) var nextNumber: Int
    /// What clients read; nil until the target duration is settled.
    private(set) var playlist: LivePlaylist?
    /// Counts every change of what can be read.
    private(set) var revision = 0
    /// Bits a second of the fullest segment so far.
    private(set) var peakBitrate = 0
    private var total = (bytes: 0, microseconds: 0)
    /// Bytes of segments in memory.
    private(set) var bytesInMemory = 0
    /// Discontinuities of segments that are not held any more.
    private var discontinuitiesBefore: Int
    private var initCount = 0
    private var settings: PlaylistSettings?
    /// Whether nothing will come any more, be there a playlist already or not.
    private var isFinished = false
    /// Whether a segment had to begin with something else than a keyframe.
    private(set) var hasDependentSegments = false

    /// - Parameters:
    ///   - number: of the first segment.
    ///   - discontinuity: how many discontinuities clients may have counted before.
    init(_ kind: TrackKind, epoch: String, number: Int, discontinuity: Int) {
        self.kind = kind
        self.epoch = epoch
        nextNumber = number
        firstNumber = number
        discontinuitiesBefore = discontinuity
    }

    func name(_ resource: SegmentName.Resource) -> SegmentName {
        SegmentName(kind, resource, epoch: epoch)
    }

    /// How many parts the segment at the edge has.
    var openParts: Int { open?.parts.count ?? 0 }

    /// The longest part there is.
    var longestPart: Duration {
        let listed = segments.lazy.flatMap(\.parts).map(\.duration).max() ?? .zero
        return max(listed, open?.parts.lazy.map(\.part.duration).max() ?? .zero)
    }

    // MARK: Growing

    /// Takes the init segment of all segments that begin from now on.
    mutating func setInit(_ bytes: ByteBuffer) {
        initCount += 1
        inits[initCount] = bytes
    }

    mutating func begin(at start: Int64, date: Int64, isDiscontinuity: Bool) {
        let last = segments.last?.bytes ?? 0
        var bytes = ByteBuffer()
        // As long as the last one, and a quarter: it is written to in pieces, and seldom moves.
        if last > 0 { bytes.reserveCapacity(last + last / 4) }
        open = Open(
            start: start, date: date, isDiscontinuity: isDiscontinuity, initNumber: initCount > 0 ? initCount : nil,
            bytes: bytes)
        beginListing()
    }

    /// Adds what follows in the segment at the edge.
    ///
    /// - Parameters:
    ///   - bytes: appended to the segment, and a part by itself if `isPart`.
    ///   - ticks: the track's clock, at the first sample.
    mutating func append(
        _ bytes: ByteBuffer, duration: Duration, isIndependent: Bool, ticks: Range<UInt64>?, isPart: Bool
    ) {
        guard open != nil else { return }
        let start = open?.bytes.writerIndex ?? 0
        open?.bytes.writeImmutableBuffer(bytes)
        open?.duration += duration
        if let ticks {
            if open?.startTicks == nil { open?.startTicks = ticks.lowerBound }
            open?.durationTicks += UInt64(ticks.count)
        }
        guard isPart else { return }
        let part = StoredPart(
            duration: duration, isIndependent: isIndependent, range: start..<start + bytes.readableBytes)
        let listing = listed(part, index: openParts)
        playlist?.append(listing)
        open?.parts.append((part, bytes))
        revision &+= 1
        hint()
    }

    /// Completes the segment at the edge. One without bytes is listed as a gap.
    ///
    /// - Parameter gapDuration: how long it is, if it is empty.
    mutating func end(gapDuration: Duration, startsWithKeyframe: Bool) {
        guard let open else { return }
        let isGap = open.bytes.readableBytes == 0
        let segment = StoredSegment(
            number: nextNumber, start: open.start, duration: isGap ? gapDuration : open.duration, date: open.date,
            startTicks: open.startTicks ?? 0, durationTicks: open.durationTicks,
            isDiscontinuity: open.isDiscontinuity, initNumber: open.initNumber,
            body: isGap ? .none : .memory(open.bytes), parts: open.parts.map(\.part))
        self.open = nil
        segments.append(segment)
        bytesInMemory += segment.bytesInMemory
        nextNumber += 1
        if !startsWithKeyframe, !isGap, !hasDependentSegments {
            hasDependentSegments = true
            rebuild()
        } else {
            let listing = listed(segment)
            playlist?.append(listing)
        }
        hint()
        dropOldParts()
        revision &+= 1
        countBits(of: segment)
    }

    /// Nothing will come any more.
    mutating func finish() {
        open = nil
        isFinished = true
        playlist?.end()
        revision &+= 1
    }

    private mutating func countBits(of segment: StoredSegment) {
        let microseconds = segment.duration.nanoseconds / 1000
        guard microseconds > 0, segment.bytes > 0 else { return }
        // The short rest before a discontinuity says nothing.
        if microseconds >= 500_000 || peakBitrate == 0 {
            peakBitrate = max(peakBitrate, segment.bytes &* 8_000_000 / Int(microseconds))
        }
        total.bytes &+= segment.bytes
        total.microseconds &+= Int(microseconds)
    }

    /// Bits a second over all segments so far.
    var averageBitrate: Int { total.bytes / 1000 &* 8_000_000 / (total.microseconds / 1000 + 1) }

    // MARK: Shrinking

    /// Gives up the segments before `number`. - Returns: them.
    mutating func removeSegments(before number: Int) -> [StoredSegment] {
        let count = max(0, min(segments.count, number - (segments.first?.number ?? number)))
        guard count > 0 else { return [] }
        let removed = Array(segments.prefix(count))
        segments.removeFirst(count)
        for segment in removed { bytesInMemory -= segment.bytesInMemory }
        discontinuitiesBefore += removed.count { $0.isDiscontinuity }
        unlistSegments(before: number)
        let oldestInit = segments.first?.initNumber ?? initCount
        inits = inits.filter { $0.key >= oldestInit }
        return removed
    }

    /// Takes the segments before `number` out of the playlist; they can still be read.
    mutating func unlistSegments(before number: Int) {
        guard let playlist, number > playlist.mediaSequence else { return }
        self.playlist?.removeFirst(number - playlist.mediaSequence)
    }

    /// Segments' bytes are now elsewhere. What is nowhere is listed as a gap.
    mutating func move(_ moves: [(number: Int, body: StoredSegment.Body)]) {
        var isLost = false
        for (number, body) in moves {
            guard let index = index(of: number) else { continue }
            bytesInMemory -= segments[index].bytesInMemory
            segments[index].body = body
            bytesInMemory += segments[index].bytesInMemory
            if case .none = body { isLost = true }
        }
        if isLost {
            rebuild()
            revision &+= 1
        }
    }

    mutating func setFile(_ file: StoredSegment.File, of number: Int) {
        if let index = index(of: number) { segments[index].file = file }
    }

    private mutating func dropOldParts() {
        guard let settings, let last = segments.last else { return }
        let horizon = last.start - Int64(settings.targetDuration) * 4_000_000_000
        for index in segments.indices.reversed() where segments[index].start < horizon {
            if segments[index].parts.isEmpty { break }
            segments[index].parts = []
        }
    }

    func index(of number: Int) -> Int? {
        guard let first = segments.first?.number, number >= first, number - first < segments.count else { return nil }
        return number - first
    }

    /// The segment whose first sample is decoded at a time of the track's clock.
    func number(ofSegmentAt ticks: UInt64, initNumber: Int) -> Int? {
        segments.last { $0.startTicks == ticks && $0.initNumber == initNumber && $0.durationTicks > 0 }?.number
    }

    func segment(_ number: Int) -> StoredSegment? {
        index(of: number).map { segments[$0] }
    }

    // MARK: The playlist

    /// Whether segments are offered in parts.
    var hasParts: Bool { partTarget != nil }

    /// What the playlist says of parts; nil without parts, and while there is no playlist.
    var partTarget: Duration? { settings?.partTarget }

    /// From now on there is a playlist, whose head never changes.
    mutating func settle(_ settings: PlaylistSettings) {
        guard self.settings == nil else { return }
        self.settings = settings
        rebuild()
    }

    /// Writes the playlist anew: its head, or a segment that was in it, has changed.
    private mutating func rebuild() {
        guard let settings else { return }
        let present = playlist
        let first = present?.mediaSequence ?? segments.first?.number ?? nextNumber
        let earlier = segments.prefix { $0.number < first }.count { $0.isDiscontinuity }
        var head = settings.head(hasIndependentSegments: !hasDependentSegments)
        head.mediaSequence = first
        head.discontinuitySequence = discontinuitiesBefore + earlier
        var playlist = LivePlaylist(head)
        for segment in segments where segment.number >= first { playlist.append(listed(segment)) }
        self.playlist = playlist
        if open != nil { beginListing() }
        hint()
        if isFinished { self.playlist?.end() }
    }

    private mutating func beginListing() {
        guard let open, playlist != nil else { return }
        var listing = OpenSegment(
            isDiscontinuity: open.isDiscontinuity, programDateTime: WallTime(unixNanoseconds: open.date),
            map: map(open.initNumber))
        for (index, entry) in open.parts.enumerated() { listing.parts.append(listed(entry.part, index: index)) }
        playlist?.begin(listing)
        hint()
    }

    /// What comes next is the next part of the segment at the edge.
    private mutating func hint() {
        guard settings?.partTarget != nil, playlist?.isEnded == false else { return }
        let next = name(.part(number: nextNumber, index: openParts)).description
        playlist?.preloadHints = [PreloadHint(.part, uri: next)]
    }

    private func map(_ number: Int?) -> MediaInitializationSection? {
        number.map { MediaInitializationSection(uri: name(.initSegment(number: $0)).description) }
    }

    private func listed(_ part: StoredPart, index: Int, of number: Int? = nil) -> PartialSegment {
        PartialSegment(
            duration: part.duration, uri: name(.part(number: number ?? nextNumber, index: index)).description,
            isIndependent: part.isIndependent)
    }

    private func listed(_ segment: StoredSegment) -> MediaSegment {
        var isGap = false
        if case .none = segment.body { isGap = true }
        return MediaSegment(
            duration: segment.duration, uri: name(.segment(number: segment.number)).description,
            isDiscontinuity: segment.isDiscontinuity, programDateTime: WallTime(unixNanoseconds: segment.date),
            map: map(segment.initNumber),
            parts: segment.parts.enumerated().map { listed($1, index: $0, of: segment.number) }, isGap: isGap)
    }

    /// Takes how far the other tracks are.
    mutating func setReports(_ reports: [RenditionReport]) {
        playlist?.renditionReports = reports
    }
}
