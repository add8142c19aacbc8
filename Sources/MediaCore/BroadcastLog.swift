import NIOCore

/// What a log keeps.
public struct LogLimits: Sendable, Equatable {
    /// The most bytes a log holds. A stream whose group of pictures is longer loses its join point until the next
    /// keyframe, and joiners begin at the live edge.
    public var bytesMax = 16 << 20
    /// The most seconds a log holds, whatever the group of pictures.
    public var durationMax = MediaTime(milliseconds: 30_000)
    /// The seconds a log keeps behind its head for viewers that fall behind, beyond the current group of pictures.
    public var lagDuration = MediaTime(milliseconds: 7_000)
    /// The bytes of one segment; a larger message gets a segment of its own.
    public var segmentBytes = 128 << 10

    /// The defaults.
    public init() {}
}

/// How soon viewers should see what was appended.
public enum LogUrgency: Sendable {
    /// At the next pass: video, and whatever ends or begins a stream.
    case now
    /// With the next video frame, or within about 30 ms of media where there is none: audio.
    case soon
}

/// Is told that a log has grown.
public protocol LogObserver: AnyObject, Sendable {
    /// The log has bytes that are due. Called on the publisher's thread, outside the log's lock.
    func logGrew()
}

/// One stream in one wire format: an append-only run of rendered messages, which is the send queue of every viewer
/// and the cache of every joiner at once. A viewer is a position in it.
///
/// One writer appends; any number of threads take snapshots. Bounded by ``LogLimits`` in bytes and in media time.
public final class BroadcastLog: Sendable {
    /// A consistent view for one pass over viewers; holds the bytes it shows in memory.
    public struct Snapshot: Sendable {
        /// The segments from old to new. They follow on each other without a gap.
        public let segments: [LogSegment]
        /// The position of the oldest byte held.
        public let tail: UInt64
        /// The position behind the newest byte; always the end of a message.
        public let head: UInt64
        /// Whether nothing will follow.
        public let hasEnded: Bool

        /// The bytes from `position` to the end of its segment or of the log; empty at the head.
        public func bytes(from position: UInt64, upTo limit: UInt64 = .max) -> UnsafeRawBufferPointer {
            var index = segments.count - 1
            while index > 0, segments[index].start > position { index -= 1 }
            guard index >= 0, position >= segments[index].start, position < head else {
                return UnsafeRawBufferPointer(start: nil, count: 0)
            }
            let end = index + 1 < segments.count ? segments[index + 1].start : head
            return segments[index].bytes(from: position, to: max(position, min(end, limit)))
        }
    }

    private struct State: Sendable {
        var segments: [LogSegment] = []
        /// The memory of all segments.
        var bytesHeld = 0
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var hasEnded = false
        var index = LogIndex()
        var joinPoint: (position: UInt64, time: MediaTime)?
        var observers: [any LogObserver] = []
        var lastUrgent: MediaTime?
        var lastDue: MediaTime?
    }

    private let state = Locked(State())
    /// What the log keeps.
    public let limits: LogLimits

    /// - Parameter limits: what the log keeps.
    public init(limits: LogLimits = LogLimits()) {
        self.limits = limits
    }

    /// Appends one or several whole messages that play at one time.
    ///
    /// - Parameters:
    ///   - bytes: the messages; none is a no-op.
    ///   - time: when they play, on the stream's timeline.
    ///   - isJoinPoint: whether a joiner may begin here.
    ///   - urgency: how soon viewers should see them.
    public func append(_ bytes: ByteBuffer, time: MediaTime, isJoinPoint: Bool = false, urgency: LogUrgency) {
        guard bytes.readableBytes > 0 else { return }
        let observers = state.withLock { state -> [any LogObserver] in
            guard !state.hasEnded else { return [] }
            write(bytes, into: &state)
            let position = state.head
            state.head += UInt64(bytes.readableBytes)
            state.index.append(position: position, time: time)
            if isJoinPoint { state.joinPoint = (position, time) }
            trim(&state, now: time)
            return isDue(time, urgency, &state) ? state.observers : []
        }
        for observer in observers { observer.logGrew() }
    }

    /// Makes the present head the newest join point, as when the decoder's configuration has changed: what came
    /// before is of no use to a joiner.
    public func moveJoinPointToHead(time: MediaTime) {
        state.withLock { $0.joinPoint = ($0.head, time) }
    }

    /// Says that nothing will follow; viewers finish what is there and leave.
    public func end() {
        let observers = state.withLock { state in
            state.hasEnded = true
            return state.observers
        }
        for observer in observers { observer.logGrew() }
    }

