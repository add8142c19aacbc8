import Synchronization

/// What happened to the viewers of one stream since it came to be. Any thread may count.
public final class ViewerCounters: Sendable {
    /// Bytes that viewers' connections took.
    public let bytesSent = Atomic<Int>(0)
    /// How often a viewer that had fallen behind was moved on to a newer keyframe.
    public let jumps = Atomic<Int>(0)
    /// Viewers that were let go because their connection took nothing for too long.
    public let stuck = Atomic<Int>(0)
    /// Viewers that were let go because the log dropped the rest of a message they had begun.
    public let overtaken = Atomic<Int>(0)

    /// All zero.
    public init() {}

    /// The counts at one moment.
    public var counts: ViewerCounts {
        ViewerCounts(
            bytesSent: bytesSent.load(ordering: .relaxed), jumps: jumps.load(ordering: .relaxed),
            stuck: stuck.load(ordering: .relaxed), overtaken: overtaken.load(ordering: .relaxed))
    }
}

/// ``ViewerCounters`` at one moment.
public struct ViewerCounts: Sendable, Equatable {
    /// Bytes that viewers' connections took.
    public var bytesSent = 0
    /// How often a viewer that had fallen behind was moved on to a newer keyframe.
    public var jumps = 0
    /// Viewers that were let go because their connection took nothing for too long.
    public var stuck = 0
    /// Viewers that were let go because the log dropped the rest of a message they had begun.
    public var overtaken = 0
}
