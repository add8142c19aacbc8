import FanOut
import HTTPTypes
import NIOCore
import NIOHTTP1

/// What an answer is written to.
enum HTTPWire {
    /// A connection: bytes written to its channel are bytes sent. The codec makes requests of what comes in; a viewer's
    /// connection is rid of it, and has none.
    case http1(decoder: (any RemovableChannelHandler)?, isSecure: Bool)
    /// A stream of a connection: bytes written to its channel are its DATA frames.
    case http2(HTTP2StreamHandler)

    /// The most bytes of a long body that are handed over at once. A client that takes none of them within
    /// ``HTTPConfiguration/keepAliveTimeout`` is closed. Encrypted bytes are copies, so those are fewer.
    var pieceBytes: Int {
        switch self {
        case .http1(_, isSecure: false): 512 << 10
        case .http1, .http2: 64 << 10
        }
    }

    /// How a live body reaches the client.
    var delivery: ViewerDelivery {
        switch self {
        case .http1(_, isSecure: false): .descriptor
        case .http1, .http2: .channel
        }
    }

    var scheme: String {
        switch self {
        case .http1(_, let isSecure): isSecure ? "https" : "http"
        case .http2: "https"
        }
    }
}

/// What is known of the body when its head is written.
enum BodyLength: Equatable {
    /// There is none and no field tells of one: 204, 304.
    case none
    case known(Int)
    /// Its end is marked when it comes.
    case unknown
}

/// One answer under way: how its head and body are framed. Specification: RFC 9112, 6, and RFC 9113, 8.1.
struct HTTPExchange {
    var isHead = false
    var version = HTTPVersion.http1_1
    /// Whether the connection takes another request after this.
    var isKept = false
    /// Whether the body goes out in chunks.
    var isChunked = false

    init() {}

    init(_ head: HTTPRequestHead) {
        isHead = head.method == .HEAD
        version = head.version.answered
        isKept = head.isKeepAlive
    }

    /// Renders a head as bytes. A body of unknown length that cannot go out in chunks ends with the connection.
    mutating func http1Head(
        _ status: HTTPResponse.Status, _ headers: HTTPHeaders, _ length: BodyLength, date: String
    ) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(512)
        bytes.writeStaticString(version == .http1_0 ? "HTTP/1.0 " : "HTTP/1.1 ")
        bytes.writeString("\(status.code) ")
        bytes.writeString(status.reasonPhrase)
        bytes.writeStaticString("\r\ndate: ")
        bytes.writeString(date)
        for (name, value) in headers {
            bytes.writeStaticString("\r\n")
            bytes.writeString(name)
            bytes.writeStaticString(": ")
            bytes.writeString(value)
        }
        switch length {
        case .none: break
        case .known(let count): bytes.writeString("\r\ncontent-length: \(count)")
        case .unknown:
            isChunked = version != .http1_0 && !isHead
            if isChunked { bytes.writeStaticString("\r\ntransfer-encoding: chunked") }
            if version == .http1_0 { isKept = false }
        }
        if !isKept {
            bytes.writeStaticString("\r\nconnection: close")
        } else if version == .http1_0 {
            bytes.writeStaticString("\r\nconnection: keep-alive")
        }
        bytes.writeStaticString("\r\n\r\n")
        return bytes
    }
}

extension HTTPVersion {
    /// The version to answer a request of this one in: HTTP/1.1, or 1.0 to a client that knows no more.
    var answered: HTTPVersion {
        self == .http1_0 || self == .http0_9 ? .http1_0 : .http1_1
    }
}
