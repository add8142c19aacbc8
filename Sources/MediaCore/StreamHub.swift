import FLV
import NIOCore
import Synchronization

/// Why a publisher is refused.
public enum PublishRefusal: Error, Sendable, Equatable {
    /// Another one publishes under that name, and goes on undisturbed.
    case alreadyPublished(by: PublisherInfo)
    /// As many streams are published as the server allows.
    case tooManyStreams(limit: Int)
    /// The hub has left its registry; ask the registry again.
    case streamRemoved
}

/// Where a viewer begins or goes on in a log.
public struct ViewerPlace: Sendable, Equatable {
    /// The first byte of a message, or the live edge.
    public var cursor: UInt64
    /// What this viewer alone hears first: metadata and decoder configurations. Empty while nobody publishes.
    public var preamble: ByteBuffer
}

/// One live stream: at most one publisher, any number of viewers in any number of wire formats.
///
/// Any thread may call; a lock inside is held for the work on one frame. A joiner is given metadata and decoder
/// configurations, and begins
/// - at the newest video keyframe that follows the newest configuration, where the stream and the format have video;
/// - at the newest frame of audio, where either has none (or the stream's video stopped ten seconds ago);
/// - at the live edge, when the publisher sends no keyframes, or its group of pictures is longer than the log.
///
/// A format is rendered while somebody watches it. Its first viewer, too, begins at the newest keyframe, out of a
/// cache of frames that is bounded like the log.
public final class StreamHub: Sendable {
    /// How a stream is kept.
    public struct Configuration: Sendable {
        /// What a log keeps, and the cache that new logs are filled from.
        public var log = LogLimits()
        /// What counts as a jump of the publisher's clock.
        public var repair = TimestampRepair.Configuration()
        /// How long viewers are kept for a publisher whose connection has failed.
        public var publisherGrace = TimeAmount.seconds(15)
        /// How long a format is rendered on after its last viewer has left; players that reconnect find it.
        public var idleFormatPatience = TimeAmount.seconds(5)

        /// The defaults.
        public init() {}
    }

    /// "app/stream".
    public let name: StreamName
    /// Counts what happens to the stream's viewers.
    public let counters = ViewerCounters()
    private let state: Locked<HubState>
    private let population: StreamPopulation

    /// A stream that nobody publishes yet.
    public convenience init(name: StreamName, configuration: Configuration = Configuration()) {
        self.init(
            name: name, configuration: configuration, budget: GOPCacheBudget(bytesMax: configuration.log.bytesMax),
            population: StreamPopulation())
    }

    init(name: StreamName, configuration: Configuration, budget: GOPCacheBudget, population: StreamPopulation) {
        self.name = name
        self.population = population
        state = Locked(HubState(configuration: configuration, budget: budget))
        population.waiting.wrappingAdd(1, ordering: .relaxed)
    }

    deinit {
        state.withLock { state in
            state.cache.clear()
            if case .waiting = state.phase { population.waiting.wrappingSubtract(1, ordering: .relaxed) }
        }
    }

    // MARK: Publishing

    /// Begins a publication.
    ///
    /// - Throws: the refusal; the present publisher does not notice.
    public func publish(_ publisher: PublisherInfo, at now: NIODeadline) throws(PublishRefusal) -> Publication {
        let id = try state.withLock { state throws(PublishRefusal) -> UInt64 in
            let wasWaiting = if case .waiting = state.phase { true } else { false }
            let id = try state.begin(publisher, at: now)
            if wasWaiting { population.waiting.wrappingSubtract(1, ordering: .relaxed) }
            return id
        }
        return Publication(hub: self, id: id)
    }

    func receive(_ frames: inout [MediaFrame], timestamp: UInt32?, of id: UInt64, at now: NIODeadline) {
        state.withLock { state in
            guard state.isLive(id) else { return }
            if let timestamp {
                state.receive(&frames, timestamp: timestamp, at: now)
            } else {
                state.receive(&frames, at: now)
            }
        }
    }

    func countMalformedTag(of id: UInt64) {
        state.withLock { state in
            if state.isLive(id) { state.statistics.malformedTags += 1 }
        }
    }

    func end(_ id: UInt64, isClean: Bool, at now: NIODeadline?) {
        state.withLock { state in
            if state.end(id, isClean: isClean, at: now) {
                population.waiting.wrappingAdd(1, ordering: .relaxed)
            }
        }
    }

