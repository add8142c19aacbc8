import FanOut
import HTTPTransport
import HTTPTypes
import MediaTesting
import NIOCore
import Testing

/// Resources of every kind: a rangeable one, one with gzip, ones that come later, and one that never does.
struct TestResources: HTTPResourceProvider {
    static let text = String((0..<100).map { Character(UnicodeScalar(UInt8(0x30 + $0 % 10))) })

    func answer(_ request: HTTPResourceRequest, on eventLoop: any EventLoop) -> HTTPResourceAnswer? {
        var segment = HTTPResource(
            contentType: "video/mp4", cacheControl: "public, max-age=31536000, immutable", etag: "\"s1\"",
            body: ByteBuffer(string: Self.text), isRangeable: true)
        switch request.path {
        case "/r/segment": return .now(segment)
        case "/r/empty":
            segment.body = ByteBuffer()
            return .now(segment)
        case "/r/playlist":
            segment.gzipBody = ByteBuffer(string: "zipped")
            segment.isRangeable = false
            segment.headers[.server] = request.query ?? "no query"
            return .now(segment)
        case "/r/text":
            let line = "#EXTINF:4.00000,\nsegment.m4s\n"
            return .now(
                HTTPResource(
                    contentType: "application/vnd.apple.mpegurl", cacheControl: "max-age=2", etag: "\"t\"",
                    body: ByteBuffer(string: String(repeating: line, count: 100))))
        case "/r/page":
            segment.isShared = false
            return .now(segment)
        case "/r/gone":
            return .now(
                HTTPResource(
                    status: .gone, contentType: "text/plain", cacheControl: "no-store", etag: "\"g\"",
                    body: ByteBuffer(string: "gone"), isRangeable: true))
        case "/r/later":
            // A scheduled task's future fails where the loop ends before; a promise of our own would be left behind.
            return .later(eventLoop.scheduleTask(in: .milliseconds(5)) { [segment] in segment }.futureResult)
        case "/r/fails": return .later(eventLoop.makeFailedFuture(ChannelError.eof))
        case "/r/large":
            segment.body = ByteBuffer(repeating: 0x61, count: 20 << 20)
            return .now(segment)
        default: return nil
        }
    }
}

