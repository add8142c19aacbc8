import AMF

/// What a server session does with each command. Specification: RTMP 1.0, 7.2.
extension RTMPServerSession {
    mutating func receive(_ command: Command, on id: MessageStreamID) throws(RTMPError) {
        guard isConnected else { return try receiveFirst(command) }
        switch command.name {
        case .createStream: createStream(command)
        case .deleteStream: deleteStream(command, on: id)
        case .closeStream: endByPeer(id)
        case .publish: publish(command, on: id)
        case .play: play(command, on: id)
        case .play2: play2(command, on: id)
        case .pause, .pauseRaw, .seek, .receiveAudio, .receiveVideo: control(command, on: id)
        case .fcPublish: fcPublish(command)
        case .fcUnpublish: fcUnpublish(command)
        case .releaseStream, .fcSubscribe, .checkBandwidth: answer(command, with: .undefined)
        // A live stream has no length; librtmp and Flash go on with 0.
        case .getStreamLength: answer(command, with: .number(0))
        // Answers to calls that this server never makes.
        case .result, .error, .onStatus: break
        default: ignore(command)
        }
    }

    /// Before connect is accepted nothing but connect can come: a peer that begins otherwise does not speak RTMP.
    private mutating func receiveFirst(_ command: Command) throws(RTMPError) {
        guard command.name == .connect else {
            throw RTMPError(.unexpectedMessage, "a command before connect")
        }
        let request = try ConnectRequest(command)
        peer = request.withoutExtras
        question = .connect(transactionID: command.transactionID)
        emit(.connectRequested(request))
    }

    private mutating func createStream(_ command: Command) {
        if let id = streams.create() {
            answer(command, with: .number(Double(id.rawValue)))
        } else {
            refuse(command, "no more than \(configuration.messageStreamsMax) streams on one connection")
        }
    }

    /// The number is the argument. A client that leaves it out means the stream the command came on.
    private mutating func deleteStream(_ command: Command, on id: MessageStreamID) {
        let number = command.argument(0)?.number.flatMap(UInt32.init(exactly:))
        let id = number.map(MessageStreamID.init(rawValue:)) ?? id
        endByPeer(id)
        streams.delete(id)
    }

    /// The client ends what a stream does; the stream itself stays.
    private mutating func endByPeer(_ id: MessageStreamID) {
        guard let stream = streams[id] else { return }
        streams[id]?.state = .idle
        switch stream.state {
        case .idle: break
        case .publishing:
            wire.output.write(StatusEvent(.unpublishSuccess, description: "The publication has ended.").command, on: id)
            emit(.publishEnded(id))
        case .playing:
            emit(.playEnded(id))
        }
    }

    private mutating func publish(_ command: Command, on id: MessageStreamID) {
        guard let stream = streams[id] else {
            return sendStatus(.publishBadConnection, description: "publish on a stream that was not created", on: id)
        }
        let name: String
        switch command.argument(0) {
        case .string(let string)?: name = string
        // Flash's NetStream.publish(false) and publish(null) end the publication.
        case .boolean(false)?, .null?, .undefined?: return endByPeer(id)
        default: return sendStatus(.publishBadName, description: "publish needs a name", on: id)
        }
        // What the stream does already goes on undisturbed.
        guard stream.state == .idle else {
            return sendStatus(.publishBadConnection, description: "the message stream is in use", on: id)
        }
        guard name.utf8.count <= configuration.streamNameBytesMax else {
            return sendStatus(.publishBadName, description: "the name is too long", on: id)
        }
        let mode = command.argument(1)?.string.flatMap(PublishMode.init(rawValue:)) ?? .live
        question = .publish(id, nameAsSent: name, mode: mode)
        emit(.publishRequested(id, PublishRequest(stream: path(name), mode: mode)))
    }

    private mutating func play(_ command: Command, on id: MessageStreamID) {
        switch command.argument(0) {
        case .string(let name)?:
            let reset = command.argument(3)
            play(
                name, start: command.argument(1)?.number ?? -2000, duration: command.argument(2)?.number ?? -1,
                reset: reset?.boolean ?? reset?.number.map { $0 != 0 } ?? true, on: id)
        // Flash's NetStream.play(false) stops.
        case .boolean(false)?, .null?, .undefined?:
            guard streams[id]?.state == .playing else { return }
            endByPeer(id)
            sendStatus(.playStop, description: "Playing has stopped.", on: id)
        default:
            sendStatus(.playFailed, description: "play needs a name", on: id)
        }
    }

