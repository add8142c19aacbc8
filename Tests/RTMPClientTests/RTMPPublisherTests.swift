import AMF
import ClientTesting
import FLV
import NIOCore
import NIOPosix
import RTMP
import RTMPClient
import Testing

/// A picture's tag with a body of so many bytes.
func picture(_ timestamp: UInt32, bytes: Int = 1000) -> FLVTag {
    FLVTag(type: .video, timestamp: timestamp, body: ByteBuffer(repeating: 0x27, count: bytes))
}

@Suite("A publisher and a server", .timeLimit(.minutes(3)))
struct RTMPPublisherTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func tagsArriveInOrderAndTheStreamIsEnded(host: String) async throws {
        let server = try await RTMPTestServer.start(host: host)
        let url = RTMPURL(host: host, port: server.port, app: "live", streamName: "show?key=k")
        let publisher = try await RTMPPublisher.connect(to: url)
        var script = ByteBuffer()
        ScriptData(name: "onMetaData", values: [.ecmaArray(["width": .number(2)])]).write(into: &script)
        try await publisher.send(FLVTag(type: .script, timestamp: 0, body: script))
        try await publisher.send(contentsOf: [picture(0), picture(40)])
        for time in UInt32(2)..<100 { try await publisher.send(picture(time * 40, bytes: Int(time) * 700)) }
        await publisher.close()
        await publisher.close()
        let ended = try await eventually { server.heard.first { $0.isEnded } }
        let heard = try #require(ended)
        #expect(heard.media.map(\.timestamp) == [0] + (0..<100).map { $0 * 40 })
        #expect(heard.media.first?.payload == ScriptData.settingDataFrame(script))
        #expect(heard.media.last?.payload.readableBytes == 69_300)
        #expect(heard.connect?.app == "live")
        try await publisher.end()
        await #expect { try await publisher.send(picture(0)) } throws: {
            ($0 as? RTMPClientError)?.code == .cancelled
        }
        try await server.stop()
    }

    @Test func statisticsTellWhatWasCarried() async throws {
        let server = try await RTMPTestServer.start()
        let publisher = try await RTMPPublisher.connect(to: server.url())
        let before = await publisher.statistics()
        #expect(before.bytesReceived > 3000)
        for time in UInt32(0)..<50 { try await publisher.send(picture(time, bytes: 60_000)) }
        let after = await publisher.statistics()
        #expect(after.bytesSent - before.bytesSent > 3_000_000)
        let acknowledged = try await eventually { await publisher.statistics().acknowledgedBytes }
        #expect(acknowledged.map { $0 <= after.bytesSent } == true)
        #if os(Linux)
            #expect(after.roundTripMicroseconds != nil && after.unacknowledgedBytes != nil)
        #endif
        await publisher.close()
        try await server.stop()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let behaviour: RTMPTestServer.Behaviour
        let code: RTMPClientError.Code
        let words: String
    }

    static let refusals = [
        Refusal(
            testDescription: "nameInUse",
            behaviour: .refuses(.publishBadName, "live/show is being published by 10.0.0.7"),
            code: .refused(.publishBadName),
            words: "refused: NetStream.Publish.BadName: live/show is being published by 10.0.0.7; publish under"),
        Refusal(
            testDescription: "wrongKey", behaviour: .refuses(.publishDenied, "wrong key"),
            code: .refused(.publishDenied),
            words: "refused: NetStream.Publish.Denied: wrong key; check the stream key"),
        Refusal(
            testDescription: "unknownApplication", behaviour: .refusesConnect(.connectInvalidApp, "no such app"),
            code: .refused(.connectInvalidApp), words: "\"live\" must be an application that the server knows"),
        Refusal(
            testDescription: "noRTMP", behaviour: .says("HTTP/1.1 400 Bad Request\r\n\r\n"), code: .protocolViolated,
            words: "is this an RTMP server?"),
        Refusal(
            testDescription: "silence", behaviour: .isSilent, code: .timedOut, words: "has not accepted the stream"),
    ]

    @Test(arguments: refusals)
    func refusalIsToldWithItsRemedy(_ refusal: Refusal) async throws {
        let server = try await RTMPTestServer.start(refusal.behaviour)
        let patience: TimeAmount = refusal.code == .timedOut ? .seconds(1) : .seconds(60)
        let error = await #expect(throws: RTMPClientError.self) {
            _ = try await RTMPPublisher.connect(to: server.url(), options: .init(acceptTimeout: patience))
        }
        #expect(error?.code == refusal.code)
        #expect(error?.description.contains(refusal.words) == true, "\(String(describing: error))")
        try await server.stop()
    }

    @Test func unreachableServersAreNamed() async throws {
        let server = try await RTMPTestServer.start()
        try await server.stop()
        let closed = await #expect(throws: RTMPClientError.self) {
            _ = try await RTMPPublisher.connect(to: server.url())
        }
        #expect(closed?.code == .unreachable)
        #expect(closed?.description.hasPrefix("nobody listens at 127.0.0.1:\(server.port); check the port") == true)
        let unknown = await #expect(throws: RTMPClientError.self) {
            _ = try await RTMPPublisher.connect(to: RTMPURL(host: "no-such-host.invalid", app: "live", streamName: "s"))
        }
        #expect(unknown?.code == .hostNotFound, "\(String(describing: unknown))")
        let nameless = await #expect(throws: RTMPClientError.self) {
            _ = try await RTMPPublisher.connect(to: server.url(""))
        }
        #expect(nameless?.description.contains("names no stream") == true)
    }

    @Test func slowServerMakesSendWaitAndAStalledOneEndsIt() async throws {
        let server = try await RTMPTestServer.start(.stopsReading)
        let options = RTMPClientOptions(stallTimeout: .seconds(2), sendBufferBytesMax: 100_000)
        let publisher = try await RTMPPublisher.connect(to: server.url(), options: options)
        var sent = 0
        let error = await #expect(throws: RTMPClientError.self) {
            while true {
                try await publisher.send(picture(0, bytes: 10_000))
                sent += 1
            }
        }
        #expect(error?.code == .stalled)
        // What was taken filled the two kernels' buffers and ours: far less than would without a bound.
        #expect(sent < 3000, "\(sent)")
        try await server.stop()
    }

    @Test func lostConnectionIsAnError() async throws {
        let server = try await RTMPTestServer.start(.closes(afterMessages: 3))
        let publisher = try await RTMPPublisher.connect(to: server.url())
        for time in UInt32(0)..<3 { try await publisher.send(picture(time)) }
        let error = await #expect(throws: RTMPClientError.self) { try await publisher.end() }
        #expect(error?.code == .connectionLost && error?.isTransient == true)
        await #expect(throws: RTMPClientError.self) { try await publisher.send(picture(4)) }
        try await server.stop()
    }

    @Test(arguments: [("rtmp://other:1936/app", "rtmp://other:1936/app/show"), (nil, nil)] as [(String?, String?)])
    func reconnectRequestIsSurfaced(tcURL: String?, url: String?) async throws {
        let server = try await RTMPTestServer.start(.moves(toTCURL: tcURL))
        let publisher = try await RTMPPublisher.connect(to: server.url())
        var events = publisher.events.makeAsyncIterator()
        let event = await events.next()
        let target = try url.map { try RTMPURL(parsing: $0) }
        #expect(event == .reconnectRequested(target, description: "moving"))
        await publisher.close()
        try await server.stop()
    }

    @Test func cancellingEndsTheAttempt() async throws {
        let server = try await RTMPTestServer.start(.isSilent)
        let options = RTMPClientOptions(acceptTimeout: .hours(1))
        let attempt = Task { try await RTMPPublisher.connect(to: server.url(), options: options) }
        _ = try await eventually { server.heard.isEmpty ? nil : true }
        attempt.cancel()
        await #expect(throws: RTMPClientError.self) { _ = try await attempt.value }
        try await server.stop()
    }

    @Test func tagsThatFitNoMessageAreRefused() async throws {
        let server = try await RTMPTestServer.start()
        let publisher = try await RTMPPublisher.connect(to: server.url())
        let error = await #expect(throws: RTMPClientError.self) {
            try await publisher.send(picture(0, bytes: FLVWriter.bodyBytesMax + 1))
        }
        #expect(error?.code == .tagTooLong)
        try await publisher.send(picture(0, bytes: FLVWriter.bodyBytesMax))
        await publisher.close()
        try await server.stop()
    }

    @Test(
        arguments: [
            ("rtmp://h/live/show", "rtmp://h/live/show"),
            ("rtmp://h/live/show?key=secret&a", "rtmp://h/live/show?key=…&…"),
            ("rtmps://a.b/app/live_123456789_abcdefghijkl", "rtmps://a.b/app/live…"),
            ("rtmp://h:1936/live/0123456789012345678", "rtmp://h:1936/live/0123456789012345678"),
            ("rtmp://h:1936/live/01234567890123456789", "rtmp://h:1936/live/0123…"),
            ("rtmp://user:pass@h/live/show", "rtmp://h/live/show"),
        ])
    func secretsAreNotShown(url: String, shown: String) throws {
        #expect(try RTMPURL(parsing: url).redacted == shown)
    }
}
