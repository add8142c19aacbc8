import Foundation
import Glibc
import MediaTesting
import Testing

/// Each test does to a real server what strangers do, beside a stream whose viewers must not notice, and looks at what
/// is left in memory and of descriptors.
@Suite("Robustness", .serialized, .timeLimit(.minutes(6)))
struct RobustnessTests {
    /// Short times, so that tests are quick.
    private static let hasty = """
        limits:
          handshakeTimeout: 1s
          idleTimeout: 3s
        """

    /// Memory that is no leak when a round leaves it: less than a kilobyte for each of a thousand connections.
    private static let noiseBytes = 800 << 10
    private static let roundsMax = 6

    /// Does a thing again and again to a server with a healthy audience, until once it leaves nothing in memory: the
    /// first rounds fill what allocators keep for later, and a leak grows with every round. Each time the audience
    /// must be undisturbed and the descriptors as many as before.
    private func withAudience(
        configuration: String = hasty,
        _ body: (ServerProcess, RobustnessCrowd, RobustnessAudience) async throws -> Void
    ) async throws {
        try await withServer(["--log-level", "info"], configuration: configuration) { server in
            let crowd = RobustnessCrowd()
            defer { crowd.stop() }
            let audience = try await RobustnessAudience(crowd, server, viewers: 20)
            let descriptors = try server.descriptorCount
            var residentBytes: [Int] = []
            var growth = Int.max
            while growth > Self.noiseBytes, residentBytes.count < Self.roundsMax {
                try await body(server, crowd, audience)
                try await audience.expectUndisturbed()
                let isBack = try await eventually { try server.descriptorCount <= descriptors ? true : nil }
                let left = try server.descriptorCount
                #expect(isBack == true, "\(left) descriptors, \(descriptors) before")
                let bytes = try server.residentBytes
                growth = residentBytes.last.map { bytes - $0 } ?? .max
                residentBytes.append(bytes)
            }
            #expect(growth <= Self.noiseBytes, "memory after each round: \(residentBytes)")
        }
    }

    /// Waits until the server has closed all of `some`.
    private func waitForClosing(
        _ some: [RobustnessCrowd.Member], of crowd: RobustnessCrowd, within limit: Duration,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let isDone = try await eventually(within: limit) { crowd.openCount(some) == 0 ? true : nil }
        #expect(isDone == true, "\(crowd.openCount(some)) of \(some.count) open", sourceLocation: sourceLocation)
    }

    @Test("a message that claims megabytes costs what has come of it")
    func lyingLengths() async throws {
        try await withAudience { server, crowd, _ in
            let before = try server.residentBytes
            var liars: [RobustnessCrowd.Member] = []
            for index in 0..<1000 {
                let length = index % 2 == 0 ? 8 << 20 : 0xFF_FFFF
                let begun = index % 4 < 2 ? RobustnessWire.handshake : RobustnessWire.publishing("liar\(index)")
                let lie = RobustnessWire.message(
                    type: 9, on: 6, stream: 1, length: length, [UInt8](repeating: 7, count: 100))
                liars.append(try crowd.connect(server.rtmpPort, sending: begun + lie))
            }
            let isSorted = try await eventually { crowd.openCount(liars) <= 250 ? true : nil }
            #expect(isSorted == true, "\(crowd.openCount(liars)) open; only 250 told lies that may be true")
            let growth = try server.residentBytes - before
            #expect(growth < 1000 * 24 << 10)
            try await waitForClosing(liars, of: crowd, within: .seconds(10))
        }
    }

    @Test("a thousand half-open handshakes are closed when their time is over", arguments: [0, 1537])
    func halfOpenHandshakes(byteCount: Int) async throws {
        try await withAudience { server, crowd, _ in
            let before = try server.residentBytes
            let bytes = Array(RobustnessWire.handshake.prefix(byteCount))
            let strangers = try (0..<1000).map { _ in try crowd.connect(server.rtmpPort, sending: bytes) }
            try await Task.sleep(for: .milliseconds(500))
            let growth = try server.residentBytes - before
            #expect(growth < 1000 * 16 << 10)
            try await waitForClosing(strangers, of: crowd, within: .seconds(6))
        }
    }

