import ClientTesting
import Foundation
import NIOCore
import NIOSSL
import RTMP
import RTMPClient
import Testing

@Suite("RTMPS", .timeLimit(.minutes(3)))
struct RTMPSTests {
    /// For "localhost", signed by itself, good until 2126. It protects nothing.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUM11rtJUK8QdaqpSgyZ9cSKTz5zowCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEzMTAxMloYDzIxMjYxMDI4
        MTMxMDEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQkk64Sjz0TJ5xykJGaH1IYMt7mwU0F51FgbhkA82w1enB6Ww+KR5mV
        XyK1E8cYV1d05eQjNy09YM2jaBE5YmA9o2kwZzAdBgNVHQ4EFgQUhBA5GL9aNcw7
        hro+F7QaUmZYwW0wHwYDVR0jBBgwFoAUhBA5GL9aNcw7hro+F7QaUmZYwW0wDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SAAwRQIhAINIT18FyD9Eijrm1FlN0xY8MjUucxa4CTpQs5B9ojU2AiBkhTifuMDj
        X5Qw5k/54aeOvUG0g/EqCTZdMa/7sYK4lg==
        -----END CERTIFICATE-----
        """
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9KAPkp1huj25J5rS
        6myuK5lvSEAt4+cY444fN3wlxE2hRANCAAQkk64Sjz0TJ5xykJGaH1IYMt7mwU0F
        51FgbhkA82w1enB6Ww+KR5mVXyK1E8cYV1d05eQjNy09YM2jaBE5YmA9
        -----END PRIVATE KEY-----
        """

    static func server() async throws -> RTMPTestServer {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
        let context = try NIOSSLContext(configuration: configuration)
        return try await RTMPTestServer.start(prepare: { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        })
    }

    static func url(_ server: RTMPTestServer, host: String) -> RTMPURL {
        RTMPURL(scheme: .rtmps, host: host, port: server.port, app: "live", streamName: "show")
    }

    @Test(arguments: [true, false])
    func trustedServerIsPublishedTo(knowsAuthority: Bool) async throws {
        let server = try await Self.server()
        let file = FileManager.default.temporaryDirectory.appending(path: "sluice-ca-\(UUID()).pem")
        try Self.certificate.write(to: file, atomically: true, encoding: .utf8)
        let options = RTMPClientOptions(trust: knowsAuthority ? .authorities(path: file.path) : .anyone)
        let publisher = try await RTMPPublisher.connect(to: Self.url(server, host: "localhost"), options: options)
        for time in UInt32(0)..<100 { try await publisher.send(picture(time * 40, bytes: 20_000)) }
        await publisher.close()
        let ended = try await eventually { server.heard.first { $0.isEnded } }
        #expect(ended?.media.count == 100)
        try FileManager.default.removeItem(at: file)
        try await server.stop()
    }

    @Test func unknownCertificateIsRefused() async throws {
        let server = try await Self.server()
        let error = await #expect(throws: RTMPClientError.self) {
            _ = try await RTMPPublisher.connect(to: Self.url(server, host: "localhost"))
        }
        #expect(error?.code == .tlsFailed)
        let words =
            "nobody who is trusted here vouches for the certificate of localhost:\(server.port); name its authority"
        #expect(error?.description.hasPrefix(words) == true, "\(String(describing: error))")
        #expect(error?.isTransient == false)
        try await server.stop()
    }

    @Test func plainServerBehindAnRTMPSAddressIsTold() async throws {
        let server = try await RTMPTestServer.start(.says("no TLS here"))
        let error = await #expect(throws: RTMPClientError.self) {
            _ = try await RTMPPublisher.connect(to: Self.url(server, host: "localhost"))
        }
        #expect(error?.code == .tlsFailed)
        let words = "localhost:\(server.port) does not speak TLS; is it an rtmps port?"
        #expect(error?.description == words, "\(String(describing: error))")
        try await server.stop()
    }
}
