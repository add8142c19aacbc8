import FanOut
import HTTPTypes
import MediaCore
import NIOCore

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
            request.container, framing: framing, audio: request.wantsAudio, video: request.wantsVideo)
        subscription = try registry.subscribe(
            request.name, format: format, viewer: ViewerInfo(transport: format.name), waits: request.wait != nil)
        name = request.name
        self.request = request
        self.framing = framing
        self.channel = channel
        self.ended = ended
        waitEnd = request.wait.map { .now() + $0 }
        waitPosition = subscription.log.head
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
        switch request.container {
        case .flv:
            let tracks = knownTracks()
            FLVRenderer(framing: framing).writeHeader(
                hasAudio: request.wantsAudio && tracks?.contains(.audio) ?? true,
                hasVideo: request.wantsVideo && tracks?.contains(.video) ?? true, into: &bytes)
        }
    }

    /// What the stream has, once that is certain: some players wait for audio that the header promises. Nil before.
    private func knownTracks() -> Set<MediaFrame.Kind>? {
        let snapshot = subscription.seat.hub.snapshot(at: .now())
        guard let uptime = snapshot.uptime, uptime > .seconds(2) else { return nil }
        return Set(snapshot.tracks.map(\.kind))
    }

    /// The fields of the response's head, for GET and HEAD alike and whatever the HTTP version.
    static func fields(_ request: LiveRequest) -> HTTPFields {
        [
            .contentType: request.container.contentType, .cacheControl: "no-store", .accessControlAllowOrigin: "*",
            .accessControlExposeHeaders: "*",
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

    /// Whether the wait for a publisher is over and none came.
    func hasWaitedInVain(_ now: NIODeadline) -> Bool {
        guard let waitEnd, now > waitEnd else { return false }
        return subscription.log.head == waitPosition
    }

    /// Completes the body of a viewer that waited in vain: what it got is empty and not broken.
    func completeBody() {
        var end = ByteBuffer()
        framing.writeEnd(into: &end)
        if end.readableBytes > 0 { viewer?.send(end) }
    }

    func leave() {
        viewer?.leave()
        viewer = nil
        subscription.seat.leave()
    }

    func viewerEnded(_ viewer: Viewer, _ end: ViewerEnd) {
        self.viewer = nil
        subscription.seat.leave()
        ended(end)
    }
}
