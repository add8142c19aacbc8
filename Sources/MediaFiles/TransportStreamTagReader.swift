import FLV
import MPEGTS
import NIOCore

/// Reads the first program of a transport stream. Sound lags behind pictures in it, so tags are put in order.
struct TransportStreamTagReader: InterleavedTagReader {
    private struct Stream {
        let id: PacketID
        var tags: TrackTags
    }

    var pieces: PieceReader
    var interleaver: Interleaver
    private var reader = TSReader()
    private var streams: [Stream] = []
    private var hasNewConfiguration: Set<PacketID> = []

    /// The decoder model lets one stream be a second ahead of another. Specification: ISO/IEC 13818-1, 2.4.2.6.
    private static let spreadMillisecondsMax: Int64 = 1500

    init(pieces: PieceReader) {
        self.pieces = pieces
        interleaver = Interleaver(
            spreadMillisecondsMax: Self.spreadMillisecondsMax, keepsTimes: pieces.keepsTimes)
    }

    mutating func takeElement() throws(MediaFileError) -> Bool {
        guard let element = try pieces.cut({ try reader.read(from: &$0) }) else { return false }
        try take(element)
        return true
    }

    mutating func takeRest() throws(MediaFileError) {
        for element in reader.finish() { try take(element) }
    }

    private mutating func take(_ element: TSReader.Element) throws(MediaFileError) {
        switch element {
        case .program(let map) where streams.isEmpty:
            let selected = try SelectedStreams(map)
            for (id, codec) in zip(selected.ids, selected.codecs) {
                if let tags = TrackTags(codec: codec) { streams.append(Stream(id: id, tags: tags)) }
            }
            interleaver.begin(trackCount: streams.count)
        case .configuration(let id, let configuration):
            guard let index = streams.firstIndex(where: { $0.id == id }) else { return }
            streams[index].tags.configuration = configuration
            hasNewConfiguration.insert(id)
        case .accessUnit(let id, let unit): take(unit, of: id)
        case .program, .programEnded, .discontinuity, .damage: break
        }
    }

    private mutating func take(_ unit: TSAccessUnit, of id: PacketID) {
        guard let index = streams.firstIndex(where: { $0.id == id }) else { return }
        let time = unit.decodeTime.nanoseconds
        if hasNewConfiguration.remove(id) != nil,
            let configuration = streams[index].tags.configurationTag(timestamp: 0)
        {
            interleaver.push(configuration, time: time, track: index)
        }
        let offset = (unit.presentationTime - unit.decodeTime).nanoseconds
        let tag = streams[index].tags.mediaTag(
            unit.payload, timestamp: 0, compositionTimeOffset: Int32(clamping: milliseconds(offset)),
            isKeyframe: unit.isKeyframe)
        interleaver.push(tag, time: time, track: index)
    }
}
