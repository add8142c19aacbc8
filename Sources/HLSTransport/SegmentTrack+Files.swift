import HLS
import MediaCore
import NIOCore

/// A segment's bytes on their way to a file.
struct SegmentWrite: Sendable {
    var name: SegmentName
    var number: Int
    var bytes: ByteBuffer
}

extension SegmentTrack {
    /// Whole segments that have not been given to be written.
    mutating func segmentsToWrite() -> [SegmentWrite] {
        var writes: [SegmentWrite] = []
        for segment in segments.reversed() {
            guard case .none = segment.file else { break }
            guard case .memory(let bytes) = segment.body else { continue }
            writes.append(
                SegmentWrite(name: name(.segment(number: segment.number)), number: segment.number, bytes: bytes))
        }
        for write in writes { setFile(.writing, of: write.number) }
        return writes.reversed()
    }

    /// Segments that have left the live window need no memory once they are in files. Those that could not be written
    /// are lost.
    mutating func moveToFiles(olderThan window: Duration) {
        guard let last = segments.last else { return }
        let horizon = last.start &+ last.duration.nanoseconds &- window.nanoseconds
        var moves: [(Int, StoredSegment.Body)] = []
        for segment in segments {
            guard segment.start &+ segment.duration.nanoseconds <= horizon else { break }
            guard case .memory(let bytes) = segment.body else { continue }
            switch segment.file {
            case .written: moves.append((segment.number, .disk(bytes.readableBytes)))
            case .failed: moves.append((segment.number, .none))
            case .none, .writing: continue
            }
        }
        move(moves)
    }
}

extension StreamSegments {
    /// Whole segments that have not been given to be written.
    mutating func segmentsToWrite() -> [SegmentWrite] {
        var writes: [SegmentWrite] = []
        packager.forEachTrack { writes += $0.segmentsToWrite() }
        return writes
    }

    /// A segment's bytes have been written to a file, or could not be.
    mutating func wrote(_ name: SegmentName, isWritten: Bool) {
        guard case .segment(let number) = name.resource, name.epoch == packager.epoch else { return }
        _ = packager.withTrack(name.track) { $0.setFile(isWritten ? .written : .failed, of: number) }
    }
}

extension TimeAmount {
    var duration: Duration { .nanoseconds(nanoseconds) }
}
