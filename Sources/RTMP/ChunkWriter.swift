import NIOCore

/// Cuts messages into chunks. Specification: RTMP 1.0, 5.3.
public struct ChunkWriter: Sendable {
    /// The most bytes of payload in a chunk; 128 until ``setChunkSize(_:into:)``.
    public private(set) var chunkSize = 128

    /// The last message on a chunk stream, which the next header may refer to.
    private struct Predecessor: Sendable {
        var id: ChunkStreamID
        var streamID: MessageStreamID
        var typeID: MessageTypeID
        var length: Int
        var timestamp: UInt32
        /// The last header's delta; `nil` after a type 0 header.
        var delta: UInt32?
    }

    /// A header's type and what its timestamp field tells: the time, or for types 1 to 3 the delta.
    private struct Header {
        var type: UInt8
        var timestamp: UInt32
    }

    /// The most chunk streams whose last message is remembered. A session uses five; on others every header is full.
    private static let predecessorsMax = 8
    private var predecessors: [Predecessor] = []

    /// Makes a writer with the chunk size a connection begins with.
    public init() {}

    /// Writes a message in chunks, with headers that leave out what the last message on the chunk stream said.
    ///
    /// - Parameters:
    ///   - message: its payload has at most 0xFFFFFF bytes, as much as the length field can say; a longer one is not
    ///     written.
    ///   - id: the chunk stream; numbers outside 2 to 65599 are taken as the nearest one inside.
    ///   - bytes: where the chunks are appended.
    /// - Returns: how the message was cut, for whoever wants to look at it; nil when it was not written.
    @discardableResult
    public mutating func write(
        _ message: RTMPMessage, on id: ChunkStreamID, into bytes: inout ByteBuffer
    ) -> ChunkLayout? {
        let length = message.payload.readableBytes
        guard length <= 0xFF_FFFF else { return nil }
        let index = predecessors.firstIndex { $0.id == id }
        let header = Self.header(of: message, after: index.map { predecessors[$0] })
        Self.write(header, message, on: id, chunkSize: chunkSize, into: &bytes)
        let written = Predecessor(
            id: id, streamID: message.streamID, typeID: message.typeID, length: length, timestamp: message.timestamp,
            delta: header.type == 0 ? nil : header.timestamp)
        if let index {
            predecessors[index] = written
        } else if predecessors.count < Self.predecessorsMax {
            predecessors.append(written)
        }
        return Self.layout(of: message, on: id, type: header.type, timestamp: header.timestamp, chunkSize: chunkSize)
    }

    /// How a message with a first header of type `type` is cut.
    static func layout(
        of message: RTMPMessage, on id: ChunkStreamID, type: UInt8, timestamp: UInt32, chunkSize: Int
    ) -> ChunkLayout {
        ChunkLayout(
            type: type, chunkStreamID: id,
            extendedTimestamp: timestamp >= ChunkHeader.extendedTimestampMark ? timestamp : nil,
            messageBytes: message.payload.readableBytes, chunkSize: chunkSize)
    }

    /// Writes Set Chunk Size and applies it to the messages that follow. Specification: 5.4.1.
    ///
    /// - Parameter size: 1 to 0xFFFFFF; numbers outside are taken as the nearest one inside.
    /// - Returns: how the message was cut.
    @discardableResult
    public mutating func setChunkSize(_ size: Int, into bytes: inout ByteBuffer) -> ChunkLayout? {
        let size = min(max(size, 1), 0xFF_FFFF)
        defer { chunkSize = size }
        return write(ProtocolControlMessage.setChunkSize(UInt32(size)).message, on: .control, into: &bytes)
    }

    /// Writes a message in chunks with a full header, remembering nothing: what it writes may be sent to any number of
    /// peers, whatever they were sent before. Allocates nothing beyond `bytes`.
    ///
    /// - Parameters:
    ///   - payload: at most 0xFFFFFF bytes; a longer one is not written.
    ///   - id: the chunk stream; numbers outside 2 to 65599 are taken as the nearest one inside.
    ///   - chunkSize: what the peers were told; numbers outside 1 to 0xFFFFFF are taken as the nearest one inside.
    public static func writeUncompressed(
        typeID: MessageTypeID, streamID: MessageStreamID, timestamp: UInt32, payload: ByteBuffer,
        on id: ChunkStreamID, chunkSize: Int, into bytes: inout ByteBuffer
    ) {
        let message = RTMPMessage(typeID: typeID, streamID: streamID, timestamp: timestamp, payload: payload)
        write(Header(type: 0, timestamp: timestamp), message, on: id, chunkSize: chunkSize, into: &bytes)
    }