@Suite("Resources over HTTP", .ownThread, .timeLimit(.minutes(2)))
struct ResourceTests {
    /// Specification: RFC 9110, 14.
    @Test(
        "a range of a resource is sent as asked for",
        arguments: [
            ("bytes=0-9", 206, "0123456789", "bytes 0-9/100"), ("bytes=95-", 206, "56789", "bytes 95-99/100"),
            ("bytes=-3", 206, "789", "bytes 97-99/100"), ("bytes=99-99", 206, "9", "bytes 99-99/100"),
            ("BYTES=0-0", 206, "0", "bytes 0-0/100"), ("bytes=98-1000", 206, "89", "bytes 98-99/100"),
            ("bytes=-1000", 206, TestResources.text, "bytes 0-99/100"),
            ("bytes=99-99999999999999999999999", 206, "9", "bytes 99-99/100"),
            ("bytes=100-", 416, "", "bytes */100"), ("bytes=99999999999999999999999-", 416, "", "bytes */100"),
            ("bytes=-0", 416, "", "bytes */100"),
            ("bytes=5-4", 200, TestResources.text, nil), ("bytes=0-1,3-4", 200, TestResources.text, nil),
            ("bytes=a-b", 200, TestResources.text, nil), ("bytes=", 200, TestResources.text, nil),
            ("bytes=-", 200, TestResources.text, nil), ("bytes", 200, TestResources.text, nil),
            ("frames=0-1", 200, TestResources.text, nil), ("bytes=+1-2", 200, TestResources.text, nil),
        ] as [(String, Int, String, String?)])
    func ranges(range: String, status: Int, body: String, contentRange: String?) async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        let answer = try server.answer("GET", "/r/segment", "Range: \(range)")
        #expect(answer.status == status)
        #expect(answer.body == body)
        #expect(answer.head.fields["content-range"] == contentRange)
        #expect(answer.head.fields["accept-ranges"] == "bytes")
        try await server.shutDown()
    }

    /// Specification: RFC 9110, 13.1 and 13.2.2.
    @Test(
        "conditions are kept to, before ranges",
        arguments: [
            (["If-None-Match: \"s1\""], 304), (["If-None-Match: W/\"s1\""], 304), (["If-None-Match: *"], 304),
            (["If-None-Match: \"a,b\", \"s1\""], 304), (["If-None-Match: \"a\"", "If-None-Match: \"s1\""], 304),
            (["If-None-Match: \"s2\""], 200), (["If-None-Match: s1"], 200), (["If-None-Match: \"s1"], 200),
            (["If-None-Match: \"s1\"", "Range: bytes=0-1"], 304),
            (["If-Range: \"s1\"", "Range: bytes=0-1"], 206), (["If-Range: \"s2\"", "Range: bytes=0-1"], 200),
            (["If-Range: W/\"s1\"", "Range: bytes=0-1"], 200),
            (["If-Range: Sat, 21 Nov 2026 12:00:00 GMT", "Range: bytes=0-1"], 200),
        ] as [([String], Int)])
    func conditions(fields: [String], status: Int) async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        let client = try server.connect()
        try client.ask("GET", "/r/segment", fields: fields)
        let head = try client.head()
        #expect(head.status == status)
        #expect(head.fields["etag"] == "\"s1\"")
        #expect(head.fields["cache-control"] == "public, max-age=31536000, immutable")
        #expect((head.fields["content-length"] == nil) == (status == 304))
        try await server.shutDown()
    }

    /// Specification: RFC 9110, 12.5.3.
    @Test(
        "gzip is sent to those that take it, and every answer says that it depends on that",
        arguments: [
            ("gzip", true), ("deflate, gzip;q=0.5, br", true), ("GZIP", true), ("*", true), ("x-gzip", true),
            ("br, gzip ; q=0.001", true), ("gzip;q=0", false), ("gzip; q=0.000", false), ("*;q=0", false),
            ("gzip;q=0, *", false), ("br", false), ("", false),
        ])
    func gzip(accepted: String, isZipped: Bool) async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        let answer = try server.answer("GET", "/r/playlist", "Accept-Encoding: \(accepted)")
        #expect(answer.body == (isZipped ? "zipped" : TestResources.text))
        #expect(answer.head.fields["content-encoding"] == (isZipped ? "gzip" : nil))
        #expect(answer.head.fields["etag"] == (isZipped ? "W/\"s1\"" : "\"s1\""))
        #expect(answer.head.fields["vary"] == "accept-encoding")
        try await server.shutDown()
    }

    @Test("text is compressed for those that take it, into what gunzip reads")
    func gzippedText() async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        let plain = try server.answer("GET", "/r/text")
        #expect(plain.head.fields["content-encoding"] == nil && plain.head.fields["vary"] == "accept-encoding")
        for _ in 0..<2 {
            let client = try server.connect()
            try client.ask("GET", "/r/text", fields: ["Accept-Encoding: gzip", "Connection: close"])
            let head = try client.head()
            #expect(head.fields["content-encoding"] == "gzip" && head.fields["etag"] == "W/\"t\"")
            let zipped = try client.rest()
            #expect(zipped.readableBytes < plain.body.utf8.count / 10)
            #expect(head.fields["content-length"] == "\(zipped.readableBytes)")
            #expect(try Gunzip.text(zipped) == plain.body)
        }
        try await server.shutDown()
    }

    @Test(
        "each method and path is answered as HTTP says",
        arguments: [
            ("GET", "/r/segment", 200), ("HEAD", "/r/segment", 200), ("OPTIONS", "/r/segment", 204),
            ("GET", "/r/later", 200), ("HEAD", "/r/later", 200), ("OPTIONS", "/r/later", 204),
            ("GET", "/r/gone", 410), ("GET", "/r/fails", 500), ("GET", "/r/nothing", 404), ("GET", "/r/empty", 200),
            ("GET", "http://localhost/r/segment", 200),
        ])
    func methods(method: String, target: String, status: Int) async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        let answer = try server.answer(method, target, "If-None-Match: \"g\"", "Range: bytes=0-")
        #expect(answer.status == (status == 200 && target != "/r/empty" ? 206 : target == "/r/empty" ? 416 : status))
        if method == "HEAD" { #expect(answer.head.fields["content-length"] == "100") }
        #expect(answer.head.fields["date"]?.hasSuffix(" GMT") == true)
        if status != 404 { #expect(answer.head.fields["access-control-allow-origin"] == "*") }
        try await server.shutDown()
    }

    @Test("a provider's own fields and the query's text arrive")
    func fields() async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        #expect(try server.answer("GET", "/r/playlist?a=b%20c?d").head.fields["server"] == "a=b%20c?d")
        #expect(try server.answer("GET", "/r/playlist").head.fields["server"] == "no query")
        #expect(try server.answer("GET", "/r/page").head.fields["access-control-allow-origin"] == nil)
        try await server.shutDown()
    }

    @Test("requests sent at once are answered in order, whoever answers")
    func pipelining() async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        let client = try server.connect()
        let targets = ["/r/later", "/r/segment", "/number/7", "/r/gone", "/words", "/r/later"]
        let requests = (0..<10).flatMap { _ in targets.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" } }
        try client.socket.send(requests.joined())
        for _ in 0..<10 {
            #expect(try client.answer().body == TestResources.text)
            #expect(try client.answer().body == TestResources.text)
            #expect(try client.answer().body == "7")
            #expect(try client.answer().body == "gone")
            #expect(try client.head().fields["transfer-encoding"] == "chunked")
            #expect(try client.chunks() == "onetwothree")
            #expect(try client.answer().body == TestResources.text)
        }
        try await server.shutDown()
    }

    @Test("a long body arrives whole, also when the connection ends with it", arguments: ["keep-alive", "close"])
    func longBody(connection: String) async throws {
        let server = try await HTTPServerHarness(resources: [TestResources()])
        let client = try server.connect(receiveBytes: 64 << 10)
        try client.ask("GET", "/r/large", fields: ["Connection: \(connection)"])
        let answer = try client.answer()
        let length = 20 << 20
        #expect(answer.body.utf8.count == length)
        if connection == "close" {
            #expect(try client.rest().readableBytes == 0)
        } else {
            try client.ask("GET", "/r/segment")
            #expect(try client.answer().body == TestResources.text)
        }
        try await server.shutDown()
    }

    @Test("a client that takes no byte of a long body is closed, not one that waits for an answer")
    func stalledReader() async throws {
        var http = HTTPConfiguration()
        http.keepAliveTimeout = .milliseconds(1500)
        let server = try await HTTPServerHarness(http: http, resources: [TestResources()])
        let client = try server.connect(receiveBytes: 4096)
        try client.ask("GET", "/r/large")
        #expect(try await server.eventually { server.admission.count == 1 })
        #expect(try await server.eventually { server.admission.count == 0 })
        try await server.shutDown()
    }
}

