import NIOCore

extension MediaPlaylist {
    /// Reads a media playlist, whole or a delta update. Tags that are not known are passed over.
    ///
    /// A delta update's first segments have no map unless it names one; ``joined(with:keepsDateRanges:)`` fills it in.
    ///
    /// - Throws: ``HLSError`` when it cannot be understood, passes a limit, or changes what segments are in a way that
    ///   this library does not know, such as encryption.
    public init(parsing bytes: ByteBuffer, limits: HLSLimits = HLSLimits()) throws(HLSError) {
        var reader = MediaPlaylistReader(limits: limits)
        try reader.read(bytes)
        self = try reader.end()
    }
}

/// Puts a media playlist together, line by line. Specification: RFC 8216bis, 4.4.
struct MediaPlaylistReader: PlaylistReader {
    let limits: HLSLimits
    private var playlist = MediaPlaylist(targetDurationSeconds: 0)
    private var hasTargetDuration = false
    /// Tags that may stand only once and were there.
    private var seen: Set<Substring> = []
    /// What applies to the segment whose URI comes next.
    private var pending = PendingSegment()
    private var map: MediaInitializationSection?
    private var partCount = 0
    /// The last byte ranges of a segment and of a part: where one without an offset begins. 4.4.4.2.
    private var lastRange: (uri: Substring, end: Int)?
    private var lastPartRange: (uri: String, end: Int)?

    private struct PendingSegment {
        var duration: Duration?
        var title = ""
        var byteRange: Substring?
        var isDiscontinuity = false
        var programDateTime: WallTime?
        var parts: [PartialSegment] = []
        var isGap = false
    }

    init(limits: HLSLimits) {
        self.limits = limits
    }

    private static let onlyOnce: Set<Substring> = [
        "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-PLAYLIST-TYPE",
        "EXT-X-PART-INF", "EXT-X-SERVER-CONTROL", "EXT-X-VERSION", "EXT-X-SKIP", "EXT-X-START",
    ]

    // MARK: Segments

    mutating func read(uri: Substring) throws(HLSError) {
        guard let duration = pending.duration else { throw HLSError(.missing, "EXTINF in front of a URI") }
        guard playlist.segments.count < limits.segmentsMax else { throw HLSError(.limitExceeded, "segments") }
        var range: ByteRange?
        if let text = pending.byteRange {
            let implied = lastRange?.uri == uri ? lastRange?.end : nil
            range = try ByteRange(text, implied: implied)
        }
        lastRange = range.map { (uri, $0.end) }
        playlist.segments.append(
            MediaSegment(
                duration: duration, uri: String(uri), byteRange: range, title: pending.title,
                isDiscontinuity: pending.isDiscontinuity, programDateTime: pending.programDateTime, map: map,
                parts: pending.parts, isGap: pending.isGap))
        pending = PendingSegment()
    }

    mutating func end() throws(HLSError) -> MediaPlaylist {
        guard hasTargetDuration else { throw HLSError(.missing, "EXT-X-TARGETDURATION") }
        guard pending.duration == nil else { throw HLSError(.truncated, "EXTINF without a URI behind it") }
        if !pending.parts.isEmpty {
            playlist.openSegment = OpenSegment(
                isDiscontinuity: pending.isDiscontinuity, programDateTime: pending.programDateTime, map: map,
                parts: pending.parts)
        }
        return playlist
    }

    // MARK: Tags

    mutating func read(tag name: Substring, _ value: Substring) throws(HLSError) {
        if Self.onlyOnce.contains(name), !seen.insert(name).inserted { throw HLSError(.contradictory, "\(name) twice") }
        if try readSegmentTag(name, value) { return }
        if try readListTag(name, value) { return }
        switch name {
        case "EXT-X-VERSION":
            let version = try Int(decimal: value, "EXT-X-VERSION")
            guard version <= newestKnownVersion else { throw HLSError(.unsupported, "EXT-X-VERSION \(version)") }
        case "EXT-X-TARGETDURATION":
            playlist.targetDurationSeconds = try Int(decimal: value, "EXT-X-TARGETDURATION")
            hasTargetDuration = true
        case "EXT-X-MEDIA-SEQUENCE":
            guard playlist.segments.isEmpty else { throw HLSError(.contradictory, "\(name) behind a segment") }
            playlist.mediaSequence = try Int(decimal: value, "EXT-X-MEDIA-SEQUENCE")
        case "EXT-X-DISCONTINUITY-SEQUENCE":
            guard playlist.segments.isEmpty else { throw HLSError(.contradictory, "\(name) behind a segment") }
            playlist.discontinuitySequence = try Int(decimal: value, "EXT-X-DISCONTINUITY-SEQUENCE")
        case "EXT-X-PLAYLIST-TYPE": playlist.type = PlaylistType(rawValue: String(value))
        case "EXT-X-INDEPENDENT-SEGMENTS": playlist.hasIndependentSegments = true
        case "EXT-X-ENDLIST": playlist.isEnded = true
        case "EXT-X-START": playlist.start = try PlaylistStart(try AttributeList(value, limits: limits))
        case "EXT-X-PART-INF":
            playlist.partTarget = try AttributeList(value, limits: limits).requiredSeconds("PART-TARGET")
        case "EXT-X-SERVER-CONTROL":
            let control = try ServerControl(try AttributeList(value, limits: limits))
            playlist.serverControl = control == ServerControl() ? nil : control
        case "EXT-X-STREAM-INF", "EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF":
            throw HLSError(.contradictory, "\(name) in a media playlist")
        case "EXT-X-I-FRAMES-ONLY", "EXT-X-DEFINE": throw HLSError(.unsupported, String(name))
        default: break
        }
    }

