import Synchronization

extension Duration {
    /// What is waited at the most: limits are those of a machine at rest, and a busy one gets more. Who waits for what
    /// comes does not wait longer for it.
    fileprivate var patient: Duration { max(self, min(self * 4, .seconds(60))) }
}

/// A value that can be awaited: what a program has written so far, whether it has ended.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let isMet: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value?, Never>
    }

    private struct State {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        var waiterCount = 0
    }

    private let state: Mutex<State>

    init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    /// The value as it stands.
    var current: Value { state.withLock { $0.value } }

    /// Changes the value and wakes those whose condition it now meets.
    func update(_ change: (inout sending Value) -> Void) {
        let (value, met) = state.withLock { state in
            change(&state.value)
            let met = state.waiters.filter { $0.value.isMet(state.value) }
            for id in met.keys { state.waiters[id] = nil }
            return (state.value, met.values.map(\.continuation))
        }
        for continuation in met { continuation.resume(returning: value) }
    }

    /// Waits until the value meets a condition.
    ///
    /// - Returns: the value that did, or nil when the time was up before.
    func value(within limit: Duration, where isMet: @escaping @Sendable (Value) -> Bool) async -> Value? {
        let id = state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
        let timer = Task {
            try await Task.sleep(for: limit.patient)
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: nil)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let present = state.withLock { state -> Value? in
                if isMet(state.value) { return state.value }
                state.waiters[id] = Waiter(isMet: isMet, continuation: continuation)
                return nil
            }
            if let present { continuation.resume(returning: present) }
        }
    }
}

/// Asks again and again, for what tells of no event, such as another program's state.
///
/// - Returns: the first answer that is not nil, or nil when the time was up before.
func eventually<Answer>(
    within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(50),
    isolation: isolated (any Actor)? = #isolation, _ ask: () async throws -> Answer?
) async throws -> Answer? {
    let end = ContinuousClock.now + limit.patient
    while ContinuousClock.now < end {
        if let answer = try await ask() { return answer }
        try await Task.sleep(for: pause)
    }
    return try await ask()
}
