import FLV
import ISOBMFF
import NIOCore

/// Reads fragmented MP4. A fragment may hold seconds of one track only, so tags are put in order.
struct FragmentTagReader: TagReader {
    private var pieces: PieceReader
    private var reader = FragmentReader()
    private var selected: SelectedTracks?
    private var interleaver = Interleaver(trackCount: 2, spreadMillisecondsMax: Self.spreadMillisecondsMax)
    /// The tracks from here on; what is waiting of the earlier ones goes out first.
    private var nextMovie: InitSegment?
    private var zero: Int64?
    private var newestTimestamp: UInt32 = 0

    /// Fragments of up to ten seconds are in use.
    private static let spreadMillisecondsMax: Int64 = 12_000

    init(pieces: PieceReader) {
        self.pieces = pieces
    }

    mutating func next() async throws(MediaFileError) -> FLVTag? {
        while true {
            if let (tag, time) = interleaver.pop() {
                let base = zero ?? (pieces.keepsTimes ? 0 : time)
                zero = base
                // Configurations go out with the first tag behind them.
                var tag = tag
                tag.timestamp = wireMilliseconds(time - base)
                return tag
            }
            if let movie = nextMovie {
                nextMovie = nil
                try begin(movie)
            } else if let element = try read() {
                try take(element)
            } else if try await !pieces.readMore() {
                guard !isFinished else { return nil }
                isFinished = true
                interleaver.finish()
            }
        }
    }

    private var isFinished = false

    private mutating func read() throws(MediaFileError) -> FragmentReader.Element? {
        do {
            let element = try reader.read(from: &pieces.bytes)
            if element != nil { pieces.tookElement() }
            return element
        } catch {
            throw MediaFileError(.damaged, "\(error)")
        }
    }

    private mutating func take(_ element: FragmentReader.Element) throws(MediaFileError) {
        switch element {
        case .initSegment(let movie):
            interleaver.finish()
            nextMovie = movie
        case .fragment(let fragment): take(fragment)
        case .fileType, .segmentType, .event, .producerReferenceTime, .segmentIndex: break
        }
    }

    private mutating func begin(_ movie: InitSegment) throws(MediaFileError) {
        selected = try SelectedTracks(movie, name: "the file")
        interleaver = Interleaver(
            trackCount: selected?.tracks.count ?? 0, spreadMillisecondsMax: Self.spreadMillisecondsMax)
        needsConfiguration = selected?.tracks.map { _ in true } ?? []
    }

    private var needsConfiguration: [Bool] = []

    private mutating func take(_ fragment: Fragment) {
        guard let selected else { return }
        for (index, track) in selected.tracks.enumerated() {
            for part in fragment.tracks where part.trackID == track.id { take(part, of: track, index) }
        }
    }

    private mutating func take(_ part: TrackFragment, of track: Track, _ index: Int) {
        guard var tags = selected?.tags[index], let shift = selected?.shifts[index] else { return }
        var ticks = Int64(clamping: part.baseDecodeTime)
        for sample in part.samples {
            let time = TrackClock.nanoseconds(ticks: ticks, timescale: track.timescale) &+ shift
            if needsConfiguration[index], let configuration = tags.configurationTag(timestamp: 0) {
                interleaver.push(configuration, time: time, track: index)
            }
            needsConfiguration[index] = false
            let offset = TrackClock.nanoseconds(ticks: Int64(sample.compositionOffset), timescale: track.timescale)
            let tag = tags.mediaTag(
                sample.payload, timestamp: 0, compositionTimeOffset: Int32(clamping: milliseconds(offset)),
                isKeyframe: sample.flags.isSync)
            interleaver.push(tag, time: time, track: index)
            ticks &+= Int64(sample.duration)
        }
        selected?.tags[index] = tags
    }
}
