import NIOCore

/// A part of a segment with its bytes.
struct StoredPart: Sendable {
    var duration: Duration
    var isIndependent: Bool
    /// Its bytes in the segment.
    var range: Range<Int>
}

/// A whole segment.
struct StoredSegment: Sendable {
    /// Where its bytes are.
    enum Body: Sendable {
        /// Here.
        case memory(ByteBuffer)
        /// In a file of its name, of this many bytes.
        case disk(Int)
        /// Nowhere: it had no frames, or was lost.
        case none
    }

    /// Whether its bytes are in a file, too.
    enum File: Sendable {
        case none
        case writing
        case written
        case failed
    }

    let number: Int
    /// When it begins on the stream's timeline, in nanoseconds.
    let start: Int64
    let duration: Duration
    /// Nanoseconds since 1970.
    let date: Int64
    /// The same by the track's clock, for manifests; 0 for MPEG-TS.
    let startTicks: UInt64
    let durationTicks: UInt64
    let isDiscontinuity: Bool
    let initNumber: Int?
    var body: Body
    /// Dropped when the segment is too old to be read in parts.
    var parts: [StoredPart]
    var file = File.none

    var bytes: Int {
        switch body {
        case .memory(let buffer): buffer.readableBytes
        case .disk(let bytes): bytes
        case .none: 0
        }
    }

    var bytesInMemory: Int {
        if case .memory(let buffer) = body { buffer.readableBytes } else { 0 }
    }
}
