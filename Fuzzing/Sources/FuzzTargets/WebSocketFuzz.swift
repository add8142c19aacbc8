import NIOCore
import WebSocket

/// In front: which end reads, and how the bytes arrive.
func fuzzWebSocket(_ input: inout FuzzInput) {
    let role: WebSocketRole = input.byte() & 1 == 0 ? .server : .client
    let pattern = input.byte()
    let whole = readWebSocket(role, input.rest, 0)
    promise(whole == readWebSocket(role, input.rest, pattern), "cuts change nothing")
    readFrames(role, input.rest)
    readHandshake(input.rest)
}

private struct WebSocketResult: Equatable {
    var actions: [WebSocketSession.Action] = []
    var error: WebSocketError?
}

private let limits = WebSocketLimits(messageBytesMax: 2048)

private func readWebSocket(_ role: WebSocketRole, _ bytes: ByteBuffer, _ pattern: UInt8) -> WebSocketResult {
    var session = WebSocketSession(role: role, limits: limits)
    var result = WebSocketResult()
    for piece in Pieces(bytes, pattern: pattern) {
        session.receive(piece)
        do throws(WebSocketError) {
            while let action = try session.next() {
                if case .message(_, let message) = action {
                    promise(message.readableBytes <= limits.messageBytesMax, "messages within their limit")
                }
                result.actions.append(action)
            }
        } catch {
            promise(error.code.isSendable, "an error can be told")
            result.error = error
            return result
        }
    }
    return result
}

/// What is understood can be written, and is then understood the same.
private func readFrames(_ role: WebSocketRole, _ bytes: ByteBuffer) {
    let reader = WebSocketFrameReader(role: role, payloadBytesMax: limits.messageBytesMax)
    var rest = bytes
    do throws(WebSocketError) {
        while let frame = try reader.read(from: &rest) {
            var written = ByteBuffer()
            WebSocketFrameWriter.write(frame, maskingKey: role == .server ? 0x8142_2418 : nil, into: &written)
            let again = try reader.read(from: &written)
            promise(again == frame, "frames survive")
            promise(written.readableBytes == 0, "a frame ends where it ends")
        }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}

/// The bytes as the answer that a client waits for, and as the fields of its request.
private func readHandshake(_ bytes: ByteBuffer) {
    let handshake = WebSocketClientHandshake(target: "/", host: "a", nonce: Array(0..<16))
    var rest = bytes
    do throws(WebSocketClientHandshake.Failure) {
        _ = try handshake.readAnswer(from: &rest)
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
    let text = String(buffer: bytes)
    do throws(WebSocketHandshake.Refusal) {
        _ = try WebSocketHandshake.accept(method: "GET") { name in
            name == "sec-websocket-version" ? [WebSocketHandshake.version] : [text, "websocket, upgrade"]
        }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}
