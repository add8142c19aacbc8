import NIOCore

/// Tells a connection that takes nothing any more from one that is slow: by how far the peer's acknowledgements came.
struct StallWatch: Sendable {
    private var furthest: UInt64 = 0
    private var movedAt: NIODeadline?

    /// Looks once.
    ///
    /// - Parameters:
    ///   - sent: all bytes written so far.
    ///   - waiting: those of them that have not arrived.
    ///   - now: the time.
    ///   - timeout: how long nothing may arrive while something waits.
    mutating func isStalled(sent: UInt64, waiting: Int, at now: NIODeadline, after timeout: TimeAmount) -> Bool {
        let arrived = sent - min(sent, UInt64(max(0, waiting)))
        guard waiting > 0, arrived <= furthest, let movedAt else {
            furthest = max(furthest, arrived)
            movedAt = now
            return false
        }
        return now - movedAt >= timeout
    }
}
