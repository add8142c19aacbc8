import FLV
import FanOut
import MediaCore
import NIOCore
import NIOHTTP1

/// One viewer of one stream over HTTP: the response's head, then the stream's tags until one side ends it.
final class FLVSubscriber: ViewerDelegate {
    let name: StreamName
    private let channel: any Channel
    private let log: BroadcastLog
    private let seat: ViewerSeat
    private let ended: (ViewerEnd) -> Void
    private var viewer: Viewer?
    private var isChunked = false
    /// When a viewer that waits for a publisher is sent away.
    private let waitEnd: NIODeadline?
    private let waitPosition: UInt64

    /// - Parameters:
    ///   - request: what is asked for.
    ///   - subscription: where it begins; its preamble is not kept.
    ///   - channel: the connection.
    ///   - ended: is told when the fan-out lets the viewer go.
    init(
        _ request: LiveRequest, _ subscription: Subscription, channel: any Channel,
        ended: @escaping (ViewerEnd) -> Void
    ) {
        name = request.name
        self.channel = channel
        self.ended = ended
        log = subscription.log
        seat = subscription.seat
        waitEnd = request.wait.map { .now() + $0 }
        waitPosition = subscription.log.head
    }

    /// A place in the stream.
    ///
    /// - Throws: when there is no such stream, or as many are waited for as the server allows.
    static func subscribe(
        _ request: LiveRequest, version: HTTPVersion, registry: StreamRegistry
    ) throws(SubscribeRefusal) -> Subscription {
        let format = LogFormat.httpFLV(
            isChunked: version.hasChunks, audio: request.wantsAudio, video: request.wantsVideo)
        return try registry.subscribe(
            request.name, format: format, viewer: ViewerInfo(transport: format.name), waits: request.wait != nil)
    }

    /// Sends the head and joins the fan-out. The channel must be rid of HTTP's handlers.
    func start(_ request: LiveRequest, _ subscription: Subscription, version: HTTPVersion, loop: FanOutLoop?) {
        isChunked = version.hasChunks
        var start = ViewerStart(subscription)
        var bytes = Self.head(version: version)
        let tracks = knownTracks()
        FLVFrameRenderer(isChunked: version.hasChunks).writeHeader(
            hasAudio: request.wantsAudio && tracks?.contains(.audio) ?? true,
            hasVideo: request.wantsVideo && tracks?.contains(.video) ?? true, into: &bytes)
        bytes.writeImmutableBuffer(start.preamble)
        start.preamble = bytes
        viewer = loop?.join(channel, at: start, delegate: self)
    }

    /// What the stream has, once that is certain: some players wait for audio that the header promises. Nil before.
    private func knownTracks() -> Set<MediaFrame.Kind>? {
        let snapshot = seat.hub.snapshot(at: .now())
        guard let uptime = snapshot.uptime, uptime > .seconds(2) else { return nil }
        return Set(snapshot.tracks.map(\.kind))
    }

    /// The response's head. The stream ends the connection, so that both lengths of body need no other mark.
    static func head(version: HTTPVersion) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeString("HTTP/\(version.major).\(version.minor) 200 OK\r\n")
        for (name, value) in headers(version: version) { bytes.writeString("\(name): \(value)\r\n") }
        bytes.writeStaticString("\r\n")
        return bytes
    }

    /// The head's fields, for GET and HEAD alike.
    static func headers(version: HTTPVersion) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "content-type": "video/x-flv", "cache-control": "no-store", "access-control-allow-origin": "*",
            "access-control-expose-headers": "*", "connection": "close",
        ]
        if version.hasChunks { headers.add(name: "transfer-encoding", value: "chunked") }
        return headers
    }

    /// Whether the wait for a publisher is over and none came.
    func hasWaitedInVain(_ now: NIODeadline) -> Bool {
        guard let waitEnd, now > waitEnd else { return false }
        return log.head == waitPosition
    }

    /// Completes the body of a viewer that waited in vain: what it got is empty and not broken.
    func completeBody() {
        var end = ByteBuffer()
        var renderer = FLVFrameRenderer(isChunked: isChunked)
        renderer.renderEnd(into: &end)
        if end.readableBytes > 0 { viewer?.send(end) }
    }

    func leave() {
        viewer?.leave()
        viewer = nil
        seat.leave()
    }

    func viewerEnded(_ viewer: Viewer, _ end: ViewerEnd) {
        self.viewer = nil
        seat.leave()
        ended(end)
    }
}
