/// The message streams of a connection and what each does. Specification: RTMP 1.0, 7.2.1.3 and 7.2.2.
///
/// Numbers are given from 1 up, and the lowest free one first: the first must be 1, because the fan-out renders media for
/// message stream 1, and a number is found without hashing.
struct MessageStreams: Sendable {
    /// What a message stream does.
    enum State: Sendable, Equatable {
        /// Created, or done with what it did. It may publish, play or be deleted next.
        case idle
        /// The application accepted its publish. The name is as sent, query included, since FCUnpublish repeats it.
        case publishing(nameAsSent: String)
        /// The application accepted its play.
        case playing
    }

    /// One message stream.
    struct Stream: Sendable {
        var state = State.idle
        var bufferLengthMilliseconds: UInt32?
    }

    /// By number less 1; nil where a number is free.
    private var streams: [Stream?] = []
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Takes the lowest free number; nil at the limit.
    mutating func create() -> MessageStreamID? {
        let free = streams.firstIndex { $0 == nil } ?? streams.count
        guard free < countMax else { return nil }
        if free == streams.count { streams.append(Stream()) } else { streams[free] = Stream() }
        return MessageStreamID(rawValue: UInt32(free) &+ 1)
    }

    /// Frees a number.
    mutating func delete(_ id: MessageStreamID) {
        if let index = index(id) { streams[index] = nil }
    }

    /// The stream of that number. Setting does nothing when there is none.
    subscript(id: MessageStreamID) -> Stream? {
        get { index(id).flatMap { streams[$0] } }
        set {
            if let index = index(id), streams[index] != nil { streams[index] = newValue }
        }
    }

    /// Whether media of that number is wanted. Asked for every frame.
    func isPublishing(_ id: MessageStreamID) -> Bool {
        guard let index = index(id), case .publishing? = streams[index]?.state else { return false }
        return true
    }

    /// The stream that publishes by this name, as sent.
    func publishing(nameAsSent name: String) -> MessageStreamID? {
        streams.firstIndex { $0?.state == .publishing(nameAsSent: name) }.map {
            MessageStreamID(rawValue: UInt32($0) &+ 1)
        }
    }

    private func index(_ id: MessageStreamID) -> Int? {
        let index = Int(id.rawValue) &- 1
        return streams.indices.contains(index) ? index : nil
    }
}
