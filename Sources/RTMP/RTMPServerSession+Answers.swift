import AMF
import NIOCore

/// The application's answers, and what it says unasked. Each queues `.send`. An answer to a question that is not open, or
/// about a stream that does not do what it says, does nothing: the client may have ended it in the meantime.
extension RTMPServerSession {
    /// Accepts connect. Specification: RTMP 1.0, 7.2.1.1.
    public mutating func acceptConnect() {
        guard case .connect(let transactionID)? = question, let peer else { return }
        question = nil
        phase = .connected
        wire.announceWindow(configuration.windowAcknowledgementSizeBytes)
        wire.output.write(.setPeerBandwidth(windowBytes: configuration.peerBandwidthBytes, limit: .dynamic))
        wire.output.write(.setChunkSize(UInt32(clamping: configuration.outboundChunkSize)))
        var properties: AMF0Object = ["objectEncoding": .number(peer.objectEncoding)]
        properties.properties += configuration.capabilities.answering(peer.capabilities).object.properties
        let event = StatusEvent(.connectSuccess, description: "Connection succeeded.", properties: properties)
        wire.output.write(
            Command(
                .result, transactionID: transactionID,
                commandObject: .object([
                    "fmsVer": .string(configuration.serverVersion), "capabilities": .number(31), "mode": .number(1),
                ]),
                arguments: [event.value]))
    }

    /// Rejects connect, with `connectRejected`, `connectInvalidApp` or another code; the session ends.
    public mutating func rejectConnect(code: StatusCode = .connectRejected, description: String) {
        guard case .connect(let transactionID)? = question else { return }
        let event = StatusEvent(code, description: description)
        wire.output.write(Command(.error, transactionID: transactionID, arguments: [event.value]))
        emit(.close(RTMPError(.rejectedByApplication, description)))
        end()
    }

    /// Accepts a publish: its media follows as `.media`. Specification: RTMP 1.0, 7.2.2.6.
    public mutating func acceptPublish(_ id: MessageStreamID) {
        guard case .publish(id, let name, _)? = question else { return }
        question = nil
        streams[id]?.state = .publishing(nameAsSent: name)
        wire.output.write(.streamBegin(id))
        sendStatus(.publishStart, description: "Publishing.", on: id)
        wire.trace.acceptPublication()
    }

    /// Rejects a publish, with `publishBadName`, `publishDenied` or another code. The client may try again.
    public mutating func rejectPublish(_ id: MessageStreamID, code: StatusCode = .publishDenied, description: String) {
        guard case .publish(id, _, _)? = question else { return }
        question = nil
        sendStatus(code, description: description, on: id)
    }

    /// Accepts a play: the application sends the media. Specification: RTMP 1.0, 7.2.2.1.
    public mutating func acceptPlay(_ id: MessageStreamID) {
        guard case .play(id, let request)? = question else { return }
        question = nil
        streams[id]?.state = .playing
        wire.forgetOpening()
        wire.output.write(.streamBegin(id))
        if request.reset { sendStatus(.playReset, description: "Playing and resetting.", on: id) }
        sendStatus(.playStart, description: "Playing.", on: id)
        // Lets a Flash player's scripts draw and analyse what it plays; FFmpeg and librtmp skip it.
        var access = ByteBuffer()
        AMF0Value.string("|RtmpSampleAccess").write(into: &access)
        AMF0Value.boolean(true).write(into: &access)
        AMF0Value.boolean(true).write(into: &access)
        wire.output.write(data: access, on: id)
    }

    /// Rejects a play, with `playStreamNotFound`, `playFailed` or another code. The client may try again.
    public mutating func rejectPlay(
        _ id: MessageStreamID, code: StatusCode = .playStreamNotFound, description: String
    ) {
        guard case .play(id, _)? = question else { return }
        question = nil
        sendStatus(code, description: description, on: id)
    }

    /// Ends an accepted publication: what the client still sends of it is dropped.
    public mutating func endPublish(_ id: MessageStreamID, code: StatusCode, description: String) {
        guard case .publishing? = streams[id]?.state else { return }
        streams[id]?.state = .idle
        sendStatus(code, description: description, on: id)
    }

    /// Ends an accepted play, when its media has been sent: StreamEOF, then the status.
    public mutating func endPlay(_ id: MessageStreamID, code: StatusCode = .playStop, description: String) {
        guard streams[id]?.state == .playing else { return }
        streams[id]?.state = .idle
        wire.output.write(.streamEOF(id))
        sendStatus(code, description: description, on: id)
    }

    /// Tells a client about a stream, or about the connection.
    ///
    /// - Parameter properties: more properties of the information object.
    public mutating func sendStatus(
        _ code: StatusCode, description: String, properties: AMF0Object = [:], on id: MessageStreamID = .connection
    ) {
        guard isConnected else { return }
        wire.output.write(StatusEvent(code, description: description, properties: properties).command, on: id)
    }

    /// Sends a user control message, such as StreamBegin or StreamEOF where a publisher comes or goes and the player stays.
    public mutating func send(_ event: UserControlEvent) {
        guard isConnected else { return }
        wire.output.write(event)
    }

    /// Asks whether the client is there; it answers with `.pong` of the same number. Specification: RTMP 1.0, 7.1.7.
    public mutating func sendPing(timestamp: UInt32) {
        send(.pingRequest(timestamp: timestamp))
    }

    /// Asks the client to connect anew, elsewhere if `tcURL` says so. Source: Enhanced RTMP v2, "Reconnect Request".
    ///
    /// - Returns: false when the client has not said that it can; nothing is sent then.
    @discardableResult
    public mutating func requestReconnect(tcURL: String? = nil, description: String) -> Bool {
        guard isConnected, let peer, peer.capabilities.features.contains(.reconnect) else { return false }
        sendStatus(
            .connectReconnectRequest, description: description,
            properties: tcURL.map { ["tcUrl": .string($0)] } ?? [:])
        return true
    }
}
