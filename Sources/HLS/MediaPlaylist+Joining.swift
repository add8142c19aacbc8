extension MediaPlaylist {
    /// This playlist brought up to date by a delta update. Specification: RFC 8216bis, 6.3.7.
    ///
    /// - Parameters:
    ///   - update: what the server answered; one that skips nothing is taken as it is.
    ///   - keepsDateRanges: whether date ranges were to be skipped too, that is, `_HLS_skip=v2` was asked for.
    /// - Throws: ``HLSError`` with ``HLSError/Code-swift.enum/doesNotFit`` when a skipped segment is not in this
    ///   playlist: then the whole playlist is to be loaded.
    public func joined(with update: MediaPlaylist, keepsDateRanges: Bool = false) throws(HLSError) -> MediaPlaylist {
        guard update.skippedSegments > 0 else { return update }
        let (gone, hasOverflowed) = update.mediaSequence.subtractingReportingOverflow(mediaSequence)
        guard skippedSegments == 0, !hasOverflowed, gone >= 0, gone <= segments.count,
            update.skippedSegments <= segments.count - gone
        else {
            throw HLSError(
                .doesNotFit,
                "\(update.skippedSegments) segments from \(update.mediaSequence) on are skipped; "
                    + "\(segments.count) from \(mediaSequence) on are at hand")
        }
        var result = update
        result.skippedSegments = 0
        result.removedDateRanges = []
        // The skipped ones are far from the edge, where parts are not listed.
        let kept = segments[gone..<(gone + update.skippedSegments)].map { segment in
            var segment = segment
            segment.parts = []
            return segment
        }
        let map = kept.last?.map
        for index in result.segments.indices {
            guard result.segments[index].map == nil else { break }
            result.segments[index].map = map
        }
        if result.openSegment?.map == nil { result.openSegment?.map = result.segments.last?.map ?? map }
        result.segments.insert(contentsOf: kept, at: 0)
        if keepsDateRanges {
            let named = Set(update.dateRanges.map(\.id) + update.removedDateRanges)
            result.dateRanges = dateRanges.filter { !named.contains($0.id) } + update.dateRanges
        }
        return result
    }
}
