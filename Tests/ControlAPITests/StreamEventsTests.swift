import ControlAPI
import HTTPTypes
import Hummingbird
import MediaCore
import Testing

/// Streams whose counters change with each look.
final class BusyDirectory: StreamDirectory {
    private let looks = Locked(0)

    var lookCount: Int { looks.withLock { $0 } }

    func streams() -> [StreamReport] {
        let count = looks.withLock { looks in
            looks += 1
            return looks
        }
        var report = StreamReport.full
        report.counters.framesIn = UInt64(count)
        return [report]
    }
}

@Suite("The list of streams as events", .timeLimit(.minutes(5)))
struct StreamEventsTests {
    @Test func listComesAtOnce() async throws {
        let response = try await RouterHarness([.full, .bare]).open("/api/v1/events")
        #expect(response.headers[.contentType] == "text/event-stream")
        #expect(response.headers[.cacheControl] == "no-store")
        let reader = try await EventReader.read(response) { _ in false }
        #expect(reader.text.hasPrefix("retry: 2000\n\nevent: streams\ndata: {"))
        #expect(try reader.events[0].decoded(as: StreamList.self).streams == [.bare, .full])
    }

    @Test func listComesAgainWhenItHasChanged() async throws {
        let directory = BusyDirectory()
        let router = routes(directory)
        var frames: [UInt64] = []
        _ = try await EventReader.read(try await router.open("/api/v1/events")) { event in
            frames.append((try? event.decoded(as: StreamList.self).streams[0].counters.framesIn) ?? 0)
            return frames.count < 3
        }
        #expect(frames == [1, 2, 3])
    }

    @Test func allWatchersShareOneLook() async throws {
        let directory = BusyDirectory()
        let router = routes(directory)
        var open: [Response] = []
        for _ in 0..<20 { open.append(try await router.open("/api/v1/events")) }
        try await withThrowingTaskGroup { group in
            for response in open {
                group.addTask {
                    var count = 0
                    _ = try await EventReader.read(response) { _ in
                        count += 1
                        return count < 3
                    }
                }
            }
            try await group.waitForAll()
        }
        // Each of the 20 has seen three lists; alone they would have looked 60 times.
        #expect(directory.lookCount < 40)
    }

    @Test func nobodyLooksWhenNobodyWatches() async throws {
        let directory = BusyDirectory()
        let router = routes(directory)
        _ = try await EventReader.read(try await router.open("/api/v1/events")) { _ in false }
        var looks = directory.lookCount
        for _ in 0..<60 {
            try await Task.sleep(for: .seconds(1.5))
            if directory.lookCount == looks { return }
            looks = directory.lookCount
        }
        Issue.record("the streams are still being looked at")
    }

    @Test func watchersAreLimited() async throws {
        let router = RouterHarness([.full])
        var open: [Response] = []
        for _ in 0..<StreamEvents.watchersMax { open.append(try await router.open("/api/v1/events")) }
        #expect(try await router.ask("/api/v1/events").status == .serviceUnavailable)
        open.removeLast()
        #expect(try await router.open("/api/v1/events").status == .ok)
    }

    private func routes(_ directory: BusyDirectory) -> RouterHarness {
        RouterHarness(directory: directory)
    }
}
