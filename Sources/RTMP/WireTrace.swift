import NIOCore

/// What a session remembers of its conversation for those who want to look at it: the opening, always, and everything
/// while somebody has asked for it.
struct WireTrace: Sendable {
    /// The most events of an opening. OBS, FFmpeg and GStreamer need 20 to 26 to publish, both ends together.
    static let openingEventsMax = 64
    /// The most bytes of payload of an opening's events together.
    static let openingBytesMax = 16 << 10
    /// The most bytes kept of one payload: connect has up to 2 KB, everything else that opens a conversation less.
    static let openingPayloadBytesMax = 2 << 10
    /// The most events that wait to be taken. The transport takes them after each read; an aggregate of small messages
    /// in one read is what comes closest.
    static let liveEventsMax = 1024

    /// The conversation up to the accepted publication, in order.
    private(set) var opening: [WireEvent] = []
    /// Events of the opening beyond its limits.
    private(set) var openingDropped = 0
    private var openingBytes = 0
    /// Whether the opening is being kept; no more once the publication is accepted, or a play is.
    private(set) var keepsOpening: Bool
    /// Whether the opening ends with what is said next.
    private var endsOpening = false
    private(set) var isLive = false
    private var live: [WireEvent] = []
    private var liveDropped = 0

    init(keepsOpening: Bool) {
        self.keepsOpening = keepsOpening
    }

    /// Whether anything is to be noted. The one question that is asked for each message.
    var isOn: Bool { keepsOpening || isLive }

    mutating func start() {
        isLive = true
    }

    mutating func stop() {
        isLive = false
        live = []
        liveDropped = 0
    }

    /// What was noted since the last time, and how much went lost.
    mutating func take() -> (events: [WireEvent], dropped: Int) {
        let taken = (live, liveDropped)
        live = []
        liveDropped = 0
        return taken
    }

    mutating func note(_ direction: WireEvent.Direction, _ content: WireEvent.Content, at time: NIODeadline) {
        let event = WireEvent(time: time, direction: direction, content: content)
        if isLive {
            if live.count < Self.liveEventsMax { live.append(event) } else { liveDropped += 1 }
        }
        if keepsOpening { keep(event) }
    }

    private mutating func keep(_ event: WireEvent) {
        let bytes = min(event.payloadBytes, Self.openingPayloadBytesMax)
        guard opening.count < Self.openingEventsMax, bytes <= Self.openingBytesMax - openingBytes else {
            openingDropped += 1
            return
        }
        openingBytes += bytes
        opening.append(event.detached(payloadBytesMax: Self.openingPayloadBytesMax))
    }

    /// Notes what a reader has read.
    mutating func note(_ message: RTMPMessage, in chunks: WireChunks, at time: NIODeadline) {
        note(.incoming, .message(message, chunks), at: time)
    }

    /// Notes what a session has written.
    mutating func note(_ written: SessionOutput.WrittenLog, at time: NIODeadline) {
        for (message, layout) in written.messages { note(.outgoing, .message(message, layout.chunks), at: time) }
        liveDropped += written.dropped
    }

    /// Notes parts of the handshake.
    mutating func note(_ parts: [HandshakePart], ownSide: HandshakePart.Side, at time: NIODeadline) {
        guard isOn else { return }
        for part in parts { note(part.side == ownSide ? .outgoing : .incoming, .handshake(part), at: time) }
    }

    /// The publication is accepted: what is said about that is the opening's end.
    mutating func acceptPublication() {
        endsOpening = keepsOpening
    }

    /// What was to be said is said.
    mutating func flushed() {
        guard endsOpening else { return }
        endsOpening = false
        keepsOpening = false
    }

    /// Nobody asks for a player's opening.
    mutating func forgetOpening() {
        keepsOpening = false
        endsOpening = false
        opening = []
        openingDropped = 0
        openingBytes = 0
    }
}

extension RTMPServerSession {
    /// The conversation from the first byte to the accepted publication: at most 64 events and 16 KB of payloads.
    /// Empty for a session that plays. Secrets are in it; ``WireEvent/words`` leaves them out.
    public var opening: [WireEvent] { wire.trace.opening }

    /// Events that the opening has no room for.
    public var openingDropped: Int { wire.trace.openingDropped }

    /// Begins to note everything that is said; take it with ``takeTrace()`` after the actions of each read.
    public mutating func startTrace() {
        wire.noteAll(true)
    }

    /// Notes nothing any more.
    public mutating func stopTrace() {
        wire.noteAll(false)
    }

    /// What was said since the last time, and how many events were beyond the room for them.
    public mutating func takeTrace() -> (events: [WireEvent], dropped: Int) {
        wire.trace.take()
    }
}

extension RTMPClientSession {
    /// Begins to note everything that is said; take it with ``takeTrace()`` after the actions of each read. Begun
    /// before ``start()`` it has the handshake, too.
    public mutating func startTrace() {
        wire.noteAll(true)
    }

    /// Notes nothing any more.
    public mutating func stopTrace() {
        wire.noteAll(false)
    }

    /// What was said since the last time, and how many events were beyond the room for them.
    public mutating func takeTrace() -> (events: [WireEvent], dropped: Int) {
        wire.trace.take()
    }
}
