import FLV
import FanOut
import HTTPTransport
import MediaCore
import MediaTesting
import NIOCore
import Testing

@Suite("Requests over HTTP", .ownThread, .timeLimit(.minutes(1)))
struct RequestTests {
    @Test(
        "what cannot be is said plainly",
        arguments: [
            ("GET", "/live/none.flv", 404), ("HEAD", "/live/none.flv", 404), ("GET", "/nothing", 404),
            ("POST", "/live/a.flv", 405), ("DELETE", "/live/a.flv", 405),
            ("GET", "/live/a.flv?onlyAudio=2", 400), ("GET", "/live/a.flv?onlyAudio=1&onlyVideo=1", 400),
            ("GET", "/live/a.flv?wait=soon", 400), ("GET", "/live/a.flv?wait=0", 400),
            ("GET", "/live/a.flv?wait=-1", 400), ("GET", "/live/a.flv?wait=99999999999999999999", 400),
            ("GET", "/a.flv", 400), ("GET", "/.flv", 400), ("GET", "//a.flv", 400), ("GET", "/live/.flv", 400),
            ("GET", "/live/../a.flv", 400), ("GET", "/live/%2e%2e/a.flv", 400), ("GET", "/live/..%2Fa.flv", 400),
            ("GET", "/live/%zz.flv", 400), ("GET", "/live/%FF.flv", 400), ("GET", "/live/a%00.flv", 400),
            ("GET", "/live/a%0D%0AX:1.flv", 400), ("GET", "/live/a%5Cb.flv", 400),
        ])
    func refusals(method: String, target: String, status: Int) async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let answer = try server.answer(method, target)
        #expect(answer.status == status)
        #expect(answer.body.contains("\0") == false)
        if status == 405 { #expect(answer.head.fields["allow"] == "GET, HEAD, OPTIONS") }
        if status == 400 { #expect(answer.body.split(separator: "\n").count == 1) }
        publication.end()
        try await server.shutDown()
    }

    @Test("a name too long for a stream is refused")
    func longName() async throws {
        let server = try await HTTPServerHarness()
        let fits = String(repeating: "n", count: StreamName.bytesMax - "live/".utf8.count)
        #expect(try server.answer("GET", "/live/\(fits).flv").status == 404)
        #expect(try server.answer("GET", "/live/\(fits)n.flv").status == 400)
        try await server.shutDown()
    }

    @Test("HEAD tells what GET would, and sends no body")
    func head() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<2))
        let client = try server.connect()
        try client.ask("HEAD", "/live/a.flv")
        let head = try client.head()
        #expect(head.status == 200)
        #expect(head.fields["content-type"] == "video/x-flv")
        #expect(try client.rest().readableBytes == 0)
        #expect(publication.publication.hub.snapshot(at: .now()).viewers.isEmpty)
        try await server.shutDown()
    }

    @Test("HEAD tells how long a page is")
    func headOfPage() async throws {
        let server = try await HTTPServerHarness()
        let answer = try server.answer("HEAD", "/number/12345")
        #expect(answer.status == 200)
        #expect(answer.head.fields["content-length"] == "5")
        #expect(answer.body == "")
        try await server.shutDown()
    }

    @Test("a browser may ask from any origin")
    func preflight() async throws {
        let server = try await HTTPServerHarness()
        let answer = try server.answer(
            "OPTIONS", "/live/a.flv", "Origin: https://example.com", "Access-Control-Request-Method: GET")
        #expect(answer.status == 204)
        #expect(answer.head.fields["access-control-allow-origin"] == "*")
        #expect(answer.head.fields["access-control-allow-methods"]?.contains("GET") == true)
        try await server.shutDown()
    }

    @Test("a connection answers several requests, and then becomes a viewer's")
    func keepAlive() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<20))
        let client = try server.connect()
        for number in 0..<5 {
            try client.ask("GET", "/number/\(number)")
            #expect(try client.answer().body == "\(number)")
        }
        try client.ask("GET", "/live/none.flv")
        #expect(try client.answer().status == 404)
        try client.ask("GET", "/live/a.flv")
        #expect(try client.head().status == 200)
        #expect(try client.tags(upTo: 19 * 20).suffix(20) == FLVTag.frames(0..<20)[...])
        try await server.shutDown()
    }

    @Test("requests sent at once are answered in order, a stream last")
    func pipelining() async throws {
        let server = try await HTTPServerHarness()
        let publication = try server.publish()
        publication.send(FLVTag.headers + FLVTag.frames(0..<20))
        let client = try server.connect()
        var requests = (0..<50).map { "GET /number/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
        requests += "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde"
        requests += "GET /live/a.flv HTTP/1.1\r\nHost: a\r\n\r\nGET /number/99 HTTP/1.1\r\nHost: a\r\n\r\n"
        try client.socket.send(requests)
        for number in 0..<50 { #expect(try client.answer().body == "\(number)") }
        #expect(try client.answer().body == "5")
        #expect(try client.head().fields["content-type"] == "video/x-flv")
        #expect(try client.tags(upTo: 19 * 20).suffix(20) == FLVTag.frames(0..<20)[...])
        try await server.shutDown()
    }

    @Test("the connection ends where the client or its version says so", arguments: ["1.0", "1.1"])
    func connectionClose(version: String) async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.ask("GET", "/number/3", version: version, fields: version == "1.1" ? ["Connection: close"] : [])
        let answer = try client.answer()
        #expect(answer.body == "3")
        #expect(answer.head.version == "HTTP/\(version)")
        #expect(try client.rest().readableBytes == 0)
        try await server.shutDown()
    }
}

