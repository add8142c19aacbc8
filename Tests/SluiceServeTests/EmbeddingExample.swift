// What README.md shows under "Embedding the libraries"; a test holds the two together.
// README begins
import FLV
import NIOCore
import RTMP

/// One RTMP publisher's bytes in, an FLV file's bytes out. No socket, no thread, no clock.
struct Recorder {
    private var session: RTMPServerSession
    private(set) var file = ByteBuffer()

    /// - Parameter randomBytes: 1528 bytes for the handshake.
    init(randomBytes: [UInt8], now: NIODeadline) {
        session = RTMPServerSession(randomBytes: randomBytes, now: now)
        FLVWriter.writeHeader(hasAudio: true, hasVideo: true, into: &file)
    }

    /// Takes what the peer sent; returns what is to be sent to it.
    mutating func receive(_ bytes: ByteBuffer, at now: NIODeadline) throws(RTMPError) -> [ByteBuffer] {
        var answers: [ByteBuffer] = []
        session.receive(bytes, at: now)
        while let action = try session.nextAction() {
            switch action {
            case .send(let answer):
                answers.append(answer)
            case .connectRequested:
                session.acceptConnect()
            case .publishRequested(let id, let request) where request.stream.query["key"] == "open sesame":
                session.acceptPublish(id)
            case .publishRequested(let id, _):
                session.rejectPublish(id, description: "wrong key")
            case .media(_, let message):
                let type = FLVTagType(rawValue: message.typeID.rawValue)
                FLVWriter.writeTag(type, timestamp: message.timestamp, body: message.payload, into: &file)
            default:
                break
            }
        }
        return answers
    }
}
// README ends
