import AMF
import NIOCore
import RTMP

/// In front: the chunk size to write with, how the bytes arrive, and how much a peer may make the reader hold.
func fuzzChunks(_ input: inout FuzzInput) {
    let chunkSize = 1 + Int(input.integer(UInt16.self))
    let pattern = input.byte()
    let limits =
        input.byte() & 1 == 0
        ? ChunkLimits() : ChunkLimits(messageBytesMax: 500, chunkStreamsMax: 3, partialBytesMax: 600)
    let whole = readChunks(input.rest, 0, limits)
    promise(whole == readChunks(input.rest, pattern, limits), "cuts change nothing")
    let messages = whole.messages.filter { $0.typeID != .setChunkSize && $0.typeID != .abort }
    writeAndRead(messages, chunkSize: chunkSize)
}

private struct ChunkResult: Equatable {
    var messages: [RTMPMessage] = []
    var error: RTMPError?
}

private func readChunks(_ bytes: ByteBuffer, _ pattern: UInt8, _ limits: ChunkLimits) -> ChunkResult {
    var reader = ChunkReader(limits: limits)
    var result = ChunkResult()
    var pending = ByteBuffer()
    var fed = 0
    var done = 0
    for piece in Pieces(bytes, pattern: pattern) {
        pending.writeImmutableBuffer(piece)
        fed += piece.readableBytes
        do throws(RTMPError) {
            while let message = try reader.read(from: &pending) {
                promise(message.payload.readableBytes <= limits.messageBytesMax, "a message within its limit")
                result.messages.append(message)
                done += message.payload.readableBytes
            }
        } catch {
            result.error = error
            return result
        }
        promise(reader.bytesRead == UInt64(fed - pending.readableBytes), "what is consumed is counted")
        promise(reader.partialBytes <= limits.partialBytesMax, "unfinished messages within their limit")
        promise(reader.partialBytes <= fed - done, "what has become a message is not counted")
        promise(pending.readableBytes < 18, "no more than a header is left")
        pending.discardReadBytes()
    }
    return result
}

/// What was understood can be said, in chunks of another size, and is understood the same.
private func writeAndRead(_ messages: [RTMPMessage], chunkSize: Int) {
    var writer = ChunkWriter()
    var bytes = ByteBuffer()
    writer.setChunkSize(chunkSize, into: &bytes)
    for message in messages {
        let id = ChunkStreamID(rawValue: 3 + UInt32(message.typeID.rawValue) * 9)
        writer.write(message, on: id, into: &bytes)
        ChunkWriter.writeUncompressed(
            typeID: message.typeID, streamID: message.streamID, timestamp: message.timestamp,
            payload: message.payload, on: .data, chunkSize: writer.chunkSize, into: &bytes)
    }
    let read = readChunks(bytes, 0, ChunkLimits(chunkStreamsMax: 4096))
    promise(read.error == nil, "what we write can be read: \(String(describing: read.error))")
    promise(Array(read.messages.dropFirst()) == messages.flatMap { [$0, $0] }, "what we write is what is read")
}

/// In front: the message's type.
func fuzzMessages(_ input: inout FuzzInput) {
    let typeID = MessageTypeID(rawValue: input.byte())
    let message = RTMPMessage(
        typeID: typeID, streamID: MessageStreamID(rawValue: 1), timestamp: 0xFFFF_FFF0, payload: input.rest)
    do throws(RTMPError) {
        if let control = try ProtocolControlMessage(message) {
            let again = try ProtocolControlMessage(control.message)
            promise(again == control, "control messages survive")
        }
        switch typeID {
        case .userControl:
            let event = try UserControlEvent(parsing: message.payload)
            let again = try UserControlEvent(parsing: event.message.payload)
            promise(again == event, "events survive")
        case .aggregate:
            let parts = try AggregateMessage.split(message)
            promise(parts.count <= AggregateMessage.messagesMax, "an aggregate within its limit")
        case .sharedObjectAMF0, .sharedObjectAMF3:
            let object = try SharedObjectMessage(message)
            promise((object?.events.count ?? 0) <= SharedObjectMessage.eventsMax, "events within their limit")
        case .commandAMF0, .commandAMF3:
            try checkCommand(message)
        default: break
        }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}

private func checkCommand(_ message: RTMPMessage) throws(RTMPError) {
    let command = try Command(from: message)
    var payload = ByteBuffer()
    command.write(into: &payload)
    var again = message
    again.typeID = .commandAMF0
    again.payload = payload
    // Written strings can be longer, where bytes that are no text became U+FFFD.
    let limits = AMFLimits(depthMax: 32, valuesMax: 1 << 20, bytesMax: 1 << 24)
    let same = try Command(from: again, limits: limits)
    promise(isSame(same, command), "commands survive")
    if command.name == .connect {
        let request = try ConnectRequest(command)
        let again = try ConnectRequest(request.command)
        promise(again.app == request.app && again.tcURL == request.tcURL, "connect survives")
        _ = StreamPath(app: request.app, name: request.tcURL)
    }
    _ = StatusEvent(command.argument(0))
    _ = ConnectResponse(command)
}
