/// Where a log's messages begin, when they play and where a viewer may begin.
struct LogIndex {
    struct Entry {
        /// The position of the message's first byte.
        var position: UInt64
        var time: MediaTime
    }

    private var entries: [Entry] = []
    /// Entries before it belong to bytes already dropped; they are removed in bulk.
    private var first = 0

    var oldest: Entry? { first < entries.count ? entries[first] : nil }
    var newest: Entry? { first < entries.count ? entries[entries.count - 1] : nil }

    mutating func append(position: UInt64, time: MediaTime) {
        entries.append(Entry(position: position, time: time))
    }

    /// Forgets the messages before `position`.
    mutating func drop(before position: UInt64) {
        first = lowerBound(position)
        guard first > 64, first > entries.count / 2 else { return }
        entries.removeFirst(first)
        first = 0
    }

    /// The first message that begins at or after `position`.
    func message(atOrAfter position: UInt64) -> Entry? {
        let index = lowerBound(position)
        return index < entries.count ? entries[index] : nil
    }

    /// The last message that begins at or before `position`.
    func message(atOrBefore position: UInt64) -> Entry? {
        let index = lowerBound(position)
        if index < entries.count, entries[index].position == position { return entries[index] }
        return index > first ? entries[index - 1] : nil
    }

    private func lowerBound(_ position: UInt64) -> Int {
        var lower = first
        var upper = entries.count
        while lower < upper {
            let middle = lower + (upper - lower) / 2
            if entries[middle].position < position { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}
