/// What decoding one message has spent of its limits.
struct AMFBudget: Sendable {
    /// What a container held, itself included: what each reference to it spends again.
    struct Cost: Sendable {
        var values: Int
        var bytes: Int
        /// Containers inside each other, itself included.
        var height: Int
    }

    /// The spending when a container began.
    struct Mark {
        fileprivate let values: Int
        fileprivate let bytes: Int
        fileprivate let deepest: Int
    }

    private let limits: AMFLimits
    private var values = 0
    private var bytes = 0
    private var depth = 0
    /// The greatest depth since the innermost open container began.
    private var deepest = 0

    init(limits: AMFLimits) {
        self.limits = limits
    }

    mutating func spendValue() throws(AMFError) {
        values &+= 1
        guard values <= limits.valuesMax else { throw tooManyValues() }
    }

    /// Refuses a count that a peer claims before anything is allocated for it.
    func check(values count: Int) throws(AMFError) {
        guard count <= limits.valuesMax &- values else { throw tooManyValues() }
    }

    mutating func spend(values count: Int) throws(AMFError) {
        try check(values: count)
        values &+= count
    }

    mutating func spend(bytes count: Int) throws(AMFError) {
        guard count <= limits.bytesMax &- bytes else {
            throw AMFError(.tooManyBytes, "at most \(limits.bytesMax)")
        }
        bytes &+= count
    }

    /// Begins a container, whose own value is already spent.
    mutating func enter() throws(AMFError) -> Mark {
        let mark = Mark(values: values, bytes: bytes, deepest: deepest)
        depth &+= 1
        guard depth <= limits.depthMax else { throw tooDeep() }
        deepest = depth
        return mark
    }

    /// Ends the innermost container.
    mutating func leave(_ mark: Mark) -> Cost {
        let cost = Cost(values: values &- mark.values &+ 1, bytes: bytes &- mark.bytes, height: deepest &- depth &+ 1)
        depth &-= 1
        deepest = max(deepest, mark.deepest)
        return cost
    }

    /// Spends what a referenced container holds, but for its own value, which the reference has spent.
    mutating func spendAgain(_ cost: Cost) throws(AMFError) {
        try spend(values: cost.values &- 1)
        try spend(bytes: cost.bytes)
        guard depth &+ cost.height <= limits.depthMax else { throw tooDeep() }
        deepest = max(deepest, depth &+ cost.height)
    }

    private func tooManyValues() -> AMFError {
        AMFError(.tooManyValues, "at most \(limits.valuesMax)")
    }

    private func tooDeep() -> AMFError {
        AMFError(.tooDeep, "at most \(limits.depthMax)")
    }
}

/// The values that references can mean, in the order in which they began. Specification: AMF 0, 2.9; AMF 3, 2.2.
struct AMFReferenceTable<Value: Sendable>: Sendable {
    private enum Entry: Sendable {
        /// The container has begun and not ended: a reference to it would be a cycle.
        case open
        case closed(Value, AMFBudget.Cost)
    }

    private var entries: [Entry] = []

    /// Gives the next number to a container that begins.
    mutating func open() -> Int {
        entries.append(.open)
        return entries.count &- 1
    }

    /// - Parameter index: from ``open()``.
    mutating func close(_ index: Int, _ value: Value, cost: AMFBudget.Cost) {
        entries[index] = .closed(value, cost)
    }

    /// The referenced value, its cost spent again.
    func resolve(_ index: Int, budget: inout AMFBudget) throws(AMFError) -> Value {
        guard entries.indices.contains(index) else {
            throw AMFError(.badReference, "\(index) of \(entries.count)")
        }
        guard case .closed(let value, let cost) = entries[index] else {
            throw AMFError(.cyclicReference, "\(index)")
        }
        try budget.spendAgain(cost)
        return value
    }
}
