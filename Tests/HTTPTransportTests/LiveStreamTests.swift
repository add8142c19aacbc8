import FLV
import FanOut
import HTTPTransport
import MediaCore
import MediaTesting
import NIOCore
import Testing

@Suite("Live streams over HTTP", .ownThread, .timeLimit(.minutes(1)))
struct LiveStreamTests {
    @Test(
        "the body is an FLV file, in chunks for HTTP/1.1 and up to the end of the connection for HTTP/1.0",
        arguments: ["1.1", "1.0"])
    func body(version: String) async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<30))
        let client = try server.connect()
        try client.ask("GET", "/live/a.flv", version: version)
        let head = try client.head()
        let isChunked = version == "1.1"
        #expect(head.version == "HTTP/\(version)")
        #expect(head.status == 200)
        #expect(head.fields["content-type"] == "video/x-flv")
        #expect(head.fields["access-control-allow-origin"] == "*")
        #expect(head.fields["cache-control"] == "no-store")
        #expect(head.fields["transfer-encoding"] == (isChunked ? "chunked" : nil))
        #expect(head.fields["content-length"] == nil)
        let headers = FLVTag.headers.map { FLVTag(type: $0.type, timestamp: 400, body: $0.body) }
        let first = headers + FLVTag.frames(0..<30).dropFirst(20)
        #expect(try (0..<12).compactMap { _ in try client.tag(isChunked: isChunked) } == first)
        let rest = FLVTag.frames(30..<90, count: 70_000)
        publication.send(rest)
        #expect(try client.tags(upTo: 89 * 20, isChunked: isChunked) == rest)
        publication.end()
        #expect(try client.tag(isChunked: isChunked) == nil)
        #expect(try client.rest().readableBytes == 0)
        try await server.shutDown()
    }

    @Test(
        "only what is wanted is sent",
        arguments: [
            ("?onlyAudio=1", FLVTagType.audio), ("?onlyVideo=1", .video), ("?onlyAudio=true", .audio),
            ("?onlyAudio=0&onlyVideo=true&key=k", .video),
        ])
    func onlyOneKind(query: String, kind: FLVTagType) async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try server.connect()
        try client.ask("GET", "/live/a.flv" + query)
        #expect(try client.head().status == 200)
        publication.send(FLVTag.frames(2..<40))
        publication.end()
        var tags: [FLVTag] = []
        while let tag = try client.tag(isChunked: true) { tags.append(tag) }
        #expect(tags.count >= 20)
        #expect(tags.allSatisfy { $0.type == kind })
        #expect(tags.last == FLVTag.frames(0..<40).last { $0.type == kind })
        try await server.shutDown()
    }

    @Test("?wait waits for a publisher, and everything then comes")
    func wait() async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.ask("GET", "/live/later.flv?wait=20")
        #expect(try client.head().status == 200)
        let publication = try server.publish("later")
        let tags = FLVTag.headers + FLVTag.frames(0..<20)
        publication.send(tags)
        #expect(try client.tags(upTo: 19 * 20) == tags)
        try await server.shutDown()
    }

    @Test("a wait in vain ends")
    func waitInVain() async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.ask("GET", "/live/never.flv?wait=1")
        #expect(client.socket.isClosedByPeer(withinSeconds: 5))
        #expect(try await server.eventually { server.admission.count == 0 })
        server.registry.sweep(at: .now())
        #expect(server.registry.count == 0)
        try await server.shutDown()
    }

    @Test("a publisher's blink does not end the response")
    func blink() async throws {
        let server = try await HTTPServerHarness()
        let first = try server.publish()
        first.send(FLVTag.headers + FLVTag.frames(0..<20))
        let client = try server.connect()
        try client.ask("GET", "/live/a.flv")
        #expect(try client.head().status == 200)
        var tags = try client.tags(upTo: 19 * 20)
        first.publication.end(clean: false, at: .now())
        let second = try server.publish()
        second.send(FLVTag.headers + FLVTag.frames(0..<20))
        for _ in 0..<20 { tags.append(try #require(try client.tag(isChunked: true))) }
        let times = tags.map(\.timestamp)
        #expect(times == times.sorted())
        #expect(tags.suffix(20).map(\.body) == FLVTag.frames(0..<20).map(\.body))
        try await server.shutDown()
    }

    @Test(
        "names as URLs spell them",
        arguments: [
            ("/live/caf%C3%A9.flv", "café"), ("/live/%61.flv", "a"), ("/live/room/cam%201.flv", "room/cam 1"),
            ("/live/a.flv.flv", "a.flv"), ("/live/a%2Fb.flv", "a/b"), ("/live/100%25.flv", "100%"),
        ])
    func names(path: String, stream: String) async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish(stream)
        publication.send(FLVTag.frames(0..<2))
        #expect(try server.answer("HEAD", path).status == 200)
        try await server.shutDown()
        publication.end()
    }

    @Test("viewers that leave, in whatever way, are counted no more")
    func leaving() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<30))
        let clients = try (0..<6).map { _ in try server.connect() }
        for client in clients {
            try client.ask("GET", "/live/a.flv")
            _ = try client.tag(isChunked: client.head().fields["transfer-encoding"] == "chunked")
        }
        let hub = publication.publication.hub
        #expect(hub.snapshot(at: .now()).viewers == ["http-flv": 6])
        clients[0].socket.close()
        clients[1].socket.reset()
        #expect(try await server.eventually { hub.snapshot(at: .now()).viewers == ["http-flv": 4] })
        publication.end()
        #expect(try await server.eventually { server.admission.count == 0 })
        #expect(hub.snapshot(at: .now()).viewers.isEmpty)
        try await server.shutDown()
    }

    @Test("what a viewer still sends is not looked at, and costs nothing")
    func talkativeViewer() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try server.connect()
        try client.ask("GET", "/live/a.flv")
        #expect(try client.head().status == 200)
        for _ in 0..<100 { try client.socket.send(ByteBuffer(repeating: 0x41, count: 50_000)) }
        try client.ask("GET", "/number/1")
        let rest = FLVTag.frames(2..<50)
        publication.send(rest)
        #expect(try client.tags(upTo: 49 * 20).suffix(48) == rest[...])
        try await server.shutDown()
    }
}
