import MediaCore
import NIOCore
import RTMP

/// The conversations with all who publish by RTMP, for those who want to look at one.
public final class RTMPConversations: Sendable {
    private let conversations = Locked<[StreamName: RTMPConversation]>([:])

    init() {}

    /// The conversation with the stream's publisher; nil when nobody publishes it by RTMP.
    public func conversation(publishing name: StreamName) -> RTMPConversation? {
        conversations.withLock { $0[name] }
    }

    func add(_ conversation: RTMPConversation, publishing name: StreamName) {
        conversations.withLock { $0[name] = conversation }
    }

    /// - Parameter conversation: leaves another's place, which a publisher may have taken meanwhile, as it is.
    func remove(_ conversation: RTMPConversation, publishing name: StreamName) {
        conversations.withLock { conversations in
            if conversations[name] === conversation { conversations[name] = nil }
        }
    }
}

/// One publisher's conversation: its opening, and what is said while somebody watches.
public final class RTMPConversation: Sendable {
    /// The most messages kept for those who watch; older ones are given up. Some ten seconds of a stream.
    public static let linesMax = 1024

    /// A message or a part of the handshake, numbered, with its words.
    public struct Line: Sendable {
        /// Its place in the conversation, as far as that was looked at, from 0.
        public var number: UInt64
        /// What was said. A message's payload is not kept.
        public var event: WireEvent
        /// What was said, in words without secrets.
        public var words: String

        init(number: UInt64, _ event: WireEvent) {
            self.number = number
            words = event.words
            self.event = event
            if case .message(var message, let chunks) = event.content {
                // A slice would hold the whole read that it came in.
                message.payload = ByteBuffer()
                self.event.content = .message(message, chunks)
            }
        }
    }

    private struct State {
        var lines: [Line] = []
        var nextNumber: UInt64
        var watchers = 0
        var isOver = false
    }

    /// "10.0.0.7:5123".
    public let peer: String
    /// The handshake and the commands up to the accepted publication.
    public let opening: [Line]
    private let state: Locked<State>
    private let setTracing: @Sendable (Bool) -> Void

    /// - Parameter setTracing: has the connection note, or note no more, what is said. Called on any thread.
    init(peer: String, opening: [WireEvent], setTracing: @escaping @Sendable (Bool) -> Void) {
        self.peer = peer
        self.opening = opening.enumerated().map { Line(number: UInt64($0.offset), $0.element) }
        self.setTracing = setTracing
        state = Locked(State(nextNumber: UInt64(opening.count)))
    }

    /// Whether the publication, or its connection, has ended.
    public var isOver: Bool {
        state.withLock { $0.isOver }
    }

    /// Begins to watch what is said from now on.
    public func watch() -> Watch {
        let (number, isFirst) = state.withLock { state in
            state.watchers += 1
            return (state.nextNumber, state.watchers == 1)
        }
        if isFirst { setTracing(true) }
        return Watch(conversation: self, from: number)
    }

    func append(_ events: [WireEvent], dropped: Int) {
        state.withLock { state in
            guard state.watchers > 0 else { return }
            for event in events {
                state.lines.append(Line(number: state.nextNumber, event))
                state.nextNumber += 1
            }
            // A gap in the numbers is what tells those who watch.
            state.nextNumber += UInt64(clamping: dropped)
            if state.lines.count >= 2 * Self.linesMax { state.lines.removeFirst(state.lines.count - Self.linesMax) }
        }
    }

    func end() {
        state.withLock { $0.isOver = true }
    }

    fileprivate func lines(from number: UInt64) -> (lines: [Line], next: UInt64) {
        state.withLock { state in
            let first = state.lines.firstIndex { $0.number >= number } ?? state.lines.endIndex
            return (Array(state.lines[first...]), state.nextNumber)
        }
    }

    fileprivate func leave() {
        let isLast = state.withLock { state in
            state.watchers -= 1
            if state.watchers == 0 { state.lines = [] }
            return state.watchers == 0
        }
        if isLast { setTracing(false) }
    }

    /// One who watches a conversation.
    public final class Watch: Sendable {
        /// The conversation.
        public let conversation: RTMPConversation
        private let place: Locked<(next: UInt64, isLeft: Bool)>

        fileprivate init(conversation: RTMPConversation, from number: UInt64) {
            self.conversation = conversation
            place = Locked((number, false))
        }

        deinit {
            leave()
        }

        /// What was said since the last time, and how many lines were given up before they were taken.
        public func take() -> (lines: [Line], skipped: Int) {
            place.withLock { place in
                let (lines, next) = conversation.lines(from: place.next)
                let skipped = Int(clamping: next - place.next) - lines.count
                place.next = next
                return (lines, skipped)
            }
        }

        /// Watches no more; nothing happens the second time.
        public func leave() {
            let isFirst = place.withLock { place in
                defer { place.isLeft = true }
                return !place.isLeft
            }
            if isFirst { conversation.leave() }
        }
    }
}
