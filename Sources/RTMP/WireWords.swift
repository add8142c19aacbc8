import AMF
import NIOCore

/// What a message says, in words, for people: `publish(5, null, "cam", "live")`, "AVC keyframe: SEI, IDR".
///
/// Never fails and never gets long, whatever the message holds. Secrets (keys, tokens, passwords) are left out.
public enum WireWords {
    /// The most bytes of UTF-8 that describe one message: a connect with all its properties fits.
    public static let bytesMax = 2048

    /// The words for a message.
    ///
    /// - Parameters:
    ///   - message: perhaps with a payload that is cut.
    ///   - payloadBytes: what the payload had on the wire; nil when it is whole.
    public static func words(for message: RTMPMessage, payloadBytes: Int? = nil) -> String {
        let isCut = message.payload.readableBytes < payloadBytes ?? 0
        let words: String
        do throws(RTMPError) {
            words = try Self.words(message)
        } catch {
            words = isCut ? "cut short here" : "malformed (\(error.detail))"
        }
        guard words.utf8.count > bytesMax else { return words }
        return String(decoding: words.utf8.prefix(bytesMax - 3), as: UTF8.self) + "…"
    }

    private static func words(_ message: RTMPMessage) throws(RTMPError) -> String {
        switch message.typeID {
        case .setChunkSize, .abort, .acknowledgement, .windowAcknowledgementSize, .setPeerBandwidth:
            return try ProtocolControlMessage(message)?.words ?? ""
        case .userControl: return try UserControlEvent(parsing: message.payload).words
        case .commandAMF0, .commandAMF3: return call(message, hasObject: true)
        case .dataAMF0, .dataAMF3: return call(message, hasObject: false)
        case .audio: return MediaWords.audio(message.payload)
        case .video: return MediaWords.video(message.payload)
        case .aggregate: return words(aggregate: try AggregateMessage.split(message))
        case .sharedObjectAMF0, .sharedObjectAMF3:
            return try SharedObjectMessage(message, limits: .command)?.words ?? ""
        default: return "\(message.payload.readableBytes) bytes of an unknown type"
        }
    }

    /// A command or data message: a name and values. What cannot be decoded ends the list and is told.
    private static func call(_ message: RTMPMessage, hasObject: Bool) -> String {
        var payload = message.payload
        let isAMF3 = message.typeID == .commandAMF3 || message.typeID == .dataAMF3
        if isAMF3, payload.getInteger(at: payload.readerIndex, as: UInt8.self) == 0 {
            payload.moveReaderIndex(forwardBy: 1)
        }
        var decoder = AMF0Decoder(limits: .command)
        var words = AMFWords()
        var count = 0
        while payload.readableBytes > 0, !words.isFull {
            do throws(AMFError) {
                let value = try decoder.decode(from: &payload)
                if count == 0, let name = value.asAMF0.string {
                    words.write(SecretText.shown(name) + "(")
                } else {
                    words.write(count < 2 ? "" : ", ")
                    words.write(value)
                }
            } catch {
                words.write("\(count < 2 ? "" : ", ")… cannot be read: \(error.code)")
                break
            }
            count += 1
        }
        return count == 0 ? words.text.isEmpty ? "nothing" : words.text : words.text + ")"
    }

    private static func words(aggregate parts: [RTMPMessage]) -> String {
        guard let first = parts.first, let last = parts.last else { return "no messages" }
        let kinds: [(MessageTypeID, String)] = [(.audio, "audio"), (.video, "video"), (.dataAMF0, "data")]
        var counts = kinds.map { kind in (parts.count { $0.typeID == kind.0 }, kind.1) }
        counts.append((parts.count - counts.reduce(0) { $0 + $1.0 }, "other"))
        let list = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return "\(parts.count) messages from \(first.timestamp) to \(last.timestamp) ms: \(list)"
    }
}

