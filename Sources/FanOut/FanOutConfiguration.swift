import NIOCore

/// How long a viewer's bytes are gathered before they are sent.
///
/// A pass over the viewers runs for each video frame. Under load it runs no sooner after the last one than half of what
/// that one took, so the window widens by itself and a third of the event loop stays free.
public struct MergeWindow: Sendable, Equatable {
    /// Gather at least this long. Zero: send with each video frame. 100 ms costs about a quarter of the sends.
    public var floor: TimeAmount
    /// The widest the window becomes by itself under load.
    public var ceiling: TimeAmount

    /// - Parameters:
    ///   - floor: at least this long; negative counts as zero.
    ///   - ceiling: at most this long, and no less than the floor.
    public init(floor: TimeAmount = .zero, ceiling: TimeAmount = .milliseconds(350)) {
        self.floor = max(floor, .zero)
        self.ceiling = max(floor, ceiling)
    }
}

/// What the fan-out may spend on a viewer.
public struct FanOutConfiguration: Sendable, Equatable {
    /// How long bytes are gathered before they are sent.
    public var mergeWindow = MergeWindow()
    /// A viewer that is this much media behind goes on at the newest keyframe, if there is one ahead of it.
    public var lagDurationMax = TimeAmount.seconds(5)
    /// A viewer that is this many bytes behind goes on at the newest keyframe, if there is one ahead of it.
    public var lagBytesMax = 8 << 20
    /// A viewer whose connection has taken no byte for this long is closed.
    public var stuckTimeout = TimeAmount.seconds(30)
    /// Bytes the kernel may hold unsent for one viewer. More only delays the moment its lag is seen.
    public var kernelBytesMax = 128 << 10
    /// Bytes that wait in a channel which is written through its pipeline (TLS, several streams on one connection).
    public var channelBytesMax = 256 << 10

    /// The defaults.
    public init() {}
}
