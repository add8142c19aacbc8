import NIOCore

/// What a session has to send and has not handed out yet.
///
/// Everything is written with full headers on chunk streams 2 and 3 alone. So what a session says can stand between
/// any two messages that others write on the same connection, whatever their headers refer to.
struct SessionOutput: Sendable {
    /// The most bytes of payload in a chunk, once announced.
    private(set) var chunkSize = 128
    private var bytes = ByteBuffer()
    /// What was written and not taken yet, while somebody wants to see it.
    private var log: WrittenLog?

    /// Messages written and not taken yet, and how they were cut.
    struct WrittenLog: Sendable {
        /// The most messages; a client that writes media takes its output at once.
        static let messagesMax = WireTrace.liveEventsMax

        private(set) var messages: [(message: RTMPMessage, layout: ChunkLayout)] = []
        private(set) var dropped = 0

        fileprivate mutating func append(_ message: RTMPMessage, _ layout: ChunkLayout) {
            if messages.count < Self.messagesMax { messages.append((message, layout)) } else { dropped += 1 }
        }
    }

    /// Whether what is written is noted for ``takeLog()``.
    var notesMessages: Bool {
        get { log != nil }
        set { log = newValue ? log ?? WrittenLog() : nil }
    }

    /// What was written since the last time.
    mutating func takeLog() -> WrittenLog {
        guard let taken = log else { return WrittenLog() }
        log = WrittenLog()
        return taken
    }

    /// Nothing is waiting to be sent.
    var isEmpty: Bool {
        bytes.readableBytes == 0
    }

    /// Hands out what is waiting.
    mutating func take() -> ByteBuffer {
        let taken = bytes
        bytes = ByteBuffer()
        return taken
    }

    /// Sends bytes that are no chunks: the handshake's.
    mutating func write(raw: ByteBuffer) {
        if bytes.readableBytes == 0 { bytes = raw } else { bytes.writeImmutableBuffer(raw) }
    }

    /// Sends a command.
    mutating func write(_ command: Command, on streamID: MessageStreamID = .connection) {
        var payload = ByteBuffer()
        command.write(into: &payload)
        write(.commandAMF0, streamID, payload, on: .command)
    }

    /// Sends a protocol control message; a chunk size counts from the next message on.
    mutating func write(_ control: ProtocolControlMessage) {
        let message = control.message
        write(message.typeID, message.streamID, message.payload, on: .control)
        if case .setChunkSize(let size) = control { chunkSize = Int(size) }
    }

    /// Sends a user control message.
    mutating func write(_ event: UserControlEvent) {
        let message = event.message
        write(message.typeID, message.streamID, message.payload, on: .control)
    }

    /// Sends a data message. It goes on the command's chunk stream, because data's own belongs to the fan-out.
    mutating func write(data payload: ByteBuffer, on streamID: MessageStreamID) {
        write(.dataAMF0, streamID, payload, on: .command)
    }

    /// Sends a message with a ``ChunkWriter`` that shortens headers.
    mutating func write(_ message: RTMPMessage, on chunkStreamID: ChunkStreamID, with writer: inout ChunkWriter) {
        let layout = writer.write(message, on: chunkStreamID, into: &bytes)
        if log != nil, let layout { log?.append(message, layout) }
    }

    /// Announces a chunk size with a ``ChunkWriter``, and writes with it from now on.
    mutating func setChunkSize(_ size: Int, with writer: inout ChunkWriter) {
        let layout = writer.setChunkSize(size, into: &bytes)
        chunkSize = writer.chunkSize
        guard log != nil, let layout else { return }
        log?.append(ProtocolControlMessage.setChunkSize(UInt32(clamping: chunkSize)).message, layout)
    }

    private mutating func write(
        _ typeID: MessageTypeID, _ streamID: MessageStreamID, _ payload: ByteBuffer, on chunkStreamID: ChunkStreamID
    ) {
        ChunkWriter.writeUncompressed(
            typeID: typeID, streamID: streamID, timestamp: 0, payload: payload, on: chunkStreamID,
            chunkSize: chunkSize, into: &bytes)
        guard log != nil else { return }
        let message = RTMPMessage(typeID: typeID, streamID: streamID, timestamp: 0, payload: payload)
        log?.append(
            message, ChunkWriter.layout(of: message, on: chunkStreamID, type: 0, timestamp: 0, chunkSize: chunkSize))
    }
}
