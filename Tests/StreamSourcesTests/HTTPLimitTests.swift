import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import StreamSources
import Testing

/// A web server on loopback with a few documents, which counts its connections.
private struct TestWeb: Sendable {
    struct Document: Sendable {
        var place: String?
        var body = ByteBuffer()
    }

    private let channel: any Channel
    private let connections: NIOLockedValueBox<Int>

    var connectionCount: Int { connections.withLockedValue { $0 } }

    init(_ documents: [String: Document], on loop: any EventLoop) async throws {
        let connections = NIOLockedValueBox(0)
        self.connections = connections
        channel = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                connections.withLockedValue { $0 += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(documents))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func url(_ path: String) throws -> SourceURL {
        let port = try #require(channel.localAddress?.port)
        return try SourceURL(parsing: "http://127.0.0.1:\(port)\(path)")
    }

    func close() async throws {
        try await channel.close()
    }
}

private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let documents: [String: TestWeb.Document]

    init(_ documents: [String: TestWeb.Document]) {
        self.documents = documents
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let request) = unwrapInboundIn(data) else { return }
        let document = documents[request.uri]
        let status: HTTPResponseStatus = document == nil ? .notFound : document?.place == nil ? .ok : .found
        var head = HTTPResponseHead(version: .http1_1, status: status)
        let body = document?.body ?? ByteBuffer()
        head.headers.add(name: "content-length", value: "\(body.readableBytes)")
        if let place = document?.place { head.headers.add(name: "location", value: place) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

@Suite("Limits of reading over HTTP")
struct HTTPLimitTests {
    /// A presentation without segments that has ended, of so many bytes.
    private static func playlist(bytes: Int = 100) -> ByteBuffer {
        var text = ByteBuffer(string: "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-ENDLIST\n")
        while text.readableBytes < bytes {
            text.writeRepeatingByte(UInt8(ascii: "#"), count: min(1000, bytes - text.readableBytes - 1))
            text.writeString("\n")
        }
        return text
    }

    private static let variants = ByteBuffer(string: "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlist.m3u8\n")

    /// - Returns: why it could not be opened, and how many connections it took.
    private func open(
        _ path: String, of documents: [String: TestWeb.Document]
    ) async throws -> (refusal: SourceError?, connections: Int) {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let web = try await TestWeb(documents, on: loop)
        var refusal: SourceError?
        do {
            let options = SourceOptions(stallTimeout: .seconds(60))
            try await SourceConnection.open(try web.url(path), options: options, on: loop).close()
        } catch let error as SourceError {
            refusal = error
        }
        try await web.close()
        return (refusal, web.connectionCount)
    }

    @Test(arguments: ["/list.m3u8", "/main.m3u8"], [(0, true), (1, false)])
    func playlistsAreReadUpToTheirLimit(path: String, size: (excess: Int, isTaken: Bool)) async throws {
        let list = Self.playlist(bytes: SourceOptions.documentBytesMax + size.excess)
        #expect(list.readableBytes == SourceOptions.documentBytesMax + size.excess)
        let (refusal, _) = try await open(
            path, of: ["/list.m3u8": .init(body: list), "/main.m3u8": .init(body: Self.variants)])
        #expect((refusal == nil) == size.isTaken, "\(String(describing: refusal))")
        if let refusal { #expect(refusal.description.contains("long") && !refusal.isTransient) }
    }

    @Test(arguments: [(0, true), (1, false)])
    func redirectionsAreFollowedUpToTheirLimit(excess: Int, isTaken: Bool) async throws {
        let count = SourceOptions.redirectionsMax + excess
        var documents = ["/\(count)": TestWeb.Document(body: Self.playlist())]
        for index in 0..<count { documents["/\(index)"] = .init(place: "/\(index + 1)") }
        let (refusal, _) = try await open("/0", of: documents)
        #expect((refusal == nil) == isTaken, "\(String(describing: refusal))")
        if let refusal { #expect(refusal.description.contains("without an end") && !refusal.isTransient) }
    }

    /// Up to a length the page of a redirection is read, for the sake of the connection.
    @Test(arguments: [(0, 1), (1, 2)])
    func pageThatNobodyReadsIsReadUpToItsLimit(excess: Int, connections: Int) async throws {
        let page = ByteBuffer(repeating: 0x20, count: SourceOptions.unreadBytesMax + excess)
        let result = try await open(
            "/page", of: ["/page": .init(place: "/list", body: page), "/list": .init(body: Self.playlist())])
        #expect(result.refusal == nil)
        #expect(result.connections == connections)
    }
}
