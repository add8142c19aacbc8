import NIOCore

/// Reads the peer's frames. Specification: RFC 6455, 5.2.
public struct WebSocketFrameReader: Sendable {
    private let role: WebSocketRole
    private let payloadBytesMax: Int

    /// - Parameters:
    ///   - role: which end the reader is: a server reads masked frames, a client unmasked ones.
    ///   - payloadBytesMax: the longest frame that is taken, in bytes.
    public init(role: WebSocketRole, payloadBytesMax: Int) {
        self.role = role
        self.payloadBytesMax = payloadBytesMax
    }

    /// Reads a frame from the front of a buffer.
    ///
    /// - Returns: nil when its bytes have not all come; then nothing is consumed.
    /// - Throws: ``WebSocketError`` as soon as the head shows what is wrong.
    public func read(from buffer: inout ByteBuffer) throws(WebSocketError) -> WebSocketFrame? {
        var rest = buffer
        guard let (first, second) = rest.readMultipleIntegers(as: (UInt8, UInt8).self) else { return nil }
        guard first & 0x70 == 0 else { throw WebSocketError(.protocolError, "reserved bits without an extension") }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            throw WebSocketError(.protocolError, "reserved opcode \(first & 0x0F)")
        }
        let isFinal = first & 0x80 != 0
        guard (second & 0x80 != 0) == (role == .server) else {
            throw WebSocketError(.protocolError, role == .server ? "unmasked frame" : "masked frame")
        }
        if opcode.isControl {
            guard isFinal else { throw WebSocketError(.protocolError, "control frame in fragments") }
            guard second & 0x7F < 126 else { throw WebSocketError(.protocolError, "control frame over 125 bytes") }
        }
        guard let length = try Self.length(second & 0x7F, &rest) else { return nil }
        guard length <= UInt64(payloadBytesMax) else {
            throw WebSocketError(.messageTooBig, "frame of \(length) bytes, at most \(payloadBytesMax)")
        }
        var maskingKey: UInt32?
        if role == .server {
            guard let key = rest.readInteger(as: UInt32.self) else { return nil }
            maskingKey = key
        }
        guard var payload = rest.readSlice(length: Int(length)) else { return nil }
        if let maskingKey { WebSocketMask.apply(maskingKey, to: &payload, from: payload.readerIndex) }
        buffer = rest
        return WebSocketFrame(opcode, isFinal: isFinal, payload: payload)
    }

    /// - Parameter short: the seven bits of the second byte.
    /// - Returns: nil when more bytes are needed.
    private static func length(_ short: UInt8, _ rest: inout ByteBuffer) throws(WebSocketError) -> UInt64? {
        let length: UInt64
        switch short {
        case 126:
            guard let medium = rest.readInteger(as: UInt16.self) else { return nil }
            length = UInt64(medium)
        case 127:
            guard let long = rest.readInteger(as: UInt64.self) else { return nil }
            guard long >> 63 == 0 else { throw WebSocketError(.protocolError, "length of 64 bits") }
            length = long
        default: return UInt64(short)
        }
        guard length >= (short == 126 ? 126 : 0x1_0000) else {
            throw WebSocketError(.protocolError, "length in more bytes than it needs")
        }
        return length
    }
}
