import HTTPTypes
import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2

/// One stream of an HTTP/2 connection: frames to the parts of a request, and answers to frames. Specification:
/// RFC 9113, 8.
final class HTTP2StreamHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTPServerRequestPart
    /// Bytes of a body.
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    private var context: ChannelHandlerContext?
    private var hasHead = false

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            if !hasHead {
                hasHead = true
                guard let head = Self.head(frame.headers) else { return context.close(promise: nil) }
                context.fireChannelRead(wrapInboundOut(.head(head)))
            }
            // Fields after the body tell nothing here.
            if frame.endStream { context.fireChannelRead(wrapInboundOut(.end(nil))) }
        case .data(let frame):
            if case .byteBuffer(let bytes) = frame.data, bytes.readableBytes > 0 {
                context.fireChannelRead(wrapInboundOut(.body(bytes)))
            }
            if frame.endStream { context.fireChannelRead(wrapInboundOut(.end(nil))) }
        default:
            // The rest is the connection's, which NIO looks after.
            return
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data)
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes), endStream: false))), promise: promise)
    }

    /// Writes the head of the answer.
    func writeHead(
        _ status: HTTPResponse.Status, _ fields: HTTPHeaders, _ length: BodyLength, date: String, endsStream: Bool
    ) {
        guard let context else { return }
        var headers = HPACKHeaders()
        headers.reserveCapacity(fields.count + 3)
        headers.add(name: ":status", value: "\(status.code)")
        headers.add(name: "date", value: date)
        for (name, value) in fields { headers.add(name: name.lowercased(), value: value) }
        if case .known(let count) = length { headers.add(name: "content-length", value: "\(count)") }
        context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: endsStream))), promise: nil)
    }

    /// Writes bytes of the body.
    func writeBody(_ bytes: ByteBuffer, endsStream: Bool) {
        guard let context else { return }
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes), endStream: endsStream))), promise: nil)
    }

    /// A request's head as HTTP/1 has it. Specification: RFC 9113, 8.3.1.
    ///
    /// - Returns: nil without a method or a path: CONNECT, which there is no use for here.
    private static func head(_ block: HPACKHeaders) -> HTTPRequestHead? {
        guard let method = block.first(name: ":method"), let path = block.first(name: ":path") else { return nil }
        var headers = HTTPHeaders()
        headers.reserveCapacity(block.count)
        if let authority = block.first(name: ":authority") { headers.add(name: "host", value: authority) }
        for (name, value, _) in block where !name.hasPrefix(":") { headers.add(name: name, value: value) }
        return HTTPRequestHead(
            version: HTTPVersion(major: 2, minor: 0), method: HTTPMethod(rawValue: method), uri: path, headers: headers)
    }
}
