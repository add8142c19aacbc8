/// A run of rendered bytes at fixed addresses. Bytes are written once, behind all that readers know of, and never
/// moved; the memory lives as long as any reader's snapshot holds it.
///
/// Safety: the log writes only at or past the head it has published, under its lock; readers read only before the
/// head of a snapshot they took under that lock. So no byte is written after it can be read.
public final class LogSegment: @unchecked Sendable {
    /// The log position of the first byte.
    public let start: UInt64
    /// The bytes that fit.
    public let capacity: Int
    private let memory: UnsafeMutableRawPointer

    init(start: UInt64, capacity: Int) {
        self.start = start
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    /// Copies bytes in at an offset the caller has checked to fit.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && offset + bytes.count <= capacity, "the log checks for room before it writes")
        guard let source = bytes.baseAddress else { return }
        (memory + offset).copyMemory(from: source, byteCount: bytes.count)
    }

    /// The bytes of the log positions `lower ..< upper`, which must lie in the segment and before a snapshot's head.
    /// Valid while the segment is held.
    public func bytes(from lower: UInt64, to upper: UInt64) -> UnsafeRawBufferPointer {
        precondition(
            lower >= start && upper >= lower && upper - start <= UInt64(capacity), "positions outside the segment")
        return UnsafeRawBufferPointer(start: memory + Int(lower - start), count: Int(upper - lower))
    }
}
