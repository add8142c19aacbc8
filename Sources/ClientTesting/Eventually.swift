/// Asks again and again for what tells of no event.
///
/// - Returns: the first answer that is not nil, or nil when the time was up before.
public func eventually<Answer>(
    within limit: Duration = .seconds(60), isolation: isolated (any Actor)? = #isolation,
    _ ask: () async throws -> Answer?
) async throws -> Answer? {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if let answer = try await ask() { return answer }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await ask()
}
