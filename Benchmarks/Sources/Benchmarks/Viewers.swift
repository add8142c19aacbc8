import CBenchmarkSupport
import FanOut
import Glibc
import MediaCore
import NIOCore
import NIOPosix
import Synchronization

/// The fan-out on real sockets: what a pass costs for each viewer and frame, beside a loop of bare sends of the same bytes
/// to the same connections, frame by frame in turns.
enum Viewers {
    /// - Returns: whether viewers are free of allocations.
    static func run(_ table: Table) throws -> Bool {
        table.begin("Fan-out, one loop, a picture of 3000 bytes")
        raiseDescriptorLimit()
        var perFrame: [Double] = []
        let counts = [100, 1000]
        for count in counts {
            let result = try compare(count)
            perFrame.append(result.fanOut.allocations * Double(count))
            table.row("bare send loop, \(count) viewers", result.bare, per: "viewer, frame")
            table.row(
                "fan-out pass, \(count) viewers", result.fanOut, per: "viewer, frame",
                note: "×\(number(result.fanOut.nanoseconds / result.bare.nanoseconds, 3)) of bare sends")
        }
        let perViewer = (perFrame[1] - perFrame[0]) / Double(counts[1] - counts[0])
        let isFree = perViewer < 0.001
        print(
            "  allocations for each frame: \(number(perFrame[0], 1)) with \(counts[0]) viewers,",
            "\(number(perFrame[1], 1)) with \(counts[1]): \(number(perViewer, 4)) for each viewer",
            isFree ? "(ok: none)" : "(FAILED: must be none)")
        return isFree
    }

    private static let rounds = 9

    private static func compare(_ count: Int) throws -> (bare: Measurement, fanOut: Measurement) {
        let harness = try FanOutHarness(viewers: count)
        defer { harness.shutDown() }
        let frames = max(20, 10_000 / count)
        let bytes = ByteBuffer(repeating: 7, count: 3000)
        var bareTimes: [Double] = []
        var fanOutTimes: [Double] = []
        for round in 0...rounds {
            var bareTime = 0
            var fanOutTime = 0
            for _ in 0..<frames {
                let begin = cpuNanoseconds(harness.clock)
                harness.send(bytes)
                fanOutTime += cpuNanoseconds(harness.clock) - begin
                bareTime += try harness.sendBare(bytes)
            }
            guard round > 0 else { continue }  // The first round warms up.
            bareTimes.append(Double(bareTime) / Double(frames * count))
            fanOutTimes.append(Double(fanOutTime) / Double(frames * count))
        }
        return (
            Measurement(nanoseconds: bareTimes.sorted()[rounds / 2], allocations: 0),
            Measurement(
                nanoseconds: fanOutTimes.sorted()[rounds / 2],
                allocations: allocationsPerFrame(harness, bytes) / Double(count))
        )
    }

    /// At a pace that leaves the loop idle between frames, since a pass that has to be put off costs a timer.
    private static func allocationsPerFrame(_ harness: FanOutHarness, _ bytes: ByteBuffer) -> Double {
        let frames = 10
        // The fewest of several: the loop's own timers, once a second, are not the frames'.
        let samples = (0..<5).map { _ in
            allocation_count_start()
            for _ in 0..<frames {
                harness.send(bytes)
                usleep(15_000)
            }
            return allocation_count_stop()
        }
        return Double(samples.min() ?? 0) / Double(frames)
    }

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// One event loop with viewers of one log.
private final class FanOutHarness: Sendable {
    /// Of the loop's CPU time.
    let clock: clockid_t
    private let group: MultiThreadedEventLoopGroup
    private let log = BroadcastLog()
    private let counters = ViewerCounters()
    private let readers = Readers()
    private let count: Int
    private let bytesSent = Mutex(0)
    private let frames = Mutex<Int64>(0)
    private let viewers = Joined()

    init(viewers count: Int) throws {
        self.count = count
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        clock = try eventLoop.submit {
            var clock = clockid_t()
            pthread_getcpuclockid(pthread_self(), &clock)
            return clock
        }.wait()
        let fanOut = FanOutLoops(group: group)
        let (log, counters) = (log, counters)
        let viewers = viewers
        let listener = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ViewerHandler(log: log, counters: counters, fanOut: fanOut, joined: viewers))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        for _ in 0..<count { readers.connect(port: UInt16(clamping: listener.localAddress?.port ?? 0)) }
        while viewers.descriptors.withLock({ $0.count }) < count { usleep(1000) }
        try listener.close().wait()
        for _ in 0..<20 { send(ByteBuffer(repeating: 7, count: 3000)) }
    }

    /// Appends a frame and waits until all viewers have it.
    func send(_ bytes: ByteBuffer) {
        let time = frames.withLock { frames in
            frames += 1
            return MediaTime(milliseconds: frames * 33)
        }
        let expected = bytesSent.withLock { sent in
            sent += bytes.readableBytes * count
            return sent
        }
        log.append(bytes, time: time, isJoinPoint: true, urgency: .now)
        readers.wait(for: expected)
    }

    /// Sends the bytes to the same connections with nothing but a loop, on the event loop's thread.
    ///
    /// - Returns: the CPU time of the loop.
    func sendBare(_ bytes: ByteBuffer) throws -> Int {
        let descriptors = viewers.descriptors.withLock { $0 }
        let time = try group.next().submit {
            bytes.withUnsafeReadableBytes { bytes in
                let begin = cpuNanoseconds(CLOCK_THREAD_CPUTIME_ID)
                for descriptor in descriptors {
                    let sent = Glibc.send(
                        descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
                    guard sent == bytes.count else { fatalError("a reader is too slow") }
                }
                return cpuNanoseconds(CLOCK_THREAD_CPUTIME_ID) - begin
            }
        }.wait()
        let expected = bytesSent.withLock { sent in
            sent += bytes.readableBytes * count
            return sent
        }
        readers.wait(for: expected)
        return time
    }

    func shutDown() {
        try? group.syncShutdownGracefully()
    }
}

/// The sockets of those who have become viewers.
private final class Joined: Sendable {
    let descriptors = Mutex<[CInt]>([])
}

/// Makes a connection a viewer.
private final class ViewerHandler: ChannelInboundHandler, ViewerDelegate {
    typealias InboundIn = ByteBuffer
    private let log: BroadcastLog
    private let counters: ViewerCounters
    private let fanOut: FanOutLoops
    private let joined: Joined
    private var viewer: Viewer?

    init(log: BroadcastLog, counters: ViewerCounters, fanOut: FanOutLoops, joined: Joined) {
        self.log = log
        self.counters = counters
        self.fanOut = fanOut
        self.joined = joined
    }

    func channelActive(context: ChannelHandlerContext) {
        let start = ViewerStart(
            log: log, cursor: log.head, preamble: ByteBuffer(), rejoin: { nil }, counters: counters)
        viewer = fanOut.loop(of: context.eventLoop)?.join(context.channel, at: start, delegate: self)
        let descriptor = try? context.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) {
            $0
        }
        joined.descriptors.withLock { $0.append(descriptor ?? -1) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        viewer?.leave()
    }

    func viewerEnded(_ viewer: Viewer, _ end: ViewerEnd) {
        fatalError("a viewer was let go: \(end)")
    }
}
