import NIOCore
import RTMPClient

extension SourceURL {
    /// Connects, and begins to play.
    func open(
        options: SourceOptions, lifeline: Lifeline, on loop: any EventLoop
    ) async throws(SourceError) -> any TagSource {
        switch self {
        case .rtmp(let url): return try await RTMPSource(url, options: options, lifeline: lifeline, on: loop)
        case .webSocket(let url):
            let messages = try await WebSocketBytes(url, options: options, lifeline: lifeline, on: loop)
            return ByteSource(
                on: loop, next: { () async throws(SourceError) in try await messages.next() },
                close: { await messages.close() })
        case .http(let url): return try await Self.open(url, options: options, lifeline: lifeline, on: loop)
        }
    }

    /// What playlists begin with. Specification: RFC 8216bis, 4.4.1.1.
    private static let playlistMark = "#EXTM3U"

    private static func open(
        _ url: WebURL, options: SourceOptions, lifeline: Lifeline, on loop: any EventLoop
    ) async throws(SourceError) -> any TagSource {
        let client = HTTPClient(options: options, lifeline: lifeline, on: loop)
        let found = try await client.begin(url)
        var head = ByteBuffer()
        while head.readableBytes < playlistMark.utf8.count, let piece = try await client.nextPiece() {
            head.writeImmutableBuffer(piece)
        }
        guard head.readableBytesView.starts(with: playlistMark.utf8) else {
            let pieces = FirstThenRest(head, client, on: loop)
            return ByteSource(
                on: loop, next: { () async throws(SourceError) in try await pieces.next() },
                close: { await client.close() })
        }
        while let piece = try await client.nextPiece() {
            guard head.readableBytes + piece.readableBytes <= SourceOptions.documentBytesMax else {
                throw SourceError("the playlist \(found.path) is too long", isTransient: false)
            }
            head.writeImmutableBuffer(piece)
        }
        return try await HLSSource(
            found, body: head, client: client, options: options, lifeline: lifeline, on: loop)
    }
}

/// A body whose first bytes have been looked at.
private actor FirstThenRest {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private var first: ByteBuffer?
    private let client: HTTPClient

    init(_ first: ByteBuffer, _ client: HTTPClient, on loop: any EventLoop) {
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
        self.first = first
        self.client = client
    }

    func next() async throws(SourceError) -> ByteBuffer? {
        if let head = first, head.readableBytes > 0 {
            first = nil
            return head
        }
        return try await client.nextPiece()
    }
}