extension MessageTypeID {
    /// The type as the specification names it: "Set Chunk Size", "Command (AMF0)". Specification: RTMP 1.0, 5.4, 7.1.
    public var name: String {
        switch self {
        case .setChunkSize: "Set Chunk Size"
        case .abort: "Abort"
        case .acknowledgement: "Acknowledgement"
        case .userControl: "User Control"
        case .windowAcknowledgementSize: "Window Acknowledgement Size"
        case .setPeerBandwidth: "Set Peer Bandwidth"
        case .audio: "Audio"
        case .video: "Video"
        case .dataAMF3: "Data (AMF3)"
        case .sharedObjectAMF3: "Shared Object (AMF3)"
        case .commandAMF3: "Command (AMF3)"
        case .dataAMF0: "Data (AMF0)"
        case .sharedObjectAMF0: "Shared Object (AMF0)"
        case .commandAMF0: "Command (AMF0)"
        case .aggregate: "Aggregate"
        default: "type \(rawValue)"
        }
    }
}

extension ProtocolControlMessage {
    fileprivate var words: String {
        switch self {
        case .setChunkSize(let size): "chunks of up to \(size) bytes from now on"
        case .abort(let id): "the message on chunk stream \(id.rawValue) ends unfinished"
        case .acknowledgement(let bytesReceived): "\(bytesReceived) bytes received"
        case .windowAcknowledgementSize(let bytes): "acknowledge every \(bytes) bytes"
        case .setPeerBandwidth(let bytes, let limit): "window of \(bytes) bytes, \(limit.words)"
        }
    }
}

extension PeerBandwidthLimit {
    fileprivate var words: String {
        switch self {
        case .hard: "hard"
        case .soft: "soft"
        case .dynamic: "dynamic"
        default: "limit type \(rawValue)"
        }
    }
}

extension UserControlEvent {
    fileprivate var words: String {
        switch self {
        case .streamBegin(let id): "StreamBegin, stream \(id.rawValue)"
        case .streamEOF(let id): "StreamEOF, stream \(id.rawValue)"
        case .streamDry(let id): "StreamDry, stream \(id.rawValue)"
        case .setBufferLength(let id, let milliseconds): "SetBufferLength, stream \(id.rawValue), \(milliseconds) ms"
        case .streamIsRecorded(let id): "StreamIsRecorded, stream \(id.rawValue)"
        case .pingRequest(let timestamp): "PingRequest, time \(timestamp)"
        case .pingResponse(let timestamp): "PingResponse, time \(timestamp)"
        case .swfVerifyRequest: "SWF verification request"
        case .swfVerifyResponse(let data): "SWF verification response, \(data.readableBytes) bytes"
        case .bufferEmpty(let id): "BufferEmpty, stream \(id.rawValue)"
        case .bufferReady(let id): "BufferReady, stream \(id.rawValue)"
        case .unknown(let number, let data): "event \(number), \(data.readableBytes) bytes"
        }
    }
}

extension SharedObjectMessage {
    fileprivate var words: String {
        var words = AMFWords()
        words.write(quoted: name)
        words.write(" version \(version)\(isPersistent ? ", persistent" : ""): ")
        for (index, event) in events.enumerated() {
            if words.isFull { break }
            if index > 0 { words.write("; ") }
            event.write(to: &words)
        }
        return words.text
    }
}

extension SharedObjectMessage.Event {
    fileprivate func write(to words: inout AMFWords) {
        switch self {
        case .use: words.write("use")
        case .release: words.write("release")
        case .requestChange(let properties): Self.write("request change", properties, to: &words)
        case .change(let properties): Self.write("change", properties, to: &words)
        case .success(let names): Self.write("success", names, to: &words)
        case .sendMessage(let values):
            words.write("send ")
            words.write(values)
        case .status(let code, let level):
            words.write("status ")
            words.write([.string(code), .string(level)])
        case .clear: words.write("clear")
        case .remove(let names): Self.write("remove", names, to: &words)
        case .requestRemove(let names): Self.write("request remove", names, to: &words)
        case .useSuccess: words.write("use success")
        case .unknown(let number, let data): words.write("event \(number), \(data.readableBytes) bytes")
        }
    }

    private static func write(_ verb: String, _ properties: [AMF0Object.Property], to words: inout AMFWords) {
        words.write(verb + " ")
        words.write(.object(AMF0Object(properties: properties)))
    }

    private static func write(_ verb: String, _ names: [String], to words: inout AMFWords) {
        words.write(verb + " ")
        words.write(names.prefix(AMFWords.valuesMax + 1).map(AMF0Value.string))
    }
}