    /// What there is to send.
    public func snapshot() -> Snapshot {
        state.withLock {
            Snapshot(segments: $0.segments, tail: $0.tail, head: $0.head, hasEnded: $0.hasEnded)
        }
    }

    /// The position behind the newest byte.
    public var head: UInt64 { state.withLock { $0.head } }
    /// The position of the oldest byte held.
    public var tail: UInt64 { state.withLock { $0.tail } }
    /// Bytes of memory held for messages.
    public var bytesHeld: Int { state.withLock { $0.bytesHeld } }
    /// The newest place where a joiner may begin, while the log still holds it.
    public var joinPoint: (position: UInt64, time: MediaTime)? { state.withLock { $0.joinPoint } }
    /// Whether somebody is told of growth.
    public var hasObservers: Bool { state.withLock { !$0.observers.isEmpty } }

    /// The end of the message that the byte at `position` belongs to; `position` itself where a message begins.
    /// Nil where the log no longer holds that message's beginning.
    public func boundary(atOrAfter position: UInt64) -> UInt64? {
        state.withLock { state in
            guard position >= state.tail, position <= state.head else { return nil }
            return state.index.message(atOrAfter: position)?.position ?? state.head
        }
    }

    /// When the message plays that the byte at `position` belongs to; nil where nothing is held.
    public func time(at position: UInt64) -> MediaTime? {
        state.withLock { ($0.index.message(atOrBefore: position) ?? $0.index.oldest)?.time }
    }

    /// How much media lies between `position` and the head.
    public func lag(at position: UInt64) -> MediaTime {
        state.withLock { state in
            guard let newest = state.index.newest,
                let there = state.index.message(atOrBefore: position) ?? state.index.oldest
            else { return .zero }
            return newest.time - there.time
        }
    }

    /// Tells `observer` of growth from now on.
    public func add(_ observer: any LogObserver) {
        state.withLock { $0.observers.append(observer) }
    }

    /// Tells `observer` no more.
    public func remove(_ observer: any LogObserver) {
        state.withLock { $0.observers.removeAll { $0 === observer } }
    }

    private func write(_ bytes: ByteBuffer, into state: inout State) {
        let count = bytes.readableBytes
        let used = state.segments.last.map { Int(state.head - $0.start) } ?? 0
        if state.segments.last.map({ $0.capacity - used < count }) ?? true {
            let segment = LogSegment(start: state.head, capacity: max(limits.segmentBytes, count))
            state.segments.append(segment)
            state.bytesHeld += segment.capacity
        }
        guard let segment = state.segments.last else { return }
        bytes.withUnsafeReadableBytes { segment.write($0, at: Int(state.head - segment.start)) }
    }

    /// Drops old segments that neither a joiner nor a viewer within the lag bound needs, and then whatever is past
    /// the bounds.
    private func trim(_ state: inout State, now: MediaTime) {
        while state.segments.count > 1 {
            let end = state.segments[1].start
            let isNeeded =
                state.joinPoint.map { $0.position < end } ?? false
                || (state.index.message(atOrBefore: end).map { now - $0.time < limits.lagDuration } ?? false)
            let isOld = state.index.oldest.map { now - $0.time > limits.durationMax } ?? false
            let isLarge = state.bytesHeld > limits.bytesMax
            guard !isNeeded || isOld || isLarge else { return }
            state.bytesHeld -= state.segments.removeFirst().capacity
            state.tail = end
            state.index.drop(before: end)
            if let join = state.joinPoint, join.position < end { state.joinPoint = nil }
        }
    }

    /// Media time between passes where no video sets the pace.
    private static let audioPace = MediaTime(milliseconds: 30)
    /// Audio beside video waits for the next picture, but not longer than this.
    private static let audioPatience = MediaTime(milliseconds: 100)
    /// Video that came less than this ago sets the pace.
    private static let videoMemory = MediaTime(milliseconds: 500)

    private func isDue(_ time: MediaTime, _ urgency: LogUrgency, _ state: inout State) -> Bool {
        switch urgency {
        case .now:
            state.lastUrgent = time
        case .soon:
            let hasVideo = state.lastUrgent.map { time - $0 < Self.videoMemory } ?? false
            let patience = hasVideo ? Self.audioPatience : Self.audioPace
            if let last = state.lastDue, time >= last, time - last < patience { return false }
        }
        state.lastDue = time
        return true
    }
}
