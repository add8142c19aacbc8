import HLS
import HLSTransport
import HTTPTypes
import MediaCore
import NIOCore
import NIOPosix
import Testing

/// Files in memory that fail when they are told to.
private final class FaultyFiles: SegmentFileSystem {
    struct Failure: Error {}
    private let state = Locked((files: [String: ByteBuffer](), isFaulty: false, written: 0))

    var isFaulty: Bool {
        get { state.withLock { $0.isFaulty } }
        set { state.withLock { $0.isFaulty = newValue } }
    }
    var count: Int { state.withLock { $0.files.count } }
    var attempts: Int { state.withLock { $0.written } }

    func put(_ path: String) { state.withLock { $0.files[path] = ByteBuffer(string: "old") } }
    func makeFolder(_ path: String) throws {}
    func list(_ path: String) throws -> [String] {
        state.withLock { $0.files.keys.map { String($0.split(separator: "/").last ?? "") } }
    }
    func write(_ bytes: ByteBuffer, to path: String) throws {
        try state.withLock { state in
            state.written += 1
            if state.isFaulty { throw Failure() }
            state.files[path] = bytes
        }
    }
    func read(_ path: String, bytes: Int) throws -> ByteBuffer {
        try state.withLock { state in
            guard !state.isFaulty, let file = state.files[path] else { throw Failure() }
            return file
        }
    }
    func remove(_ path: String) throws { state.withLock { $0.files[path] = nil } }
}

@Suite("segments in files: a disk that works, is full, and is gone")
struct FilesTests {
    private func live(_ files: any SegmentFileSystem, path: String = "/dvr", bytesMax: Int = 1 << 30) throws -> Cutter {
        let cutter = try Cutter(files: files) {
            $0.start = .publish
            $0.dvr = .limited(.seconds(120))
            $0.dvrPath = path
            $0.dvrBytesMax = bytesMax
        }
        try cutter.publish(Frames.h264, Frames.aac)
        return cutter
    }

    /// Sends two seconds and lets the files' thread do what it has to.
    private func send(_ cutter: Cutter, _ range: Range<Int>, until isDone: () -> Bool = { true }) async throws {
        for second in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            cutter.send(Frames.stream(Double(second) * 1000, Double(second + 2) * 1000, rate: 10, bytes: 2000))
            for _ in 0..<3 { await Task.yield() }
        }
        for _ in 0..<60_000 where !isDone() { try await Task.sleep(for: .milliseconds(1)) }
        #expect(isDone())
    }

    @Test func oldSegmentsAreReadFromFiles() async throws {
        let files = FaultyFiles()
        files.put("/dvr/video1-old.m4s")
        let cutter = try live(files)
        try await send(cutter, 0..<20)
        let early = try cutter.playlist("video.m3u8?dvr=120").segments[1].uri
        let bytes = try cutter.bytes(early)
        try await send(cutter, 20..<100) { files.count > 40 }
        try await send(cutter, 100..<110)
        let status = try #require(cutter.service.status(of: cutter.name).first)
        #expect(status.bytesOnDisk > 0)
        #expect(status.bytesInMemory < status.bytesOnDisk * 3)
        #expect(try await cutter.wait("/live/x/\(early)").get().body == bytes)
        #expect(cutter.service.storageProblem == nil)
        // What an earlier run left is removed, and what leaves the window.
        try await send(cutter, 110..<400)
        try await send(cutter, 400..<410) { files.count < 90 }
        #expect(try cutter.get("/live/x/\(early)").status == .gone)
    }

    @Test func aDiskThatFailsCostsOnlyTheRewinding() async throws {
        let files = FaultyFiles()
        let cutter = try live(files)
        try await send(cutter, 0..<20)
        _ = try cutter.playlist()
        try await send(cutter, 20..<40) { files.count >= 16 }
        files.isFaulty = true
        let attempts = files.attempts
        try await send(cutter, 40..<60) { files.attempts >= attempts + 8 && cutter.service.storageProblem != nil }
        // Live goes on.
        for segment in try cutter.playlist().segments {
            #expect(try cutter.get("/live/x/\(segment.uri)").status == .ok)
        }
        files.isFaulty = false
        try await send(cutter, 60..<120) { cutter.service.storageProblem == nil }
        let playlist = try cutter.playlist("video.m3u8?dvr=120")
        let gaps = playlist.segments.filter(\.isGap)
        #expect(!gaps.isEmpty)
        #expect(gaps.count < playlist.segments.count / 2)
        #expect(try cutter.get("/live/x/\(gaps[0].uri)").status == .gone)
        #expect(cutter.service.status(of: cutter.name).first?.lostSegments == gaps.count * 2)
    }

    @Test func aFileThatIsGoneIsNotAnEndlessWait() async throws {
        let files = FaultyFiles()
        let cutter = try live(files)
        try await send(cutter, 0..<20)
        let early = try cutter.playlist("video.m3u8?dvr=120").segments[1].uri
        try await send(cutter, 20..<100) { files.count > 40 }
        try await send(cutter, 100..<104)
        files.isFaulty = true
        #expect(try await cutter.wait("/live/x/\(early)").get().status == .serviceUnavailable)
    }

    @Test func filesTakeNoMoreThanTheyMay() async throws {
        let files = FaultyFiles()
        // A second has 20 kB of pictures.
        let cutter = try live(files, bytesMax: 500_000)
        try await send(cutter, 0..<20)
        _ = try cutter.playlist()
        try await send(cutter, 20..<110)
        try await send(cutter, 110..<114) { files.count < 16 }
        #expect(try cutter.playlist("video.m3u8?dvr=120").segments.count >= 3)
    }

    @Test func theSystemsFilesAreWrittenReadListedAndRemoved() throws {
        let files = SystemFiles()
        let folder = "/tmp/sluice-files-\(UInt64.random(in: 0...UInt64.max))/a"
        try files.makeFolder(folder)
        try files.makeFolder(folder)
        let bytes = ByteBuffer(repeating: 7, count: 300_000)
        try files.write(bytes, to: "\(folder)/one")
        #expect(try files.read("\(folder)/one", bytes: 300_000) == bytes)
        #expect(throws: (any Error).self) { try files.read("\(folder)/one", bytes: 300_001) }
        #expect(try files.list(folder).contains("one"))
        try files.remove("\(folder)/one")
        try files.remove("\(folder)/one")
        #expect(try !files.list(folder).contains("one"))
        #expect(throws: (any Error).self) { try files.write(bytes, to: "\(folder)/none/one") }
        #expect(throws: (any Error).self) { try files.makeFolder("/proc/self/none") }
        // A full disk, as the kernel has it.
        #expect(throws: (any Error).self) { try files.write(bytes, to: "/dev/full") }
    }
}
