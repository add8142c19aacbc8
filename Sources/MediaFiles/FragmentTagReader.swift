import FLV
import ISOBMFF
import NIOCore

/// Reads fragmented MP4. A fragment may hold seconds of one track only, so tags are put in order.
struct FragmentTagReader: InterleavedTagReader {
    var pieces: PieceReader
    var interleaver: Interleaver
    private var reader = FragmentReader()
    private var selected: SelectedTracks?
    /// The tracks from here on; what is waiting of the earlier ones goes out first.
    private var nextMovie: InitSegment?
    /// Configurations go out with the first tag behind them.
    private var needsConfiguration: [Bool] = []

    /// Fragments of up to ten seconds are in use.
    private static let spreadMillisecondsMax: Int64 = 12_000

    init(pieces: PieceReader) {
        self.pieces = pieces
        interleaver = Interleaver(
            spreadMillisecondsMax: Self.spreadMillisecondsMax, keepsTimes: pieces.keepsTimes)
    }

    mutating func takeElement() throws(MediaFileError) -> Bool {
        if let movie = nextMovie {
            nextMovie = nil
            try begin(movie)
        } else if let element = try pieces.cut({ try reader.read(from: &$0) }) {
            take(element)
        } else {
            return false
        }
        return true
    }

    private mutating func take(_ element: FragmentReader.Element) {
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
        interleaver.begin(trackCount: selected?.tracks.count ?? 0)
        needsConfiguration = selected?.tracks.map { _ in true } ?? []
    }

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
