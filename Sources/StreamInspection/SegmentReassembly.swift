import NIOCore

/// Puts the segments of one direction of a TCP connection in order: what was sent again is dropped, what came early
/// waits. Specification: RFC 9293, 3.4.
public struct SegmentReassembly: Sendable {
    /// The most bytes that wait for what is missing in front of them: a large receive window.
    public static let waitingBytesMax = 8 << 20
    /// The most segments that wait.
    public static let waitingSegmentsMax = 8192

    /// What follows on what was handed out before.
    public enum Output: Sendable, Equatable {
        /// The next bytes.
        case bytes(ByteBuffer)
        /// Bytes are missing in the capture; those behind them follow.
        case gap
    }

    private var next: UInt32?
    private var waiting: [(sequence: UInt32, payload: ByteBuffer, missing: Int)] = []
    private var waitingBytes = 0

    /// A direction whose beginning was not seen yet.
    public init() {}

    /// The connection's beginning: the first byte has the number behind it.
    public mutating func open(sequence: UInt32) {
        guard next == nil else { return }
        next = sequence &+ 1
    }

    /// Takes a segment; one before the beginning was seen is nothing.
    ///
    /// - Parameters:
    ///   - payload: its bytes, or the first of them.
    ///   - sequence: the number of its first byte.
    ///   - missing: how many bytes behind those the capture did not keep.
    public mutating func receive(_ payload: ByteBuffer, sequence: UInt32, missing: Int) -> [Output] {
        guard next != nil, payload.readableBytes + missing > 0 else { return [] }
        // Nearly always the last one.
        let before = waiting.lastIndex { distance($0.sequence) <= distance(sequence) }
        waiting.insert((sequence, payload, missing), at: before.map { $0 + 1 } ?? 0)
        waitingBytes += payload.readableBytes
        var output = take()
        while waitingBytes > Self.waitingBytesMax || waiting.count > Self.waitingSegmentsMax {
            guard let first = waiting.first else { break }
            next = first.sequence
            output += [.gap] + take()
        }
        return output
    }

    /// No more will come: what waits is handed out behind the gaps that are left.
    public mutating func finish() -> [Output] {
        var output: [Output] = []
        while let first = waiting.first {
            next = first.sequence
            output += [.gap] + take()
        }
        return output
    }

    /// How far a number is behind the next one wanted; below 0 for what was there already.
    private func distance(_ sequence: UInt32) -> Int32 {
        Int32(bitPattern: sequence &- (next ?? 0))
    }

    private mutating func take() -> [Output] {
        var output: [Output] = []
        var taken = 0
        for segment in waiting {
            let offset = distance(segment.sequence)
            guard offset <= 0 else { break }
            taken += 1
            waitingBytes -= segment.payload.readableBytes
            var payload = segment.payload
            let repeated = min(Int(-Int64(offset)), payload.readableBytes + segment.missing)
            let skipped = min(repeated, payload.readableBytes)
            payload.moveReaderIndex(forwardBy: skipped)
            let missing = segment.missing - (repeated - skipped)
            if payload.readableBytes > 0 { output.append(.bytes(payload)) }
            if missing > 0 { output.append(.gap) }
            next = (next ?? 0) &+ UInt32(truncatingIfNeeded: payload.readableBytes + missing)
        }
        waiting.removeFirst(taken)
        return output
    }
}
