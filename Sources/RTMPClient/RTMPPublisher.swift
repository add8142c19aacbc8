import FLV
import NIOCore
import NIOPosix
import RTMP

/// Publishes one stream to one server over RTMP or RTMPS.
///
/// ```swift
/// let publisher = try await RTMPPublisher.connect(to: RTMPURL(parsing: "rtmp://localhost/live/show"))
/// try await publisher.send(tag)
/// await publisher.close()
/// ```
///
/// The publisher sends tags when they are given to it: the caller keeps time, and begins with the configurations and a
/// keyframe. It may be used from any task; tags of one task go out in its order.
public final class RTMPPublisher: Sendable {
    /// What is being published.
    public let url: RTMPURL
    /// What the server says besides, once for all readers. The newest 16 are kept for a slow one.
    public let events: AsyncStream<RTMPClientEvent>
    private let connection: ClientConnection

    private init(url: RTMPURL, events: AsyncStream<RTMPClientEvent>, connection: ClientConnection) {
        self.url = url
        self.events = events
        self.connection = connection
    }

    deinit {
        connection.channel.close(promise: nil)
    }

    /// How many events are kept for a slow reader; more than a server sends in minutes.
    static let eventsMax = 16

    /// Connects and begins to publish; returns when the server has accepted.
    ///
    /// - Parameters:
    ///   - url: the server, the application and the stream, perhaps with a key.
    ///   - options: times, bounds, and whom to trust.
    ///   - group: the event loops, of which the connection takes one.
    /// - Throws: ``RTMPClientError``, also `cancelled` when the task is; then nothing is left open.
    public static func connect(
        to url: RTMPURL, options: RTMPClientOptions = .init(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(RTMPClientError) -> RTMPPublisher {
        let (events, continuation) = AsyncStream.makeStream(
            of: RTMPClientEvent.self, bufferingPolicy: .bufferingNewest(eventsMax))
        let connection = try await ClientConnection.open(
            url, .publish(.live), options: options, on: group, onEvent: { continuation.yield($0) })
        connection.ended.whenComplete { _ in continuation.finish() }
        return RTMPPublisher(url: url, events: events, connection: connection)
    }

    /// Sends a tag: audio, video, or script data. "onMetaData" gets its "@setDataFrame".
    ///
    /// Returns at once as long as the connection takes what it is given, and waits while more than
    /// ``RTMPClientOptions/sendBufferBytesMax`` are waiting.
    ///
    /// - Throws: ``RTMPClientError`` when the connection has ended; why, is told by the first error.
    public func send(_ tag: FLVTag) async throws(RTMPClientError) {
        try await connection.send(CollectionOfOne(tag))
    }

    /// Sends several tags at once, which costs less than one by one; see ``send(_:)``.
    public func send(contentsOf tags: [FLVTag]) async throws(RTMPClientError) {
        try await connection.send(tags)
    }

    /// What the connection has carried, and how it stands.
    public func statistics() async -> RTMPClientStatistics {
        await connection.ask { $0.statistics } ?? RTMPClientStatistics()
    }

    /// Waits until the connection has ended.
    ///
    /// - Throws: ``RTMPClientError`` unless ``close()`` ended it.
    public func end() async throws(RTMPClientError) {
        do {
            try await connection.ended.get()
        } catch {
            throw RTMPClientError(connection: error, to: url)
        }
    }

    /// Ends the stream in good order, so that the server need not wait for a return: what was sent goes out, then
    /// FCUnpublish and deleteStream. Waits for the connection's end, a second at most. A second call does nothing.
    public func close() async {
        await connection.close()
    }
}
