import FanOut
import Logging
import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS

/// A connection that begins with a TLS handshake, in which client and server agree on HTTP/1.1 or HTTP/2.
/// Specification: RFC 7301, RFC 9113, 3.2.
final class SecureHTTPConnection: ChannelInboundHandler, TendedConnection {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private enum State {
        /// Connected. The client shakes hands.
        case handshaking(since: NIODeadline)
        /// HTTP/1.1 was agreed on, or nothing was, which means the same. One handler serves the connection.
        case http1
        /// HTTP/2 was agreed on. Each stream has a handler.
        case http2(idleSince: NIODeadline?)
        /// The connection ends.
        case closed
    }

    private let service: HTTPService
    private var state = State.handshaking(since: .now())
    private var handlers: [ObjectIdentifier: HTTPChannelHandler] = [:]
    private var hasHadStream = false
    private var context: ChannelHandlerContext?

    init(service: HTTPService) {
        self.service = service
    }

    // MARK: Channel

    func channelActive(context: ChannelHandlerContext) {
        guard service.connections.admit(self, on: context.channel) else {
            context.close(promise: nil)
            return
        }
        self.context = context
        state = .handshaking(since: .now())
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.context != nil else { return }
        self.context = nil
        state = .closed
        service.connections.remove(self, on: context.eventLoop)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let agreed)? = event as? TLSUserEvent, case .handshaking = state {
            do {
                try begin(agreed, context)
            } catch {
                fail(error, context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func begin(_ agreed: String?, _ context: ChannelHandlerContext) throws {
        guard agreed == "h2" else {
            state = .http1
            try HTTP1Pipeline.install(on: context.channel, service: service, isSecure: true, host: self)
            return
        }
        state = .http2(idleSince: .now())
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        _ = try context.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: HTTP2Limits.connection(service.configuration),
            streamConfiguration: HTTP2Limits.stream
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let connection = connection.value
                let frames = HTTP2StreamHandler()
                let handler = HTTPChannelHandler(service: connection.service, wire: .http2(frames), host: connection)
                try stream.pipeline.syncOperations.addHandlers([frames, handler])
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error, context)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        let peer = context.remoteAddress?.peerText ?? "unknown"
        service.logger.debug("secure connection failed", metadata: ["peer": "\(peer)", "why": "\(error)"])
        context.close(promise: nil)
    }

    // MARK: Time and shutdown

    func checkTime(_ now: NIODeadline) {
        for handler in Array(handlers.values) { handler.checkTime(now) }
        let limits = service.configuration
        switch state {
        case .handshaking(let since) where now - since > limits.headTimeout: context?.close(promise: nil)
        case .http2(let idleSince?)
        where now - idleSince > (hasHadStream ? limits.keepAliveTimeout : limits.headTimeout):
            goAway()
        case .handshaking, .http1, .http2, .closed: break
        }
    }

    func endPublications() {}

    func shutDown() {
        if case .http2 = state { goAway() } else { context?.close(promise: nil) }
    }

    /// Says that no stream will be served any more, so that the client asks elsewhere. Specification: RFC 9113, 6.8.
    private func goAway() {
        guard let context else { return }
        let frame = HTTP2Frame(
            streamID: .rootStream, payload: .goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil))
        context.channel.writeAndFlush(frame, promise: nil)
        context.channel.close(promise: nil)
    }
}

extension SecureHTTPConnection: HTTPHandlerHost {
    func take(_ handler: HTTPChannelHandler, on channel: any Channel) -> Bool {
        guard context != nil else { return false }
        handlers[ObjectIdentifier(handler)] = handler
        hasHadStream = true
        if case .http2 = state { state = .http2(idleSince: nil) }
        return true
    }

    func release(_ handler: HTTPChannelHandler, on eventLoop: any EventLoop) {
        handlers[ObjectIdentifier(handler)] = nil
        if handlers.isEmpty, case .http2 = state { state = .http2(idleSince: .now()) }
    }
}

/// What an HTTP/2 connection may cost. Specification: RFC 9113, 10.5.
///
/// NIO's handler ends a connection on which the client resets more than 200 streams in 30 s (rapid reset,
/// CVE-2023-44487) or causes as many errors, sends more than 200 PING, SETTINGS or PRIORITY frames in 30 s, several
/// empty DATA frames or more than 5 CONTINUATION frames in a row, or leaves more than ``controlFramesMax`` answers to
/// its own control frames unread.
enum HTTP2Limits {
    /// Requests at once on one connection. A page of a hundred previews is one of them each.
    static let streamsMax = 128
    /// Answers to PING and SETTINGS that a client which does not read may make wait.
    static let controlFramesMax = 512
    /// What a client may send before it is read: requests here have short bodies.
    static let windowBytes = 65_535
    /// Bytes of one stream that may wait in its channel. Below that more is written, so that a live body's pieces and
    /// those of long bodies follow each other closely.
    static let bufferedBytesMax = 64 << 10

    static func connection(_ configuration: HTTPConfiguration) -> NIOHTTP2Handler.ConnectionConfiguration {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streamsMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: configuration.headBytesMax),
            HTTP2Setting(parameter: .initialWindowSize, value: windowBytes),
        ]
        connection.maximumBufferedControlFrames = controlFramesMax
        return connection
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.outboundBufferSizeHighWatermark = bufferedBytesMax
        stream.outboundBufferSizeLowWatermark = bufferedBytesMax / 2
        return stream
    }
}
