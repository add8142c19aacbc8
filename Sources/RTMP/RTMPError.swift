/// What went wrong with a peer, and how far the damage goes.
public struct RTMPError: Error, Sendable, Equatable {
    /// The kind of fault: a stable name to branch on and to count by.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The name, as logs and metrics show it.
        public var rawValue: String

        /// - Parameter rawValue: the name, as logs and metrics show it.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// What is lost by the fault.
    public enum Scope: Sendable, Hashable {
        /// Nothing: the message is dropped and the connection goes on.
        case ignore
        /// One message stream, which must be closed.
        case stream(MessageStreamID)
        /// The connection: nothing that follows can be understood or trusted.
        case connection
    }

    /// The kind of fault.
    public var code: Code
    /// How far the damage goes.
    public var scope: Scope
    /// A sentence for the log. It never holds more of the peer's bytes than a few numbers.
    public var detail: String

    /// Makes an error; see the properties.
    public init(_ code: Code, scope: Scope = .connection, _ detail: String) {
        self.code = code
        self.scope = scope
        self.detail = detail
    }
}

extension RTMPError: CustomStringConvertible {
    /// The code and the detail.
    public var description: String {
        "\(code.rawValue): \(detail)"
    }
}

extension RTMPError.Code {
    /// C0 or S0 asks for another version than 3. RTMP 1.0, 5.2.2.
    public static let versionUnsupported = Self(rawValue: "versionUnsupported")
    /// The handshake cannot go on. RTMP 1.0, 5.2.
    public static let handshakeFailed = Self(rawValue: "handshakeFailed")
    /// A header announces a longer message than ``ChunkLimits/messageBytesMax``.
    public static let messageTooLong = Self(rawValue: "messageTooLong")
    /// The peer uses more chunk streams than ``ChunkLimits/chunkStreamsMax``.
    public static let tooManyChunkStreams = Self(rawValue: "tooManyChunkStreams")
    /// Unfinished messages hold more bytes than ``ChunkLimits/partialBytesMax``.
    public static let bufferedBytesExceeded = Self(rawValue: "bufferedBytesExceeded")
    /// Set Chunk Size with 0 or more than 0x7FFFFFFF. RTMP 1.0, 5.4.1.
    public static let chunkSizeInvalid = Self(rawValue: "chunkSizeInvalid")
    /// A chunk that refers to a predecessor it does not have or contradicts. RTMP 1.0, 5.3.1.2.
    public static let chunkStreamInvalid = Self(rawValue: "chunkStreamInvalid")
    /// A message whose payload does not hold what its type says.
    public static let malformedMessage = Self(rawValue: "malformedMessage")
    /// A command that cannot be decoded or lacks what it must have.
    public static let malformedCommand = Self(rawValue: "malformedCommand")
    /// A named limit of the configuration was passed.
    public static let limitExceeded = Self(rawValue: "limitExceeded")
    /// A message that is not allowed at this point of the conversation.
    public static let unexpectedMessage = Self(rawValue: "unexpectedMessage")
    /// The peer refused what we asked for.
    public static let rejectedByPeer = Self(rawValue: "rejectedByPeer")
    /// The application refused what the peer asked for.
    public static let rejectedByApplication = Self(rawValue: "rejectedByApplication")
    /// The peer was silent for too long.
    public static let peerTimedOut = Self(rawValue: "peerTimedOut")
}
