import NIOCore

/// How long to wait before connecting again: at once, then soon, then, when that goes on for minutes, rarely.
///
/// In the first five minutes no wait is over a second, so a connection stands within two seconds of the network's return.
struct BackOff: Sendable {
    private var attempts = 0
    private var since: NIODeadline?

    static let first = TimeAmount.milliseconds(100)
    static let soonMax = TimeAmount.seconds(1)
    static let soonFor = TimeAmount.minutes(5)
    static let rare = TimeAmount.seconds(5)

    /// The wait before the next attempt.
    mutating func next(at now: NIODeadline) -> TimeAmount {
        let since = since ?? now
        self.since = since
        defer { attempts += 1 }
        guard now - since < Self.soonFor else { return Self.rare }
        let doubled = Self.first.nanoseconds << min(attempts, 10)
        return .nanoseconds(min(doubled, Self.soonMax.nanoseconds))
    }

    /// A connection stood.
    mutating func reset() {
        attempts = 0
        since = nil
    }
}
