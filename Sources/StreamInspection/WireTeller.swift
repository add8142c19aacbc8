import RTMP

/// Says what was said on a wire. Secrets are left out.
public protocol WireTeller: Sendable {
    /// The lines of an event.
    func lines(_ event: WireEvent) -> [String]
    /// What is told where events were left out.
    func lines(dropped: Int) -> [String]
}

/// Says what is in a capture. Secrets are left out, and times count from the first event.
public protocol CaptureTeller: Sendable {
    /// The lines of what was found.
    mutating func lines(_ output: CapturedConversations.Output) -> [String]
    /// What else there was.
    func lines(_ summary: CapturedConversations.Summary) -> [String]
}
