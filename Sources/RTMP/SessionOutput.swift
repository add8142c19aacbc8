import NIOCore

/// What a session has to send and has not handed out yet.
///
/// Everything is written with full headers on chunk streams 2 and 3 alone. So what a session says can stand between
/// any two messages that others write on the same connection, whatever their headers refer to.
struct SessionOutput: Sendable {
    /// The most bytes of payload in a chunk, once announced.
    private(set) var chunkSize = 128
    private var bytes = ByteBuffer()

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

    /// Writes with a chunk size that was announced by a ``ChunkWriter`` on the same connection.
    mutating func adoptChunkSize(_ size: Int) {
        chunkSize = size
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

    /// Sends what `body` writes with a ``ChunkWriter`` of its own.
    mutating func write(_ body: (inout ByteBuffer) -> Void) {
        body(&bytes)
    }

    private mutating func write(
        _ typeID: MessageTypeID, _ streamID: MessageStreamID, _ payload: ByteBuffer, on chunkStreamID: ChunkStreamID
    ) {
        ChunkWriter.writeUncompressed(
            typeID: typeID, streamID: streamID, timestamp: 0, payload: payload, on: chunkStreamID,
            chunkSize: chunkSize, into: &bytes)
    }
}
