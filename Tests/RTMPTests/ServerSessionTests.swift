import AMF
import NIOCore
import RTMP
import Testing

@Suite("Server session: connecting, RTMP 1.0, 7.2.1")
struct ServerConnectTests {
    static func properties(_ capabilities: AMF0Object = [:]) -> Said {
        var info: AMF0Object = [
            "level": .string("status"), "code": .string("NetConnection.Connect.Success"),
            "description": .string("Connection succeeded."), "objectEncoding": .number(3),
        ]
        info.properties += capabilities.properties
        return .command(
            Command(
                .result, transactionID: 1,
                commandObject: .object([
                    "fmsVer": .string("FMS/3,5,7,7009"), "capabilities": .number(31), "mode": .number(1),
                ]), arguments: [.object(info)]), on: 0)
    }

    struct Offer: Sendable {
        let offered: EnhancedCapabilities
        let ours: EnhancedCapabilities
        let answered: AMF0Object
    }

    static let offers = [
        Offer(offered: .none, ours: .forwardingEverything, answered: [:]),
        Offer(
            offered: EnhancedCapabilities(fourCCs: ["av01", "hvc1"]), ours: .forwardingEverything,
            answered: ["fourCcList": .strictArray([.string("*")])]),
        Offer(
            offered: EnhancedCapabilities(fourCCs: ["av01", "hvc1"], features: .all),
            ours: EnhancedCapabilities(fourCCs: ["hvc1", "vp09"], features: [.reconnect]),
            answered: ["fourCcList": .strictArray([.string("hvc1")]), "capsEx": .number(1)]),
        Offer(
            offered: EnhancedCapabilities(
                videoCodecs: [.init(codec: "*", use: .encode)], audioCodecs: [.init(codec: "Opus", use: .encode)]),
            ours: EnhancedCapabilities(
                videoCodecs: [.init(codec: "hvc1", use: .forward)], audioCodecs: [.init(codec: "fLaC", use: .forward)]),
            answered: ["videoFourCcInfoMap": .object(["hvc1": .number(4)])]),
    ]

    @Test(arguments: offers)
    func acceptedConnectIsAnsweredInOrder(offer: Offer) throws {
        var server = TestServer(try Snapshot.handshaken(.init(capabilities: offer.ours)))
        let request = ConnectRequest(app: "live", objectEncoding: 3, capabilities: offer.offered)
        let (actions, said) = try server.feed(wire(request.command))
        #expect(actions == [.connectRequested(request)])
        #expect(
            said == [
                .control(.windowAcknowledgementSize(2_500_000)),
                .control(.setPeerBandwidth(windowBytes: 2_500_000, limit: .dynamic)),
                .control(.setChunkSize(60_000)), Self.properties(offer.answered),
            ])
        #expect(server.session.isConnected && server.session.peer == request)
    }

    @Test func rejectedConnectIsToldWhyAndClosed() throws {
        var server = TestServer(try Snapshot.handshaken()) { session, action in
            guard case .connectRequested = action else { return }
            session.rejectConnect(code: .connectInvalidApp, description: "no such application")
        }
        let (actions, said) = try server.feed(wire(ConnectRequest(app: "x").command))
        let event = StatusEvent(.connectInvalidApp, description: "no such application")
        #expect(said == [.command(Command(.error, transactionID: 1, arguments: [event.value]), on: 0)])
        #expect(actions.last == .close(RTMPError(.rejectedByApplication, "no such application")))
        #expect(server.session.isClosed)
        #expect(try server.feed(wire(Command(.createStream, transactionID: 2))).actions.isEmpty)
    }

    @Test func commandBeforeConnectEndsTheSession() throws {
        var server = TestServer(try Snapshot.handshaken())
        expectFault(.unexpectedMessage) { _ = try server.feed(wire(Command(.createStream, transactionID: 2))) }
        #expect(server.session.isClosed)
        #expect(try server.feed(wire(ConnectRequest(app: "live").command)).actions.isEmpty)
    }

    @Test func unreadableCommandBeforeConnectEndsTheSession() throws {
        var server = TestServer(try Snapshot.handshaken())
        expectFault(.malformedCommand) { _ = try server.feed(wire(.commandAMF0, ByteBuffer(bytes: [2, 0]))) }
        #expect(server.session.isClosed)
    }

    @Test func nothingIsReadWhileConnectWaitsForItsAnswer() throws {
        var server = TestServer(try Snapshot.handshaken(), TestServer.answerNothing)
        let bytes = wire([
            wire(ConnectRequest(app: "live").command), wire(Command(.createStream, transactionID: 2)),
        ])
        #expect(try server.feed(bytes).actions.count == 1)
        #expect(server.session.isHoldingBack && server.session.bytesHeld > 0)
        server.session.acceptConnect()
        #expect(try server.drain().said.last == .result(2, .number(1)))
        #expect(!server.session.isHoldingBack && server.session.bytesHeld == 0)
        server.session.acceptConnect()
        server.session.rejectConnect(description: "late")
        #expect(try server.drain().said.isEmpty)
    }

    @Test func secondConnectIsAnErrorThatChangesNothing() throws {
        var server = TestServer(try Snapshot.connected())
        let (actions, said) = try server.feed(wire(ConnectRequest(app: "other").command))
        #expect(actions == [.commandIgnored("connect")])
        #expect(said == [.failure(1, "the command is unknown, or cannot be carried out now")])
        #expect(server.session.peer?.app == "live")
    }

    @Test func connectInAMF3IsUnderstood() throws {
        var server = TestServer(try Snapshot.handshaken())
        var bytes = ByteBuffer(bytes: [0])
        bytes.writeImmutableBuffer(payload(ConnectRequest(app: "live").command))
        #expect(try server.feed(wire(.commandAMF3, bytes)).actions == [.connectRequested(ConnectRequest(app: "live"))])
    }
}

