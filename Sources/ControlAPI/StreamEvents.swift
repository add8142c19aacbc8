import MediaCore
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Tells all who watch the list of streams what it has become: one look at the streams a second for all of them
/// together, and none while nobody watches.
package final class StreamEvents: Sendable {
    /// The most who watch at once. Each is a connection with a page behind it, and takes part of every second.
    package static let watchersMax = 512

    private struct State {
        var watchers: [UInt64: AsyncStream<ByteBuffer>.Continuation] = [:]
        var watchersMade: UInt64 = 0
        var newest: ByteBuffer?
        var isLooking = false
    }

    let limit = WatcherLimit(StreamEvents.watchersMax)
    private let directory: any StreamDirectory
    private let interval: Duration
    private let state = Locked(State())

    /// - Parameters:
    ///   - directory: knows the streams.
    ///   - interval: between two looks.
    package init(directory: any StreamDirectory, interval: Duration = .seconds(1)) {
        self.directory = directory
        self.interval = interval
    }

    /// How many watch.
    package var watcherCount: Int {
        state.withLock { $0.watchers.count }
    }

    /// Whether the streams are being looked at.
    package var isLooking: Bool {
        state.withLock { $0.isLooking }
    }

    /// Events from now on, the newest list first; ends when nobody reads it any more. A slow reader misses lists, and
    /// always gets the newest.
    func watch() -> AsyncStream<ByteBuffer> {
        let (events, continuation) = AsyncStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(1))
        let (id, starts) = state.withLock { state in
            state.watchersMade += 1
            state.watchers[state.watchersMade] = continuation
            if let newest = state.newest { continuation.yield(newest) }
            let starts = !state.isLooking
            state.isLooking = true
            return (state.watchersMade, starts)
        }
        continuation.onTermination = { [weak self] _ in self?.leave(id) }
        if starts { Task { await look() } }
        return events
    }

    private func leave(_ id: UInt64) {
        state.withLock { $0.watchers[id] = nil }
    }

    private func look() async {
        var last: ByteBuffer?
        var lastSent = ContinuousClock.now
        while true {
            let list = event()
            let isNews = list != last
            let isQuiet = lastSent.duration(to: .now) >= ServerSentEvents.heartbeatInterval
            last = list
            let goesOn = state.withLock { state in
                state.newest = list
                if let list, isNews {
                    for watcher in state.watchers.values { watcher.yield(list) }
                } else if isQuiet {
                    for watcher in state.watchers.values { watcher.yield(ServerSentEvents.heartbeat) }
                }
                if state.watchers.isEmpty {
                    state.newest = nil
                    state.isLooking = false
                }
                return state.isLooking
            }
            guard goesOn else { return }
            if isNews || isQuiet { lastSent = .now }
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }

    private func event() -> ByteBuffer? {
        let list = StreamList(streams: directory.streams().sorted { $0.name < $1.name })
        do { return try ServerSentEvents.event("streams", list) } catch { return nil }
    }
}
