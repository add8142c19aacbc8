import FLV
import NIOCore
import NIOPosix
import RTMP

/// Plays one stream of one server over RTMP or RTMPS: an asynchronous sequence of tags, as the server sends them.
///
/// ```swift
/// let player = try await RTMPPlayer.connect(to: RTMPURL(parsing: "rtmp://localhost/live/show"))
/// for try await tag in player { print(tag.type, tag.timestamp) }
/// ```
///
/// It can be iterated once. A reader that is slow makes the player stop reading from its socket, so that the server
/// notices and nothing piles up here. The sequence ends with the stream, and throws when the connection breaks.
public final class RTMPPlayer: Sendable, AsyncSequence {
    /// Audio, video, and script data. Aggregates are taken apart.
    public typealias Element = FLVTag
    /// Why the connection broke.
    public typealias Failure = RTMPClientError

    /// What is being played.
    public let url: RTMPURL
    /// What the server says besides, once for all readers. The newest 16 are kept for a slow one.
    public let events: AsyncStream<RTMPClientEvent>
    private let connection: ClientConnection
    private let buffer: TagBuffer

    private init(
        url: RTMPURL, events: AsyncStream<RTMPClientEvent>, connection: ClientConnection, buffer: TagBuffer
    ) {
        self.url = url
        self.events = events
        self.connection = connection
        self.buffer = buffer
    }

    deinit {
        connection.channel.close(promise: nil)
    }

    /// Connects and begins to play; returns when the server has accepted.
    ///
    /// A server may accept a stream that nobody publishes yet; the tags come when somebody does.
    ///
    /// - Parameters:
    ///   - url: the server, the application and the stream, perhaps with a key.
    ///   - start: where to begin, in milliseconds; -1000 for live only, -2000 for live, or recorded where there is none.
    ///   - options: times, bounds, and whom to trust.
    ///   - group: the event loops, of which the connection takes one.
    /// - Throws: ``RTMPClientError``, also `cancelled` when the task is; then nothing is left open.
    public static func connect(
        to url: RTMPURL, start: Double = -2000, options: RTMPClientOptions = .init(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(RTMPClientError) -> RTMPPlayer {
        let (events, continuation) = AsyncStream.makeStream(
            of: RTMPClientEvent.self, bufferingPolicy: .bufferingNewest(RTMPPublisher.eventsMax))
        let buffer = TagBuffer(bytesMax: options.receiveBufferBytesMax)
        let connection = try await ClientConnection.open(
            url, .play(start: start), options: options, on: group,
            onEvent: { event in
                continuation.yield(event)
                if event.endsPlaying, !options.playsOnAfterEnd { buffer.finish(nil) }
            },
            onMedia: { buffer.append($0) == .stops })
        connection.ended.whenComplete { result in
            continuation.finish()
            switch result {
            case .success: buffer.finish(nil)
            case .failure(let error): buffer.finish(RTMPClientError(connection: error, to: url))
            }
        }
        return RTMPPlayer(url: url, events: events, connection: connection, buffer: buffer)
    }

    /// The tags from here on. Only one iterator may be used.
    public func makeAsyncIterator() -> Iterator {
        Iterator(player: self)
    }

    /// Hands out a player's tags.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let player: RTMPPlayer

        /// The next tag; nil when the stream has ended.
        ///
        /// - Throws: ``RTMPClientError`` when the connection broke, or the task was cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(RTMPClientError) -> FLVTag? {
            try await player.next()
        }

        /// The next tag; nil when the stream has ended.
        public mutating func next() async throws(RTMPClientError) -> FLVTag? {
            try await player.next()
        }
    }

    private func next() async throws(RTMPClientError) -> FLVTag? {
        guard let (tag, reading) = try await buffer.next() else { return nil }
        if case .resumes = reading { _ = await connection.ask { $0.setReading(true) } }
        return tag
    }

    /// What the connection has carried, and how it stands.
    public func statistics() async -> RTMPClientStatistics {
        await connection.ask { $0.statistics } ?? RTMPClientStatistics()
    }

    /// Ends playing in good order. Waits for the connection's end, a second at most. A second call does nothing.
    public func close() async {
        await connection.close()
    }
}

extension RTMPClientEvent {
    /// Whether there will be no more of the stream for now.
    fileprivate var endsPlaying: Bool {
        switch self {
        case .streamEnded: true
        case .status(let event): event.code == .playStop
        case .reconnectRequested, .malformedMessage: false
        }
    }
}