    /// Chooses the shortest header that every peer understands alike. Specification: 5.3.1.2.
    ///
    /// A message after a type 0 header never gets type 3: 5.3.1.2.4 makes its delta the timestamp, nginx-rtmp makes it
    /// 0. Deltas that need an extended timestamp never occur, since peers disagree on them too: such a message gets
    /// type 0.
    private static func header(of message: RTMPMessage, after predecessor: Predecessor?) -> Header {
        let full = Header(type: 0, timestamp: message.timestamp)
        guard let predecessor, predecessor.streamID == message.streamID else { return full }
        // Going backwards gives a huge delta, so this also is "whenever the stream timestamp goes backward". 5.3.1.2.1.
        let delta = message.timestamp &- predecessor.timestamp
        guard delta < ChunkHeader.extendedTimestampMark else { return full }
        guard predecessor.typeID == message.typeID, predecessor.length == message.payload.readableBytes else {
            return Header(type: 1, timestamp: delta)
        }
        return Header(type: predecessor.delta == delta ? 3 : 2, timestamp: delta)
    }

    private static func write(
        _ header: Header, _ message: RTMPMessage, on id: ChunkStreamID, chunkSize: Int, into bytes: inout ByteBuffer
    ) {
        let length = message.payload.readableBytes
        guard length <= 0xFF_FFFF else { return }
        let basicHeader = BasicHeader(id)
        let chunkSize = min(max(chunkSize, 1), 0xFF_FFFF)
        let extended = header.timestamp >= ChunkHeader.extendedTimestampMark ? 4 : 0
        let continuations = length == 0 ? 0 : (length &- 1) / chunkSize
        let total =
            basicHeader.byteCount &+ ChunkHeader.messageHeaderBytes(ofType: header.type) &+ extended &+ length
            &+ continuations &* (basicHeader.byteCount &+ extended)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { target in
            var output = ChunkOutput(target: target)
            basicHeader.write(type: header.type, to: &output)
            Self.write(header, message, to: &output)
            message.payload.withUnsafeReadableBytes { payload in
                output.append(payload[..<min(chunkSize, length)])
                var start = chunkSize
                while start < length {
                    basicHeader.write(type: 3, to: &output)
                    if extended > 0 { output.append(header.timestamp.bigEndian) }
                    output.append(payload[start..<min(start &+ chunkSize, length)])
                    start &+= chunkSize
                }
            }
            return output.count
        }
    }

    /// The message header and the extended timestamp. Specification: 5.3.1.2 and 5.3.1.3.
    private static func write(_ header: Header, _ message: RTMPMessage, to output: inout ChunkOutput) {
        guard header.type < 3 else { return }
        output.appendUInt24(min(header.timestamp, ChunkHeader.extendedTimestampMark))
        if header.type < 2 {
            output.appendUInt24(UInt32(truncatingIfNeeded: message.payload.readableBytes))
            output.append(message.typeID.rawValue)
        }
        if header.type == 0 { output.append(message.streamID.rawValue.littleEndian) }
        if header.timestamp >= ChunkHeader.extendedTimestampMark { output.append(header.timestamp.bigEndian) }
    }
}

/// A chunk stream's number in as few bytes as it fits in. Specification: RTMP 1.0, 5.3.1.1.
private struct BasicHeader {
    let id: UInt32
    let byteCount: Int

    init(_ id: ChunkStreamID) {
        self.id = min(max(id.rawValue, 2), 65_599)
        byteCount = self.id < 64 ? 1 : self.id < 320 ? 2 : 3
    }

    func write(type: UInt8, to output: inout ChunkOutput) {
        let type = type << 6
        switch byteCount {
        case 1:
            output.append(type | UInt8(truncatingIfNeeded: id))
        case 2:
            output.append(type)
            output.append(UInt8(truncatingIfNeeded: id &- 64))
        default:
            output.append(type | 1)
            output.append(UInt16(truncatingIfNeeded: id &- 64).littleEndian)
        }
    }
}

/// Appends to memory that is known to be long enough, and checks nevertheless.
private struct ChunkOutput {
    let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(target: UnsafeMutableRawBufferPointer) {
        self.target = target
    }

    /// The integer as it lies in memory: byte order is the caller's.
    mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
        target.storeBytes(of: value, toByteOffset: count, as: Integer.self)
        count &+= MemoryLayout<Integer>.size
    }

    mutating func appendUInt24(_ value: UInt32) {
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt16(truncatingIfNeeded: value).bigEndian)
    }

    mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) {
        UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes))
        count &+= bytes.count
    }
}
