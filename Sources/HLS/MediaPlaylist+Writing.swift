import NIOCore

extension MediaPlaylist {
    /// The MIME type of playlists. Specification: RFC 8216bis, 4.
    public static let mimeType = "application/vnd.apple.mpegurl"

    /// Appends the playlist's text.
    ///
    /// Parts are written for all segments that have them: a live playlist should keep them only for segments within
    /// three target durations of its end, see ``LivePlaylist``.
    ///
    /// - Parameters:
    ///   - buffer: gets the text.
    ///   - skipping: how many segments a delta update leaves out at the front; 0 for the whole playlist.
    public func write(into buffer: inout ByteBuffer, skipping: Int = 0) {
        let skipping = min(skipping, segments.count)
        var head = self
        head.skippedSegments += skipping
        head.writeHead(into: &buffer, version: head.version)
        var map = skipping > 0 ? segments[skipping - 1].map : nil
        for segment in segments.dropFirst(skipping) {
            segment.write(into: &buffer, previousMap: map, hasParts: true)
            map = segment.map
        }
        writeTail(into: &buffer, previousMap: map)
    }

    /// The playlist's text.
    public func text(skipping: Int = 0) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(into: &buffer, skipping: skipping)
        return buffer
    }

    /// How many segments a delta update of this playlist leaves out: those that end further from the end of the last
    /// segment than the skip boundary. Specification: RFC 8216bis, 6.2.5.1.
    public var skippableSegments: Int {
        guard let boundary = serverControl?.canSkipUntil, !isEnded else { return 0 }
        var distance = Duration.zero
        var kept = 0
        for segment in segments.reversed() {
            guard distance <= boundary else { break }
            distance += segment.duration
            kept += 1
        }
        return segments.count - kept
    }

    /// The tags in front of the first segment.
    func writeHead(into buffer: inout ByteBuffer, version: Int) {
        buffer.writeString("#EXTM3U\n#EXT-X-VERSION:\(version)\n#EXT-X-TARGETDURATION:\(targetDurationSeconds)\n")
        serverControl?.write(into: &buffer)
        if let partTarget {
            buffer.writeString("#EXT-X-PART-INF:PART-TARGET=")
            buffer.writeSeconds(partTarget)
            buffer.writeString("\n")
        }
        buffer.writeString("#EXT-X-MEDIA-SEQUENCE:\(mediaSequence)\n")
        if discontinuitySequence > 0 {
            buffer.writeString("#EXT-X-DISCONTINUITY-SEQUENCE:\(discontinuitySequence)\n")
        }
        if let type { buffer.writeString("#EXT-X-PLAYLIST-TYPE:\(type.rawValue)\n") }
        if hasIndependentSegments { buffer.writeString("#EXT-X-INDEPENDENT-SEGMENTS\n") }
        start?.write(into: &buffer)
        for range in dateRanges { range.write(into: &buffer) }
        if skippedSegments > 0 || !removedDateRanges.isEmpty {
            buffer.writeString("#EXT-X-SKIP:SKIPPED-SEGMENTS=\(skippedSegments)")
            if !removedDateRanges.isEmpty {
                buffer.writeString(",RECENTLY-REMOVED-DATERANGES=")
                buffer.writeQuoted(removedDateRanges.joined(separator: "\t"))
            }
            buffer.writeString("\n")
        }
    }

    /// What comes after the last whole segment.
    func writeTail(into buffer: inout ByteBuffer, previousMap: MediaInitializationSection?) {
        // Without a part behind them the tags of a segment would be read as those of nothing.
        if let openSegment, !openSegment.parts.isEmpty {
            openSegment.lead(previousMap: previousMap).write(into: &buffer)
            for part in openSegment.parts { part.write(into: &buffer) }
        }
        for hint in preloadHints { hint.write(into: &buffer) }
        for report in renditionReports { report.write(into: &buffer) }
        if isEnded { buffer.writeString("#EXT-X-ENDLIST\n") }
    }
}

/// The tags that stand in front of a segment's parts.
struct SegmentLead {
    var isDiscontinuity: Bool
    /// Only when it is another than the last segment's.
    var map: MediaInitializationSection?
    var programDateTime: WallTime?

