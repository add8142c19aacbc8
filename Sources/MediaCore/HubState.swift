import FLV
import NIOCore

/// A stream, under its hub's lock.
struct HubState: Sendable {
    /// Where the stream stands.
    enum Phase: Sendable {
        /// Nobody publishes: the stream is new, or its publisher has ended it. Viewers may be waiting.
        case waiting
        /// A publisher is connected. Comes from the other two; ends in either.
        case live(id: UInt64, publisher: PublisherInfo, since: NIODeadline)
        /// The publisher's connection failed while it was live. Ends when one publishes, or at the deadline.
        case awaitingReturn(publisher: PublisherInfo, until: NIODeadline)
        /// Removed from its registry. Nothing comes after.
        case retired
    }

    /// Video that came less than this ago makes joiners begin at keyframes; longer ago, at the live edge, with
    /// the audio.
    static let videoMemory = MediaTime(milliseconds: 10_000)
    /// How long after its return a publisher may take to send again the headers of all its tracks.
    static let headerPatience = MediaTime(milliseconds: 2_000)

    let configuration: StreamHub.Configuration
    var phase = Phase.waiting
    var headers = StreamHeaders()
    var statistics = StreamStatistics()
    var repair: TimestampRepair
    var cache: GOPCache
    var outputs: [FormatOutput] = []
    private var observers = StreamObservers()
    var viewers: [String: Int] = [:]
    /// Is told that ``isWatched`` may have changed, while a publisher is connected.
    var audienceChanged: (@Sendable () -> Void)?
    private var scratch = ByteBuffer()
    private var unwrappers = TagClocks()
    private var publicationCount: UInt64 = 0
    private var lastVideo: MediaTime?
    /// When headers of the publication before, which this one has not confirmed, are dropped.
    private var headersSettleAt: MediaTime?

    init(configuration: StreamHub.Configuration, budget: GOPCacheBudget) {
        self.configuration = configuration
        repair = TimestampRepair(configuration: configuration.repair)
        cache = GOPCache(limits: configuration.log, budget: budget)
    }

    /// The latest time viewers have seen.
    var head: MediaTime { repair.head ?? .zero }
    /// Timestamps that passed 2³² in this publication.
    var timestampWraps: Int { unwrappers.wrapCount }

    /// Whether the stream is rendered in any format, or observed.
    var isWatched: Bool { !outputs.isEmpty || !observers.isEmpty }

    /// Whether joiners should begin at keyframes.
    var hasVideo: Bool { lastVideo.map { head - $0 < Self.videoMemory } ?? false }

    // MARK: Publications

    /// Begins a publication, and returns its number.
    mutating func begin(_ publisher: PublisherInfo, at now: NIODeadline) throws(PublishRefusal) -> UInt64 {
        switch phase {
        case .live(_, let present, _): throw .alreadyPublished(by: present)
        case .retired: throw .streamRemoved
        case .waiting:
            observers.forEach { $0.publicationBegan(publisher, isReturn: false, at: now) }
            for index in outputs.indices { outputs[index].begin(at: head, scratch: &scratch) }
        case .awaitingReturn:
            // Viewers were never told that the publisher was gone.
            observers.forEach { $0.publicationBegan(publisher, isReturn: true, at: now) }
            headers.beginPublication()
            headersSettleAt = head + Self.headerPatience
        }
        publicationCount += 1
        phase = .live(id: publicationCount, publisher: publisher, since: now)
        statistics = StreamStatistics()
        statistics.lastArrival = now
        unwrappers = TagClocks()
        lastVideo = nil
        repair.beginPublication()
        return publicationCount
    }

    /// Whether publication `id` is the one that is live.
    func isLive(_ id: UInt64) -> Bool {
        if case .live(id, _, _) = phase { true } else { false }
    }

    /// Ends publication `id`, if it is still the one. True when the stream has ended with it.
    mutating func end(_ id: UInt64, isClean: Bool, at now: NIODeadline?) -> Bool {
        guard case .live(id, let publisher, let since) = phase else { return false }
        audienceChanged = nil
        let grace = configuration.publisherGrace
        let now = now ?? statistics.lastArrival ?? since
        guard isClean || grace <= .zero else {
            phase = .awaitingReturn(publisher: publisher, until: now + grace)
            observers.forEach { $0.publicationInterrupted(at: now) }
            return false
        }
        finish(at: now)
        return true
    }

    /// Nobody publishes any more: viewers are told, and the next publication begins afresh.
    private mutating func finish(at now: NIODeadline) {
        phase = .waiting
        observers.forEach { $0.publicationEnded(at: now) }
        headers.removeAll()
        headersSettleAt = nil
        cache.clear()
        lastVideo = nil
        for index in outputs.indices.reversed() where outputs[index].end(at: head, scratch: &scratch) {
            outputs.remove(at: index)
        }
    }

    // MARK: Frames

