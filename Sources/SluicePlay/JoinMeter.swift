import NIOCore
import StreamSources

/// How fast a stream was joined, and how far behind its newest picture one began.
package struct JoinMeter: Sendable {
    private let start: NIODeadline
    private var firstArrival: NIODeadline?
    private var firstTime: Int64 = 0
    private var newestTime: Int64 = 0

    /// From the first keyframe to the end of what the server had ready for whoever joins: later frames come one by one.
    private static let burst = TimeAmount.milliseconds(300)

    /// - Parameter start: when connecting began.
    package init(at start: NIODeadline) {
        self.start = start
    }

    /// Notes a tag.
    ///
    /// - Returns: what is to be told, once, when it is known.
    package mutating func note(_ tag: LiveTag, at now: NIODeadline) -> String? {
        guard !isDone, tag.isPicture || tag.isSound else { return nil }
        guard let arrival = firstArrival else {
            guard tag.isKeyframe else { return nil }
            firstArrival = now
            firstTime = tag.milliseconds
            newestTime = firstTime
            return nil
        }
        guard now - arrival >= Self.burst else {
            newestTime = max(newestTime, tag.milliseconds)
            return nil
        }
        isDone = true
        let join = (arrival - start).nanoseconds / 1_000_000
        // What came in the time of the burst itself is no backlog.
        let behind = max(0, newestTime - firstTime - Self.burst.nanoseconds / 1_000_000)
        return "joined in \(join) ms, \(behind) ms behind the newest picture"
    }

    private var isDone = false
}