@Suite("Bodies that are made while they are sent", .ownThread, .timeLimit(.minutes(2)))
struct StreamedBodyTests {
    @Test("a body of unknown length goes out in chunks, or ends with the connection", arguments: ["1.0", "1.1"])
    func unknownLength(version: String) async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.ask("GET", "/words", version: version, fields: ["Connection: keep-alive"])
        let head = try client.head()
        #expect(head.fields["content-length"] == nil)
        if version == "1.1" {
            #expect(try client.chunks() == "onetwothree")
            try client.ask("GET", "/number/3")
            #expect(try client.answer().body == "3")
        } else {
            #expect(head.fields["transfer-encoding"] == nil)
            #expect(try client.rest() == ByteBuffer(string: "onetwothree"))
        }
        try await server.shutDown()
    }

    @Test("a body that ends before its declared length ends the connection")
    func tooShort() async throws {
        let server = try await HTTPServerHarness()
        let client = try server.connect()
        try client.ask("GET", "/short")
        #expect(try client.head().fields["content-length"] == "\(1 << 20)")
        #expect(try client.rest().readableBytes < 1 << 20)
        try await server.shutDown()
    }

    @Test("a client that does not read holds the body up, and ends it by going away")
    func backPressure() async throws {
        let body = EndlessBody()
        let server = try await HTTPServerHarness(pieces: body)
        do {
            let client = try server.connect(receiveBytes: 4096)
            try client.ask("GET", "/endless")
            #expect(try client.head().status == 200)
            var bytes = -1
            // Twice the same means that it stands still.
            while bytes != body.bytes {
                bytes = body.bytes
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(bytes < 16 << 20)
            #expect(!body.hasEnded)
        }
        #expect(try await server.eventually { body.hasEnded })
        try await server.shutDown()
    }
}
