import NIOCore

/// What a frame is for. Specification: RFC 6455, 5.2 and 11.8.
public enum WebSocketOpcode: UInt8, Sendable, Hashable, CaseIterable {
    /// More of the message that an earlier frame began.
    case continuation = 0x0
    /// A message of UTF-8 text, or its beginning.
    case text = 0x1
    /// A message of bytes, or its beginning.
    case binary = 0x2
    /// The sender sends nothing after it.
    case close = 0x8
    /// Asks for a pong.
    case ping = 0x9
    /// Answers a ping, or tells that the sender is there.
    case pong = 0xA

    /// Whether frames of it may stand between the frames of a message. Specification: RFC 6455, 5.5.
    public var isControl: Bool { rawValue & 0x8 != 0 }
}

/// One frame. Specification: RFC 6455, 5.2.
public struct WebSocketFrame: Sendable, Equatable {
    /// What it is for.
    public var opcode: WebSocketOpcode
    /// Whether it is the last frame of its message.
    public var isFinal: Bool
    /// What it holds, unmasked.
    public var payload: ByteBuffer

    /// Makes a frame; see the properties.
    public init(_ opcode: WebSocketOpcode, isFinal: Bool = true, payload: ByteBuffer = ByteBuffer()) {
        self.opcode = opcode
        self.isFinal = isFinal
        self.payload = payload
    }

    /// The most bytes a control frame holds. Specification: RFC 6455, 5.5.
    public static let controlPayloadBytesMax = 125
}

/// Which end of the connection one is. Specification: RFC 6455, 5.1: clients mask what they send, servers never do.
public enum WebSocketRole: Sendable, Hashable {
    /// Opened the connection.
    case client
    /// Accepted it.
    case server
}

/// Why a connection ends. Specification: RFC 6455, 7.4.
public struct WebSocketCloseCode: RawRepresentable, Sendable, Hashable {
    /// The number on the wire.
    public var rawValue: UInt16

    /// - Parameter rawValue: the number on the wire.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose is fulfilled.
    public static let normal = WebSocketCloseCode(rawValue: 1000)
    /// A server goes down, or a browser leaves the page.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// The peer breaks the protocol.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// The peer sends a kind of message that cannot be taken.
    public static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// The peer sends text that is no UTF-8.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    /// The peer does what it may not.
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// The peer sends a message that is too long.
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// The server cannot do what is asked.
    public static let internalError = WebSocketCloseCode(rawValue: 1011)

    /// Whether it may stand in a close frame: not reserved, and of a range that somebody defines.
    /// Specification: RFC 6455, 7.4.1 and 7.4.2; IANA's registry has 1012 to 1014.
    public var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// The end of a connection as a close frame tells it. Specification: RFC 6455, 5.5.1.
public struct WebSocketClose: Sendable, Hashable {
    /// Why; nil where the frame does not say.
    public var code: WebSocketCloseCode?
    /// In words for people; at most 123 bytes of UTF-8 are sent.
    public var reason: String

    /// Makes a close; see the properties.
    public init(_ code: WebSocketCloseCode?, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// The most bytes of a reason: what the code leaves of a control frame.
    public static let reasonBytesMax = WebSocketFrame.controlPayloadBytesMax - 2

    /// Reads a close frame's payload.
    ///
    /// - Throws: ``WebSocketError`` for half a code, a code that may not be sent, and a reason that is no UTF-8.
    public init(parsing payload: ByteBuffer) throws(WebSocketError) {
        var payload = payload
        guard payload.readableBytes > 0 else {
            self.init(nil)
            return
        }
        guard let code = payload.readInteger(as: UInt16.self).map(WebSocketCloseCode.init), code.isSendable else {
            throw WebSocketError(.protocolError, "close code")
        }
        guard let reason = String(validating: payload.readableBytesView, as: UTF8.self) else {
            throw WebSocketError(.invalidPayload, "close reason")
        }
        self.init(code, reason: reason)
    }

    /// The payload of a close frame. A reason that is too long is cut between two characters.
    public var payload: ByteBuffer {
        var bytes = ByteBuffer()
        guard let code else { return bytes }
        bytes.writeInteger(code.rawValue)
        var reason = reason
        while reason.utf8.count > Self.reasonBytesMax { reason.removeLast() }
        bytes.writeString(reason)
        return bytes
    }
}

/// What a peer does wrong. The connection cannot go on: it is closed with the code. Specification: RFC 6455, 7.1.7.
public struct WebSocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What to close with.
    public var code: WebSocketCloseCode
    /// What was found, for the log.
    public var detail: String

    /// Makes an error; see the properties.
    public init(_ code: WebSocketCloseCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The code and the detail.
    public var description: String { "\(code.rawValue): \(detail)" }
}

/// What a peer can make a reader hold.
public struct WebSocketLimits: Sendable, Equatable {
    /// The most bytes of a message, all its frames together. A keyframe of 100 Mbit/s video is 2 to 4 MB.
    public var messageBytesMax: Int

    /// Makes limits; see the properties.
    public init(messageBytesMax: Int = 16 << 20) {
        self.messageBytesMax = messageBytesMax
    }
}
