import AMF
import NIOCore
import RTMP
import Testing

@Suite("A conversation, looked at")
struct WireTraceTests {
    private static func line(_ event: WireEvent) -> String {
        let name =
            switch event.content {
            case .handshake(let part): part.name
            case .message(let message, _): message.typeID.name
            }
        return "\(event.direction.rawValue) \(name): \(event.words)"
    }

    @Test func openingOfAPublisherIsKept() throws {
        var loopback = try Loopback(.publish(.live))
        try loopback.run()
        let lines = loopback.server.opening.map(Self.line)
        #expect(lines.first == "in C0: version 3")
        #expect(
            lines.dropFirst().prefix(5) == [
                "in C1: time 1000, digest scheme 1, Flash 10.0.45.2", "out S0: version 3",
                "out S1: time 1000, digest scheme 1, server 4.5.0.1", "out S2: signature over the digest of C1",
                "in C2: signature or random bytes, not checked",
            ])
        #expect(lines.contains(#"in Command (AMF0): publish(5, null, "cam?key=…", "live")"#))
        #expect(
            lines.last?.hasPrefix(
                #"out Command (AMF0): onStatus(0, null, {level: "status", code: "NetStream.Publish.Start""#) == true)
        #expect(loopback.server.openingDropped == 0)
        #expect(!lines.contains { $0.contains("key=k") })
    }

