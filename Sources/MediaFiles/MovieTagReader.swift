import FLV
import ISOBMFF
import NIOCore

/// Finds and reads the `moov` box, which may stand at the end.
enum MovieBox {
    /// The most boxes of a file that are passed over: a fragmented file without an index has one for each fragment,
    /// but its `moov` in front.
    private static let boxesMax = 4096

    static func read(from file: OpenFile, limits: ISOBMFFLimits = .init()) async throws(MediaFileError) -> Movie {
        var offset: UInt64 = 0
        for _ in 0..<boxesMax {
            var bytes = try await file.read(at: offset, count: BoxHeader.bytesMax)
            guard bytes.readableBytes > 0 else { break }
            do {
                guard let header = try BoxHeader(parsing: &bytes) else { break }
                if header.type == .moov {
                    return try await parse(header, at: offset + UInt64(header.headerBytes), in: file, limits)
                }
                guard let size = header.boxBytes else { break }
                offset = offset.addingReportingOverflow(size).partialValue
            } catch let error as MediaFileError {
                throw error
            } catch {
                throw MediaFileError(.damaged, "\(file.name): \(error)")
            }
        }
        throw MediaFileError(.damaged, "\(file.name) has no index (moov box): it may have been cut off while recording")
    }

    private static func parse(
        _ header: BoxHeader, at offset: UInt64, in file: OpenFile, _ limits: ISOBMFFLimits
    ) async throws(MediaFileError) -> Movie {
        guard let size = header.payloadBytes, size <= UInt64(limits.movieBytesMax) else {
            throw MediaFileError(.damaged, "\(file.name): the index is longer than \(limits.movieBytesMax) bytes")
        }
        let payload = try await file.read(at: offset, count: Int(size))
        do {
            return try Movie(parsing: Box(type: .moov, payload: payload), limits: limits)
        } catch {
            throw MediaFileError(.damaged, "\(file.name): \(error)")
        }
    }
}

/// Reads plain MP4: the samples of both tracks by their times on the movie's timeline.
struct MovieTagReader: TagReader {
    private struct Head {
        var samples: SampleTable.Cursor
        var window = SampleWindow()
        var next: IndexedSample?
    }

    private let file: OpenFile
    private var selected: SelectedTracks?
    private var heads: [Head] = []
    /// Configurations that come before the first sample, in reverse.
    private var pending: [FLVTag] = []
    /// The earliest time of all, which becomes 0.
    private var zero: Int64 = 0

    init(file: OpenFile) {
        self.file = file
    }

    mutating func next() async throws(MediaFileError) -> FLVTag? {
        if selected == nil { try await begin() }
        if let tag = pending.popLast() { return tag }
        guard let index = earliest, let selected, let sample = heads[index].next else { return nil }
        let payload = try await heads[index].window.payload(of: sample, in: file)
        let timescale = selected.tracks[index].timescale
        let offset = TrackClock.nanoseconds(ticks: Int64(sample.compositionOffset), timescale: timescale)
        let timestamp = wireMilliseconds(time(of: sample, index, selected) &- zero)
        let tag = self.selected?.tags[index].mediaTag(
            payload, timestamp: timestamp,
            compositionTimeOffset: Int32(clamping: milliseconds(offset)), isKeyframe: sample.isSync)
        try advance(index)
        return tag
    }

    private mutating func begin() async throws(MediaFileError) {
        let movie = try await MovieBox.read(from: file)
        let selected = try SelectedTracks(movie.initSegment, name: file.name)
        heads = selected.indices.map { Head(samples: movie.sampleTables[$0].makeCursor()) }
        for index in heads.indices { try advance(index) }
        zero = heads.indices.compactMap { index in heads[index].next.map { time(of: $0, index, selected) } }.min() ?? 0
        pending = selected.tags.reversed().compactMap { $0.configurationTag(timestamp: 0) }
        self.selected = selected
    }

    private mutating func advance(_ index: Int) throws(MediaFileError) {
        do {
            heads[index].next = try heads[index].samples.next()
        } catch {
            throw MediaFileError(.damaged, "\(file.name): \(error)")
        }
    }

    private func time(of sample: IndexedSample, _ index: Int, _ selected: SelectedTracks) -> Int64 {
        TrackClock.nanoseconds(ticks: sample.decodeTime, timescale: selected.tracks[index].timescale)
            &+ selected.shifts[index]
    }

    private var earliest: Int? {
        guard let selected else { return nil }
        var best: (index: Int, time: Int64)?
        for (index, head) in heads.enumerated() {
            guard let sample = head.next else { continue }
            let time = time(of: sample, index, selected)
            if time < best?.time ?? .max { best = (index, time) }
        }
        return best?.index
    }
}

/// A stretch of a file around the sample read last, so that the next ones need no read of their own.
struct SampleWindow {
    private var bytes = ByteBuffer()
    private var start: UInt64 = 0
    /// The longest sample. A keyframe of 100 Mbit/s video is 2 to 4 MB.
    private static let sampleBytesMax: UInt32 = 16 << 20

    mutating func payload(of sample: IndexedSample, in file: OpenFile) async throws(MediaFileError) -> ByteBuffer {
        guard sample.size <= Self.sampleBytesMax else {
            throw MediaFileError(.damaged, "\(file.name): a sample of \(sample.size) bytes")
        }
        if let payload = slice(sample) { return payload }
        start = sample.offset
        bytes = try await file.read(at: start, count: max(OpenFile.pieceBytes, Int(sample.size)))
        guard let payload = slice(sample) else {
            throw MediaFileError(.damaged, "\(file.name) ends before its index does: it may have been cut off")
        }
        return payload
    }

    private func slice(_ sample: IndexedSample) -> ByteBuffer? {
        guard sample.offset >= start, let distance = Int(exactly: sample.offset - start) else { return nil }
        guard distance <= bytes.readableBytes else { return nil }
        return bytes.getSlice(at: bytes.readerIndex + distance, length: Int(sample.size))
    }
}

/// Nanoseconds in milliseconds, to the nearest.
func milliseconds(_ nanoseconds: Int64) -> Int64 {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return whole + (rest >= 500_000 ? 1 : rest < -500_000 ? -1 : 0)
}

/// Nanoseconds since the beginning as a tag's timestamp: milliseconds, wrapping at 2³². Times before it become 0.
func wireMilliseconds(_ nanoseconds: Int64) -> UInt32 {
    UInt32(truncatingIfNeeded: max(0, milliseconds(nanoseconds)))
}
