/// Actions in the order of handing out. There are seldom two at once, so an array with a head does.
struct ActionQueue<Action: Sendable>: Sendable {
    private var actions: [Action] = []
    private var takenCount = 0

    /// Nothing is queued.
    var isEmpty: Bool {
        actions.isEmpty
    }

    /// Adds an action behind the others.
    mutating func append(_ action: Action) {
        actions.append(action)
    }

    /// The first action; nil when there is none.
    mutating func take() -> Action? {
        guard takenCount < actions.count else { return nil }
        let action = actions[takenCount]
        takenCount += 1
        if takenCount == actions.count {
            // An aggregate may have queued hundreds; their room is given back.
            actions.removeAll(keepingCapacity: takenCount <= 16)
            takenCount = 0
        }
        return action
    }
}
