import FanOut
import HTTPTypes
import MediaCore
import NIOCore
import WebSocket

/// One viewer of one stream over HTTP: the response's head, then the stream's bytes until one side ends it.
final class LiveSubscriber: ViewerDelegate {
    let name: StreamName
    private let request: LiveRequest
    private let framing: LiveFraming
    private let channel: any Channel
    private let subscription: Subscription
    private let ended: (ViewerEnd) -> Void
    private var viewer: Viewer?
    /// When a viewer that waits for a publisher is sent away.
    private let waitEnd: NIODeadline?
    private let waitPosition: UInt64
    /// Since when a WebSocket's client has not answered the end that it was told of.
    private var endedAt: NIODeadline?
    /// The end of the log, and since when it stands there.
    private var lastHead: (position: UInt64, since: NIODeadline)

    /// Takes a place in the stream; ``start(after:on:delivery:)`` takes it up.
    ///
    /// - Parameters:
    ///   - request: what is asked for.
    ///   - framing: how the body travels.
    ///   - registry: the streams.
    ///   - channel: the connection, or the connection's stream.
    ///   - ended: is told when the fan-out lets the viewer go.
    /// - Throws: when there is no such stream, or as many are waited for as the server allows.
    init(
        _ request: LiveRequest, framing: LiveFraming, registry: StreamRegistry, channel: any Channel,
        ended: @escaping (ViewerEnd) -> Void
    ) throws(SubscribeRefusal) {
        let format = LogFormat.live(
            request.container, framing: framing, audio: request.wantsAudio, video: request.wantsVideo,
            keyframesOnly: request.keyframesOnly)
        subscription = try registry.subscribe(
            request.name, format: format, viewer: ViewerInfo(transport: format.name), waits: request.wait != nil)
        name = request.name
        self.request = request
        self.framing = framing
        self.channel = channel
        self.ended = ended
        waitEnd = request.wait.map { .now() + $0 }
        waitPosition = subscription.log.head
        lastHead = (waitPosition, .now())
    }

    /// Sends the head and joins the fan-out. Bytes written to the channel must be bytes sent: HTTP/1's handlers have
    /// left it.
    ///
    /// - Parameters:
    ///   - head: what comes before the body; nothing for HTTP/2, whose head is a frame of its own.
    ///   - loop: the fan-out of the channel's event loop.
    ///   - delivery: ``ViewerDelivery/channel`` where a handler changes what is written (TLS, HTTP/2).
    func start(after head: ByteBuffer, on loop: FanOutLoop?, delivery: ViewerDelivery = .descriptor) {
        var start = ViewerStart(subscription)
        var bytes = head
        writeContainerHeader(into: &bytes)
        bytes.writeImmutableBuffer(start.preamble)
        start.preamble = bytes
        viewer = loop?.join(channel, at: start, delivery: delivery, delegate: self)
    }

    private func writeContainerHeader(into bytes: inout ByteBuffer) {
        // Other containers' headers are in the preamble, or in the log.
        guard request.container == .flv else { return }
        let tracks = Self.knownTracks(subscription.seat.hub).map { Set($0.map(\.kind)) }
        FLVRenderer(framing: framing).writeHeader(
            hasAudio: request.wantsAudio && tracks?.contains(.audio) ?? true,
            hasVideo: request.wantsVideo && tracks?.contains(.video) ?? true, into: &bytes)
    }

    /// What the stream has, once that is certain: some players wait for audio that the header promises. Nil before.
    private static func knownTracks(_ hub: StreamHub) -> [StreamSnapshot.Track]? {
        let snapshot = hub.snapshot(at: .now())
        guard let uptime = snapshot.uptime, uptime > .seconds(2) else { return nil }
        return snapshot.tracks
    }

    /// Why a stream that is published has nothing for a request, in words; nil where it has, or may have yet.
    static func obstacle(_ request: LiveRequest, _ hub: StreamHub) -> String? {
        guard let codecs = request.container.codecs, let tracks = knownTracks(hub) else { return nil }
        let wanted = tracks.filter {
            $0.kind == .video && request.wantsVideo || $0.kind == .audio && request.wantsAudio
        }
        guard !wanted.contains(where: { codecs.contains($0.codec) }) else { return nil }
        let found = Set(wanted.map { "\($0.codec)" }).sorted().joined(separator: " and ")
        let what =
            found.isEmpty
            ? "nothing of what is asked for" : "\(found), which .\(request.container.rawValue) cannot hold"
        return "\(request.name) has \(what)"
    }

