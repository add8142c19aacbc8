import NIOCore
import WebSocket

/// Watches one response without an end: FLV, fragmented MP4 or MPEG-TS.
final class HTTPConversation: Conversation {
    var outbound = ByteBuffer()
    private let request: ByteBuffer
    private let scanner: any StreamScanner
    private var leftover = Leftover()
    private var head = ByteBuffer()
    private var framing: HTTPBodyFraming?

    init(_ target: LoadTarget, _ container: LoadTarget.Container) {
        request = HTTPRequestText.get(target.path, target)
        scanner = container.makeScanner()
    }

    func begin(at now: UInt64) {
        outbound.writeImmutableBuffer(request)
    }

    func receive(_ raw: inout ByteBuffer, _ work: inout LoopMemory, at now: UInt64) throws(ScanError) {
        if framing == nil {
            guard let answer = try HTTPRequestText.head(from: &raw, gatheredIn: &head) else { return }
            guard answer.status == 200 else { throw ScanError(HTTPRequestText.refusal(answer)) }
            framing = answer.framing
        }
        if case .untilClose? = framing { return try leftover.scan(&raw, scanner, &work) }
        guard var framing else { return }
        let hasEnded = try leftover.scan(&raw, unwrappedBy: &framing, scanner, &work)
        self.framing = framing
        if hasEnded { throw ScanError("the server ended the stream") }
    }
}

/// Watches over a WebSocket.
final class WebSocketConversation: Conversation {
    var outbound = ByteBuffer()
    private let handshake: WebSocketClientHandshake
    private let scanner: any StreamScanner
    private var leftover = Leftover()
    private var head = ByteBuffer()
    private var framing: HTTPBodyFraming?

    init(_ target: LoadTarget, _ container: LoadTarget.Container, random: UInt64) {
        let nonce = (0..<16).map { UInt8(truncatingIfNeeded: random >> UInt64($0 % 8 * 8)) ^ UInt8($0) }
        handshake = WebSocketClientHandshake(
            target: target.path, host: HTTPRequestText.authority(target), nonce: nonce,
            fields: [("User-Agent", HTTPRequestText.userAgent)])
        scanner = container.makeScanner()
    }

    func begin(at now: UInt64) {
        outbound.writeImmutableBuffer(handshake.request)
    }

    func receive(_ raw: inout ByteBuffer, _ work: inout LoopMemory, at now: UInt64) throws(ScanError) {
        if framing == nil {
            head.moveBytes(raw.readableBytes, from: &raw)
            do throws(WebSocketClientHandshake.Failure) {
                guard try handshake.readAnswer(from: &head) else { return }
            } catch {
                throw ScanError("refused: \(error)")
            }
            raw.clear()
            raw.writeBuffer(&head)
            framing = .webSocket(WebSocketUnframing())
            head = ByteBuffer()
        }
        guard case .webSocket(var unframing)? = framing else { return }
        framing = nil
        var current = HTTPBodyFraming.webSocket(unframing)
        let hasEnded = try leftover.scan(&raw, unwrappedBy: &current, scanner, &work)
        if case .webSocket(let advanced) = current { unframing = advanced }
        if let ping = unframing.takePing() {
            WebSocketFrameWriter.write(
                WebSocketFrame(.pong, payload: ping), maskingKey: UInt32(truncatingIfNeeded: now), into: &outbound)
        }
        framing = .webSocket(unframing)
        if hasEnded { throw ScanError("the server closed the WebSocket") }
    }
}

/// What viewers ask over HTTP, and how they read the answer's head.
enum HTTPRequestText {
    static let userAgent = "sluice-bench"

    /// The value of Host.
    static func authority(_ target: LoadTarget) -> String {
        let host = target.host.contains(":") ? "[\(target.host)]" : target.host
        return target.port == 80 ? host : "\(host):\(target.port)"
    }

    /// A request for a path, or for some of its bytes.
    static func get(_ path: String, _ target: LoadTarget, range: ClosedRange<Int>? = nil) -> ByteBuffer {
        let rangeLine = range.map { "Range: bytes=\($0.lowerBound)-\($0.upperBound)\r\n" } ?? ""
        return ByteBuffer(
            string: "GET \(path) HTTP/1.1\r\nHost: \(authority(target))\r\nUser-Agent: \(userAgent)\r\nAccept: */*\r\n"
                + "\(rangeLine)\r\n")
    }

    /// Reads a head that may come in pieces; nil until it is whole.
    static func head(
        from raw: inout ByteBuffer, gatheredIn gathered: inout ByteBuffer
    ) throws(ScanError) -> HTTPResponseHead? {
        if gathered.readableBytes > 0 {
            var whole = gathered
            whole.moveBytes(raw.readableBytes, from: &raw)
            raw.clear()
            raw.writeBuffer(&whole)
            gathered = ByteBuffer()
        }
        if let head = try HTTPResponseHead(from: &raw) { return head }
        gathered = ByteBuffer(bytes: raw.readableBytesView)
        raw.clear()
        return nil
    }

    /// Why an answer is none, in words.
    static func refusal(_ head: HTTPResponseHead) -> String {
        guard let location = head.location else { return "refused: \(head.words)" }
        return "refused: \(head.words), the stream is at \(location.prefix(120))"
    }
}
