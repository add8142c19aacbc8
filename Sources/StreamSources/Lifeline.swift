import NIOConcurrencyHelpers
import NIOCore

/// What a source's connections have in common with whoever watches them: that something came, and how to end them.
package final class Lifeline: Sendable {
    private struct State {
        var lastArrival: NIODeadline
        /// What ends the connections that stand.
        var endings: [Int: @Sendable () -> Void] = [:]
        var nextID = 0
        var isClosed = false
        var isStalled = false
        /// Whether somebody waits for what comes: a reader who is slow is no reason to give up.
        var isAwaited = true
    }

    private let state: NIOLockedValueBox<State>

    /// - Parameter now: when the waiting begins.
    package init(at now: NIODeadline) {
        state = NIOLockedValueBox(State(lastArrival: now))
    }

    /// Something came.
    package func touch(at now: NIODeadline) {
        state.withLockedValue { $0.lastArrival = now }
    }

    /// The reader begins to wait, or has what it waited for.
    package func setAwaited(_ isAwaited: Bool, at now: NIODeadline) {
        state.withLockedValue { state in
            state.isAwaited = isAwaited
            state.lastArrival = now
        }
    }

    /// Whether it was closed because nothing came.
    package var isStalled: Bool {
        state.withLockedValue { $0.isStalled }
    }

    /// Whether it was closed.
    package var isClosed: Bool {
        state.withLockedValue { $0.isClosed }
    }

    /// Closes everything when nothing has come for so long.
    package func check(at now: NIODeadline, timeout: TimeAmount) {
        let isStalled = state.withLockedValue { state in
            guard !state.isClosed, state.isAwaited, now - state.lastArrival >= timeout else { return false }
            state.isStalled = true
            return true
        }
        if isStalled { close() }
    }

    /// Closes the connections that stand, and those that come.
    package func close() {
        let endings = state.withLockedValue { state in
            state.isClosed = true
            defer { state.endings = [:] }
            return Array(state.endings.values)
        }
        for end in endings { end() }
    }

    /// A connection stands.
    func add(_ channel: any Channel) {
        guard let id = onClose({ channel.close(promise: nil) }) else { return }
        channel.closeFuture.whenComplete { [weak self] _ in self?.remove(id) }
    }

    /// What else is to end; at once when everything has ended already.
    @discardableResult
    func onClose(_ end: @escaping @Sendable () -> Void) -> Int? {
        let id = state.withLockedValue { state -> Int? in
            guard !state.isClosed else { return nil }
            state.nextID += 1
            state.endings[state.nextID] = end
            return state.nextID
        }
        if id == nil { end() }
        return id
    }

    private func remove(_ id: Int) {
        state.withLockedValue { _ = $0.endings.removeValue(forKey: id) }
    }
}
