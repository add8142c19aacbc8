import NIOCore

/// One viewer: a socket, a talk, and what is remembered of the frames. It lives on one loop.
final class Viewer {
    /// How it reads while it is measured.
    enum Pace { case inTime, trickle, stall }

    let row: Int
    let target: LoadTarget
    let address: ServerAddress
    let pace: Pace
    /// Counts up with each connection, so that events of an old one are known.
    var generation = 0
    var socket: ClientSocket?
    var conversation: (any Conversation)?
    var isConnecting = false
    var isWaitingToWrite = false
    var isReading = true
    /// When it began to connect, for the first time in this life.
    var startTime: UInt64 = 0
    var lastPicture: UInt64 = 0
    var hasJoined = false
    var hasKeyFrame = false
    var continuity = FrameContinuity()

    /// A pause between pictures that counts.
    var stallNanoseconds: UInt64 {
        let least = UInt64(LoadCounters.stallMicroseconds) * 1000
        guard let conversation = conversation as? HLSConversation else { return least }
        return max(least, conversation.pauseNanosecondsMax)
    }

    init(row: Int, target: LoadTarget, address: ServerAddress, pace: Pace) {
        self.row = row
        self.target = target
        self.address = address
        self.pace = pace
    }

    /// A new life: nothing is remembered.
    func begin(random: UInt64, at now: UInt64) {
        startTime = now
        lastPicture = 0
        hasJoined = false
        hasKeyFrame = false
        continuity = FrameContinuity()
        isReading = true
        conversation =
            switch target.transport {
            case .rtmp(let url): RTMPConversation(url, random: random, at: now)
            case .http(let container): HTTPConversation(target, container)
            case .webSocket(let container): WebSocketConversation(target, container, random: random)
            case .hls: HLSConversation(target)
            }
    }

    /// Notes what came; all of it came now.
    func account(_ output: ScanOutput, at now: UInt64, in counters: inout LoadCounters) {
        for frame in output.frames {
            if !hasJoined {
                hasJoined = true
                counters.join.add(microseconds: Self.microseconds(from: startTime, to: now))
            }
            guard frame.kind == .video else {
                counters.audioFrames += 1
                continue
            }
            counters.videoFrames += 1
            if frame.isKey { accountKeyFrame(at: now, &counters) }
            switch continuity.receive(frame) {
            case .continues: break
            case .gap(let missing):
                counters.gaps += 1
                counters.missingFrames += missing ?? 0
            case .disorder: counters.disorders += 1
            }
            if lastPicture > 0, now &- lastPicture > stallNanoseconds { counters.stalls += 1 }
            lastPicture = now
            guard let stamp = frame.stamp else { continue }
            counters.stampedFrames += 1
            // What was sent before the viewer came is the server's gift, and its age says nothing of delivery.
            if stamp.nanoseconds >= startTime {
                counters.latency.add(microseconds: Self.microseconds(from: stamp.nanoseconds, to: now))
            }
        }
    }

    private func accountKeyFrame(at now: UInt64, _ counters: inout LoadCounters) {
        counters.keyFrames += 1
        guard !hasKeyFrame else { return }
        hasKeyFrame = true
        counters.firstKeyFrame.add(microseconds: Self.microseconds(from: startTime, to: now))
    }

    /// A stamp of another machine may lie in the future.
    private static func microseconds(from start: UInt64, to end: UInt64) -> Int {
        end > start ? Int(truncatingIfNeeded: (end - start) / 1000) : 0
    }
}
