import HTTPTypes
import NIOCore
import NIOHTTP1
import WebSocket

/// Live streams over WebSocket. Specification: RFC 6455, 4.2. Over HTTP/2 (RFC 8441) there are none.
extension HTTPChannelHandler {
    /// What to accept a WebSocket's handshake with; nil for a request that asks for none.
    ///
    /// - Throws: ``WebSocketHandshake/Refusal``.
    func webSocketAccept(_ head: HTTPRequestHead) throws(WebSocketHandshake.Refusal) -> String? {
        // HTTP/1.0 has no upgrades, RFC 9110, 7.8, and HTTP/2 no such field.
        guard case .http1 = wire, head.version == .http1_1, WebSocketHandshake.isAsked({ head.headers[$0] }) else {
            return nil
        }
        return try WebSocketHandshake.accept(method: head.method.rawValue) { head.headers[$0] }
    }

    /// Puts the viewer's reader in the place of HTTP's. - Returns: the handshake's answer.
    func beginWebSocket(
        _ subscriber: LiveSubscriber, accept: String, _ context: ChannelHandlerContext
    ) throws -> ByteBuffer {
        if let decoder = takeDecoder() {
            let pipeline = context.channel.pipeline.syncOperations
            try pipeline.addHandler(WebSocketViewerHandler(subscriber: subscriber), position: .before(decoder))
            pipeline.removeHandler(decoder, promise: nil)
        }
        return LiveSubscriber.webSocketHead(accept: accept)
    }
}

extension HTTPAnswer {
    /// The answer to a handshake that fails. Specification: RFC 6455, 4.2.2 and 4.4.
    static func noWebSocket(_ refusal: WebSocketHandshake.Refusal) -> HTTPAnswer {
        switch refusal {
        case .badRequest: return .plain(.badRequest, "\(refusal)")
        case .otherVersion:
            var answer = HTTPAnswer.plain(.upgradeRequired, "\(refusal)")
            answer.headers.add(name: "sec-websocket-version", value: WebSocketHandshake.version)
            return answer
        }
    }
}
