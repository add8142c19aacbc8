import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Writing answers: whole ones, long ones piece by piece, and bodies that are made while they are sent.
extension HTTPChannelHandler {
    /// Writes a whole answer, to the next request or to none.
    func respond(_ answer: HTTPAnswer, to head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        exchange = head.map(HTTPExchange.init) ?? HTTPExchange()
        let hasBody = answer.body.readableBytes > 0 && !exchange.isHead
        writeHead(
            answer.status, answer.headers, answer.contentLength.map { .known($0) } ?? .none, endsHere: !hasBody, context
        )
        if hasBody {
            sendRest(answer.body, context)
        } else {
            context.flush()
            endAnswer(context)
        }
    }

    /// Goes on with a long body while the client takes it.
    func sendRest(_ body: ByteBuffer, _ context: ChannelHandlerContext) {
        var rest = body
        repeat {
            guard let piece = rest.readSlice(length: min(rest.readableBytes, wire.pieceBytes)) else { return }
            guard rest.readableBytes > 0 else {
                write(piece, isLast: true, context)
                context.flush()
                return endAnswer(context)
            }
            write(piece, isLast: false, context)
            context.flush()
        } while context.channel.isWritable
        enter(.sending(rest))
    }

    /// The answer is written; the next request may come, or the connection ends when the client has all of it.
    private func endAnswer(_ context: ChannelHandlerContext) {
        guard case .http1 = wire else { return enter(.closed) }
        if exchange.isKept {
            enter(.idle)
            resume(context)
        } else {
            closeWhenSent(context)
        }
    }

    /// Closes the connection once everything written has reached the kernel.
    func closeWhenSent(_ context: ChannelHandlerContext) {
        enter(.closed)
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    func writeHead(
        _ status: HTTPResponse.Status, _ headers: HTTPHeaders, _ length: BodyLength, endsHere: Bool,
        _ context: ChannelHandlerContext
    ) {
        switch wire {
        case .http1:
            let bytes = exchange.http1Head(status, headers, length, date: service.date.text)
            context.write(wrapOutboundOut(bytes), promise: nil)
        case .http2(let stream):
            stream.writeHead(status, headers, length, date: service.date.text, endsStream: endsHere)
        }
    }

    func write(_ bytes: ByteBuffer, isLast: Bool, _ context: ChannelHandlerContext) {
        switch wire {
        case .http1:
            guard exchange.isChunked else { return context.write(wrapOutboundOut(bytes), promise: nil) }
            context.write(wrapOutboundOut(Chunk.head(bytes.readableBytes)), promise: nil)
            context.write(wrapOutboundOut(bytes), promise: nil)
            context.write(wrapOutboundOut(isLast ? Chunk.lastTail : Chunk.tail), promise: nil)
        case .http2(let stream):
            stream.writeBody(bytes, endsStream: isLast)
        }
    }

    // MARK: Bodies that are made while they are sent

    /// Writes the head of a body that follows in pieces.
    func beginStream(_ response: Response, _ head: HTTPRequestHead) {
        guard let context, case .asking(let task?) = state else { return }
        exchange = HTTPExchange(head)
        let length = response.body.contentLength
        writeHead(
            response.status, Self.headers(response), length.map { .known($0) } ?? .unknown, endsHere: false, context)
        context.flush()
        enter(.streaming(StreamedBody(task: task, bytesLeft: length)))
    }

    /// Writes the next piece. - Returns: what ends when the client has taken enough for another.
    func streamed(_ bytes: ByteBuffer) -> EventLoopFuture<Void>? {
        guard let context, case .streaming(let body) = state, body.count(bytes.readableBytes) else { return nil }
        guard bytes.readableBytes > 0 else { return context.eventLoop.makeSucceededVoidFuture() }
        write(bytes, isLast: false, context)
        context.flush()
        guard !context.channel.isWritable else { return context.eventLoop.makeSucceededVoidFuture() }
        return body.waitUntilWritable(on: context.eventLoop)
    }

    /// The body has ended, or broken off; then the connection does, or the client would take it for whole.
    func endStream(isWhole: Bool) {
        guard let context, case .streaming(let body) = state else { return }
        guard isWhole, body.isComplete else {
            enter(.closed)
            return context.close(promise: nil)
        }
        switch wire {
        case .http1 where exchange.isChunked: context.write(wrapOutboundOut(Chunk.last), promise: nil)
        case .http1: break
        case .http2(let stream): stream.writeBody(ByteBuffer(), endsStream: true)
        }
        context.flush()
        endAnswer(context)
    }

    /// A responder's fields, without those that belong to the connection.
    static func headers(_ response: Response) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.count)
        for field in response.headers where !connectionFields.contains(field.name) {
            headers.add(name: field.name.canonicalName, value: field.value)
        }
        return headers
    }

    private static let connectionFields: Set<HTTPField.Name> = [
        .connection, .contentLength, .transferEncoding, .date, .upgrade,
    ]
}

/// The marks of the chunked transfer coding. Specification: RFC 9112, 7.1.
enum Chunk {
    static let tail = ByteBuffer(string: "\r\n")
    static let last = ByteBuffer(string: "0\r\n\r\n")
    static let lastTail = ByteBuffer(string: "\r\n0\r\n\r\n")

    static func head(_ byteCount: Int) -> ByteBuffer {
        ByteBuffer(string: String(byteCount, radix: 16) + "\r\n")
    }
}