    /// Takes up the frames of one tag, whose times are their nanosecond offsets.
    mutating func receive(_ frames: inout [MediaFrame], timestamp: UInt32, at now: NIODeadline) {
        guard !frames.isEmpty else { return }
        let wraps = unwrappers.wrapCount
        let milliseconds = unwrappers.unwrap(timestamp, kind: frames[0].kind, isCoded: frames[0].role.isCoded)
        for index in frames.indices {
            frames[index].decodeTime = frames[index].decodeTime + MediaTime(milliseconds: milliseconds)
        }
        receive(
            &frames,
            FrameNotes(
                isEntry: false, arrival: now, wireTimestamp: timestamp,
                repair: unwrappers.wrapCount == wraps ? nil : .wrap))
    }

    /// Takes up the frames of one tag, or one frame that came otherwise, on the publisher's timeline.
    mutating func receive(_ frames: inout [MediaFrame], at now: NIODeadline) {
        guard !frames.isEmpty else { return }
        receive(&frames, FrameNotes(isEntry: false, arrival: now))
    }

    private mutating func receive(_ frames: inout [MediaFrame], _ notes: FrameNotes) {
        let now = notes.arrival
        var notes = notes
        statistics.lastArrival = now
        let repairs = repair.counts
        for index in frames.indices { repair.repair(&frames[index], at: now) }
        if !observers.isEmpty { notes.repair = repair.counts.repair(since: repairs) ?? notes.repair }
        settleHeaders()
        switch frames[0].role {
        case .configuration, .metadata:
            keepHeaders(frames, notes)
        case .key, .delta:
            // By index, here and below: iterating would retain and release every frame's bytes.
            let isEntry = count(frames, at: now)
            for index in frames.indices {
                notes.isEntry = isEntry && index == 0
                cache.add(frames[index], isEntry: notes.isEntry)
                forward(frames[index], notes)
            }
        case .sequenceEnd:
            for frame in frames { forward(frame, notes) }
        }
    }

    /// Counts coded frames. True when they are a keyframe of the main video track.
    private mutating func count(_ frames: [MediaFrame], at now: NIODeadline) -> Bool {
        var isEntry = false
        for index in frames.indices {
            let (kind, track) = (frames[index].kind, frames[index].track)
            if statistics.count(frames[index], at: now) {
                headers.dropConfiguration(unlessOf: frames[index])
                if headersSettleAt != nil { headers.confirm(kind: kind, track: track) }
            }
            guard kind == .video else { continue }
            lastVideo = frames[index].decodeTime
            if frames[index].role == .key, track == statistics.mainVideoTrack { isEntry = true }
        }
        return isEntry
    }

    /// Holds what is new among a tag's headers for joiners, and tells viewers of it.
    private mutating func keepHeaders(_ frames: [MediaFrame], _ notes: FrameNotes) {
        var isNews = false
        for frame in frames {
            // onMetaData describes all tracks and confirms none.
            if headersSettleAt != nil { headers.confirm(kind: frame.kind, track: frame.track) }
            if frame.kind == .video { lastVideo = head }
            let novelty = headers.novelty(of: frame)
            if novelty == .known { continue }
            isNews = true
            if novelty == .unkept { continue }
            if novelty == .replacement, frame.role == .configuration { restartJoining(for: frame.kind) }
            headers.keep(frame, isAlone: frames.count == 1)
        }
        guard isNews else { return }
        for frame in frames { forward(frame, notes) }
    }

    /// A decoder's configuration has changed: frames before this moment are of no use to a joiner.
    private mutating func restartJoining(for kind: MediaFrame.Kind) {
        cache.clear()
        for index in outputs.indices where outputs[index].format.wants(kind) {
            outputs[index].restartJoining(at: head)
        }
    }

    private mutating func settleHeaders() {
        guard let settle = headersSettleAt, head > settle else { return }
        headersSettleAt = nil
        headers.dropUnconfirmed()
    }

    private mutating func forward(_ frame: MediaFrame, _ notes: FrameNotes) {
        if !observers.isEmpty { observers.forEach { $0.received(frame, notes) } }
        guard !outputs.isEmpty else { return }
        let hasVideo = hasVideo
        for index in outputs.indices.reversed() {
            outputs[index].write(frame, notes, hasVideo: hasVideo, scratch: &scratch)
            if outputs[index].hasEnded { outputs.remove(at: index) }
        }
    }

    // MARK: Observers

    /// An observer comes, and hears what the hub still holds. Returns its number.
    mutating func observe(_ observer: any StreamObserver) -> UInt64 {
        switch phase {
        case .waiting, .retired: break
        case .live(_, let publisher, let since):
            replay(publisher, since, for: observer)
        case .awaitingReturn(let publisher, _):
            let last = statistics.lastArrival ?? .uptimeNanoseconds(0)
            replay(publisher, last, for: observer)
            observer.publicationInterrupted(at: last)
        }
        return observers.add(observer)
    }

