import NIOCore

/// What a reader remembers of one chunk stream: the header fields that later headers leave out, and the message being
/// gathered. Specification: RTMP 1.0, 5.3.1.2.
struct ChunkStreamState: Sendable {
    let id: UInt32
    /// The message's absolute time; of the last one, where none is being gathered.
    private(set) var timestamp: UInt32 = 0
    /// The last timestamp delta, or the timestamp of the last type 0 header, which 5.3.1.2.4 makes the delta of a
    /// type 3 chunk that follows it.
    private(set) var delta: UInt32 = 0
    /// Whether the last header of type 0, 1 or 2 came with an extended timestamp.
    private(set) var isExtended = false
    /// Whether the last header other than type 3 was of type 0.
    private var lastWasFull = false
    /// The message's length.
    private(set) var length = 0
    private(set) var typeID: UInt8 = 0
    private var streamID: UInt32 = 0
    /// A message has begun and not ended.
    private(set) var isGathering = false
    /// The part of the message that has arrived.
    var gathered = ByteBuffer()

    init(id: UInt32) {
        self.id = id
    }

    /// Begins a message with the first chunk's header.
    ///
    /// - Parameter extendedTimestamp: the extended timestamp that followed the header, if one did.
    mutating func beginMessage(_ header: ChunkHeader, extendedTimestamp: UInt32?) {
        if header.type < 3 {
            isExtended = header.announcesExtendedTimestamp
            lastWasFull = header.type == 0
            delta = extendedTimestamp ?? header.timestampField
        } else if isExtended, extendedTimestamp == nil, lastWasFull {
            // librtmp (rtmpdump 2.4) writes a type 3 header for a message at the very time of the one
            // before, without repeating the extended timestamp; it cannot mean a step of over four hours.
            delta = 0
        }
        switch header.type {
        case 0:
            timestamp = delta
            streamID = header.streamID
        default:
            timestamp &+= delta
        }
        if header.type < 2 {
            length = header.length
            typeID = header.typeID
        }
        isGathering = true
    }

    /// Whether a header of type 0, 1 or 2 inside a message repeats what the message's first one said. "All chunks of a
    /// message except the first one SHOULD use" type 3 (5.3.1.2.4), so others may be sent.
    func isContinued(by header: ChunkHeader) -> Bool {
        switch header.type {
        case 0: header.length == length && header.typeID == typeID && header.streamID == streamID
        case 1: header.length == length && header.typeID == typeID
        default: true
        }
    }

    /// Ends the message with all of its payload.
    mutating func endMessage(payload: ByteBuffer) -> RTMPMessage {
        isGathering = false
        return RTMPMessage(
            typeID: MessageTypeID(rawValue: typeID), streamID: MessageStreamID(rawValue: streamID),
            timestamp: timestamp, payload: payload)
    }

    /// Ends the message with what was gathered.
    mutating func endGatheredMessage() -> RTMPMessage {
        let payload = gathered
        gathered = ByteBuffer()
        return endMessage(payload: payload)
    }

    /// Drops the unfinished message. What its header said stays valid for the next one.
    mutating func abandonMessage() {
        isGathering = false
        gathered = ByteBuffer()
    }
}
