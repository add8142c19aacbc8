import ControlAPI
import MediaCore
import NIOCore
import RTMP
import RTMPTransport

/// The conversations with RTMP publishers, as the control API shows them.
struct RTMPConversationDirectory: ConversationDirectory {
    let conversations: RTMPConversations

    func watch(_ name: StreamName) -> (any ConversationWatch)? {
        conversations.conversation(publishing: name).map { RTMPConversationWatch($0.watch()) }
    }
}

private final class RTMPConversationWatch: ConversationWatch {
    private let watch: RTMPConversation.Watch

    init(_ watch: RTMPConversation.Watch) {
        self.watch = watch
    }

    var peer: String { watch.conversation.peer }
    var isOver: Bool { watch.conversation.isOver }

    var handshake: [HandshakeStep] {
        watch.conversation.opening.compactMap { line in
            guard case .handshake(let part) = line.event.content else { return nil }
            return HandshakeStep(
                time: line.event.time, direction: ConversationDirection(line.event.direction), name: part.name,
                words: line.words)
        }
    }

    var opening: [ConversationMessage] {
        watch.conversation.opening.compactMap(ConversationMessage.init)
    }

    func take() -> (messages: [ConversationMessage], skipped: Int) {
        let (lines, skipped) = watch.take()
        return (lines.compactMap(ConversationMessage.init), skipped)
    }

    func leave() {
        watch.leave()
    }
}

extension ConversationDirection {
    fileprivate init(_ direction: WireEvent.Direction) {
        self = direction == .incoming ? .incoming : .outgoing
    }
}

extension ConversationMessage {
    /// Nil for what is no message.
    fileprivate init?(_ line: RTMPConversation.Line) {
        guard case .message(let message, let chunks) = line.event.content else { return nil }
        self.init(
            number: line.number, time: line.event.time, direction: ConversationDirection(line.event.direction),
            typeID: Int(message.typeID.rawValue), type: message.typeID.name,
            messageStream: Int(message.streamID.rawValue), timestamp: Int(message.timestamp),
            bytes: line.event.payloadBytes, words: line.words,
            chunks: chunks.listed.map {
                Chunk(
                    format: Int($0.type), chunkStream: Int($0.chunkStreamID.rawValue), header: $0.headerBytes,
                    payload: $0.payloadBytes)
            },
            moreChunks: chunks.more)
    }
}
