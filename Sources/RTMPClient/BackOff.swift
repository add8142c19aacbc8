import NIOCore

/// How long to wait before connecting again: at once, then soon, then, when that goes on for minutes, rarely.
///
/// In the first five minutes no wait is over a second, so a connection stands within two seconds of the network's return.
package struct BackOff: Sendable {
    private var attempts = 0
    private var since: NIODeadline?

    package static let first = TimeAmount.milliseconds(100)
    package static let soonMax = TimeAmount.seconds(1)
    package static let soonFor = TimeAmount.minutes(5)
    package static let rare = TimeAmount.seconds(5)

    /// Makes a back-off before the first attempt.
    package init() {}

    /// The wait before the next attempt.
    package mutating func next(at now: NIODeadline) -> TimeAmount {
        let since = since ?? now
        self.since = since
        defer { attempts += 1 }
        guard now - since < Self.soonFor else { return Self.rare }
        let doubled = Self.first.nanoseconds << min(attempts, 10)
        return .nanoseconds(min(doubled, Self.soonMax.nanoseconds))
    }

    /// A connection stood.
    package mutating func reset() {
        attempts = 0
        since = nil
    }
}
