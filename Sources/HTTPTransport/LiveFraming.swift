import NIOCore

/// How the pieces of a live body (a header, a tag, a fragment) travel on the connection. Viewers of one framing share
/// the framed bytes.
public enum LiveFraming: Sendable, Hashable {
    /// Each piece is a chunk of the chunked transfer coding. Specification: RFC 9112, 7.1.
    case chunked
    /// The bytes as they are, up to the connection's end: HTTP/1.0.
    case untilClose
    /// The bytes as they are; the channel makes DATA frames of them. Specification: RFC 9113, 6.1.
    case http2

    /// Tells logs of one container apart. Bytes that travel as they are can be shared.
    var variant: UInt64 {
        switch self {
        case .untilClose, .http2: 0
        case .chunked: 1
        }
    }

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
        }
    }

    /// Writes what ends a body.
    func writeEnd(into bytes: inout ByteBuffer) {
        switch self {
        case .untilClose, .http2: break
        case .chunked: bytes.writeStaticString("0\r\n\r\n")
        }
    }
}
