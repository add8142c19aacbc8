import LoadGeneration
import NIOCore
import Testing

@Suite("Gaps and disorder")
struct ContinuityTests {
    private static func frame(_ number: UInt32?, _ milliseconds: Int64 = 0) -> ScannedFrame {
        let stamp = number.map { FrameStamp(nanoseconds: 1, number: $0) }
        return ScannedFrame(kind: .video, milliseconds: milliseconds, stamp: stamp)
    }

    @Test(
        "by number",
        arguments: [
            (1, 2, .continues), (1, 5, .gap(missing: 3)), (5, 5, .disorder), (5, 2, .disorder),
            (.max, 0, .continues), (4_000_000_000, 0, .gap(missing: nil)),
        ] as [(UInt32, UInt32, FrameContinuity.Finding)])
    func byNumber(first: UInt32, second: UInt32, expected: FrameContinuity.Finding) {
        var continuity = FrameContinuity()
        #expect(continuity.receive(Self.frame(first)) == .continues)
        #expect(continuity.receive(Self.frame(second)) == expected)
    }

    @Test(
        "by timestamp where there are no numbers",
        arguments: [
            (0, 33, .continues), (0, 500, .continues), (0, 501, .gap(missing: nil)), (40, 0, .disorder),
            (4_294_967_290, 10, .continues),
        ] as [(Int64, Int64, FrameContinuity.Finding)])
    func byTimestamp(first: Int64, second: Int64, expected: FrameContinuity.Finding) {
        var continuity = FrameContinuity()
        #expect(continuity.receive(Self.frame(nil, first)) == .continues)
        #expect(continuity.receive(Self.frame(nil, second)) == expected)
    }
}

@Suite("Reasons of failure")
struct FailureReasonTests {
    @Test func noMoreThanTheLimitAreKept() {
        var counters = LoadCounters()
        for reason in 0..<LoadCounters.reasonsMax + 1 { counters.fail("reason \(reason)") }
        counters.fail("reason 0")
        #expect(counters.failures.count == LoadCounters.reasonsMax + 1)
        #expect(counters.failures["other reasons"] == 1)
        #expect(counters.failures["reason 0"] == 2)
        #expect(counters.failed == LoadCounters.reasonsMax + 2)
    }
}

@Suite("Targets")
struct LoadTargetTests {
    @Test(
        "the URL tells the protocol",
        arguments: [
            ("rtmp://localhost/live/a", "RTMP", 1935), ("http://127.0.0.1:8080/live/a.flv?x=1", "HTTP-FLV", 8080),
            ("ws://[::1]:8080/live/a.flv", "WS-FLV", 8080), ("http://h/a/b.m3u8", "HLS", 80),
            ("http://h/a/b.mp4", "HTTP-MP4", 80), ("http://[::1]/a/b.ts", "HTTP-TS", 80),
        ])
    func theURLTellsTheProtocol(text: String, name: String, port: Int) throws {
        let target = try LoadTarget(parsing: text)
        #expect(target.protocolName == name)
        #expect(target.port == port)
    }

    @Test(
        "what cannot be loaded is refused in words",
        arguments: ["live/a", "rtmp://h/live", "https://h/a.flv", "http://h/a.png", "ws://h/a.m3u8", "http:///a.flv"])
    func whatCannotBeLoadedIsRefused(text: String) {
        #expect(throws: LoadTarget.ParseError.self) { try LoadTarget(parsing: text) }
    }

    @Test(
        "the number of a stream",
        arguments: [
            ("rtmp://h/live/b{n}?key=1", "rtmp://h/live/b7?key=1"), ("rtmp://h/live/b", "rtmp://h/live/b7"),
            ("http://h:8080/live/b.flv?a=b.c", "http://h:8080/live/b7.flv?a=b.c"),
        ])
    func theNumberOfAStream(text: String, expected: String) {
        #expect(LoadTarget.text(text, number: 7) == expected)
    }

    @Test("loopback is told from elsewhere", arguments: [("127.0.0.1", true), ("::1", true), ("192.0.2.1", false)])
    func loopbackIsToldFromElsewhere(host: String, isLoopback: Bool) throws {
        #expect(try ServerAddress(host: host, port: 80).isLoopback == isLoopback)
    }
}
