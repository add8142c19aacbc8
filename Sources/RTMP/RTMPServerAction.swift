import NIOCore

/// What a ``RTMPServerSession`` wants done, in order.
///
/// The rare, large cases are boxed, so that the one that comes for every frame is small to hand over.
public enum RTMPServerAction: Sendable, Equatable {
    /// Send these bytes. They may stand between any two messages others write on the connection.
    case send(ByteBuffer)
    /// Answer with `acceptConnect` or `rejectConnect`. Nothing more is read until then.
    indirect case connectRequested(ConnectRequest)
    /// Answer with `acceptPublish` or `rejectPublish`. Nothing more is read until then.
    indirect case publishRequested(MessageStreamID, PublishRequest)
    /// Answer with `acceptPlay` or `rejectPlay`. Nothing more is read until then.
    indirect case playRequested(MessageStreamID, PlayRequest)
    /// Audio, video or AMF 0 data of an accepted publication. Aggregates are taken apart; data of type 15 arrives as
    /// type 18.
    case media(MessageStreamID, RTMPMessage)
    /// The publisher ended its publication. Not said after `endPublish`, nor when the connection ends.
    case publishEnded(MessageStreamID)
    /// The player stopped. Not said after `endPlay`, nor when the connection ends.
    case playEnded(MessageStreamID)
    /// The player wants its stream otherwise.
    case playControl(MessageStreamID, PlayControl)
    /// The answer to `sendPing`, with the time sent.
    case pong(timestamp: UInt32)
    /// A shared object message; nobody answers it.
    indirect case sharedObject(SharedObjectMessage)
    /// A command nobody knows, by its name cut to 64 characters; it was answered if it asked for an answer.
    case commandIgnored(String)
    /// Close the connection, once what was to be sent is sent.
    indirect case close(RTMPError)
}

/// How a publisher wants its stream kept. Specification: RTMP 1.0, 7.2.2.6.
public enum PublishMode: String, Sendable, Hashable {
    /// Not at all.
    case live
    /// In a new file.
    case record
    /// At the end of the file there is.
    case append
}

/// What a publisher asks for. Specification: RTMP 1.0, 7.2.2.6.
public struct PublishRequest: Sendable, Hashable {
    /// Application, name and query.
    public let stream: StreamPath
    /// How to keep it.
    public let mode: PublishMode

    /// Makes a request; see the properties.
    public init(stream: StreamPath, mode: PublishMode) {
        self.stream = stream
        self.mode = mode
    }
}

/// What a player asks for. Specification: RTMP 1.0, 7.2.2.1.
public struct PlayRequest: Sendable, Hashable {
    /// Application, name and query.
    public let stream: StreamPath
    /// Where to begin, in milliseconds: -2000 for live if there is, else recorded; -1000 for live only. The
    /// specification says -2 and -1 seconds, and GStreamer sends -2.
    public let start: Double
    /// How long to play, in milliseconds; negative for all.
    public let duration: Double
    /// Whether this ends what the stream played before. Flash appends to a playlist otherwise.
    public let reset: Bool
    /// How much the player buffers, where it has said so before it played.
    public let bufferLengthMilliseconds: UInt32?

    /// Makes a request; see the properties.
    public init(
        stream: StreamPath, start: Double = -2000, duration: Double = -1, reset: Bool = true,
        bufferLengthMilliseconds: UInt32? = nil
    ) {
        self.stream = stream
        self.start = start
        self.duration = duration
        self.reset = reset
        self.bufferLengthMilliseconds = bufferLengthMilliseconds
    }
}

/// What a player wants of a stream that it plays. Specification: RTMP 1.0, 7.2.2.4 to 7.2.2.8, 7.1.7.
public enum PlayControl: Sendable, Hashable {
    /// Pause or go on, with the player's time. The status is sent already.
    case pause(Bool, milliseconds: Double)
    /// Whether to send audio.
    case receiveAudio(Bool)
    /// Whether to send video.
    case receiveVideo(Bool)
    /// Go to a time. Answer with status `seekNotify` or `seekFailed`, or not at all.
    case seek(milliseconds: Double)
    /// How much the player buffers now.
    case bufferLength(milliseconds: UInt32)
}