    private func replay(_ publisher: PublisherInfo, _ since: NIODeadline, for observer: any StreamObserver) {
        observer.publicationBegan(publisher, isReturn: false, at: since)
        let last = statistics.lastArrival ?? since
        for var frame in headers.frames {
            frame.decodeTime = head
            observer.received(frame, FrameNotes(isEntry: false, arrival: last, isPast: true))
        }
        var isEntry = true
        cache.forEach { frame in
            observer.received(frame, FrameNotes(isEntry: isEntry, arrival: arrival(of: frame), isPast: true))
            isEntry = false
        }
    }

    /// When a frame out of the cache came, reckoned from when it is decoded.
    private func arrival(of frame: MediaFrame) -> NIODeadline {
        let last = statistics.lastArrival ?? .uptimeNanoseconds(0)
        return last - .nanoseconds((head - frame.decodeTime).nanoseconds)
    }

    /// An observer leaves.
    mutating func stopObserving(_ id: UInt64) {
        observers.remove(id)
    }

    // MARK: Viewers

    /// A viewer joins in a format, at a place it has not seen yet.
    mutating func join(
        _ format: LogFormat, _ viewer: ViewerInfo, after seen: MediaTime?
    ) -> (log: BroadcastLog, place: ViewerPlace) {
        viewers[viewer.transport, default: 0] += 1
        let index = outputs.firstIndex { $0.format == format } ?? addOutput(format)
        outputs[index].viewers += 1
        outputs[index].idleSince = nil
        return (outputs[index].log, place(in: outputs[index], after: seen))
    }

    /// Where a viewer of `log` goes on that has fallen behind; nil when the log has ended.
    func rejoin(_ log: BroadcastLog) -> ViewerPlace? {
        outputs.first { $0.log === log }.map { place(in: $0) }
    }

    /// A viewer leaves.
    mutating func leave(_ log: BroadcastLog, _ viewer: ViewerInfo) {
        let count = (viewers[viewer.transport] ?? 0) - 1
        viewers[viewer.transport] = count > 0 ? count : nil
        for index in outputs.indices where outputs[index].log === log { outputs[index].viewers -= 1 }
    }

    private func place(in output: FormatOutput, after seen: MediaTime? = nil) -> ViewerPlace {
        var (position, time) = output.place(head: head)
        // What is later than all there is was seen on another timeline, before the stream was removed and made anew.
        if let seen, time <= seen, seen <= head { (position, time) = (output.log.head, head) }
        return ViewerPlace(cursor: position, preamble: output.preamble(headers, at: time))
    }

    /// Begins to render a format, from the newest keyframe on where the stream has video.
    private mutating func addOutput(_ format: LogFormat) -> Int {
        var output = FormatOutput(format: format, past: headers.frames + cache.firstFrames(), limits: configuration.log)
        if format.wantsVideo, hasVideo {
            let cache = cache
            var scratch = ByteBuffer()
            var notes = FrameNotes(isEntry: true, arrival: .uptimeNanoseconds(0), isPast: true)
            cache.forEach { frame in
                notes.arrival = arrival(of: frame)
                output.write(frame, notes, hasVideo: true, scratch: &scratch)
                notes.isEntry = false
            }
        }
        outputs.append(output)
        return outputs.count - 1
    }

    // MARK: Time passing

    /// Ends what has waited long enough. True when the stream has ended.
    mutating func sweep(at now: NIODeadline) -> Bool {
        for index in outputs.indices.reversed() where outputs[index].viewers <= 0 {
            if let since = outputs[index].idleSince {
                if now - since >= configuration.idleFormatPatience { outputs.remove(at: index) }
            } else {
                outputs[index].idleSince = now
            }
        }
        if case .awaitingReturn(_, let until) = phase, now >= until {
            finish(at: now)
            return true
        }
        return false
    }

    /// Whether nobody publishes, is awaited, watches or observes.
    var isUnused: Bool {
        if case .waiting = phase { viewers.isEmpty && observers.isEmpty } else { false }
    }
}

/// The clocks of a publisher whose timestamps have 32 bits: one for each kind of message.
private struct TagClocks: Sendable {
    private var video: TimestampUnwrapper?
    private var audio: TimestampUnwrapper?

    var wrapCount: Int { (video?.wrapCount ?? 0) + (audio?.wrapCount ?? 0) }

    /// Coded frames move the clock; everything else, which encoders send with timestamp 0 at any time, is read by it.
    mutating func unwrap(_ timestamp: UInt32, kind: MediaFrame.Kind, isCoded: Bool) -> Int64 {
        switch kind {
        case .video where isCoded: return Self.unwrap(timestamp, &video, other: audio)
        case .audio where isCoded: return Self.unwrap(timestamp, &audio, other: video)
        case .video: return (video ?? audio)?.peek(timestamp) ?? Int64(timestamp)
        case .audio, .data: return (audio ?? video)?.peek(timestamp) ?? Int64(timestamp)
        }
    }

    private static func unwrap(
        _ timestamp: UInt32, _ clock: inout TimestampUnwrapper?, other: TimestampUnwrapper?
    ) -> Int64 {
        var present = clock ?? other?.last.map { TimestampUnwrapper(near: $0) } ?? TimestampUnwrapper()
        defer { clock = present }
        return present.unwrap(timestamp)
    }
}
