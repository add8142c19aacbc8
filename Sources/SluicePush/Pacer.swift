import NIOCore

/// Tells when a frame is due, so that a file takes as long as it plays.
package struct Pacer: Sendable {
    private var start: NIODeadline?

    /// How late a frame may be before the clock is set back: the source or the machine slept, and what it missed is not
    /// hurried after.
    package static let latenessMax = TimeAmount.seconds(2)

    /// Makes a pacer whose clock starts with the first frame.
    package init() {}

    /// How long a frame has to wait; nothing, or less, when it is due.
    ///
    /// - Parameters:
    ///   - time: the frame's, in milliseconds.
    ///   - now: the clock's.
    package mutating func wait(for time: Int64, at now: NIODeadline) -> TimeAmount {
        let beginning = now - .milliseconds(time)
        let start = start ?? beginning
        let due = start + .milliseconds(time)
        guard now - due <= Self.latenessMax else {
            self.start = beginning
            return .zero
        }
        self.start = start
        return due - now
    }
}