    /// Specification: RFC 8216bis, 4.4.4.
    private mutating func readSegmentTag(_ name: Substring, _ value: Substring) throws(HLSError) -> Bool {
        switch name {
        case "EXTINF":
            let sides = value.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
            pending.duration = try Duration(decimal: sides.first ?? "", "EXTINF")
            pending.title = sides.count == 2 ? String(sides[1]) : ""
        case "EXT-X-BYTERANGE": pending.byteRange = value
        case "EXT-X-DISCONTINUITY": pending.isDiscontinuity = true
        case "EXT-X-GAP": pending.isGap = true
        case "EXT-X-PROGRAM-DATE-TIME":
            guard let time = WallTime(value) else { throw HLSError(.malformed, "EXT-X-PROGRAM-DATE-TIME") }
            pending.programDateTime = time
        case "EXT-X-MAP":
            let attributes = try AttributeList(value, limits: limits)
            let range = try attributes.text("BYTERANGE")
            map = MediaInitializationSection(
                uri: try attributes.requiredText("URI"),
                byteRange: range == nil ? nil : try ByteRange((range ?? "")[...], implied: nil))
        case "EXT-X-KEY":
            let method = try AttributeList(value, limits: limits).word("METHOD")
            guard method == "NONE" else { throw HLSError(.unsupported, "encryption with \(method ?? "no method")") }
        case "EXT-X-PART": try readPart(try AttributeList(value, limits: limits))
        default: return false
        }
        return true
    }

    /// Specification: RFC 8216bis, 4.4.4.9.
    private mutating func readPart(_ attributes: AttributeList) throws(HLSError) {
        guard partCount < limits.partsMax else { throw HLSError(.limitExceeded, "parts") }
        partCount += 1
        let uri = try attributes.requiredText("URI")
        var range: ByteRange?
        if let text = try attributes.text("BYTERANGE") {
            let implied = lastPartRange?.uri == uri ? lastPartRange?.end : 0
            range = try ByteRange(text[...], implied: implied)
        }
        lastPartRange = range.map { (uri, $0.end) }
        pending.parts.append(
            PartialSegment(
                duration: try attributes.requiredSeconds("DURATION"), uri: uri,
                isIndependent: try attributes.flag("INDEPENDENT"), byteRange: range,
                isGap: try attributes.flag("GAP")))
    }

    /// Specification: RFC 8216bis, 4.4.5.
    private mutating func readListTag(_ name: Substring, _ value: Substring) throws(HLSError) -> Bool {
        switch name {
        case "EXT-X-DATERANGE":
            try checkListed(playlist.dateRanges.count)
            playlist.dateRanges.append(try DateRange(try AttributeList(value, limits: limits)))
        case "EXT-X-SKIP":
            let attributes = try AttributeList(value, limits: limits)
            playlist.skippedSegments = try attributes.requiredInteger("SKIPPED-SEGMENTS")
            let removed = try attributes.text("RECENTLY-REMOVED-DATERANGES") ?? ""
            playlist.removedDateRanges = removed.split(separator: "\t").map { String($0) }
            try checkListed(playlist.removedDateRanges.count - 1)
        case "EXT-X-PRELOAD-HINT":
            try checkListed(playlist.preloadHints.count)
            if let hint = try PreloadHint(try AttributeList(value, limits: limits)) {
                playlist.preloadHints.append(hint)
            }
        case "EXT-X-RENDITION-REPORT":
            try checkListed(playlist.renditionReports.count)
            playlist.renditionReports.append(try RenditionReport(try AttributeList(value, limits: limits)))
        default: return false
        }
        return true
    }

    private func checkListed(_ count: Int) throws(HLSError) {
        guard count < limits.listedMax else { throw HLSError(.limitExceeded, "tags of one kind") }
    }
}
