import NIOCore
import WebSocket

/// How the pieces of a live body (a header, a tag, a fragment) travel on the connection. Viewers of one framing share
/// the framed bytes.
public enum LiveFraming: Sendable, Hashable {
    /// Each piece is a chunk of the chunked transfer coding. Specification: RFC 9112, 7.1.
    case chunked
    /// The bytes as they are, up to the connection's end: HTTP/1.0.
    case untilClose
    /// The bytes as they are; the channel makes DATA frames of them. Specification: RFC 9113, 6.1.
    case http2
    /// Each piece is a binary message. Specification: RFC 6455, 5.6.
    case webSocket

    /// Tells logs of one container apart. Bytes that travel as they are can be shared.
    var variant: UInt64 {
        switch self {
        case .untilClose, .http2: 0
        case .chunked: 1
        case .webSocket: 2
        }
    }

    /// Whether a body can begin anew in the middle: what is sent are messages, and not one file.
    var allowsNewTracks: Bool { self == .webSocket }

    /// Writes one piece.
    ///
    /// - Parameters:
    ///   - byteCount: its length.
    ///   - bytes: where to append.
    ///   - write: appends exactly so many bytes.
    func writePiece(byteCount: Int, into bytes: inout ByteBuffer, _ write: (inout ByteBuffer) -> Void) {
        switch self {
        case .untilClose, .http2: write(&bytes)
        case .chunked:
            bytes.writeString(String(byteCount, radix: 16))
            bytes.writeStaticString("\r\n")
            write(&bytes)
            bytes.writeStaticString("\r\n")
        case .webSocket:
            WebSocketFrameWriter.writeHead(.binary, payloadBytes: byteCount, into: &bytes)
            write(&bytes)
        }
    }

    /// Writes what is said of the body beside it, which only WebSockets have room for.
    func writeText(_ text: String, into bytes: inout ByteBuffer) {
        guard self == .webSocket else { return }
        WebSocketFrameWriter.write(WebSocketFrame(.text, payload: ByteBuffer(string: text)), into: &bytes)
    }

    /// Writes what ends a body.
    func writeEnd(into bytes: inout ByteBuffer) {
        switch self {
        case .untilClose, .http2: break
        case .chunked: bytes.writeStaticString("0\r\n\r\n")
        case .webSocket:
            let close = WebSocketClose(.normal, reason: "the stream has ended")
            WebSocketFrameWriter.write(WebSocketFrame(.close, payload: close.payload), into: &bytes)
        }
    }
}
