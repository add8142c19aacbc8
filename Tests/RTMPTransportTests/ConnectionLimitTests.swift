import AMF
import FanOut
import MediaCore
import MediaTesting
import NIOCore
import NIOPosix
import RTMP
import RTMPTransport
import Testing

@Suite("What an RTMP connection may cost", .ownThread, .timeLimit(.minutes(2)))
struct ConnectionLimitTests {
    @Test(
        "a connection that does not get to connect in time is closed, wherever it stops",
        arguments: [0, 1, 700, 1537, 1537 + 1536])
    func handshakeTimeout(byteCount: Int) async throws {
        let server = try await RTMPServerHarness { $0.rtmp.handshakeTimeout = .milliseconds(300) }
        let socket = try TestSocket(port: server.port)
        var bytes = ByteBuffer(bytes: [3])
        bytes.writeRepeatingByte(0, count: 2 * 1536)
        try socket.send(try #require(bytes.getSlice(at: 0, length: byteCount)))
        #expect(socket.isClosedByPeer(withinSeconds: 5))
        #expect(try await server.eventually { server.admission.count == 0 })
        try await server.shutDown()
    }

    @Test("a handshake sent byte by byte is closed when its time is over")
    func slowHandshake() async throws {
        let server = try await RTMPServerHarness { $0.rtmp.handshakeTimeout = .milliseconds(300) }
        let socket = try TestSocket(port: server.port)
        var count = 0
        while count < 400, socket.sendAtOnce(ByteBuffer(bytes: [count == 0 ? 3 : 0])) != nil {
            count += 1
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(count < 200)
        #expect(socket.isClosedByPeer(withinSeconds: 5))
        try await server.shutDown()
    }

    @Test("a publisher that sends nothing is closed; one that sends, and a player that waits, are not")
    func silentPublisher() async throws {
        let server = try await RTMPServerHarness { $0.rtmp.idleTimeout = .seconds(3) }
        let waiting = try server.player("later").start()
        let silent = try server.publisher("a").start()
        let busy = try server.publisher("b").start()
        var number: UInt32 = 0
        while try server.snapshot("a")?.state == .live, number < 1500 {
            try busy.write([.video(number, at: number * 10, key: true)])
            number += 1
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(silent.socket.isClosedByPeer(withinSeconds: 5))
        #expect(try server.snapshot("a")?.state == .waitingForReturn)
        #expect(try server.snapshot("b")?.state == .live)
        let publisher = try server.publisher("later").start()
        try publisher.write(Media.frames(0..<5))
        #expect(try waiting.media(upTo: 4).count == 5)
        try await server.shutDown()
    }

    @Test("a connection that neither publishes nor plays is closed, whatever it says")
    func idleConnection() async throws {
        let server = try await RTMPServerHarness { $0.rtmp.idleTimeout = .seconds(3) }
        let publisher = try server.publisher("a").start()
        let refused = try server.publisher("a").start()
        #expect(refused.rejection != nil)
        var number: UInt32 = 0
        let question = RTMPTestClient.bytes(of: .getStreamLength, transaction: 7, [.string("a")], on: 0)
        while number < 1500, refused.socket.sendAtOnce(question) != nil {
            try publisher.write([.audio(number, at: number * 20)])
            number += 1
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(number < 1500)
        #expect(refused.socket.isClosedByPeer(withinSeconds: 5))
        #expect(try server.snapshot("a")?.state == .live)
        try await server.shutDown()
    }

    @Test("no more connections than allowed; one that goes makes room")
    func connectionsMax() async throws {
        let server = try await RTMPServerHarness { $0.connectionsMax = 3 }
        var clients = try (0..<3).map { try server.player("\($0)").start() }
        #expect(try TestSocket(port: server.port).isClosedByPeer(withinSeconds: 5))
        #expect(server.admission.count == 3)
        clients.removeLast().socket.close()
        #expect(try await server.eventually { server.admission.count == 2 })
        clients.append(try server.player("again").start())
        #expect(server.admission.count == 3)
        try await server.shutDown()
    }

    /// An address of this machine by which it is not exempt from limits, if it has one.
    private static let ownAddress: String? = {
        do {
            return try System.enumerateDevices().lazy.compactMap { device -> String? in
                guard case .v4? = device.address, let address = device.address?.ipAddress else { return nil }
                return address.hasPrefix("127.") ? nil : address
            }.first
        } catch {
            return nil
        }
    }()

    @Test("one address has no more connections than allowed; others still connect", .enabled(if: ownAddress != nil))
    func connectionsPerAddress() async throws {
        let server = try await RTMPServerHarness {
            $0.connectionsPerAddressMax = 2
            $0.address = "0.0.0.0"
        }
        let present = try (0..<2).map { _ in try TestSocket(port: server.port, from: Self.ownAddress) }
        #expect(try await server.eventually { server.admission.count == 2 })
        #expect(try TestSocket(port: server.port, from: Self.ownAddress).isClosedByPeer(withinSeconds: 5))
        try server.player("a").start()
        present.forEach { $0.close() }
        #expect(try await server.eventually { server.admission.count == 0 })
        try await server.shutDown()
    }

    @Test("however connections end, none stays counted and no viewer stays behind")
    func countsReturnToZero() async throws {
        let server = try await RTMPServerHarness { $0.registry.hub.publisherGrace = .zero }
        for round in 0..<10 {
            let publisher = try server.publisher("a\(round)").start()
            let players = try (0..<5).map { _ in try server.player("a\(round)").start() }
            try publisher.write(Media.frames(0..<20, count: 30_000))
            let strangers = try (0..<5).map { _ in try TestSocket(port: server.port) }
            try strangers[0].send("GET / HTTP/1.1\r\n\r\n")
            try strangers[1].send(ByteBuffer(repeating: 0xFF, count: 100_000))
            strangers.dropFirst(2).forEach { $0.reset() }
            _ = try players[0].media(upTo: 19)
            players[1].socket.reset()
            players[2].socket.close()
            try players[3].command(.deleteStream, [.number(1)])
            players[3].socket.close()
            if round % 2 == 0 { try publisher.stop() } else { publisher.socket.reset() }
        }
        #expect(try await server.eventually { server.admission.count == 0 })
        server.registry.sweep(at: .now())
        #expect(server.registry.count == 0)
        #expect(server.registry.cacheBytes == 0)
        try await server.shutDown()
    }

    @Test("a peer that asks and does not read is not read from without end", arguments: [true, false])
    func floodOfQuestions(plays: Bool) async throws {
        let server = try await RTMPServerHarness()
        let publisher = try server.publisher("a").start()
        let healthy = try server.player("a").start()
        let flooding =
            plays
            ? try server.player("a", receiveBytes: 8192).start() : try server.publisher("b").start()
        let question = RTMPTestClient.bytes(of: .getStreamLength, transaction: 7, [.string("a")], on: 0)
        var batch = ByteBuffer()
        for _ in 0..<200 { batch.writeImmutableBuffer(question) }
        #expect(flooding.socket.flood(with: batch, limit: 256 << 20) < 16 << 20)
        let frames = Media.frames(0..<50)
        try publisher.write(frames)
        #expect(try healthy.media(upTo: 49) == frames)
        try await server.shutDown()
    }

    @Test(
        "strangers who speak something else are closed at once",
        arguments: [
            "GET /live/a HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}",
            "SSH-2.0-OpenSSH_9\r\n",
        ])
    func otherProtocols(hello: String) async throws {
        let server = try await RTMPServerHarness()
        let socket = try TestSocket(port: server.port)
        try socket.send(hello)
        #expect(socket.isClosedByPeer(withinSeconds: 5))
        #expect(try await server.eventually { server.admission.count == 0 })
        try await server.shutDown()
    }
}

@Suite("Admission of connections")
struct ConnectionAdmissionTests {
    /// Two addresses that are counted as one, or not; loopback is never counted.
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("127.0.0.1", "127.0.0.1", false),
        ("::1", "::1", false), ("::ffff:127.0.0.1", "::ffff:127.0.0.1", false),
        ("::ffff:192.0.2.1", "192.0.2.1", true), ("2001:db8::1", "2001:db8::2", true),
        ("2001:db8::1", "2001:db8:0:1::1", false),
    ])
    func countsByAddress(first: String, second: String, isRefused: Bool) throws {
        let admission = ConnectionAdmission(connectionsMax: 10, connectionsPerAddressMax: 1)
        let (first, second) = (
            try SocketAddress(ipAddress: first, port: 1), try SocketAddress(ipAddress: second, port: 2)
        )
        let ticket = try admission.admit(first)
        if isRefused {
            #expect(throws: ConnectionAdmission.Refusal.addressFull(connectionsPerAddressMax: 1)) {
                try admission.admit(second)
            }
            admission.release(ticket)
        }
        _ = try admission.admit(second)
        #expect(admission.count == (isRefused ? 1 : 2))
    }
}