    @Test func plainHandshakeIsTold() throws {
        let session = try Snapshot.handshaken()
        #expect(
            session.opening.map(Self.line) == [
                "in C0: version 3", "in C1: time 0, plain", "out S0: version 3", "out S1: time 1000, plain",
                "out S2: echo of C1", "in C2: signature or random bytes, not checked",
            ])
    }

    @Test func echoedOpeningIsRecognised() throws {
        var session = Snapshot.fresh()
        var first = ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 8))
        first.writeBytes(handshakeBytes(seed: 2))
        session.receive(first, at: sessionStart)
        var said = ByteBuffer()
        while case .send(let bytes)? = try session.nextAction() { said.writeImmutableBuffer(bytes) }
        session.receive(try #require(said.getSlice(at: said.readerIndex + 1, length: 1536)), at: sessionStart)
        #expect(try session.nextAction() == nil)
        #expect(session.opening.last?.words == "echo of S1")
    }

    @Test func openingEndsWithTheAcceptedPublication() throws {
        var loopback = try Loopback(.publish(.live))
        try loopback.run()
        let count = loopback.server.opening.count
        loopback.client.write(.video, timestamp: 0, payload: ByteBuffer(bytes: payloadBytes(500)))
        try loopback.run()
        #expect(loopback.serverActions.contains { if case .media = $0 { true } else { false } })
        #expect(loopback.server.opening.count == count)
    }

    @Test func openingOfAPlayerIsNotKept() throws {
        var loopback = try Loopback(.play(start: -1000))
        try loopback.run()
        #expect(loopback.client.isRunning && loopback.server.opening.isEmpty)
    }

    /// A connected session has said and heard twelve things.
    @Test(arguments: [0, 52, 53, 200])
    func openingHasAnEnd(releases: Int) throws {
        var server = TestServer(try Snapshot.connected())
        let before = server.session.opening.count
        let call = wire(Command.call(.releaseStream, 0, .string("x")))
        for _ in 0..<releases { _ = try server.feed(call) }
        #expect(server.session.opening.count == min(64, before + releases))
        #expect(server.session.openingDropped == max(0, before + releases - 64))
    }

    @Test(arguments: [(2048, 7), (1000, 16)])
    func openingHasBoundedBytes(bytes: Int, kept: Int) throws {
        var server = TestServer(try Snapshot.connected())
        let before = server.session.opening.count
        let call = wire(Command.call(.releaseStream, 0, .string(String(repeating: "x", count: bytes - 38))))
        for _ in 0..<20 { _ = try server.feed(call) }
        let events = server.session.opening.dropFirst(before)
        #expect(events.count == kept && events.allSatisfy { $0.payloadBytes <= bytes })
        #expect(server.session.openingDropped == 20 - kept)
    }

    @Test func longPayloadIsKeptCut() throws {
        var server = TestServer(try Snapshot.connected())
        _ = try server.feed(wire(Command.call(.releaseStream, 0, .string(String(repeating: "x", count: 9000)))))
        let event = try #require(server.session.opening.last)
        guard case .message(let message, _) = event.content else { throw Unexpected() }
        #expect(message.payload.readableBytes == 2048 && event.payloadBytes > 9000)
        #expect(event.words.hasPrefix("releaseStream(0, null"))
    }

    struct Unexpected: Error {}

    @Test func liveTraceHearsBothEnds() throws {
        var server = TestServer(try Snapshot.connected())
        server.session.startTrace()
        _ = try server.feed(wire([wire(Command.call(.createStream, 2)), wire(.pingRequest(timestamp: 7))]))
        #expect(
            server.session.takeTrace().events.map(Self.line) == [
                "in Command (AMF0): createStream(2, null)", "out Command (AMF0): _result(2, null, 1)",
                "in User Control: PingRequest, time 7", "out User Control: PingResponse, time 7",
            ])
        #expect(server.session.takeTrace().events.isEmpty)
        server.session.stopTrace()
        _ = try server.feed(wire(Command.call(.createStream, 3)))
        #expect(server.session.takeTrace().events.isEmpty)
    }

    @Test func liveTraceHasTheChunks() throws {
        var server = TestServer(try Snapshot.connected())
        server.session.startTrace()
        let payload = ByteBuffer(bytes: payloadBytes(307))
        _ = try server.feed(wire(.video, payload, on: 1, timestamp: 1000, chunkStream: .video))
        let event = try #require(server.session.takeTrace().events.first)
        guard case .message(_, let chunks) = event.content else { throw Unexpected() }
        #expect(chunks.listed.map(\.headerBytes) == [12, 1, 1] && chunks.listed.map(\.payloadBytes) == [128, 128, 51])
    }

    @Test(arguments: [(1024, 1024, 0), (1025, 1024, 1)])
    func untakenTraceIsBounded(sent: Int, kept: Int, dropped: Int) throws {
        var server = TestServer(try Snapshot.connected())
        server.session.startTrace()
        let ping = wire(.pingResponse(timestamp: 1))
        for _ in 0..<sent { _ = try server.feed(ping) }
        let taken = server.session.takeTrace()
        #expect(taken.events.count == kept && taken.dropped == dropped)
    }

    @Test func clientTracesFromItsFirstByte() throws {
        var loopback = try Loopback(.publish(.live))
        loopback.client.startTrace()
        try loopback.run()
        let lines = loopback.client.takeTrace().events.map(Self.line)
        #expect(
            lines.prefix(7) == [
                "out C0: version 3", "out C1: time 1000, digest scheme 1, Flash 10.0.45.2", "in S0: version 3",
                "in S1: time 1000, digest scheme 1, server 4.5.0.1", "out C2: signature over the digest of S1",
                "in S2: signature or random bytes, not checked",
                "out Set Chunk Size: chunks of up to 60000 bytes from now on",
            ])
        #expect(
            lines.dropFirst(7).first?.hasPrefix(#"out Command (AMF0): connect(1, {app: "live", type: "nonprivate""#)
                == true)
    }

    @Test func clientTracesItsMediaWithShortHeaders() throws {
        var loopback = try Loopback(.publish(.live))
        try loopback.run()
        loopback.client.startTrace()
        for time: UInt32 in [0, 20, 40] {
            loopback.client.write(.audio, timestamp: time, payload: ByteBuffer(bytes: [0xAF, 1, 0x21]))
            while try loopback.client.nextAction() != nil {}
        }
        let chunks = loopback.client.takeTrace().events.compactMap { event -> WireChunk? in
            guard case .message(_, let chunks) = event.content else { return nil }
            return chunks.listed.first
        }
        #expect(chunks.map(\.type) == [0, 2, 3] && chunks.map(\.headerBytes) == [12, 4, 1])
    }
}
