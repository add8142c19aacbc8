import MediaCore
import NIOCore

/// Knows the conversations of those who publish, where their protocol has one to look at.
package protocol ConversationDirectory: Sendable {
    /// Begins to watch the conversation of the stream's publisher.
    ///
    /// - Returns: nil when nobody publishes the stream by a protocol with a conversation.
    func watch(_ name: StreamName) -> (any ConversationWatch)?
}

/// A look at one conversation, until ``leave()``.
package protocol ConversationWatch: AnyObject, Sendable {
    /// "10.0.0.7:5123".
    var peer: String { get }
    /// The handshake.
    var handshake: [HandshakeStep] { get }
    /// What was said up to the accepted publication.
    var opening: [ConversationMessage] { get }
    /// Whether the conversation has ended: nothing more comes than what ``take()`` still gives.
    var isOver: Bool { get }
    /// What was said since the last time, and how many messages went lost for want of room.
    func take() -> (messages: [ConversationMessage], skipped: Int)
    /// Looks no more.
    func leave()
}

/// Who says something.
package enum ConversationDirection: String, Sendable, Encodable, CaseIterable {
    /// The publisher.
    case incoming = "in"
    /// The server.
    case outgoing = "out"
}

/// A part of a handshake.
package struct HandshakeStep: Sendable {
    /// When.
    package var time: NIODeadline
    /// Who.
    package var direction: ConversationDirection
    /// "C0".
    package var name: String
    /// What it says.
    package var words: String

    /// Makes a step; see the properties.
    package init(time: NIODeadline, direction: ConversationDirection, name: String, words: String) {
        self.time = time
        self.direction = direction
        self.name = name
        self.words = words
    }
}

/// A message, as it was on the wire and in words.
package struct ConversationMessage: Sendable {
    /// A chunk of the message.
    package struct Chunk: Sendable, Encodable, Equatable {
        /// The header's type, 0 to 3.
        package var format: Int
        /// The chunk stream's number.
        package var chunkStream: Int
        /// Bytes of the header.
        package var header: Int
        /// Bytes of the message.
        package var payload: Int

        /// Makes a chunk; see the properties.
        package init(format: Int, chunkStream: Int, header: Int, payload: Int) {
            self.format = format
            self.chunkStream = chunkStream
            self.header = header
            self.payload = payload
        }
    }

    /// Its place among all messages looked at, from 0.
    package var number: UInt64
    /// When.
    package var time: NIODeadline
    /// Who.
    package var direction: ConversationDirection
    /// The type's number.
    package var typeID: Int
    /// The type's name.
    package var type: String
    /// The message stream's number.
    package var messageStream: Int
    /// Milliseconds on the speaker's clock.
    package var timestamp: Int
    /// Bytes of the payload.
    package var bytes: Int
    /// What it says.
    package var words: String
    /// The first chunks it came in.
    package var chunks: [Chunk]
    /// Chunks beyond those.
    package var moreChunks: Int

    /// Makes a message; see the properties.
    package init(
        number: UInt64, time: NIODeadline, direction: ConversationDirection, typeID: Int, type: String,
        messageStream: Int, timestamp: Int, bytes: Int, words: String, chunks: [Chunk], moreChunks: Int = 0
    ) {
        self.number = number
        self.time = time
        self.direction = direction
        self.typeID = typeID
        self.type = type
        self.messageStream = messageStream
        self.timestamp = timestamp
        self.bytes = bytes
        self.words = words
        self.chunks = chunks
        self.moreChunks = moreChunks
    }
}
