import AMF
import NIOCore

/// What a server session does with each message that is not audio, video or AMF 0 data.
extension RTMPServerSession {
    mutating func receive(_ message: RTMPMessage) throws(RTMPError) {
        switch message.typeID {
        case .commandAMF0, .commandAMF3:
            try receive(try command(in: message), on: message.streamID)
        case .dataAMF3:
            receiveMedia(message.convertedToAMF0)
        case .aggregate:
            // An aggregate may hold anything; what is not media has no business in it.
            guard streams.isPublishing(message.streamID) else { return mediaMessagesDropped &+= 1 }
            for part in try AggregateMessage.split(message) where part.typeID.isMedia {
                receiveMedia(part.convertedToAMF0)
            }
        case .userControl:
            receive(try UserControlEvent(parsing: message.payload))
        case .sharedObjectAMF0, .sharedObjectAMF3:
            guard isConnected else { return }
            if let shared = try SharedObjectMessage(message, limits: configuration.amfLimits) {
                emit(.sharedObject(shared))
            }
        default:
            try wire.receive(control: message)
        }
    }

    /// The command of a message. Before connect a command that cannot be read ends the connection, because the one that
    /// must come next was probably it.
    private func command(in message: RTMPMessage) throws(RTMPError) -> Command {
        do {
            return try Command(from: message, limits: configuration.amfLimits)
        } catch {
            guard !isConnected else { throw error }
            throw RTMPError(error.code, scope: .connection, error.detail)
        }
    }

    private mutating func receiveMedia(_ message: RTMPMessage) {
        guard streams.isPublishing(message.streamID) else { return mediaMessagesDropped &+= 1 }
        emit(.media(message.streamID, message))
    }

    private mutating func receive(_ event: UserControlEvent) {
        switch event {
        case .pingRequest(let timestamp):
            wire.output.write(.pingResponse(timestamp: timestamp))
        case .pingResponse(let timestamp):
            emit(.pong(timestamp: timestamp))
        case .setBufferLength(let id, let milliseconds):
            guard var stream = streams[id] else { return }
            stream.bufferLengthMilliseconds = milliseconds
            streams[id] = stream
            if stream.state == .playing { emit(.playControl(id, .bufferLength(milliseconds: milliseconds))) }
        default:
            // StreamBegin and its kin are the server's to say.
            break
        }
    }
}

extension MessageTypeID {
    /// Audio, video or data.
    var isMedia: Bool {
        switch self {
        case .audio, .video, .dataAMF0, .dataAMF3: true
        default: false
        }
    }
}

extension RTMPMessage {
    /// A data message of type 15 as type 18: without the byte of 0 in front. What stands behind it is AMF 0, with AMF 3
    /// values behind their markers. Flash Player sends it when objectEncoding is 3. Specification: RTMP 1.0, 7.1.2.
    var convertedToAMF0: RTMPMessage {
        guard typeID == .dataAMF3 else { return self }
        var message = self
        message.typeID = .dataAMF0
        if payload.getInteger(at: payload.readerIndex, as: UInt8.self) == 0 {
            message.payload.moveReaderIndex(forwardBy: 1)
        }
        return message
    }
}