/// Expects an error of that code.
func expectFault(_ code: RTMPError.Code, _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(sourceLocation: sourceLocation) { try body() } throws: { ($0 as? RTMPError)?.code == code }
}

@Suite("Server session: control messages, RTMP 1.0, 5.4 and 7.1.7")
struct ServerControlTests {
    @Test func bytesAreAcknowledgedOncePerWindow() throws {
        var server = TestServer(try Snapshot.connected())
        #expect(try server.feed(wire(.windowAcknowledgementSize(1000))).said.isEmpty)
        let abort = wire(.abort(.video))
        var acknowledged: [UInt32] = []
        for _ in 0..<200 {
            for case .control(.acknowledgement(let bytes)) in try server.feed(abort).said { acknowledged.append(bytes) }
        }
        let spacing = zip(acknowledged.dropFirst(), acknowledged).map { $0 - $1 }
        // The first is for all that came before the window was known; 200 × 16 bytes are three windows more.
        #expect(acknowledged.count == 4)
        #expect(spacing.allSatisfy { (1000..<1016).contains($0) })
    }

    @Test func acknowledgementsOfThePeerAreCounted() throws {
        var server = TestServer(try Snapshot.connected())
        #expect(server.session.bytesAcknowledgedByPeer == nil)
        _ = try server.feed(wire(.acknowledgement(bytesReceived: 77)))
        #expect(server.session.bytesAcknowledgedByPeer == 77)
    }

    @Test func peerBandwidthIsAnsweredWhenItIsNew() throws {
        var server = TestServer(try Snapshot.connected())
        let same = wire(.setPeerBandwidth(windowBytes: 2_500_000, limit: .hard))
        let new = wire(.setPeerBandwidth(windowBytes: 1000, limit: .dynamic))
        #expect(try server.feed(wire([same, new, new])).said == [.control(.windowAcknowledgementSize(1000))])
    }

    @Test func pingsGoBothWays() throws {
        var server = TestServer(try Snapshot.connected())
        server.session.sendPing(timestamp: 5)
        let bytes = wire([wire(.pingRequest(timestamp: 9)), wire(.pingResponse(timestamp: 5))])
        let (actions, said) = try server.feed(bytes)
        #expect(said == [.event(.pingRequest(timestamp: 5)), .event(.pingResponse(timestamp: 9))])
        #expect(actions == [.pong(timestamp: 5)])
    }

    @Test func reconnectIsAskedOnlyOfClientsThatCan() throws {
        var server = TestServer(try Snapshot.connected(capabilities: EnhancedCapabilities(features: .reconnect)))
        let isAskedToMove = server.session.requestReconnect(tcURL: "rtmp://b/live", description: "moving")
        #expect(isAskedToMove)
        let event = StatusEvent(
            .connectReconnectRequest, description: "moving", properties: ["tcUrl": .string("rtmp://b/live")])
        #expect(try server.drain().said == [.command(event.command, on: 0)])
        var plain = TestServer(try Snapshot.connected())
        let isAsked = plain.session.requestReconnect(description: "moving")
        #expect(!isAsked)
        #expect(try plain.drain().said.isEmpty)
    }

    @Test func unknownMessageTypesAreSkipped() throws {
        var server = TestServer(try Snapshot.connected())
        for type: UInt8 in [0, 7, 10, 14, 21, 23, 255] {
            let said = try server.feed(wire(MessageTypeID(rawValue: type), ByteBuffer(bytes: [1, 2, 3])))
            #expect(said.actions.isEmpty && said.said.isEmpty)
        }
        #expect(try server.feed(wire(Command(.createStream, transactionID: 2))).said == [.result(2, .number(1))])
    }

    @Test func nothingIsSaidUnaskedBeforeConnect() throws {
        var server = TestServer(try Snapshot.handshaken())
        server.session.sendPing(timestamp: 1)
        server.session.sendStatus(.connectClosed, description: "")
        server.session.acceptPublish(.one)
        server.session.endPlay(.one, description: "")
        #expect(try server.drain().said.isEmpty)
    }
}
