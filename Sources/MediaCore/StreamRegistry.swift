import NIOCore
import Synchronization

/// Why a viewer is refused.
public enum SubscribeRefusal: Error, Sendable, Equatable {
    /// Nobody publishes the stream, and the viewer does not want to wait.
    case noSuchStream
    /// As many streams are waited for as the server allows.
    case tooManyStreams(limit: Int)
}

/// All streams of a server by name. A stream comes to be when somebody publishes or waits for it, and is removed when
/// nobody does either any more.
public final class StreamRegistry: Sendable {
    /// How many streams there are, and how each is kept.
    public struct Configuration: Sendable {
        /// The most streams published at a time. Each may hold a log and a group of pictures.
        public var streamsMax = 10_000
        /// The most streams that have viewers waiting and no publisher. Counted apart, so that strangers who play
        /// invented names keep no publisher out.
        public var waitingStreamsMax = 1_000
        /// The most bytes of all streams' cached groups of pictures together. A stream that finds none left is cached
        /// again from its next keyframe on; the first viewer of a format may then have to wait for that one.
        public var cacheBytesMax = 512 << 20
        /// How each stream is kept.
        public var hub = StreamHub.Configuration()

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration
    private let budget: GOPCacheBudget
    private let population = StreamPopulation()
    private let hubs = Locked<[StreamName: StreamHub]>([:])
    private let publicationHandlers = Locked<[@Sendable (StreamHub) -> Void]>([])

    /// - Parameter configuration: how many streams there are, and how each is kept.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        budget = GOPCacheBudget(bytesMax: configuration.cacheBytesMax)
    }

    /// The stream of that name, if somebody publishes or waits for it.
    public func stream(named name: StreamName) -> StreamHub? {
        hubs.withLock { $0[name] }
    }

    /// How many streams there are, waited-for ones included.
    public var count: Int { hubs.withLock { $0.count } }

    /// The bytes of cached groups of pictures.
    public var cacheBytes: Int { budget.bytesUsed }

    /// Begins a publication.
    public func publish(
        _ name: StreamName, by publisher: PublisherInfo, at now: NIODeadline
    ) throws(PublishRefusal) -> Publication {
        while true {
            guard let hub = hub(named: name, forPublisher: true) else {
                throw .tooManyStreams(limit: configuration.streamsMax)
            }
            do throws(PublishRefusal) {
                let publication = try hub.publish(publisher, at: now)
                for handler in publicationHandlers.withLock({ $0 }) { handler(hub) }
                return publication
            } catch {
                // Removed between the two: make it anew.
                guard error == .streamRemoved else { throw error }
            }
        }
    }

    /// Has `handler` called, on the publisher's thread, whenever a publication has begun; for good.
    public func onPublication(_ handler: @escaping @Sendable (StreamHub) -> Void) {
        publicationHandlers.withLock { $0.append(handler) }
    }

    /// A viewer joins.
    ///
    /// - Parameters:
    ///   - name: the stream.
    ///   - format: what the viewer reads.
    ///   - viewer: how it is counted.
    ///   - waits: whether to wait for somebody to publish; else the stream must be published, or its publisher
    ///     expected back.
    ///   - seen: the time up to which a viewer that returns has seen the stream; it begins no earlier.
    public func subscribe(
        _ name: StreamName, format: LogFormat, viewer: ViewerInfo, waits: Bool, after seen: MediaTime? = nil
    ) throws(SubscribeRefusal) -> Subscription {
        while true {
            let hub: StreamHub
            if waits {
                guard let made = self.hub(named: name, forPublisher: false) else {
                    throw .tooManyStreams(limit: configuration.waitingStreamsMax)
                }
                hub = made
            } else {
                guard let found = stream(named: name), found.isPublished else { throw .noSuchStream }
                hub = found
            }
            if let subscription = hub.subscribe(format: format, viewer: viewer, after: seen) { return subscription }
        }
    }

    /// To be called about once a second: ends waits that have lasted long enough and removes streams that nobody uses.
    public func sweep(at now: NIODeadline) {
        for hub in hubs.withLock({ Array($0.values) }) { hub.sweep(at: now) }
        hubs.withLock { Self.removeUnused(&$0) }
    }

    /// Every stream at this moment, by name.
    public func snapshot(at now: NIODeadline) -> [StreamSnapshot] {
        hubs.withLock { Array($0.values) }
            .map { $0.snapshot(at: now) }
            .sorted { $0.name.description < $1.name.description }
    }

    /// The stream of that name, made where there is none; nil where there are too many already.
    private func hub(named name: StreamName, forPublisher: Bool) -> StreamHub? {
        hubs.withLock { hubs in
            if let hub = hubs[name] {
                if !forPublisher || hub.isPublished || hasRoom(hubs, forPublisher: true) { return hub }
                return nil
            }
            if !hasRoom(hubs, forPublisher: forPublisher) {
                Self.removeUnused(&hubs)
                guard hasRoom(hubs, forPublisher: forPublisher) else { return nil }
            }
            let hub = StreamHub(
                name: name, configuration: configuration.hub, budget: budget, population: population)
            hubs[name] = hub
            return hub
        }
    }

    private func hasRoom(_ hubs: [StreamName: StreamHub], forPublisher: Bool) -> Bool {
        let waiting = population.waiting.load(ordering: .relaxed)
        return forPublisher
            ? hubs.count - waiting < configuration.streamsMax : waiting < configuration.waitingStreamsMax
    }

    private static func removeUnused(_ hubs: inout [StreamName: StreamHub]) {
        hubs = hubs.filter { !$0.value.retireIfUnused() }
    }
}
