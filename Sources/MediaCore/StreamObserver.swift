import NIOCore

/// Hears everything that a stream does, in order: what segments, records or shows a stream reads it so.
///
/// Called on the publisher's thread under the hub's lock. An observer is quick (it takes up what it needs and leaves
/// the rest to others) and calls neither the hub nor its registry.
public protocol StreamObserver: AnyObject, Sendable {
    /// A publication begins.
    ///
    /// - Parameter isReturn: whether it goes on where a publisher whose connection failed has stopped. The headers of
    ///   the earlier one hold until new ones come.
    func publicationBegan(_ publisher: PublisherInfo, isReturn: Bool, at now: NIODeadline)
    /// A frame on the stream's timeline: every coded frame, and every configuration or metadata that is news.
    func received(_ frame: MediaFrame, _ notes: FrameNotes)
    /// The publisher's connection has failed. It may return, until ``publicationEnded(at:)``.
    func publicationInterrupted(at now: NIODeadline)
    /// Nobody publishes the stream any more.
    func publicationEnded(at now: NIODeadline)
}

/// What the hub knows of a frame beside the frame.
public struct FrameNotes: Sendable, Equatable {
    /// What was done to a frame's timestamp.
    public enum Repair: Sendable, Equatable {
        /// The publisher's clock jumped back.
        case backwardJump
        /// The publisher's clock jumped forward.
        case forwardJump
        /// The track's clock began far from the others.
        case clocksApart
        /// The frame came slightly out of order.
        case disorder
        /// The first frame after the publisher's return.
        case publisherReturn
        /// The 32-bit timestamp passed 2³².
        case wrap
    }

    /// Whether the frame is a keyframe of the main video track, where joiners begin.
    public var isEntry: Bool
    /// When the frame came. That of a frame out of the past is reckoned from its decode time.
    public var arrival: NIODeadline
    /// The timestamp as the publisher sent it, in milliseconds; nil where it sent none, or it is not known any more.
    public var wireTimestamp: UInt32?
    /// What was done to the timestamp; nil when nothing was.
    public var repair: Repair?
    /// Whether the frame came before the observer did: headers, and the group of pictures that the hub holds.
    public var isPast: Bool

    /// Makes notes; see the properties.
    public init(
        isEntry: Bool, arrival: NIODeadline, wireTimestamp: UInt32? = nil, repair: Repair? = nil, isPast: Bool = false
    ) {
        self.isEntry = isEntry
        self.arrival = arrival
        self.wireTimestamp = wireTimestamp
        self.repair = repair
        self.isPast = isPast
    }
}

/// An observer's place at a stream; given up with ``leave()``, or with the last reference.
public final class StreamObservation: Sendable {
    /// The stream, which its registry keeps while it is observed.
    public let hub: StreamHub
    private let id: UInt64

    init(hub: StreamHub, id: UInt64) {
        self.hub = hub
        self.id = id
    }

    deinit {
        leave()
    }

    /// The observer hears no more; nothing happens the second time.
    public func leave() {
        hub.stopObserving(id)
    }
}

/// A hub's observers.
struct StreamObservers: Sendable {
    private var entries: [(id: UInt64, observer: any StreamObserver)] = []
    private var count: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ observer: any StreamObserver) -> UInt64 {
        count += 1
        entries.append((count, observer))
        return count
    }

    mutating func remove(_ id: UInt64) {
        entries.removeAll { $0.id == id }
    }

    func forEach(_ body: (any StreamObserver) -> Void) {
        for entry in entries { body(entry.observer) }
    }
}

extension TimestampRepair.Counts {
    /// What was done since `earlier`, when a single frame has been repaired.
    func repair(since earlier: Self) -> FrameNotes.Repair? {
        if returns != earlier.returns { return .publisherReturn }
        if backwardJumps != earlier.backwardJumps { return .backwardJump }
        if forwardJumps != earlier.forwardJumps { return .forwardJump }
        if clocksApart != earlier.clocksApart { return .clocksApart }
        return disorders != earlier.disorders ? .disorder : nil
    }
}