@Suite("What an HTTP connection may cost", .ownThread, .timeLimit(.minutes(1)))
struct HTTPLimitTests {
    private static func hasty() -> HTTPConfiguration {
        var http = HTTPConfiguration()
        http.headTimeout = .milliseconds(300)
        http.keepAliveTimeout = .milliseconds(1500)
        return http
    }

    @Test(
        "a head that does not come in time closes the connection",
        arguments: ["", "G", "GET /number/1 HTTP/1.1\r\nA: "])
    func headTimeout(beginning: String) async throws {
        let server = try await HTTPServerHarness(http: Self.hasty())
        let client = try server.connect()
        try client.socket.send(beginning)
        #expect(client.socket.isClosedByPeer(withinSeconds: 5))
        #expect(try await server.eventually { server.admission.count == 0 })
        try await server.shutDown()
    }

    @Test(
        "a request sent byte by byte is closed when its time is over",
        arguments: [
            "GET /number/1 HTTP/1.1\r\nX: ", "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n",
        ])
    func slowRequest(beginning: String) async throws {
        let server = try await HTTPServerHarness(http: Self.hasty())
        let client = try server.connect()
        try client.socket.send(beginning)
        var count = 0
        while count < 400, client.socket.sendAtOnce(ByteBuffer(string: "a")) != nil {
            count += 1
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(count < 200)
        #expect(client.socket.isClosedByPeer(withinSeconds: 5))
        try await server.shutDown()
    }

    @Test("a connection kept for another request is closed when none comes")
    func keepAliveTimeout() async throws {
        let server = try await HTTPServerHarness(http: Self.hasty())
        let client = try server.connect()
        try client.ask("GET", "/number/1")
        #expect(try client.answer().body == "1")
        #expect(client.socket.isClosedByPeer(withinSeconds: 6))
        try await server.shutDown()
    }

    /// What grows without end, and how each piece looks.
    @Test(
        "a head that does not end is not read without end",
        arguments: [
            ("GET /", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("GET / HTTP/1.1\r\nX: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("GET / HTTP/1.1\r\n", "Some-Field: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        ])
    func endlessHead(beginning: String, piece: String) async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.socket.send(beginning)
        let pieces = ByteBuffer(string: String(repeating: piece, count: 200))
        var sent = 0
        while sent < 16 << 20 {
            do { try client.socket.send(pieces) } catch { break }
            sent += pieces.readableBytes
        }
        #expect(sent < 6 << 20)
        #expect(client.socket.isClosedByPeer(withinSeconds: 5))
        try await server.shutDown()
    }

    @Test("a head of the longest length allowed is taken, a longer one is not", arguments: [true, false])
    func headLimit(isLonger: Bool) async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        // The target counts, and the names and values of fields, of this one and of Host.
        let count = HTTPConfiguration().headBytesMax - "/number/1XHostlocalhost".utf8.count + (isLonger ? 1 : 0)
        try client.ask("GET", "/number/1", fields: ["X: " + String(repeating: "x", count: count)])
        #expect(try client.answer().status == (isLonger ? 400 : 200))
        try await server.shutDown()
    }

    @Test(
        "a body longer than any resource takes is refused, whatever length it claims",
        arguments: [
            "Content-Length: 1000000000", "Transfer-Encoding: chunked",
        ])
    func longBody(field: String) async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.ask("POST", "/length", fields: [field])
        let piece =
            field.hasPrefix("T")
            ? "2000\r\n" + String(repeating: "b", count: 8192) + "\r\n" : String(repeating: "b", count: 8192)
        var sent = 0
        while sent < 64 << 20 {
            do { try client.socket.send(piece) } catch { break }
            sent += 8192
        }
        #expect(sent < 16 << 20)
        #expect(try await server.eventually { server.admission.count == 0 })
        try await server.shutDown()
    }

    @Test("a body of the longest length allowed is taken, one byte more is not", arguments: [0, 1])
    func bodyLimit(excess: Int) async throws {
        let server = try await HTTPServerHarness()
        let count = HTTPConfiguration().bodyBytesMax + excess
        let client = try server.connect()
        try client.ask("POST", "/length", fields: ["Content-Length: \(count)"])
        try client.socket.send(ByteBuffer(repeating: 0x62, count: count))
        let answer = try client.answer()
        #expect(answer.status == (excess == 0 ? 200 : 413))
        if excess == 0 { #expect(answer.body == "\(count)") }
        try await server.shutDown()
    }

    @Test(
        "what is no HTTP is told so and closed",
        arguments: ["\u{03}\u{00}\u{00}", "\u{16}\u{03}\u{01}\r\n\r\n", "hello\r\n\r\n"])
    func noHTTP(hello: String) async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.socket.send(hello)
        #expect(try client.answer().status == 400)
        #expect(try client.rest().readableBytes == 0)
        #expect(try await server.eventually { server.admission.count == 0 })
        try await server.shutDown()
    }

    @Test("a client that asks and does not read is not read from without end")
    func unreadAnswers() async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect(receiveBytes: 4096)
        let requests = ByteBuffer(
            string: String(repeating: "GET /number/1 HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000))
        #expect(client.socket.flood(with: requests, limit: 256 << 20) < 16 << 20)
        try await server.shutDown()
    }
}
