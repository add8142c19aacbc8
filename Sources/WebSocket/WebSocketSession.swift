import NIOCore

/// One end of an open connection: bytes in, messages and what to answer out.
///
/// Writing is the caller's, with ``WebSocketFrameWriter``. Specification: RFC 6455, 5.4 to 7.
public struct WebSocketSession: Sendable {
    /// What to do about what has come.
    public enum Action: Sendable, Equatable {
        /// A whole message, of text that is UTF-8 or of bytes.
        case message(WebSocketOpcode, ByteBuffer)
        /// The peer asks whether one is there: send this frame, or only the newest of several (5.5.3).
        case answer(WebSocketFrame)
        /// The peer is there.
        case pong(ByteBuffer)
        /// The peer ends the connection, or answers the end: send the frame, if there is one, and close. Nothing comes
        /// after it.
        case close(WebSocketClose, answer: WebSocketFrame?)
    }

    private enum State: Sendable {
        /// Messages go both ways. Ends with a close frame in either direction.
        case open
        /// A close frame has been sent and the peer's is awaited; what comes before it is taken as ever.
        case closing
        /// The peer's close frame has come, or it broke the protocol. Bytes are dropped.
        case closed
    }

    private let reader: WebSocketFrameReader
    private let limits: WebSocketLimits
    private var state = State.open
    private var unread = ByteBuffer()
    /// The message that has begun.
    private var fragments: (opcode: WebSocketOpcode, bytes: ByteBuffer)?

    /// - Parameters:
    ///   - role: which end this is.
    ///   - limits: what the peer can make it hold.
    public init(role: WebSocketRole, limits: WebSocketLimits = .init()) {
        reader = WebSocketFrameReader(role: role, payloadBytesMax: limits.messageBytesMax)
        self.limits = limits
    }

    /// Takes up bytes; ``next()`` tells what they are.
    public mutating func receive(_ bytes: ByteBuffer) {
        guard state != .closed else { return }
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeImmutableBuffer(bytes) }
    }

    /// What to do next.
    ///
    /// - Returns: nil when more bytes are needed, and after the end.
    /// - Throws: ``WebSocketError``, once: send a close frame with its code and close the connection.
    public mutating func next() throws(WebSocketError) -> Action? {
        guard state != .closed else { return nil }
        do throws(WebSocketError) {
            while let frame = try reader.read(from: &unread) {
                if let action = try take(frame) { return action }
            }
            return nil
        } catch {
            end()
            throw error
        }
    }

    /// The close frame to send; nil where one has been sent, or the connection has ended. The peer's answer ends it.
    public mutating func close(_ close: WebSocketClose) -> WebSocketFrame? {
        guard state == .open else { return nil }
        state = .closing
        return WebSocketFrame(.close, payload: close.payload)
    }

    private mutating func take(_ frame: WebSocketFrame) throws(WebSocketError) -> Action? {
        switch frame.opcode {
        case .ping: return .answer(WebSocketFrame(.pong, payload: frame.payload))
        case .pong: return .pong(frame.payload)
        case .close:
            let close = try WebSocketClose(parsing: frame.payload)
            let answer = state == .open ? WebSocketFrame(.close, payload: WebSocketClose(close.code).payload) : nil
            end()
            return .close(close, answer: answer)
        case .text, .binary:
            guard fragments == nil else { throw WebSocketError(.protocolError, "a message inside a message") }
            if frame.isFinal { return try message(frame.opcode, frame.payload) }
            fragments = (frame.opcode, ByteBuffer(frame.payload.readableBytesView))
            return nil
        case .continuation: return try goOn(frame)
        }
    }

    private mutating func goOn(_ frame: WebSocketFrame) throws(WebSocketError) -> Action? {
        guard let (opcode, begun) = fragments else {
            throw WebSocketError(.protocolError, "continuation of nothing")
        }
        guard begun.readableBytes + frame.payload.readableBytes <= limits.messageBytesMax else {
            throw WebSocketError(.messageTooBig, "message over \(limits.messageBytesMax) bytes")
        }
        fragments?.bytes.writeImmutableBuffer(frame.payload)
        guard frame.isFinal, let bytes = fragments?.bytes else { return nil }
        fragments = nil
        return try message(opcode, bytes)
    }

    private func message(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer) throws(WebSocketError) -> Action {
        if opcode == .text, String(validating: bytes.readableBytesView, as: UTF8.self) == nil {
            throw WebSocketError(.invalidPayload, "text that is no UTF-8")
        }
        return .message(opcode, bytes)
    }

    private mutating func end() {
        state = .closed
        unread = ByteBuffer()
        fragments = nil
    }
}
