import MediaCore
import NIOCore
import Synchronization

/// Sends every stream's bytes to its viewers: one ``FanOutLoop`` for each event loop.
public final class FanOutLoops: Sendable {
    private let loops: [ObjectIdentifier: FanOutLoop]

    /// - Parameters:
    ///   - group: the event loops that own viewers' connections.
    ///   - configuration: what a viewer may cost.
    public init(group: any EventLoopGroup, configuration: FanOutConfiguration = FanOutConfiguration()) {
        var loops: [ObjectIdentifier: FanOutLoop] = [:]
        for eventLoop in group.makeIterator() {
            loops[ObjectIdentifier(eventLoop)] = FanOutLoop(eventLoop: eventLoop, configuration: configuration)
        }
        self.loops = loops
    }

    /// The part that runs on `eventLoop`; nil for a loop of another group.
    public func loop(of eventLoop: any EventLoop) -> FanOutLoop? {
        loops[ObjectIdentifier(eventLoop)]
    }
}

/// What a viewer begins with.
public struct ViewerStart: Sendable {
    /// The stream in the viewer's format.
    public var log: BroadcastLog
    /// Where in the log the viewer begins; a message's first byte, or the head.
    public var cursor: UInt64
    /// What this viewer alone hears first: metadata and decoder configurations.
    public var preamble: ByteBuffer
    /// Where a viewer that fell behind goes on, and what it must hear before; nil where there is no such place.
    public var rejoin: @Sendable () -> (cursor: UInt64, preamble: ByteBuffer)?
    /// Counts what happens to the stream's viewers.
    public var counters: ViewerCounters

    /// Makes a start; see the properties.
    public init(
        log: BroadcastLog, cursor: UInt64, preamble: ByteBuffer,
        rejoin: @escaping @Sendable () -> (cursor: UInt64, preamble: ByteBuffer)?, counters: ViewerCounters
    ) {
        self.log = log
        self.cursor = cursor
        self.preamble = preamble
        self.rejoin = rejoin
        self.counters = counters
    }

    /// Begins where a subscription does, and goes on where the stream's hub says.
    public init(_ subscription: Subscription) {
        let hub = subscription.seat.hub
        let log = subscription.log
        self.init(
            log: log, cursor: subscription.cursor, preamble: subscription.preamble,
            rejoin: { hub.rejoin(log).map { ($0.cursor, $0.preamble) } }, counters: subscription.counters)
    }
}

/// Why the fan-out let a viewer go.
public enum ViewerEnd: Sendable, Equatable {
    /// The log has ended and the viewer has all of it.
    case streamEnded
    /// The connection took nothing for ``FanOutConfiguration/stuckTimeout``.
    case stuck
    /// The log dropped the rest of a message that the viewer had begun.
    case overtaken
    /// The connection failed.
    case connectionLost
}

/// Hears what becomes of a viewer; always on the viewer's event loop.
public protocol ViewerDelegate: AnyObject {
    /// The viewer has left the fan-out, and will not be heard of again. Not called after ``Viewer/leave()``.
    func viewerEnded(_ viewer: Viewer, _ end: ViewerEnd)
}
