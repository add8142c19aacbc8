import NIOCore

/// An unfragmented file: its tracks, and where their samples lie. Specification: ISO/IEC 14496-12, 8.2.
///
/// The reader of the file finds the `moov` box with ``BoxHeader``, wherever it is, and the samples' bytes by their
/// offsets; this library opens no files.
public struct Movie: Sendable, Equatable {
    /// The tracks.
    public var initSegment: InitSegment
    /// The samples of each track, in the order of the tracks. Empty in fragmented files.
    public var sampleTables: [SampleTable]

    /// Reads a movie box.
    ///
    /// - Parameters:
    ///   - box: `moov`.
    ///   - fileType: from the `ftyp` box in front, where there was one.
    ///   - limits: what a peer can make the parser do.
    /// - Throws: ``ISOBMFFError`` when a box is missing, cut short or beyond a limit.
    public init(
        parsing box: Box, fileType: FileType = .initSegment, limits: ISOBMFFLimits = .init()
    ) throws(ISOBMFFError) {
        let boxes = try box.children(limits: limits)
        guard boxes.first(BoxType("cmov")) == nil else { throw ISOBMFFError(.unsupported, "compressed moov") }
        var tables: [SampleTable] = []
        initSegment = try InitSegment(boxes, fileType: fileType, limits: limits) { box throws(ISOBMFFError) in
            tables.append(try SampleTable(parsing: box, limits: limits))
        }
        sampleTables = tables
    }

    /// A cursor over the samples of all tracks by decode time, as a stream would carry them.
    public func makeCursor() throws(ISOBMFFError) -> Cursor {
        try Cursor(self)
    }

    /// Walks the samples of all tracks by decode time; of equal times, the first track's first.
    public struct Cursor: Sendable {
        private struct Head: Sendable {
            var samples: SampleTable.Cursor
            var timescale: UInt32
            var next: IndexedSample?
        }

        private var heads: [Head] = []

        fileprivate init(_ movie: Movie) throws(ISOBMFFError) {
            for (track, table) in zip(movie.initSegment.tracks, movie.sampleTables) {
                var samples = table.makeCursor()
                let first = try samples.next()
                heads.append(Head(samples: samples, timescale: track.timescale, next: first))
            }
        }

        /// The next sample and the position of its track in ``InitSegment/tracks``, or nil at the end.
        ///
        /// - Throws: ``ISOBMFFError`` when the tables of a track contradict each other.
        public mutating func next() throws(ISOBMFFError) -> (track: Int, sample: IndexedSample)? {
            var earliest: (track: Int, sample: IndexedSample, time: Int64)?
            for (index, head) in heads.enumerated() {
                guard let sample = head.next else { continue }
                let time = TrackClock.nanoseconds(ticks: sample.decodeTime, timescale: head.timescale)
                if time < earliest?.time ?? .max { earliest = (index, sample, time) }
            }
            guard let earliest else { return nil }
            heads[earliest.track].next = try heads[earliest.track].samples.next()
            return (earliest.track, earliest.sample)
        }
    }
}