    @Test("who sends a byte a second is closed when its time is over")
    func slowSenders() async throws {
        try await withAudience { server, crowd, _ in
            let handshakes = try (0..<200).map { _ in try crowd.connect(server.rtmpPort, sending: [3]) }
            let heads = try (0..<200).map { _ in
                try crowd.connect(server.httpPort, sending: Array("GET /healthz HTTP/1.1\r\nX: ".utf8))
            }
            // A message that never becomes whole is silence.
            let message = RobustnessWire.message(type: 9, on: 6, stream: 1, length: 50_000, [])
            let publishers = try (0..<100).map {
                try crowd.connect(server.rtmpPort, sending: RobustnessWire.publishing("slow\($0)") + message)
            }
            let all = handshakes + heads + publishers
            var seconds = 0
            while seconds < 30, crowd.openCount(all) > 0 {
                crowd.send([0x61], from: all)
                try await Task.sleep(for: .seconds(1))
                seconds += 1
            }
            #expect(crowd.openCount(handshakes) == 0)
            #expect(crowd.openCount(heads) == 0)
            #expect(crowd.openCount(publishers) == 0)
        }
    }

    /// One of five kinds of visitor.
    private func connect(
        _ index: Int, _ server: ServerProcess, _ crowd: RobustnessCrowd
    ) throws -> RobustnessCrowd.Member {
        let request = Array("GET /live/healthy.flv HTTP/1.1\r\n\r\n".utf8)
        return switch index % 5 {
        case 0: try crowd.connect(server.rtmpPort)
        case 1: try crowd.connect(server.rtmpPort, sending: RobustnessWire.handshake)
        case 2: try crowd.view("healthy", at: server.rtmpPort)
        case 3: try crowd.connect(server.rtmpPort, sending: RobustnessWire.playing("none\(index)"))
        default: try crowd.connect(server.httpPort, sending: request)
        }
    }

    @Test("ten thousand connections, five thousand a round, that come and go leave nothing behind")
    func comingAndGoing() async throws {
        try await withAudience { server, crowd, _ in
            for round in 0..<50 {
                var batch: [RobustnessCrowd.Member] = []
                for index in 0..<100 {
                    batch.append(try connect(index, server, crowd))
                }
                if round % 10 == 0 {
                    let viewers = stride(from: 2, to: 100, by: 5).map { batch[$0] }
                    let areServed = try await eventually {
                        crowd.reports(viewers).allSatisfy { $0.first != nil } ? true : nil
                    }
                    #expect(areServed == true)
                }
                crowd.close(batch, withReset: round % 2 == 0)
            }
        }
    }

    @Test("who asks and does not read fills no memory", .timeLimit(.minutes(6)))
    func unreadAnswers() async throws {
        let request = Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        let requests = Array(repeatElement(request, count: 50_000).joined())
        let questions = Array(repeatElement(RobustnessWire.question, count: 50_000).joined())
        try await withAudience { server, crowd, _ in
            let before = try server.residentBytes
            let askers =
                try (0..<5).map { _ in try crowd.connect(server.httpPort, sending: requests, receiveBytes: 4096) }
                + (0..<5).map { _ in
                    let bytes = RobustnessWire.playing("healthy") + questions
                    return try crowd.connect(server.rtmpPort, sending: bytes, receiveBytes: 4096)
                }
            crowd.setReading(false, askers)
            try await Task.sleep(for: .seconds(4))
            let growth = try server.residentBytes - before
            #expect(growth < askers.count << 20, "\(growth) bytes")
            crowd.close(askers)
        }
    }

    @Test("garbage and other protocols are closed, and leave nothing behind")
    func garbage() async throws {
        try await withAudience { server, crowd, _ in
            var random = SplitMix64(seed: 7)
            var strangers: [RobustnessCrowd.Member] = []
            let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]
            for index in 0..<500 {
                let noise = (0..<4000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                let bytes: [UInt8] =
                    switch index % 5 {
                    case 0: noise
                    case 1: [3] + noise
                    case 2: RobustnessWire.connection + noise
                    case 3: hello + noise.prefix(506)
                    default: Array("GET /live/healthy.flv HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
                    }
                strangers.append(try crowd.connect(server.rtmpPort, sending: bytes))
                // RTMP and noise where HTTP is spoken.
                if index % 5 < 4 { strangers.append(try crowd.connect(server.httpPort, sending: bytes)) }
            }
            try await waitForClosing(strangers, of: crowd, within: .seconds(8))
        }
    }
}
