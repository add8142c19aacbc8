import NIOCore
import WebSocket

/// The binary messages of a WebSocket, one after another. Texts tell a browser what to expect, and are passed over.
///
/// Specification: RFC 6455.
actor WebSocketBytes {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private let url: WebURL
    private let connection: WebConnection<ByteBuffer>
    private var session = WebSocketSession(role: .client)

    /// Connects, and waits until the server has made the connection a WebSocket.
    init(_ url: WebURL, options: SourceOptions, lifeline: Lifeline, on loop: any EventLoop) async throws(SourceError) {
        self.url = url
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
        connection = try await WebConnection<ByteBuffer>.open(
            url, options: options, lifeline: lifeline, on: loop, byteCount: { $0.readableBytes })
        let handshake = WebSocketClientHandshake(
            target: url.target, host: url.hostField, nonce: (0..<16).map { _ in .random(in: 0...255) })
        connection.send(handshake.request)
        session.receive(try await Self.answer(to: handshake, connection, url))
    }

    /// - Returns: what came behind the server's handshake.
    private static func answer(
        to handshake: WebSocketClientHandshake, _ connection: WebConnection<ByteBuffer>, _ url: WebURL
    ) async throws(SourceError) -> ByteBuffer {
        var bytes = ByteBuffer()
        while let piece = try await connection.next() {
            bytes.writeImmutableBuffer(piece)
            do {
                if try handshake.readAnswer(from: &bytes) { return bytes }
            } catch {
                connection.close()
                throw SourceError(error, url)
            }
        }
        throw SourceError("\(url.authority) closes the connection without an answer", isTransient: true)
    }

    /// The next message; nil when the server has ended the stream.
    func next() async throws(SourceError) -> ByteBuffer? {
        while true {
            if let message = try take() {
                switch message {
                case .bytes(let bytes): return bytes
                case .end: return nil
                }
            }
            guard let piece = try await connection.next() else {
                throw SourceError("the connection to \(url.authority) broke", isTransient: true)
            }
            session.receive(piece)
        }
    }

    private enum Taken {
        case bytes(ByteBuffer)
        case end
    }

    private func take() throws(SourceError) -> Taken? {
        do {
            while let action = try session.next() {
                switch action {
                case .message(.binary, let bytes):
                    if bytes.readableBytes > 0 { return .bytes(bytes) }
                case .message, .pong: break
                case .answer(let frame): send(frame)
                case .close(let close, let answer):
                    if let answer { send(answer) }
                    connection.close()
                    guard close.code == .normal || close.code == nil else {
                        let reason = close.reason.isEmpty ? "" : ": \(close.reason)"
                        throw SourceError(
                            "\(url.authority) ends the stream with code \(close.code?.rawValue ?? 0)\(reason)",
                            isTransient: true)
                    }
                    return .end
                }
            }
            return nil
        } catch let error as WebSocketError {
            connection.close()
            throw SourceError("\(url.authority) does not speak WebSocket as it should: \(error)", isTransient: false)
        } catch let error as SourceError {
            throw error
        } catch {
            throw SourceError("\(error)", isTransient: false)
        }
    }

    private func send(_ frame: WebSocketFrame) {
        var bytes = ByteBuffer()
        WebSocketFrameWriter.write(frame, maskingKey: .random(in: 0...UInt32.max), into: &bytes)
        connection.send(bytes)
    }

    /// Says goodbye, and closes.
    func close() {
        if let frame = session.close(WebSocketClose(.normal)) { send(frame) }
        connection.close()
    }
}

extension SourceError {
    fileprivate init(_ failure: WebSocketClientHandshake.Failure, _ url: WebURL) {
        let isTransient =
            switch failure {
            case .status(let status, _): status == 404 || status >= 500
            case .badAnswer, .headTooLong: false
            }
        self.init("\(url.authority): \(failure)", isTransient: isTransient)
    }
}
