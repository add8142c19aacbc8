import NIOCore

/// A stream in one wire format, while somebody watches it so.
struct FormatOutput: Sendable {
    /// What the log's join point is.
    private enum JoinPoint: Sendable {
        /// Nothing to begin with.
        case none
        /// Where a configuration changed or a publication ended; good until frames without a keyframe follow.
        case restart
        /// A frame of audio, for viewers that get no video.
        case audio
        /// A video keyframe.
        case keyframe
    }

    let format: LogFormat
    let log: BroadcastLog
    private var renderer: any FrameRenderer
    private var joinPoint = JoinPoint.none
    /// Whether a coded frame has come since joining was last restarted.
    private var hasCodedSinceRestart = false
    /// Whether a keyframe has been rendered to nothing, and comes with a later frame, or has no place in the format.
    private var hasHeldEntry = false
    /// Viewers of this log.
    var viewers = 0
    /// Since when there are none, as far as sweeps have seen.
    var idleSince: NIODeadline?

    /// - Parameters:
    ///   - format: what to write.
    ///   - past: headers that came before, and a frame of each track that the hub holds.
    ///   - limits: what the log keeps.
    init(format: LogFormat, past: [MediaFrame], limits: LogLimits) {
        self.format = format
        log = BroadcastLog(limits: limits)
        renderer = format.makeRenderer()
        renderer.prepare(past.filter { format.wants($0.kind) })
    }

    /// Whether the format cannot go on.
    var hasEnded: Bool { renderer.hasEnded }

    /// Appends a frame. The log may end with it, when the format cannot go on.
    ///
    /// - Parameters:
    ///   - frame: on the stream's timeline.
    ///   - notes: whether it is a keyframe of the main video track, and when it came.
    ///   - hasVideo: whether the stream has video at present, so that joiners begin at keyframes.
    ///   - scratch: room to render in.
    mutating func write(_ frame: MediaFrame, _ notes: FrameNotes, hasVideo: Bool, scratch: inout ByteBuffer) {
        guard format.wants(frame.kind) else { return }
        scratch.clear()
        renderer.render(frame, arrival: notes.arrival, into: &scratch)
        defer { if hasEnded { log.end() } }
        guard scratch.readableBytes > 0 else {
            hasHeldEntry = hasHeldEntry || notes.isEntry
            return
        }
        let isEntry = notes.isEntry || hasHeldEntry
        hasHeldEntry = false
        let isCoded = frame.role.isCoded
        if isCoded { hasCodedSinceRestart = true }
        var joins = false
        switch frame.kind {
        case _ where isEntry:
            joins = true
            joinPoint = .keyframe
        case .video where isCoded:
            if joinPoint != .keyframe { joinPoint = .none }
        case .audio where isCoded && !(hasVideo && format.wantsVideo):
            joins = true
            joinPoint = .audio
        default: break
        }
        log.append(
            scratch, time: frame.decodeTime, isJoinPoint: joins, urgency: frame.kind == .video ? .now : .soon)
    }

    /// What is in the log so far is of no use to a joiner. Configurations that follow on each other belong together:
    /// joiners begin with the first of them.
    mutating func restartJoining(at time: MediaTime) {
        guard hasCodedSinceRestart else { return }
        hasCodedSinceRestart = false
        log.moveJoinPointToHead(time: time)
        joinPoint = .restart
    }

    /// A publisher begins.
    mutating func begin(at time: MediaTime, scratch: inout ByteBuffer) {
        scratch.clear()
        renderer.renderBegin(into: &scratch)
        log.append(scratch, time: time, urgency: .now)
    }

    /// The publisher has ended the stream. True when the log has ended with it.
    mutating func end(at time: MediaTime, scratch: inout ByteBuffer) -> Bool {
        scratch.clear()
        renderer.renderEnd(into: &scratch)
        log.append(scratch, time: time, urgency: .now)
        if format.endsWithPublication {
            log.end()
            return true
        }
        hasCodedSinceRestart = true
        restartJoining(at: time)
        return false
    }

    /// Where a joiner begins: the newest keyframe; the newest audio where there is no video; the live edge where the
    /// publisher has sent no keyframe that the log still holds.
    func place(head: MediaTime) -> (position: UInt64, time: MediaTime) {
        if joinPoint != .none, let point = log.joinPoint { return point }
        return (log.head, head)
    }

    /// The headers as a joiner hears them.
    func preamble(_ headers: StreamHeaders, at time: MediaTime) -> ByteBuffer {
        renderer.preamble(
            headers.frames.filter { format.wants($0.kind) }.map { header in
                var header = header
                header.decodeTime = time
                return header
            })
    }
}
