import FLV
import NIOCore
import Synchronization

/// A publisher's hold on a stream, from acceptance to the end.
public final class Publication: Sendable {
    /// The stream.
    public let hub: StreamHub
    private let id: UInt64

    init(hub: StreamHub, id: UInt64) {
        self.hub = hub
        self.id = id
    }

    /// A publication that nobody holds any more has lost its connection.
    deinit {
        hub.end(id, isClean: false, at: nil)
    }

    /// Whether the stream is still this publisher's.
    public var isLive: Bool { hub.isLive(id) }

    /// Whether anybody watches, or did until a moment ago.
    public var isWatched: Bool { hub.isWatched }

    /// Has `handler` called, on any thread, when ``isWatched`` may have changed; until the publication ends. One
    /// handler: a second takes the first one's place.
    public func onAudienceChange(_ handler: @escaping @Sendable () -> Void) {
        hub.onAudienceChange(id, handler)
    }

    /// Takes up an RTMP message or FLV tag. One that cannot be read is dropped and counted; after the end, all are.
    ///
    /// - Parameters:
    ///   - type: audio, video or script data.
    ///   - timestamp: milliseconds on the publisher's clock, as on the wire.
    ///   - body: the whole body; may be a slice of a larger buffer, which is not kept.
    ///   - now: the time it came.
    public func receive(_ type: FLVTagType, timestamp: UInt32, body: ByteBuffer, at now: NIODeadline) {
        do {
            var frames = try MediaFrame.frames(type: type, time: .zero, body: body)
            hub.receive(&frames, timestamp: timestamp, of: id, at: now)
        } catch {
            hub.countMalformedTag(of: id)
        }
    }

    /// Takes up a frame that came by another protocol. Its decode time is on the publisher's clock, in 64 bits.
    public func receive(_ frame: MediaFrame, at now: NIODeadline) {
        var frames = [frame]
        hub.receive(&frames, timestamp: nil, of: id, at: now)
    }

    /// Ends the publication; nothing happens the second time.
    ///
    /// - Parameters:
    ///   - clean: whether the publisher said so. Else viewers are kept for its return.
    ///   - now: the time it ended.
    public func end(clean: Bool, at now: NIODeadline) {
        hub.end(id, isClean: clean, at: now)
    }
}

/// What a viewer begins with.
public struct Subscription: Sendable {
    /// The stream in the viewer's format. Empty while nobody has published; everything then comes in it.
    public let log: BroadcastLog
    /// Where in the log the viewer begins: the first byte of a message, or the live edge.
    public let cursor: UInt64
    /// What this viewer alone hears first: metadata and decoder configurations.
    public let preamble: ByteBuffer
    /// Counts what happens to the stream's viewers.
    public let counters: ViewerCounters
    /// The viewer's place among those counted. Give it up with ``ViewerSeat/leave()``.
    public let seat: ViewerSeat
}

/// A viewer as the stream counts it.
public final class ViewerSeat: Sendable {
    /// The stream.
    public let hub: StreamHub
    private let log: BroadcastLog
    private let viewer: ViewerInfo
    private let isTaken = Atomic<Bool>(true)

    init(hub: StreamHub, log: BroadcastLog, viewer: ViewerInfo) {
        self.hub = hub
        self.log = log
        self.viewer = viewer
    }

    deinit {
        leave()
    }

    /// The viewer has gone; nothing happens the second time.
    public func leave() {
        if isTaken.exchange(false, ordering: .relaxed) { hub.leave(log, viewer) }
    }
}
