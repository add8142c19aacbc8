import MediaCore
import NIOCore
import Synchronization
import Testing

@Suite("BroadcastLog")
struct BroadcastLogTests {
    private func message(_ byte: UInt8, count: Int = 100) -> ByteBuffer {
        ByteBuffer(repeating: byte, count: count)
    }

    private func bytes(_ snapshot: BroadcastLog.Snapshot, from position: UInt64) -> [UInt8] {
        var result: [UInt8] = []
        var position = position
        while true {
            let piece = snapshot.bytes(from: position)
            guard piece.count > 0 else { return result }
            result += piece
            position += UInt64(piece.count)
        }
    }

    private func limits(bytes: Int = 1 << 20, segment: Int = 256, lagMilliseconds: Int64 = 1000) -> LogLimits {
        var limits = LogLimits()
        limits.bytesMax = bytes
        limits.segmentBytes = segment
        limits.lagDuration = MediaTime(milliseconds: lagMilliseconds)
        return limits
    }

    @Test(
        "bytes read back are the bytes appended, over any number of segments", arguments: [1, 100, 255, 256, 257, 5000])
    func readsBack(count: Int) {
        let log = BroadcastLog(limits: limits())
        var expected: [UInt8] = []
        for byte in UInt8(1)...20 {
            log.append(message(byte, count: count), time: .zero, urgency: .now)
            expected += [UInt8](repeating: byte, count: count)
        }
        let snapshot = log.snapshot()
        #expect(snapshot.head == UInt64(20 * count))
        #expect(bytes(snapshot, from: 0) == expected)
        #expect(bytes(snapshot, from: snapshot.head - 1) == [20])
        #expect(bytes(snapshot, from: snapshot.head).isEmpty)
    }

    @Test("a snapshot keeps showing what it showed while the log goes on")
    func snapshotsAreStable() {
        let log = BroadcastLog(limits: limits(bytes: 1000, lagMilliseconds: 0))
        log.append(message(1), time: .zero, isJoinPoint: true, urgency: .now)
        let early = log.snapshot()
        for step in Int64(1)...100 {
            log.append(message(9), time: MediaTime(milliseconds: step * 100), isJoinPoint: true, urgency: .now)
        }
        #expect(log.tail > 0)
        #expect(bytes(early, from: 0) == [UInt8](repeating: 1, count: 100))
    }

    @Test("what a joiner or a lagging viewer may need is kept; the rest goes")
    func retention() {
        let log = BroadcastLog(limits: limits(lagMilliseconds: 1000))
        for step in Int64(0)..<100 {
            log.append(
                message(1), time: MediaTime(milliseconds: step * 100), isJoinPoint: step % 50 == 0, urgency: .now)
        }
        let join = log.joinPoint
        #expect(join?.position == 5000)
        #expect(join?.time == MediaTime(milliseconds: 5000))
        #expect(log.tail <= 5000)
        #expect(log.tail > 4000)
        log.append(message(1), time: MediaTime(milliseconds: 10_000), isJoinPoint: true, urgency: .now)
        #expect(log.tail <= 9000 && log.tail > 8000)
    }

    @Test("a stream without keyframes costs its bound, and joiners begin at the live edge")
    func noKeyframes() {
        let log = BroadcastLog(limits: limits(bytes: 10_000))
        log.append(message(1), time: .zero, isJoinPoint: true, urgency: .now)
        for _ in 0..<1000 { log.append(message(2), time: .zero, urgency: .now) }
        #expect(log.bytesHeld <= 10_000)
        #expect(log.joinPoint == nil)
    }

    @Test("time bounds a log whatever its group of pictures")
    func durationMax() {
        var limits = limits()
        limits.durationMax = MediaTime(milliseconds: 5000)
        let log = BroadcastLog(limits: limits)
        for step in Int64(0)..<100 {
            log.append(message(1), time: MediaTime(milliseconds: step * 100), isJoinPoint: step == 0, urgency: .now)
        }
        #expect(log.joinPoint == nil)
        #expect(log.head - log.tail <= 5100 + 512)
    }

    @Test("boundaries and times are found by position")
    func boundaries() {
        let log = BroadcastLog()
        log.append(message(1, count: 10), time: MediaTime(milliseconds: 1), urgency: .now)
        log.append(message(2, count: 20), time: MediaTime(milliseconds: 5), urgency: .now)
        #expect(log.boundary(atOrAfter: 0) == 0)
        #expect(log.boundary(atOrAfter: 1) == 10)
        #expect(log.boundary(atOrAfter: 11) == 30)
        #expect(log.boundary(atOrAfter: 30) == 30)
        #expect(log.boundary(atOrAfter: 31) == nil)
        #expect(log.lag(at: 3) == MediaTime(milliseconds: 4))
        #expect(log.time(at: 29) == MediaTime(milliseconds: 5))
    }

    final class Counter: LogObserver {
        let count = Atomic(0)
        func logGrew() { count.wrappingAdd(1, ordering: .relaxed) }
    }

    @Test("video tells observers at once; audio rides along")
    func urgencyWithVideo() {
        let log = BroadcastLog()
        let counter = Counter()
        log.add(counter)
        for frame in Int64(0)..<30 {
            log.append(message(1), time: MediaTime(milliseconds: frame * 33), urgency: .now)
            log.append(message(2), time: MediaTime(milliseconds: frame * 33 + 5), urgency: .soon)
            log.append(message(2), time: MediaTime(milliseconds: frame * 33 + 28), urgency: .soon)
        }
        #expect(counter.count.load(ordering: .relaxed) == 30)
    }

    @Test("without video audio is told of about each 30 ms")
    func urgencyOfAudio() {
        let log = BroadcastLog()
        let counter = Counter()
        log.add(counter)
        for frame in Int64(0)..<100 {
            log.append(message(2), time: MediaTime(milliseconds: frame * 10), urgency: .soon)
        }
        #expect((33...34).contains(counter.count.load(ordering: .relaxed)))
        log.remove(counter)
        log.append(message(2), time: MediaTime(milliseconds: 5000), urgency: .now)
        #expect((33...34).contains(counter.count.load(ordering: .relaxed)))
    }

    @Test("an ended log takes nothing more and says so")
    func ending() {
        let log = BroadcastLog()
        let counter = Counter()
        log.add(counter)
        log.append(message(1), time: .zero, urgency: .now)
        log.end()
        log.append(message(1), time: .zero, urgency: .now)
        #expect(log.snapshot().hasEnded)
        #expect(log.head == 100)
        #expect(counter.count.load(ordering: .relaxed) == 2)
    }
}
