import HTTPTypes
import Hummingbird
import MediaCore
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Shows the anatomy of streams to those who look. Costs nothing while nobody does.
package final class Xray: Sendable {
    /// The most who look at once, at any streams. Each costs its stream a description of every frame.
    package static let watchersMax = 32

    let limit = WatcherLimit(Xray.watchersMax)
    private let registry: StreamRegistry
    private let conversations: (any ConversationDirectory)?
    private let interval: Duration

    /// - Parameters:
    ///   - registry: the streams.
    ///   - conversations: what publishers and server say to each other; nil where that cannot be seen.
    ///   - interval: between two events with frames.
    package init(
        registry: StreamRegistry, conversations: (any ConversationDirectory)? = nil,
        interval: Duration = .milliseconds(100)
    ) {
        self.registry = registry
        self.conversations = conversations
        self.interval = interval
    }

    /// Begins to look at a stream; nil when there is none of that name.
    func watch(_ name: StreamName) -> XrayWatch? {
        let feed = XrayFeed()
        guard let hub = registry.stream(named: name), let observation = hub.observe(feed) else { return nil }
        return XrayWatch(
            name: name, feed: feed, observation: observation, conversations: conversations, interval: interval)
    }
}

/// One who looks at one stream, from its headers and the group of pictures under way to the end of the connection.
final class XrayWatch: Sendable {
    private let name: StreamName
    private let feed: XrayFeed
    private let observation: StreamObservation
    private let conversations: (any ConversationDirectory)?
    private let interval: Duration

    init(
        name: StreamName, feed: XrayFeed, observation: StreamObservation,
        conversations: (any ConversationDirectory)?, interval: Duration
    ) {
        self.name = name
        self.feed = feed
        self.observation = observation
        self.conversations = conversations
        self.interval = interval
    }

    /// Writes events until the client leaves.
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        var reader = Reader(name: name, conversations: conversations)
        defer {
            observation.leave()
            reader.conversation?.leave()
        }
        var lastSent = ContinuousClock.now
        var ticks = 0
        while !Task.isCancelled {
            let now = NIODeadline.now()
            let clock = WallClock(milliseconds: Date().timeIntervalSince1970 * 1000, at: now)
            var bytes = try reader.events(of: feed.take(), clock, now)
            if ticks % 2 == 0 { try reader.readConversation(into: &bytes, clock) }
            ticks += 1
            if bytes.readableBytes > 0 {
                try await writer.write(bytes)
                lastSent = .now
            } else if lastSent.duration(to: .now) >= ServerSentEvents.heartbeatInterval {
                try await writer.write(ServerSentEvents.heartbeat)
                lastSent = .now
            }
            try await Task.sleep(for: interval)
        }
    }

    /// What has been told already, and what follows from that.
    private struct Reader {
        let name: StreamName
        let conversations: (any ConversationDirectory)?
        var conversation: (any ConversationWatch)?
        /// Whether somebody publishes whose conversation has not been found yet. A transport may show it a moment
        /// after the publication.
        var seeksConversation = false

        init(name: StreamName, conversations: (any ConversationDirectory)?) {
            self.name = name
            self.conversations = conversations
        }

        mutating func events(
            of news: XrayFeed.News, _ clock: WallClock, _ now: NIODeadline
        ) throws -> ByteBuffer {
            var bytes = ByteBuffer()
            let endsLast = news.publisher == nil
            if let end = news.end, !endsLast { try write(end, into: &bytes) }
            if let tracks = news.tracks {
                let stream = XrayStream(name: name, publisher: news.publisher, tracks: tracks)
                bytes.writeImmutableBuffer(try ServerSentEvents.event("stream", stream))
                if conversation == nil { seeksConversation = true }
            }
            if !news.frames.isEmpty || news.skipped > 0 {
                let document = XrayFrames(
                    now: clock.milliseconds(now), frames: news.frames.map { XrayFrames.Frame($0, clock) },
                    skipped: news.skipped > 0 ? news.skipped : nil)
                bytes.writeImmutableBuffer(try ServerSentEvents.event("frames", document))
            }
            if let end = news.end, endsLast { try write(end, into: &bytes) }
            return bytes
        }

        private mutating func write(_ end: XrayEnd, into bytes: inout ByteBuffer) throws {
            bytes.writeImmutableBuffer(try ServerSentEvents.event("end", XrayEnding(reason: end)))
            conversation?.leave()
            conversation = nil
            seeksConversation = false
        }

        mutating func readConversation(into bytes: inout ByteBuffer, _ clock: WallClock) throws {
            if conversation == nil, seeksConversation, let found = conversations?.watch(name) {
                conversation = found
                seeksConversation = false
                let handshake = XrayHandshake(peer: found.peer, steps: found.handshake, clock)
                bytes.writeImmutableBuffer(try ServerSentEvents.event("handshake", handshake))
                let opening = XrayMessages(found.opening, skipped: 0, clock)
                bytes.writeImmutableBuffer(try ServerSentEvents.event("messages", opening))
            }
            guard let conversation else { return }
            let isOver = conversation.isOver
            let (messages, skipped) = conversation.take()
            if isOver {
                // The publisher may return, with a conversation of its own.
                conversation.leave()
                self.conversation = nil
                seeksConversation = true
            }
            guard !messages.isEmpty || skipped > 0 else { return }
            let document = XrayMessages(messages, skipped: skipped, clock)
            bytes.writeImmutableBuffer(try ServerSentEvents.event("messages", document))
        }
    }
}

extension ControlRoutes {
    func addEvents<Context: RequestContext>(to group: RouterGroup<Context>) {
        group.get("events") { [events] _, _ in
            guard let seat = events.limit.seat() else { throw Self.tooManyWatchers }
            return ServerSentEvents.response { writer in
                // The place is taken for as long as the answer lasts.
                defer { withExtendedLifetime(seat) {} }
                for await event in events.watch() { try await writer.write(event) }
            }
        }
        group.get("streams/{app}/{stream}/xray") { [xray] _, context in
            let app = try context.parameters.require("app")
            let stream = try context.parameters.require("stream")
            guard let xray, let name = Self.name(app, stream) else { throw Self.noSuchStream }
            guard let seat = xray.limit.seat() else { throw Self.tooManyWatchers }
            guard let watch = xray.watch(name) else { throw Self.noSuchStream }
            return ServerSentEvents.response { writer in
                defer { withExtendedLifetime(seat) {} }
                try await watch.run(&writer)
            }
        }
    }

    static var noSuchStream: HTTPError { HTTPError(.notFound, message: "there is no such stream") }

    private static var tooManyWatchers: HTTPError {
        HTTPError(.serviceUnavailable, message: "too many are watching already")
    }
}
