import Foundation
import MediaTesting
import Testing

/// HTTPS as curl, FFmpeg and operators see it.
@Suite("HTTPS and HTTP/2", .serialized, .timeLimit(.minutes(6)))
struct HTTPSTests {
    private static let versions = ["--http1.1", "--http2"]

    /// Runs a test with a server that has made itself a certificate.
    private func withSecureServer(_ test: (ServerProcess, _ base: String) async throws -> Void) async throws {
        try await withServer(["--log-level", "debug", "--https", "127.0.0.1:0", "--https-self-signed"]) { server in
            try await test(server, "https://127.0.0.1:\(try await server.httpsPort)/")
        }
    }

    private func curl(_ arguments: [String], within seconds: Int = 30) async throws -> ProgramEnd {
        try await Stranger.curl.run(
            ["--silent", "--show-error", "--max-time", "\(seconds)"] + arguments, within: .seconds(seconds + 10))
    }

    @Test(arguments: [("--http1.1", "1.1"), ("--http2", "2")])
    func sameResourcesInEveryVersion(flag: String, version: String) async throws {
        try await withSecureServer { server, base in
            for path in ["healthz", "", "api/v1/streams", "nothing", "live/nobody.flv", "live/nobody.m3u8"] {
                let form = "%{http_version} %{http_code} %{content_type}"
                let secure = try await curl(
                    ["--insecure", flag, "--output", "/dev/null", "--write-out", form, base + path])
                let plain = try await curl(["--output", "/dev/null", "--write-out", form, server.http(path)])
                #expect(secure.outputText == version + plain.outputText.dropFirst(3), "/\(path)")
            }
        }
    }

    @Test(arguments: versions)
    func liveBodyArrivesWhole(flag: String) async throws {
        let clip = try await Clip(.h264AAC, seconds: 3)
        let published = try await clip.frames
        let directory = try TemporaryDirectory()
        try await withSecureServer { server, base in
            let file = directory.path("body.flv")
            let reader = try Stranger.curl.start(
                ["--silent", "--show-error", "--insecure", flag, "--output", file, base + "live/show.flv?wait=30"])
            try await server.logged("viewing", "stream=live/show")
            let publisher = try Publisher.ffmpeg.start(clip, as: "live/show", at: server)
            #expect(await publisher.ended(within: .seconds(30)).isSuccess)
            let end = await reader.ended(within: .seconds(30))
            #expect(end.isSuccess, "\(end.errors)")
            let played = try await DecodedFrames(of: file, isEnhanced: false)
            #expect(published.difference(from: played) == nil)
        }
    }

    @Test func ffmpegPlaysOverHTTPS() async throws {
        let clip = try await Clip(.h264AAC, seconds: 3)
        let published = try await clip.frames
        let directory = try TemporaryDirectory()
        try await withSecureServer { server, base in
            let file = directory.path("played.flv")
            let player = try Stranger.ffmpeg.start([
                "-hide_banner", "-loglevel", "warning", "-tls_verify", "0", "-i", base + "live/show.flv?wait=30",
                "-map", "0", "-c", "copy", "-f", "flv", file,
            ])
            try await server.logged("viewing", "stream=live/show")
            let publisher = try Publisher.ffmpeg.start(clip, as: "live/show", at: server)
            #expect(await publisher.ended(within: .seconds(30)).isSuccess)
            #expect(await player.ended(within: .seconds(30)).isSuccess)
            #expect(published.difference(from: try await DecodedFrames(of: file, isEnhanced: false)) == nil)
        }
    }

    @Test(arguments: versions)
    func eventsArriveBeforeTheirStreamEnds(flag: String) async throws {
        try await withSecureServer { _, base in
            let reader = try Stranger.curl.start(
                ["--silent", "--no-buffer", "--insecure", flag, base + "api/v1/events"])
            let output = await reader.output.value(within: .seconds(30)) {
                String(decoding: $0, as: UTF8.self).contains("event: streams")
            }
            #expect(output != nil)
            await reader.crash()
        }
    }

    @Test func oldVersionsOfTLSAreRefused() async throws {
        try await withSecureServer { _, base in
            let end = try await curl(["--insecure", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", base])
            #expect(!end.isSuccess)
            #expect(end.errors.contains("protocol version"), "\(end.errors)")
        }
    }

    @Test func whatIsNoHandshakeIsClosedAndHarmsNobody() async throws {
        try await withSecureServer { server, base in
            let port = try await server.httpsPort
            for nonsense in [
                "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\u{7F}\u{7F}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            ] {
                let socket = try TestSocket(port: port)
                try socket.send(nonsense)
                #expect(socket.isClosedByPeer(withinSeconds: 30))
            }
            #expect(try await curl(["--insecure", "--fail", base + "healthz"]).isSuccess)
        }
    }

    @Test func certificatesAreReadAgainWhenTheyAreReplaced() async throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write(TestCertificates.certificate, as: "first.pem")
        let second = try directory.write(TestCertificates.otherCertificate, as: "second.pem")
        let used = try directory.write(TestCertificates.certificate, as: "used.pem")
        let key = try directory.write(TestCertificates.key, as: "used.key")
        let arguments = ["--https", "127.0.0.1:0", "--https-certificate", used, "--https-key", key]
        try await withServer(arguments) { server in
            let address = "https://localhost:\(try await server.httpsPort)/healthz"
            #expect(try await curl(["--ipv4", "--cacert", first, address]).isSuccess)
            #expect(try await !curl(["--ipv4", "--cacert", second, address]).isSuccess)
            _ = try directory.write(TestCertificates.otherCertificate, as: "used.pem")
            _ = try directory.write(TestCertificates.otherKey, as: "used.key")
            server.hangUp()
            let isReplaced = try await eventually {
                try await curl(["--ipv4", "--cacert", second, address]).isSuccess ? true : nil
            }
            #expect(isReplaced == true)
            #expect(try await !curl(["--ipv4", "--cacert", first, address]).isSuccess)
        }
    }

    @Test(arguments: [
        ([], "HTTPS needs a certificate"), (["--https-certificate", "/nowhere.pem"], "/nowhere.pem"),
        (["--https-certificate", "/etc/hostname"], "holds no certificate"),
    ])
    func certificateThatCannotBeUsedExitsWithOneAndOneLine(arguments: [String], said: String) async throws {
        let program = try ServerProcess.start(
            ["serve", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"] + arguments)
        let end = await program.ended(within: .seconds(30))
        #expect(end.reason == .exit(1))
        #expect(end.errors.split(separator: "\n").count == 1 && end.errors.contains(said), "\(end.errors)")
    }
}
