import NIOCore

/// What a User Control Message tells. Specification: RTMP 1.0, 6.2 and 7.1.7.
public enum UserControlEvent: Sendable, Equatable {
    /// Event 0: the message stream has become usable.
    case streamBegin(MessageStreamID)
    /// Event 1: playback of the message stream is over.
    case streamEOF(MessageStreamID)
    /// Event 2: there is no more data on the message stream for now.
    case streamDry(MessageStreamID)
    /// Event 3: the client buffers that many milliseconds of the message stream.
    case setBufferLength(MessageStreamID, milliseconds: UInt32)
    /// Event 4: the message stream is a recorded one.
    case streamIsRecorded(MessageStreamID)
    /// Event 6: the server asks whether the client is there; the time is the server's own.
    case pingRequest(timestamp: UInt32)
    /// Event 7: the answer, with the request's time.
    case pingResponse(timestamp: UInt32)
    /// Event 26: the server asks for the player's hash. Not in the specification; Flash Media Server 3.
    case swfVerifyRequest
    /// Event 27: the player's hash, 42 bytes. Not in the specification; Flash Player 9, librtmp.
    case swfVerifyResponse(ByteBuffer)
    /// Event 31: the client's buffer has run empty. Not in the specification; Flash Media Server 3.
    case bufferEmpty(MessageStreamID)
    /// Event 32: the client's buffer is full enough. Not in the specification; Flash Media Server 3.
    case bufferReady(MessageStreamID)
    /// Any other event, with its data.
    case unknown(UInt16, ByteBuffer)

    /// Decodes the payload of a User Control Message. Bytes after the fields are ignored.
    ///
    /// - Throws: `malformedMessage`, scope `ignore`, when the payload is shorter than its fields: nothing depends on
    ///   these events, and the message's own length keeps the two ends in step.
    public init(parsing payload: ByteBuffer) throws(RTMPError) {
        var payload = payload
        guard let event = payload.readInteger(as: UInt16.self) else { throw Self.tooShort(nil) }
        switch event {
        case 26:
            self = .swfVerifyRequest
            return
        case 27:
            self = .swfVerifyResponse(payload)
            return
        case 0...4, 6, 7, 31, 32:
            break
        default:
            self = .unknown(event, payload)
            return
        }
        guard let value = payload.readInteger(as: UInt32.self) else { throw Self.tooShort(event) }
        let streamID = MessageStreamID(rawValue: value)
        switch event {
        case 0: self = .streamBegin(streamID)
        case 1: self = .streamEOF(streamID)
        case 2: self = .streamDry(streamID)
        case 3:
            guard let milliseconds = payload.readInteger(as: UInt32.self) else { throw Self.tooShort(event) }
            self = .setBufferLength(streamID, milliseconds: milliseconds)
        case 4: self = .streamIsRecorded(streamID)
        case 6: self = .pingRequest(timestamp: value)
        case 7: self = .pingResponse(timestamp: value)
        case 31: self = .bufferEmpty(streamID)
        default: self = .bufferReady(streamID)
        }
    }

    /// The event's number on the wire.
    public var number: UInt16 {
        switch self {
        case .streamBegin: 0
        case .streamEOF: 1
        case .streamDry: 2
        case .setBufferLength: 3
        case .streamIsRecorded: 4
        case .pingRequest: 6
        case .pingResponse: 7
        case .swfVerifyRequest: 26
        case .swfVerifyResponse: 27
        case .bufferEmpty: 31
        case .bufferReady: 32
        case .unknown(let number, _): number
        }
    }

    /// The message: on message stream 0, at time 0, as 6.2 wants it. It belongs on chunk stream 2.
    public var message: RTMPMessage {
        var payload = ByteBuffer()
        payload.writeInteger(number)
        switch self {
        case .streamBegin(let id), .streamEOF(let id), .streamDry(let id), .streamIsRecorded(let id),
            .bufferEmpty(let id), .bufferReady(let id):
            payload.writeInteger(id.rawValue)
        case .setBufferLength(let id, let milliseconds):
            payload.writeInteger(id.rawValue)
            payload.writeInteger(milliseconds)
        case .pingRequest(let timestamp), .pingResponse(let timestamp):
            payload.writeInteger(timestamp)
        case .swfVerifyRequest:
            break
        case .swfVerifyResponse(let data), .unknown(_, let data):
            payload.writeImmutableBuffer(data)
        }
        return RTMPMessage(typeID: .userControl, streamID: .connection, timestamp: 0, payload: payload)
    }

    private static func tooShort(_ event: UInt16?) -> RTMPError {
        RTMPError(
            .malformedMessage, scope: .ignore,
            "user control message \(event.map { "of event \($0) " } ?? "")ends before its fields")
    }
}
