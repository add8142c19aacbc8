import NIOCore

/// How a window of Set Peer Bandwidth is to be taken. Specification: RTMP 1.0, 5.4.5.
public struct PeerBandwidthLimit: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public var rawValue: UInt8

    /// - Parameter rawValue: the number on the wire.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The peer should limit its output to the window.
    public static let hard = PeerBandwidthLimit(rawValue: 0)
    /// The peer should limit its output to the smaller of this window and the one in effect.
    public static let soft = PeerBandwidthLimit(rawValue: 1)
    /// Hard if the limit before was hard, otherwise to be ignored.
    public static let dynamic = PeerBandwidthLimit(rawValue: 2)
}

/// The messages by which the two ends steer the chunk stream itself. Specification: RTMP 1.0, 5.4.
public enum ProtocolControlMessage: Sendable, Hashable {
    /// The sender's chunks hold up to that many bytes from now on; 1 to 0x7FFFFFFF. 5.4.1.
    case setChunkSize(UInt32)
    /// The unfinished message of that chunk stream will not be finished. 5.4.2.
    case abort(ChunkStreamID)
    /// The bytes received so far, modulo 2³². 5.4.3.
    case acknowledgement(bytesReceived: UInt32)
    /// The sender expects an acknowledgement after that many bytes. 5.4.4.
    case windowAcknowledgementSize(UInt32)
    /// The receiver should have no more than that many bytes unacknowledged. 5.4.5.
    case setPeerBandwidth(windowBytes: UInt32, limit: PeerBandwidthLimit)

    /// Decodes a message of type 1, 2, 3, 5 or 6. Bytes after the fields are ignored.
    ///
    /// - Returns: `nil` for a message of another type.
    /// - Throws: `malformedMessage` when the payload is shorter than its fields, `chunkSizeInvalid` for a chunk size of
    ///   0 or more than 0x7FFFFFFF.
    public init?(_ message: RTMPMessage) throws(RTMPError) {
        let types: ClosedRange<UInt8> = 1...6
        guard types.contains(message.typeID.rawValue), message.typeID != .userControl else { return nil }
        let payload = message.payload
        guard let value = payload.getInteger(at: payload.readerIndex, as: UInt32.self) else {
            throw Self.tooShort(message)
        }
        switch message.typeID {
        case .setChunkSize:
            guard (1...0x7FFF_FFFF).contains(value) else {
                throw RTMPError(.chunkSizeInvalid, "Set Chunk Size with \(value)")
            }
            self = .setChunkSize(value)
        case .abort:
            self = .abort(ChunkStreamID(rawValue: value))
        case .acknowledgement:
            self = .acknowledgement(bytesReceived: value)
        case .windowAcknowledgementSize:
            self = .windowAcknowledgementSize(value)
        default:
            guard let limit = payload.getInteger(at: payload.readerIndex + 4, as: UInt8.self) else {
                throw Self.tooShort(message)
            }
            self = .setPeerBandwidth(windowBytes: value, limit: PeerBandwidthLimit(rawValue: limit))
        }
    }

    /// What kind of message carries this.
    public var typeID: MessageTypeID {
        switch self {
        case .setChunkSize: .setChunkSize
        case .abort: .abort
        case .acknowledgement: .acknowledgement
        case .windowAcknowledgementSize: .windowAcknowledgementSize
        case .setPeerBandwidth: .setPeerBandwidth
        }
    }

    /// The message: on message stream 0, at time 0, as 5.4 wants it. It belongs on chunk stream 2.
    public var message: RTMPMessage {
        var payload = ByteBuffer()
        switch self {
        case .setChunkSize(let value), .acknowledgement(let value), .windowAcknowledgementSize(let value):
            payload.writeInteger(value)
        case .abort(let id):
            payload.writeInteger(id.rawValue)
        case .setPeerBandwidth(let windowBytes, let limit):
            payload.writeInteger(windowBytes)
            payload.writeInteger(limit.rawValue)
        }
        return RTMPMessage(typeID: typeID, streamID: .connection, timestamp: 0, payload: payload)
    }

    private static func tooShort(_ message: RTMPMessage) -> RTMPError {
        RTMPError(
            .malformedMessage,
            "protocol control message of type \(message.typeID.rawValue) with \(message.payload.readableBytes) bytes")
    }
}
