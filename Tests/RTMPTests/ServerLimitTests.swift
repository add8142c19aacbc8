import AMF
import NIOCore
import RTMP
import Testing

@Suite("Server session: limits, at and one past")
struct ServerLimitTests {
    @Test func messageStreams() throws {
        var server = TestServer(try Snapshot.connected(.init(messageStreamsMax: 16)))
        for number in 1...16 {
            let said = try server.feed(wire(.call(.createStream, Double(number)))).said
            #expect(said == [.result(Double(number), .number(Double(number)))])
        }
        #expect(
            try server.feed(wire(.call(.createStream, 17))).said
                == [.failure(17, "no more than 16 streams on one connection")])
        let bytes = wire([wire(.call(.deleteStream, 0, .number(5))), wire(.call(.createStream, 18))])
        #expect(try server.feed(bytes).said == [.result(18, .number(5))])
    }

    @Test func streamNameBytes() throws {
        var server = TestServer(try ServerCommandTests.busySession(), TestServer.connectOnly)
        let past = String(repeating: "x", count: 1025)
        #expect(
            try server.feed(wire(.call(.publish, 0, .string(past)), on: 1)).said
                == [.status(.publishBadName, "the name is too long", on: 1)])
        #expect(
            try server.feed(wire(.call(.play, 0, .string(past)), on: 3)).said
                == [.status(.playStreamNotFound, "the name is too long", on: 3)])
        let allowed = String(repeating: "x", count: 1024)
        #expect(try server.feed(wire(.call(.publish, 0, .string(allowed)), on: 1)).actions.count == 1)
    }

    @Test func heldBytes() throws {
        var server = TestServer(try Snapshot.connected(.init(heldBytesMax: 1000)), TestServer.answerNothing)
        _ = try server.feed(wire([wire(.call(.createStream, 1)), wire(.call(.publish, 2, .string("cam")), on: 1)]))
        for _ in 0..<1000 { _ = try server.feed(ByteBuffer(bytes: [0])) }
        #expect(server.session.bytesHeld == 1000)
        expectFault(.limitExceeded) { _ = try server.feed(ByteBuffer(bytes: [0])) }
        #expect(server.session.isClosed && server.session.bytesHeld == 0)
        server.session.receive(ByteBuffer(bytes: [0]), at: sessionStart)
        server.session.acceptPublish(.one)
        #expect(server.session.bytesHeld == 0 && !server.session.isHoldingBack)
        #expect(try server.drain().actions.isEmpty)
    }

    @Test func bytesBeforeConnect() throws {
        let connect = wire(ConnectRequest(app: "live").command)
        let abort = wire(.abort(.video))
        let limit = abort.readableBytes * 10 + connect.readableBytes
        for (bytesMax, isAllowed) in [(limit, true), (limit - connect.readableBytes - 1, false)] {
            var server = TestServer(try Snapshot.handshaken(.init(bytesBeforeConnectMax: bytesMax)))
            let bytes = wire(Array(repeating: abort, count: 10) + [connect])
            if isAllowed {
                #expect(try server.feed(bytes).actions.count == 1)
            } else {
                expectFault(.limitExceeded) { _ = try server.feed(bytes) }
            }
        }
    }

    @Test func strangerWithALongMessageIsStoppedBeforeItIsWhole() throws {
        var server = TestServer(try Snapshot.handshaken(.init(bytesBeforeConnectMax: 10_000)))
        let bytes = wire(.commandAMF0, ByteBuffer(repeating: 0, count: 20_000), chunkSize: 128)
        var fedCount = 0
        expectFault(.limitExceeded) {
            for byte in bytes.readableBytesView {
                fedCount += 1
                _ = try server.feed(ByteBuffer(bytes: [byte]))
            }
        }
        #expect((10_000...10_016).contains(fedCount))
    }

    @Test func malformedMessages() throws {
        var server = TestServer(try Snapshot.connected(.init(malformedMessagesMax: 3)))
        let malformed = wire(.commandAMF0, ByteBuffer(bytes: [9]))
        for _ in 0..<3 {
            expectFault(.malformedCommand) { _ = try server.feed(malformed) }
            #expect(server.session.isConnected)
        }
        expectFault(.limitExceeded) { _ = try server.feed(malformed) }
        #expect(server.session.isClosed)
    }

    @Test func commandBytes() throws {
        let limits = AMFLimits(depthMax: 16, valuesMax: 1024, bytesMax: 1000)
        var server = TestServer(try Snapshot.connected(.init(amfLimits: limits)))
        let short = Command.call(.checkBandwidth, 0, .string(String(repeating: "x", count: 900)))
        let long = Command.call(.checkBandwidth, 0, .string(String(repeating: "x", count: 1100)))
        _ = try server.feed(wire(short))
        expectFault(.malformedCommand) { _ = try server.feed(wire(long)) }
        #expect(server.session.isConnected)
    }
}
