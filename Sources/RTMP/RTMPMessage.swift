import NIOCore

/// A chunk stream's number, 2 to 65599. Specification: RTMP 1.0, 5.3.1.1.
public struct ChunkStreamID: RawRepresentable, Hashable, Sendable {
    /// 2 to 65599.
    public var rawValue: UInt32

    /// - Parameter rawValue: 2 to 65599.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Protocol control messages. Specification: RTMP 1.0, 5.4.
    public static let control = ChunkStreamID(rawValue: 2)
    /// Commands, by custom.
    public static let command = ChunkStreamID(rawValue: 3)
    /// Audio, by custom.
    public static let audio = ChunkStreamID(rawValue: 4)
    /// Data messages, by custom.
    public static let data = ChunkStreamID(rawValue: 5)
    /// Video, by custom.
    public static let video = ChunkStreamID(rawValue: 6)
}

/// A message stream's number: 0 is the connection's own, others come from createStream.
/// Specification: RTMP 1.0, 5.3.1.2.1 and 7.2.1.3.
public struct MessageStreamID: RawRepresentable, Hashable, Sendable {
    /// Any 32-bit number.
    public var rawValue: UInt32

    /// - Parameter rawValue: any 32-bit number.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The connection itself.
    public static let connection = MessageStreamID(rawValue: 0)
}

/// A message's kind. Specification: RTMP 1.0, 5.4, 6.2 and 7.1.
public struct MessageTypeID: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public var rawValue: UInt8

    /// - Parameter rawValue: the number on the wire.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Set Chunk Size, 5.4.1.
    public static let setChunkSize = MessageTypeID(rawValue: 1)
    /// Abort Message, 5.4.2.
    public static let abort = MessageTypeID(rawValue: 2)
    /// Acknowledgement, 5.4.3.
    public static let acknowledgement = MessageTypeID(rawValue: 3)
    /// User Control Message, 6.2.
    public static let userControl = MessageTypeID(rawValue: 4)
    /// Window Acknowledgement Size, 5.4.4.
    public static let windowAcknowledgementSize = MessageTypeID(rawValue: 5)
    /// Set Peer Bandwidth, 5.4.5.
    public static let setPeerBandwidth = MessageTypeID(rawValue: 6)
    /// Audio Message, 7.1.4.
    public static let audio = MessageTypeID(rawValue: 8)
    /// Video Message, 7.1.5.
    public static let video = MessageTypeID(rawValue: 9)
    /// Data Message in AMF 3, 7.1.2.
    public static let dataAMF3 = MessageTypeID(rawValue: 15)
    /// Shared Object Message in AMF 3, 7.1.3.
    public static let sharedObjectAMF3 = MessageTypeID(rawValue: 16)
    /// Command Message in AMF 3, 7.1.1.
    public static let commandAMF3 = MessageTypeID(rawValue: 17)
    /// Data Message in AMF 0, 7.1.2.
    public static let dataAMF0 = MessageTypeID(rawValue: 18)
    /// Shared Object Message in AMF 0, 7.1.3.
    public static let sharedObjectAMF0 = MessageTypeID(rawValue: 19)
    /// Command Message in AMF 0, 7.1.1.
    public static let commandAMF0 = MessageTypeID(rawValue: 20)
    /// Aggregate Message, 7.1.6.
    public static let aggregate = MessageTypeID(rawValue: 22)
}

/// One whole message, as it was before it was cut into chunks. Specification: RTMP 1.0, 6.1.
public struct RTMPMessage: Sendable, Equatable {
    /// What the payload holds.
    public var typeID: MessageTypeID
    /// The message stream it belongs to.
    public var streamID: MessageStreamID
    /// Milliseconds, wrapping at 2³².
    public var timestamp: UInt32
    /// The payload, without any header.
    public var payload: ByteBuffer

    /// Makes a message; see the properties.
    public init(typeID: MessageTypeID, streamID: MessageStreamID, timestamp: UInt32, payload: ByteBuffer) {
        self.typeID = typeID
        self.streamID = streamID
        self.timestamp = timestamp
        self.payload = payload
    }
}