    /// The fields of the response's head, for GET and HEAD alike and whatever the HTTP version.
    static func fields(_ request: LiveRequest) -> HTTPFields {
        [
            .contentType: request.container.contentType(hasVideo: request.wantsVideo), .cacheControl: "no-store",
            .accessControlAllowOrigin: "*", .accessControlExposeHeaders: "*",
        ]
    }

    /// The response's head in HTTP/1. The stream ends the connection, so that both framings need no other mark.
    static func head(_ request: LiveRequest, framing: LiveFraming) -> ByteBuffer {
        var fields = fields(request)
        fields[.connection] = "close"
        if framing == .chunked { fields[.transferEncoding] = "chunked" }
        var bytes = ByteBuffer()
        bytes.writeString("HTTP/\(framing == .chunked ? "1.1" : "1.0") 200 OK\r\n")
        for field in fields { bytes.writeString("\(field.name): \(field.value)\r\n") }
        bytes.writeStaticString("\r\n")
        return bytes
    }

    /// The answer to a WebSocket's handshake. Streams are public: any page may open one, whatever its origin.
    /// Specification: RFC 6455, 4.2.2 and 10.2.
    ///
    /// - Parameter accept: the value of Sec-WebSocket-Accept.
    static func webSocketHead(accept: String) -> ByteBuffer {
        ByteBuffer(
            string: "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
                + "sec-websocket-accept: \(accept)\r\n\r\n")
    }

    /// To be called about once a second. - Returns: whether the viewer is to be closed, because the wait for a publisher
    /// is over and none came, or because it does not answer the end.
    func checkTime(_ now: NIODeadline) -> Bool {
        if let endedAt { return now - endedAt > Self.closePatience }
        if framing == .webSocket { keepAlive(now) }
        guard let waitEnd, now > waitEnd, subscription.log.head == waitPosition else { return false }
        guard framing == .webSocket else { return true }
        completeBody()
        endedAt = now
        return false
    }

    /// Completes the body of a viewer that waited in vain: what it got is empty and not broken.
    func completeBody() {
        var end = ByteBuffer()
        framing.writeEnd(into: &end)
        if end.readableBytes > 0 { viewer?.send(end) }
    }

    // MARK: WebSocket

    /// The most bytes of answers that wait for a viewer who does not read. Of several pings the newest needs an answer,
    /// and one who asks without reading gets none. Specification: RFC 6455, 5.5.3.
    private static let answerBytesMax = 1 << 10
    /// A WebSocket on which nothing was sent for this long is sent a ping, so that proxies keep it open.
    private static let silenceMax = TimeAmount.seconds(20)
    /// How long a WebSocket's client may take to answer the end. Browsers take a connection that is closed before for
    /// one that broke. Specification: RFC 6455, 7.1.1.
    private static let closePatience = TimeAmount.seconds(2)

    /// Sends a frame between two messages of the stream, where there is room.
    func answer(_ frame: WebSocketFrame) {
        guard let viewer, viewer.privateBytes < Self.answerBytesMax, channel.isWritable else { return }
        var bytes = ByteBuffer()
        WebSocketFrameWriter.write(frame, into: &bytes)
        viewer.send(bytes)
    }

    private func keepAlive(_ now: NIODeadline) {
        let head = subscription.log.head
        if head != lastHead.position { lastHead = (head, now) }
        guard now - lastHead.since > Self.silenceMax else { return }
        lastHead.since = now
        answer(WebSocketFrame(.ping))
    }

    func leave() {
        viewer?.leave()
        viewer = nil
        subscription.seat.leave()
    }

    func viewerEnded(_ viewer: Viewer, _ end: ViewerEnd) {
        self.viewer = nil
        subscription.seat.leave()
        guard framing == .webSocket, end == .streamEnded else { return ended(end) }
        endedAt = .now()
    }
}