    func write(into buffer: inout ByteBuffer) {
        if isDiscontinuity { buffer.writeString("#EXT-X-DISCONTINUITY\n") }
        map?.write(into: &buffer)
        if let programDateTime {
            buffer.writeString("#EXT-X-PROGRAM-DATE-TIME:")
            buffer.writeLine(programDateTime.description)
        }
    }
}

extension OpenSegment {
    fileprivate func lead(previousMap: MediaInitializationSection?) -> SegmentLead {
        SegmentLead(
            isDiscontinuity: isDiscontinuity, map: map == previousMap ? nil : map, programDateTime: programDateTime)
    }
}

extension MediaSegment {
    /// - Parameter previousMap: the map that is in force where the text will stand.
    func write(into buffer: inout ByteBuffer, previousMap: MediaInitializationSection?, hasParts: Bool) {
        SegmentLead(
            isDiscontinuity: isDiscontinuity, map: map == previousMap ? nil : map, programDateTime: programDateTime
        ).write(into: &buffer)
        if hasParts {
            for part in parts { part.write(into: &buffer) }
        }
        if isGap { buffer.writeString("#EXT-X-GAP\n") }
        if let byteRange {
            buffer.writeString("#EXT-X-BYTERANGE:")
            buffer.writeByteRange(byteRange)
            buffer.writeString("\n")
        }
        buffer.writeString("#EXTINF:")
        buffer.writeSeconds(duration)
        buffer.writeString(",")
        buffer.writeLine(title)
        buffer.writeLine(uri)
    }
}

extension MediaInitializationSection {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-MAP:URI=")
        buffer.writeQuoted(uri)
        if let byteRange {
            buffer.writeString(",BYTERANGE=\"")
            buffer.writeByteRange(byteRange)
            buffer.writeString("\"")
        }
        buffer.writeString("\n")
    }
}

extension PartialSegment {
    func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-PART:DURATION=")
        buffer.writeSeconds(duration)
        buffer.writeString(",URI=")
        buffer.writeQuoted(uri)
        if let byteRange {
            buffer.writeString(",BYTERANGE=\"")
            buffer.writeByteRange(byteRange)
            buffer.writeString("\"")
        }
        if isIndependent { buffer.writeString(",INDEPENDENT=YES") }
        if isGap { buffer.writeString(",GAP=YES") }
        buffer.writeString("\n")
    }
}

extension PlaylistStart {
    func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-START:TIME-OFFSET=")
        buffer.writeSeconds(timeOffset)
        buffer.writeString(isPrecise ? ",PRECISE=YES\n" : "\n")
    }
}

extension ServerControl {
    fileprivate func write(into buffer: inout ByteBuffer) {
        var separator = AttributeSeparator()
        // The tag must not be empty, so nothing to say says nothing.
        guard self != ServerControl() else { return }
        buffer.writeString("#EXT-X-SERVER-CONTROL:")
        if canBlockReload {
            separator.write("CAN-BLOCK-RELOAD", to: &buffer)
            buffer.writeString("YES")
        }
        for (name, value) in [
            ("PART-HOLD-BACK", partHoldBack), ("HOLD-BACK", holdBack), ("CAN-SKIP-UNTIL", canSkipUntil),
        ] {
            guard let value else { continue }
            separator.write(name, to: &buffer)
            buffer.writeSeconds(value)
        }
        if canSkipDateRanges {
            separator.write("CAN-SKIP-DATERANGES", to: &buffer)
            buffer.writeString("YES")
        }
        buffer.writeString("\n")
    }
}

extension PreloadHint {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-PRELOAD-HINT:TYPE=\(kind.rawValue),URI=")
        buffer.writeQuoted(uri)
        if byteRangeStart > 0 { buffer.writeString(",BYTERANGE-START=\(byteRangeStart)") }
        if let byteRangeLength { buffer.writeString(",BYTERANGE-LENGTH=\(byteRangeLength)") }
        buffer.writeString("\n")
    }
}

extension RenditionReport {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-RENDITION-REPORT:URI=")
        buffer.writeQuoted(uri)
        buffer.writeString(",LAST-MSN=\(lastMediaSequence)")
        if let lastPart { buffer.writeString(",LAST-PART=\(lastPart)") }
        buffer.writeString("\n")
    }
}