    func onAudienceChange(_ id: UInt64, _ handler: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if state.isLive(id) { state.audienceChanged = handler }
        }
    }

    /// Whether the stream is rendered for anybody, or was until a moment ago, or is observed.
    public var isWatched: Bool {
        state.withLock { $0.isWatched }
    }

    func isLive(_ id: UInt64) -> Bool {
        state.withLock { $0.isLive(id) }
    }

    /// Whether somebody publishes, or is expected back.
    public var isPublished: Bool {
        state.withLock { state in
            switch state.phase {
            case .live, .awaitingReturn: true
            case .waiting, .retired: false
            }
        }
    }

    // MARK: Viewing

    /// A viewer joins, whether or not somebody publishes: what comes later is in the log.
    ///
    /// - Parameters:
    ///   - format: what the viewer reads.
    ///   - viewer: how it is counted.
    ///   - seen: the time up to which a viewer that returns has seen the stream; it begins no earlier.
    /// - Returns: nil when the hub has left its registry; ask the registry again.
    public func subscribe(format: LogFormat, viewer: ViewerInfo, after seen: MediaTime? = nil) -> Subscription? {
        var audienceChanged: (@Sendable () -> Void)?
        let subscription = state.withLock { state -> Subscription? in
            if case .retired = state.phase { return nil }
            if !state.isWatched { audienceChanged = state.audienceChanged }
            let (log, place) = state.join(format, viewer, after: seen)
            return Subscription(
                log: log, cursor: place.cursor, preamble: place.preamble, counters: counters,
                seat: ViewerSeat(hub: self, log: log, viewer: viewer))
        }
        audienceChanged?()
        return subscription
    }

    /// Where a viewer of `log` that has fallen behind goes on, and what it must hear before: the newest place where a
    /// joiner would begin. Nil when the log has ended or is no longer written.
    public func rejoin(_ log: BroadcastLog) -> ViewerPlace? {
        state.withLock { $0.rejoin(log) }
    }

    /// Has `observer` hear what the stream does from now on, after what the hub holds of its past: a publication that
    /// is under way, its headers, and the frames since the newest keyframe.
    ///
    /// - Returns: nil when the hub has left its registry; ask the registry again.
    public func observe(_ observer: any StreamObserver) -> StreamObservation? {
        var audienceChanged: (@Sendable () -> Void)?
        let id = state.withLock { state -> UInt64? in
            if case .retired = state.phase { return nil }
            if !state.isWatched { audienceChanged = state.audienceChanged }
            return state.observe(observer)
        }
        audienceChanged?()
        return id.map { StreamObservation(hub: self, id: $0) }
    }

    func stopObserving(_ id: UInt64) {
        let audienceChanged = state.withLock { state in
            let wasWatched = state.isWatched
            state.stopObserving(id)
            return wasWatched && !state.isWatched ? state.audienceChanged : nil
        }
        audienceChanged?()
    }

    func leave(_ log: BroadcastLog, _ viewer: ViewerInfo) {
        state.withLock { $0.leave(log, viewer) }
    }

    // MARK: Looking after

    /// To be called about once a second: ends the wait for a publisher that has not returned, and lets go of formats
    /// that nobody watches.
    public func sweep(at now: NIODeadline) {
        let audienceChanged = state.withLock { state in
            let wasWatched = state.isWatched
            if state.sweep(at: now) { population.waiting.wrappingAdd(1, ordering: .relaxed) }
            return wasWatched && !state.isWatched ? state.audienceChanged : nil
        }
        audienceChanged?()
    }

    /// Takes the stream out of use if nobody publishes, is awaited or watches.
    func retireIfUnused() -> Bool {
        state.withLock { state in
            guard state.isUnused else { return false }
            state.phase = .retired
            population.waiting.wrappingSubtract(1, ordering: .relaxed)
            return true
        }
    }

    /// The stream at this moment.
    public func snapshot(at now: NIODeadline) -> StreamSnapshot {
        // Made under the lock: a copy of the state would make the next frame copy the cache.
        state.withLock { StreamSnapshot(name: name, $0, counters.counts, at: now) }
    }
}

/// How many streams have nobody who publishes them; players make such streams by waiting.
final class StreamPopulation: Sendable {
    let waiting = Atomic<Int>(0)
}
