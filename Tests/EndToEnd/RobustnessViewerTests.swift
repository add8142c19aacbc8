import Foundation
import Testing

@Suite("Robustness: viewers that stop reading", .serialized, .timeLimit(.minutes(6)))
struct RobustnessViewerTests {
    /// Of the control API's answer, what these tests look at.
    private struct Streams: Decodable {
        struct Stream: Decodable {
            struct Counters: Decodable {
                let viewerSkips: Int
                let viewersStuck: Int
            }

            let name: String
            let counters: Counters
        }

        let streams: [Stream]
    }

    private func counters(_ server: ServerProcess) async throws -> Streams.Stream.Counters {
        let end = try await Stranger.curl.run(["--silent", "--fail", server.http("api/v1/streams")])
        let answer = try JSONDecoder().decode(Streams.self, from: end.output)
        return try #require(answer.streams.first { $0.name == "live/healthy" }).counters
    }

    /// The bytes of a second of the stream are about 125 000.
    @Test("viewers that stall for a minute, or read at half the speed, cost nothing beside two hundred others")
    func stallForAMinute() async throws {
        let configuration = "limits:\n  viewerStuckTimeout: 120s\n"
        try await withServer(["--log-level", "info"], configuration: configuration) { server in
            let crowd = RobustnessCrowd()
            defer { crowd.stop() }
            let audience = try await RobustnessAudience(crowd, server, viewers: 200)
            let slow = try (0..<20).map { _ in try crowd.view("healthy", at: server.rtmpPort, receiveBytes: 32 << 10) }
            let stalled = try (0..<100).map { _ in
                try crowd.view("healthy", at: server.rtmpPort, receiveBytes: 32 << 10)
            }
            // Long enough for the log to be as long as it gets.
            try await Task.sleep(for: .seconds(12))
            let before = try server.residentBytes
            crowd.setReadRate(bytesPerSecond: 60_000, slow)
            crowd.setReading(false, stalled)
            try await Task.sleep(for: .seconds(60))
            let growth = try server.residentBytes - before
            #expect(growth < 100 * 6 << 10, "\(growth) bytes")
            try await audience.expectUndisturbed()
            for report in crowd.reports(slow) {
                #expect(!report.isDamaged && !report.isClosed)
                #expect(report.gaps >= 1 && report.gaps == report.gapsToKeyframes, "\(report)")
            }
            crowd.setReading(true, stalled)
            try await expectRecovery(of: stalled, crowd, server, newest: crowd.report(audience.publisher).last)
            #expect(try await counters(server).viewerSkips >= slow.count)
            try await audience.expectUndisturbed()
        }
    }

    /// Each goes on at a keyframe, or has been closed, because the rest of the message it was in is gone, and counted.
    private func expectRecovery(
        of stalled: [RobustnessCrowd.Member], _ crowd: RobustnessCrowd, _ server: ServerProcess, newest: UInt32?
    ) async throws {
        let target = try #require(newest) + 50
        let haveCaughtUp = try await eventually {
            crowd.reports(stalled).allSatisfy { $0.isClosed || $0.last ?? 0 > target } ? true : nil
        }
        #expect(haveCaughtUp == true)
        let reports = crowd.reports(stalled)
        #expect(reports.allSatisfy { !$0.isDamaged && $0.gaps == $0.gapsToKeyframes })
        #expect(reports.allSatisfy { $0.isClosed || $0.gaps >= 1 })
        let closedCount = reports.count(where: \.isClosed)
        #expect(try await counters(server).viewersStuck == closedCount)
    }

    @Test("one that takes nothing for too long is closed and counted")
    func stuckViewers() async throws {
        let configuration = "limits:\n  viewerStuckTimeout: 3s\n"
        try await withServer(["--log-level", "info"], configuration: configuration) { server in
            let crowd = RobustnessCrowd()
            defer { crowd.stop() }
            let audience = try await RobustnessAudience(crowd, server, viewers: 20)
            let stuck = try (0..<20).map { _ in
                try crowd.view("healthy", at: server.rtmpPort, receiveBytes: 32 << 10)
            }
            let areServed = try await eventually {
                crowd.reports(stuck).allSatisfy { $0.first != nil } ? true : nil
            }
            #expect(areServed == true)
            let descriptors = try server.descriptorCount
            crowd.setReading(false, stuck)
            let areGone = try await eventually(within: .seconds(20)) {
                try server.descriptorCount <= descriptors - 20 ? true : nil
            }
            #expect(areGone == true)
            #expect(try await counters(server).viewersStuck == 20)
            try await audience.expectUndisturbed()
        }
    }
}
