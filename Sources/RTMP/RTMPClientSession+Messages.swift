import AMF
import NIOCore

/// What a client session says, and what it does with each message.
extension RTMPClientSession {
    /// The transaction ids of FFmpeg's publisher; servers do not care.
    private enum Transaction {
        static let connect = 1.0
        static let releaseStream = 2.0
        static let fcPublish = 3.0
        static let createStream = 4.0
        static let start = 5.0
    }

    /// connect, as Flash Media Live Encoder or a Flash Player says it. Specification: RTMP 1.0, 7.2.1.1.
    var connectRequest: ConnectRequest {
        var request = ConnectRequest(
            app: configuration.url.app, tcURL: configuration.url.tcURL, flashVersion: configuration.flashVersion,
            capabilities: configuration.capabilities)
        switch configuration.purpose {
        case .publish:
            request.properties = ["type": .string("nonprivate")]
        case .play:
            // The codecs of Flash Player 10, as FFmpeg's player names them. Specification: RTMP 1.0, 7.2.1.1.
            request.properties = [
                "fpad": .boolean(false), "capabilities": .number(15), "audioCodecs": .number(4071),
                "videoCodecs": .number(252), "videoFunction": .number(1),
            ]
        }
        return request
    }

    /// Says that the stream ends, as far as it was asked for.
    mutating func sendEnd() {
        let id: MessageStreamID
        switch phase {
        case .starting(let asked): id = asked
        case .running(let running): id = running
        default: return
        }
        if case .publish = configuration.purpose {
            wire.output.write(
                Command(.fcUnpublish, transactionID: 6, arguments: [.string(configuration.url.streamName)]))
        }
        wire.output.write(Command(.deleteStream, arguments: [.number(Double(id.rawValue))]))
    }

    mutating func receive(_ message: RTMPMessage) throws(RTMPError) {
        switch message.typeID {
        case .audio, .video, .dataAMF0, .dataAMF3:
            receiveMedia(message)
        case .aggregate:
            for part in try AggregateMessage.split(message) where part.typeID.isMedia { receiveMedia(part) }
        case .commandAMF0, .commandAMF3:
            try receive(Command(from: message, limits: configuration.amfLimits), on: message.streamID)
        case .userControl:
            receive(try UserControlEvent(parsing: message.payload))
        default:
            try wire.receive(control: message)
        }
    }

    /// Some servers send metadata and configurations before the onStatus that starts the play: nothing is dropped.
    private mutating func receiveMedia(_ message: RTMPMessage) {
        guard case .play = configuration.purpose else { return }
        switch phase {
        case .starting(let id), .running(let id):
            // FFmpeg's server (libavformat 59, `-listen 1`) sends its only stream's media on the connection's own.
            guard message.streamID == id || message.streamID == .connection else { return }
            emit(.media(message.convertedToAMF0))
        default: break
        }
    }

    private mutating func receive(_ event: UserControlEvent) {
        switch event {
        case .pingRequest(let timestamp): wire.output.write(.pingResponse(timestamp: timestamp))
        case .streamEOF(let id): emit(.streamEnded(id))
        default: break
        }
    }

    private mutating func receive(_ command: Command, on id: MessageStreamID) throws(RTMPError) {
        switch (command.name, phase) {
        case (.result, .connecting) where command.transactionID == Transaction.connect:
            connected(ConnectResponse(command))
        case (.result, .creatingStream) where command.transactionID == Transaction.createStream:
            try startStream(command)
        case (.error, .connecting) where command.transactionID == Transaction.connect,
            (.error, .creatingStream) where command.transactionID == Transaction.createStream,
            (.error, .starting) where command.transactionID == Transaction.start:
            reject(StatusEvent(command.argument(0)))
        case (.onStatus, _):
            receive(StatusEvent(command.argument(0)), on: id)
        case (.close, _):
            close(RTMPError(.rejectedByPeer, "the server ended the connection"))
        default:
            // Answers to releaseStream and FCPublish, among them errors of servers that do not know these, onBWDone,
            // onFCPublish: FFmpeg and OBS go on as well.
            break
        }
    }

    private mutating func connected(_ response: ConnectResponse) {
        self.response = response
        emit(.connected(response))
        phase = .creatingStream
        if !wire.hasAnnouncedWindow { wire.announceWindow(configuration.windowAcknowledgementSizeBytes) }
        if case .publish = configuration.purpose {
            let name = AMF0Value.string(configuration.url.streamName)
            wire.output.write(Command(.releaseStream, transactionID: Transaction.releaseStream, arguments: [name]))
            wire.output.write(Command(.fcPublish, transactionID: Transaction.fcPublish, arguments: [name]))
        }
        wire.output.write(Command(.createStream, transactionID: Transaction.createStream))
    }

    private mutating func startStream(_ result: Command) throws(RTMPError) {
        guard let number = result.argument(0)?.number.flatMap(UInt32.init(exactly:)), number > 0 else {
            throw RTMPError(.malformedCommand, scope: .connection, "createStream without a stream number")
        }
        let id = MessageStreamID(rawValue: number)
        phase = .starting(id)
        let name = AMF0Value.string(configuration.url.streamName)
        switch configuration.purpose {
        case .publish(let mode):
            let arguments = [name, .string(mode.rawValue)]
            wire.output.write(Command(.publish, transactionID: Transaction.start, arguments: arguments), on: id)
        case .play(let start):
            let command = Command(.play, transactionID: Transaction.start, arguments: [name, .number(start)])
            wire.output.write(command, on: id)
            wire.output.write(.setBufferLength(id, milliseconds: configuration.bufferLengthMilliseconds))
        }
    }

    private mutating func receive(_ event: StatusEvent, on id: MessageStreamID) {
        if event.code == .connectReconnectRequest {
            let tcURL = event.properties["tcUrl"]?.asAMF0.string
            return emit(.reconnectRequested(tcURL: tcURL, description: event.description))
        }
        if event.level == .error { return reject(event) }
        switch (event.code, phase) {
        case (.publishStart, .starting(let id)):
            phase = .running(id)
            emit(.publishing(id))
        case (.playStart, .starting(let id)):
            phase = .running(id)
            emit(.playing(id))
        default:
            emit(.status(event))
        }
    }

    private mutating func reject(_ event: StatusEvent) {
        emit(.rejected(event.code, description: event.description))
        close(RTMPError(.rejectedByPeer, "the server refused"))
    }
}
