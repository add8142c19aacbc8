import NIOCore
import WebSocket

/// What a WebSocket's viewer sends: pings are answered, a close is, and messages are not looked at. Stands in front of
/// HTTP's handlers, which see no byte any more.
final class WebSocketViewerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The most bytes of a message that is read to be ignored. Players send none, or a few words.
    static let messageBytesMax = 64 << 10

    private let subscriber: LiveSubscriber
    private var session = WebSocketSession(
        role: .server, limits: WebSocketLimits(messageBytesMax: WebSocketViewerHandler.messageBytesMax))

    init(subscriber: LiveSubscriber) {
        self.subscriber = subscriber
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session.receive(unwrapInboundIn(data))
        do throws(WebSocketError) {
            while let action = try session.next() {
                switch action {
                case .answer(let frame): subscriber.answer(frame)
                case .close(_, let answer): end(answer, context)
                case .message, .pong: break
                }
            }
        } catch {
            let close = WebSocketClose(error.code, reason: error.detail)
            end(WebSocketFrame(.close, payload: close.payload), context)
        }
    }

    /// The server closes the connection first. Specification: RFC 6455, 7.1.1.
    private func end(_ frame: WebSocketFrame?, _ context: ChannelHandlerContext) {
        if let frame { subscriber.answer(frame) }
        context.close(promise: nil)
    }
}
