import Foundation
import Testing

/// HTTP as curl sees it.
@Suite("HTTP-FLV over HTTP", .serialized, .timeLimit(.minutes(6)))
struct HTTPTests {
    /// Runs a test beside a stream that goes on.
    private func withStream(_ test: (ServerProcess) async throws -> Void) async throws {
        let clip = try await Clip(.h264AAC, seconds: 12)
        try await withServer { server in
            let publisher = try Publisher.ffmpeg.start(clip, as: "live/on", at: server)
            try #require(
                try await eventually { try await server.stream("live/on")?.gop != nil ? true : nil } == true)
            try await test(server)
            await publisher.crash()
        }
    }

    /// The head of an answer, in lower case, and then the body.
    private func head(_ arguments: [String]) async throws -> String {
        let answer = try await Stranger.curl.run(["--silent", "--max-time", "1", "--include"] + arguments)
        let bytes = answer.output.prefix(2000)
        let end = try #require(bytes.firstRange(of: Data("\r\n\r\n".utf8)))
        return String(decoding: bytes[..<end.upperBound], as: UTF8.self).lowercased()
    }

    @Test func headTellsWhatGetWouldSend() async throws {
        try await withStream { server in
            let head = try await head(["--head", server.http("live/on.flv")])
            #expect(head.hasPrefix("http/1.1 200 "))
            #expect(head.contains("content-type: video/x-flv\r\n"))
            #expect(head.contains("access-control-allow-origin: *\r\n"))
        }
    }

    @Test func bodyIsChunkedInHTTP11AndClosedInHTTP10() async throws {
        try await withStream { server in
            let new = try await head(["--http1.1", server.http("live/on.flv")])
            #expect(new.hasPrefix("http/1.1 200 ") && new.contains("transfer-encoding: chunked\r\n"))
            let old = try await head(["--http1.0", server.http("live/on.flv")])
            #expect(old.hasPrefix("http/1.0 200 ") && !old.contains("transfer-encoding"))
        }
    }

    @Test func bodyEndsWithTheStreamInBothVersions() async throws {
        let clip = try await Clip(.h264AAC, seconds: 1)
        try await withServer { server in
            let url = server.http("live/short.flv?wait=20")
            let readers = try ["--http1.0", "--http1.1"].map {
                try Stranger.curl.start(["--silent", "--show-error", $0, url])
            }
            try await server.logged("viewing", "stream=live/short", skipping: 1)
            let publisher = try Publisher.ffmpeg.start(clip, as: "live/short", at: server)
            #expect(await publisher.ended(within: .seconds(10)).isSuccess)
            var bodies: [Data] = []
            for reader in readers {
                let end = await reader.ended(within: .seconds(5))
                #expect(end.isSuccess, "\(end.errors)")
                bodies.append(end.output)
            }
            #expect(bodies[0].starts(with: Data("FLV\u{1}".utf8)))
            #expect(bodies[0] == bodies[1])
        }
    }

    @Test func browsersOfOtherOriginsMayRead() async throws {
        try await withStream { server in
            let origin = ["--header", "Origin: https://example.com"]
            let preflight = try await head(
                origin + ["--request", "OPTIONS", "--header", "Access-Control-Request-Method: GET"]
                    + [server.http("live/on.flv")])
            #expect(preflight.hasPrefix("http/1.1 204 "))
            #expect(preflight.contains("access-control-allow-origin: *\r\n"))
            #expect(preflight.contains("access-control-allow-methods: get"))
            let answer = try await head(origin + [server.http("live/on.flv")])
            #expect(answer.contains("access-control-allow-origin: *\r\n"))
        }
    }

    @Test(arguments: [
        ("live/nobody.flv", 404), ("live/nobody.flv?wait=1", 200), ("live/nobody.flv?wait=soon", 400),
        ("live/nobody.flv?onlyAudio=1&onlyVideo=1", 400), ("api/v1/nothing", 404), ("nothing", 404),
    ])
    func requestsWithoutAStreamAreAnswered(path: String, status: Int) async throws {
        try await withServer { server in
            let answer = try await Stranger.curl.run(
                ["--silent", "--max-time", "3", "--output", "/dev/null", "--write-out", "%{http_code}"]
                    + [server.http(path)])
            #expect(answer.outputText == "\(status)")
        }
    }

    @Test(arguments: [("onlyAudio=1", false, true), ("onlyVideo=1", true, false), ("", true, true)])
    func queryChoosesTracks(query: String, hasVideo: Bool, hasAudio: Bool) async throws {
        let clip = try await Clip(.h264AAC, seconds: 2)
        let published = try await clip.frames
        try await withServer { server in
            let audience = try await Audience([.ffmpegHTTP, .curl], of: "live/part?\(query)", at: server)
            let publisher = try Publisher.ffmpeg.start(clip, as: "live/part", at: server)
            #expect(await publisher.ended(within: .seconds(10)).isSuccess)
            _ = await audience.expectCleanEnds()
            for player in [Player.ffmpegHTTP, .curl] {
                let played = try await DecodedFrames(of: audience.recording(of: player), isEnhanced: false)
                #expect(played.video.map(\.checksum) == (hasVideo ? published.video.map(\.checksum) : []), "\(player)")
                #expect(played.audio.map(\.checksum) == (hasAudio ? published.audio.map(\.checksum) : []), "\(player)")
            }
        }
    }
}