    /// Switches to another stream, here without waiting for a keyframe of the old one. Specification: RTMP 1.0, 7.2.2.2.
    private mutating func play2(_ command: Command, on id: MessageStreamID) {
        guard let options = command.argument(0)?.object, let name = options["streamName"]?.asAMF0.string else {
            return sendStatus(.playFailed, description: "play2 needs a streamName", on: id)
        }
        play(
            name, start: options["start"]?.asAMF0.number ?? -2000, duration: options["len"]?.asAMF0.number ?? -1,
            reset: true, on: id)
    }

    private mutating func play(
        _ name: String, start: Double, duration: Double, reset: Bool, on id: MessageStreamID
    ) {
        guard let stream = streams[id] else {
            return sendStatus(.playFailed, description: "play on a stream that was not created", on: id)
        }
        if case .publishing = stream.state {
            return sendStatus(.playFailed, description: "the message stream publishes", on: id)
        }
        guard name.utf8.count <= configuration.streamNameBytesMax else {
            return sendStatus(.playStreamNotFound, description: "the name is too long", on: id)
        }
        // A second play replaces the first. Flash would queue it behind; a live stream has no end to wait for.
        endByPeer(id)
        let request = PlayRequest(
            stream: path(name), start: start, duration: duration, reset: reset,
            bufferLengthMilliseconds: stream.bufferLengthMilliseconds)
        question = .play(id, request)
        emit(.playRequested(id, request))
    }

    private mutating func control(_ command: Command, on id: MessageStreamID) {
        guard streams[id]?.state == .playing else { return ignore(command) }
        let flag = command.argument(0)?.boolean ?? true
        switch command.name {
        case .pause, .pauseRaw:
            if flag {
                sendStatus(.pauseNotify, description: "Paused.", on: id)
            } else {
                sendStatus(.unpauseNotify, description: "Playing goes on.", on: id)
            }
            emit(.playControl(id, .pause(flag, milliseconds: command.argument(1)?.number ?? 0)))
        case .seek:
            emit(.playControl(id, .seek(milliseconds: command.argument(0)?.number ?? 0)))
        case .receiveAudio:
            notifyReceiving(flag, on: id)
            emit(.playControl(id, .receiveAudio(flag)))
        default:
            notifyReceiving(flag, on: id)
            emit(.playControl(id, .receiveVideo(flag)))
        }
    }

    /// Switching a kind of media on is answered like the start of playing. Specification: RTMP 1.0, 7.2.2.4 and 7.2.2.5.
    private mutating func notifyReceiving(_ flag: Bool, on id: MessageStreamID) {
        guard flag else { return }
        sendStatus(.seekNotify, description: "Seeking to the live edge.", on: id)
        sendStatus(.playStart, description: "Playing.", on: id)
    }

    /// Flash Media Live Encoder publishes only after onFCPublish; OBS and FFmpeg go on without.
    private mutating func fcPublish(_ command: Command) {
        answer(command, with: .undefined)
        let event = StatusEvent(.publishStart, description: "FCPublish is accepted.")
        wire.output.write(Command(.onFCPublish, arguments: [event.value]))
    }

    /// OBS, FFmpeg and librtmp send it before deleteStream, so this is mostly where a publication ends. One that names
    /// another stream ends nothing.
    private mutating func fcUnpublish(_ command: Command) {
        answer(command, with: .undefined)
        let event = StatusEvent(.unpublishSuccess, description: "FCUnpublish is accepted.")
        wire.output.write(Command(.onFCUnpublish, arguments: [event.value]))
        if let name = command.argument(0)?.string, let id = streams.publishing(nameAsSent: name) { endByPeer(id) }
    }

    private mutating func ignore(_ command: Command) {
        refuse(command, "the command is unknown, or cannot be carried out now")
        emit(.commandIgnored(String(command.name.rawValue.prefix(64))))
    }

    /// A transaction id of 0 asks for no answer. Specification: RTMP 1.0, 7.2.1.
    private mutating func answer(_ command: Command, with value: AMF0Value) {
        guard command.transactionID != 0 else { return }
        wire.output.write(Command(.result, transactionID: command.transactionID, arguments: [value]))
    }

    private mutating func refuse(_ command: Command, _ description: String) {
        guard command.transactionID != 0 else { return }
        let event = StatusEvent(.callFailed, description: description)
        wire.output.write(Command(.error, transactionID: command.transactionID, arguments: [event.value]))
    }

    private func path(_ name: String) -> StreamPath {
        StreamPath(app: peer?.app ?? "", name: name)
    }
}
