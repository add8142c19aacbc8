import NIOCore
import NIOHTTP1
import RTMPClient

/// Asks one server for one document after another, over one connection that is kept, and follows it elsewhere.
///
/// Specification: RFC 9110, RFC 9112.
actor HTTPClient {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private let options: SourceOptions
    private let lifeline: Lifeline
    private let loop: any EventLoop
    private var current: (connection: WebConnection<HTTPClientResponsePart>, url: WebURL)?
    /// Whether the answer has been read to its end, so that the connection can be used again.
    private var isIdle = false
    /// What is wanted of a body whose server knows no ranges: the bytes to pass over, and those to take.
    private var window: (skip: Int, take: Int)?
    /// How the body ends: by its length or a last chunk, or with the connection.
    private var endsWithConnection = false

    init(options: SourceOptions, lifeline: Lifeline, on loop: any EventLoop) {
        self.options = options
        self.lifeline = lifeline
        self.loop = loop
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
    }

    /// Asks for a document, and reads the answer's head.
    ///
    /// - Parameter range: the bytes that are wanted; nil for all.
    /// - Returns: where the document was found at last.
    /// - Throws: ``SourceError`` also for every status other than success.
    func begin(_ url: WebURL, range: ClosedRange<Int>? = nil) async throws(SourceError) -> WebURL {
        var url = url
        for _ in 0...SourceOptions.redirectionsMax {
            let head = try await ask(url, range)
            switch head.status.code {
            case 200, 206:
                if let range, head.status == .ok { window = (range.lowerBound, range.count) }
                return url
            case 301, 302, 303, 307, 308:
                guard let place = head.headers.first(name: "location"), let next = url.resolving(place) else {
                    throw SourceError("\(url.authority) redirects to nowhere", isTransient: false)
                }
                try await finish()
                url = next
            default: throw await refusal(head, url)
            }
        }
        throw SourceError("\(url.authority) redirects without an end", isTransient: false)
    }

    /// The next piece of the answer's body; nil at its end.
    func nextPiece() async throws(SourceError) -> ByteBuffer? {
        guard let (connection, url) = current, !isIdle else { return nil }
        while let part = try await connection.next() {
            switch part {
            case .head: continue
            case .body(var bytes):
                takeWindow(of: &bytes)
                if bytes.readableBytes > 0 { return bytes }
                if window?.take == 0 {
                    // The rest of the document costs more than another connection.
                    close()
                    return nil
                }
            case .end:
                isIdle = true
                return nil
            }
        }
        current = nil
        if endsWithConnection { return nil }
        throw SourceError("the connection to \(url.authority) broke", isTransient: true)
    }

    /// Specification: RFC 9110, 14.2: a server may ignore a Range.
    private func takeWindow(of bytes: inout ByteBuffer) {
        guard let (skip, take) = window else { return }
        let passedOver = min(skip, bytes.readableBytes)
        bytes.moveReaderIndex(forwardBy: passedOver)
        let taken = min(take, bytes.readableBytes)
        bytes = bytes.readSlice(length: taken) ?? ByteBuffer()
        window = (skip - passedOver, take - taken)
    }

    /// A whole document.
    func document(
        _ url: WebURL, range: ClosedRange<Int>? = nil, bytesMax: Int
    ) async throws(SourceError) -> (url: WebURL, body: ByteBuffer) {
        let found = try await begin(url, range: range)
        var body = ByteBuffer()
        while let piece = try await nextPiece() {
            guard body.readableBytes + piece.readableBytes <= bytesMax else {
                close()
                throw SourceError("\(found.path) is longer than \(bytesMax) bytes", isTransient: false)
            }
            body.writeImmutableBuffer(piece)
        }
        return (found, body)
    }

    func close() {
        current?.connection.close()
        current = nil
    }

    // MARK: One request

    private func ask(_ url: WebURL, _ range: ClosedRange<Int>?) async throws(SourceError) -> HTTPResponseHead {
        if let (connection, present) = current, isIdle, present.hasOrigin(of: url), connection.channel.isActive {
            // The server may close a connection that was idle in the moment that it is used again.
            do { return try await exchange(url, range) } catch { close() }
        }
        close()
        let connection = try await WebConnection<HTTPClientResponsePart>.open(
            url, options: options, lifeline: lifeline, on: loop, byteCount: { $0.byteCount },
            configure: { try $0.pipeline.syncOperations.addHTTPClientHandlers() })
        current = (connection, url)
        return try await exchange(url, range)
    }

    private func exchange(_ url: WebURL, _ range: ClosedRange<Int>?) async throws(SourceError) -> HTTPResponseHead {
        guard let connection = current?.connection else { throw .cancelled }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target)
        head.headers.add(name: "host", value: url.hostField)
        head.headers.add(name: "user-agent", value: "sluice")
        head.headers.add(name: "accept", value: "*/*")
        if let range { head.headers.add(name: "range", value: "bytes=\(range.lowerBound)-\(range.upperBound)") }
        isIdle = false
        window = nil
        connection.send(HTTPClientRequestPart.head(head))
        connection.send(HTTPClientRequestPart.end(nil))
        while let part = try await connection.next() {
            guard case .head(let answer) = part else { continue }
            // 1xx announce an answer.
            if answer.status.code < 200 { continue }
            endsWithConnection =
                answer.headers["content-length"].isEmpty && answer.headers["transfer-encoding"].isEmpty
            return answer
        }
        throw SourceError("\(url.authority) closes the connection without an answer", isTransient: true)
    }

    private func finish() async throws(SourceError) {
        var bytes = 0
        while let piece = try await nextPiece() {
            bytes += piece.readableBytes
            guard bytes <= SourceOptions.unreadBytesMax else { return close() }
        }
    }

    private func refusal(_ head: HTTPResponseHead, _ url: WebURL) async -> SourceError {
        var words = ""
        do {
            while let piece = try await nextPiece(), words.utf8.count < 200 { words += String(buffer: piece) }
        } catch {
            // The status alone says enough.
        }
        close()
        let line = words.prefix { $0 != "\n" && $0 != "\r" }.prefix(160)
        let said = line.isEmpty || line.hasPrefix("<") ? "" : ": \(line)"
        let status = "\(head.status.code) \(head.status.reasonPhrase)\(said)"
        let remedy =
            switch head.status.code {
            case 401, 403: "; check the key in the address"
            case 404: "; check the stream's name, and whether it is being published"
            default: ""
            }
        // What is not there yet may come; who is refused will be refused again.
        let isTransient = [404, 408, 425, 429].contains(head.status.code) || head.status.code >= 500
        return SourceError("\(url.authority) answers \(status)\(remedy)", isTransient: isTransient)
    }
}

extension HTTPClientResponsePart {
    fileprivate var byteCount: Int {
        if case .body(let bytes) = self { bytes.readableBytes } else { 0 }
    }
}
