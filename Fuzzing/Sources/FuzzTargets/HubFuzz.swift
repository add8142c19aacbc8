import Codecs
import FLV
import MediaCore
import NIOCore

/// The input is a play: each step is a byte that says what happens, and what it needs.
func fuzzHub(_ input: inout FuzzInput) {
    var play = HubPlay()
    var steps = 0
    while !input.isEmpty, steps < 4096 {
        play.step(&input)
        steps += 1
    }
    play.finish()
}

/// Renders a frame as a fixed head and its payload, so that a viewer can check what it gets.
private struct CheckedRenderer: FrameRenderer {
    static let headBytes = 21

    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        guard frame.flvTagBody != nil else { return }
        let flags: UInt8 = (frame.role == .key ? 1 : 0) | (frame.role == .metadata ? 2 : 0)
        write(kind: frame.kind.number, flags, frame.track, frame.decodeTime, frame.payload, into: &bytes)
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) { write(mark: 10, into: &bytes) }
    mutating func renderEnd(into bytes: inout ByteBuffer) { write(mark: 11, into: &bytes) }

    private func write(mark: UInt8, into bytes: inout ByteBuffer) {
        write(kind: mark, 0, 0, .zero, ByteBuffer(), into: &bytes)
    }

    private func write(
        kind: UInt8, _ flags: UInt8, _ track: UInt8, _ time: MediaTime, _ payload: ByteBuffer,
        into bytes: inout ByteBuffer
    ) {
        bytes.writeMultipleIntegers(UInt32(0x534C_4349), kind, flags, track, UInt16(0))
        bytes.writeMultipleIntegers(time.nanoseconds, UInt32(payload.readableBytes))
        bytes.writeImmutableBuffer(payload)
    }
}

extension MediaFrame.Kind {
    fileprivate var number: UInt8 {
        switch self {
        case .audio: 0
        case .video: 1
        case .data: 2
        }
    }
}

extension LogFormat {
    fileprivate static func checked(_ variant: UInt8) -> LogFormat {
        LogFormat(
            name: "checked", variant: UInt64(variant % 4), wantsAudio: variant % 4 != 2, wantsVideo: variant % 4 != 3,
            endsWithPublication: variant % 4 == 1
        ) { CheckedRenderer() }
    }
}

/// A viewer that holds the stream to its promises.
private struct CheckedViewer {
    let subscription: Subscription
    private var cursor: UInt64
    /// The last time of each track.
    private var times: [UInt16: Int64] = [:]

    init(_ subscription: Subscription) {
        self.subscription = subscription
        cursor = subscription.cursor
        checkPlace(cursor, subscription.preamble)
    }

    /// What the fan-out asks before it goes on: a message's beginning that the log holds.
    private func checkPlace(_ cursor: UInt64, _ preamble: ByteBuffer) {
        let snapshot = subscription.log.snapshot()
        promise(cursor >= snapshot.tail && cursor <= snapshot.head, "a place is in the log")
        promise(subscription.log.boundary(atOrAfter: cursor) == cursor, "a place begins a message")
        var bytes = preamble
        // Times are those of the place; a track that is behind the others goes on a little before them.
        while let message = Message(&bytes) { promise(message.flags & 1 == 0, "a preamble has no pictures") }
        promise(bytes.readableBytes == 0, "a preamble is whole messages")
    }

    /// Reads all there is, as the fan-out does; a viewer that was overtaken rejoins. False when it is to leave.
    mutating func read(_ hub: StreamHub) -> Bool {
        let snapshot = subscription.log.snapshot()
        if cursor < snapshot.tail, !rejoin(hub) { return false }
        var bytes = ByteBuffer()
        while cursor < snapshot.head {
            let next = snapshot.bytes(from: cursor)
            promise(!next.isEmpty, "what the log holds can be read")
            bytes.writeBytes(next)
            cursor += UInt64(next.count)
        }
        while let message = Message(&bytes) { check(message) }
        promise(bytes.readableBytes == 0, "the head is the end of a message")
        return !snapshot.hasEnded
    }

    /// Goes on at the newest place, if there is one ahead.
    mutating func rejoin(_ hub: StreamHub) -> Bool {
        guard let place = hub.rejoin(subscription.log), place.cursor >= cursor else { return false }
        checkPlace(place.cursor, place.preamble)
        cursor = place.cursor
        return true
    }

    private mutating func check(_ message: Message) {
        // onMetaData is sent with time 0 whatever its place.
        guard message.kind < 2 else { return }
        let track = UInt16(message.kind) << 8 | UInt16(message.track)
        if let last = times[track] { promise(message.time >= last, "time runs back: \(last) to \(message.time)") }
        promise(message.time >= 0, "time begins at 0, not at \(message.time)")
        times[track] = message.time
    }

    private struct Message {
        let kind: UInt8
        let flags: UInt8
        let track: UInt8
        let time: Int64

        init?(_ bytes: inout ByteBuffer) {
            var rest = bytes
            guard
                let (magic, kind, flags, track, _) = rest.readMultipleIntegers(
                    as: (UInt32, UInt8, UInt8, UInt8, UInt16).self),
                let (time, length) = rest.readMultipleIntegers(as: (Int64, UInt32).self),
                rest.readSlice(length: Int(length)) != nil
            else { return nil }
            promise(magic == 0x534C_4349, "messages follow on each other")
            (self.kind, self.flags, self.track, self.time) = (kind, flags, track, time)
            bytes = rest
        }
    }
}

/// Two streams, their publishers and viewers, and a clock.
private struct HubPlay {
    private let registry: StreamRegistry
    private let limits: LogLimits
    private var now = sessionStart
    private var publications: [Publication?] = [nil, nil]
    private var viewers: [(stream: Int, viewer: CheckedViewer)] = []
    private var timestamps: [UInt32] = [0, 0, 0]

    private static let names: [StreamName] = ["live/a", "live/b"].compactMap { try? StreamName(path: $0) }

    init() {
        var configuration = StreamRegistry.Configuration()
        configuration.streamsMax = 1
        configuration.waitingStreamsMax = 2
        configuration.cacheBytesMax = 8000
        configuration.hub.log.bytesMax = 6000
        configuration.hub.log.segmentBytes = 1000
        configuration.hub.log.durationMax = MediaTime(milliseconds: 4000)
        configuration.hub.log.lagDuration = MediaTime(milliseconds: 1000)
        limits = configuration.hub.log
        registry = StreamRegistry(configuration: configuration)
    }

    mutating func step(_ input: inout FuzzInput) {
        let step = input.byte()
        let stream = Int(step >> 7)
        switch step & 15 {
        case 0...2: sendCoded(stream, isVideo: step & 1 == 1, step: step, &input)
        case 3, 4: sendBody(stream, &input)
        case 5: sendHeader(stream, step, &input)
        case 6: sendFrame(stream, &input)
        case 7: publish(stream)
        case 8: end(stream, isClean: step & 16 == 0)
        case 9: now = now + .milliseconds(Int64(input.byte()) * 4)
        case 10: now = now + .milliseconds(Int64(input.integer(UInt16.self)))
        case 11, 12: subscribe(stream, input.byte())
        case 13: leave(input.byte())
        case 14: readAll(input.byte())
        default: lookAround()
        }
    }

    mutating func finish() {
        readAll(0)
        for stream in publications.indices { end(stream, isClean: true) }
        readAll(0)
        viewers.removeAll()
        now = now + .seconds(60)
        // Once to end waiting, once to let go.
        registry.sweep(at: now)
        registry.sweep(at: now + .seconds(60))
        promise(registry.count == 0, "streams that nobody uses are removed")
        promise(registry.cacheBytes == 0, "the cache is given back")
    }

    // MARK: Publishers

    private mutating func publish(_ stream: Int) {
        let info = PublisherInfo(address: "192.0.2.1:1", transport: "rtmp")
        do throws(PublishRefusal) {
            let publication = try registry.publish(Self.names[stream], by: info, at: now)
            promise(publications[stream]?.isLive != true, "a second publisher is refused")
            publications[stream] = publication
        } catch {
            promise(error != .streamRemoved, "the registry asks again")
        }
    }

    private mutating func end(_ stream: Int, isClean: Bool) {
        publications[stream]?.end(clean: isClean, at: now)
        publications[stream] = nil
    }

    /// A picture or a frame of audio, with a clock that goes on, jumps, or stands still.
    private mutating func sendCoded(_ stream: Int, isVideo: Bool, step: UInt8, _ input: inout FuzzInput) {
        let clock = isVideo ? 1 : 0
        switch step >> 4 & 3 {
        case 0: timestamps[clock] &+= 40
        case 1: timestamps[clock] &+= UInt32(input.byte())
        case 2: timestamps[clock] &-= UInt32(input.byte()) &* 16
        default: timestamps[clock] = input.integer()
        }
        now = now + .milliseconds(10)
        let shape = input.byte()
        let head: [UInt8] = isVideo ? [shape & 3 == 0 ? 0x17 : 0x27, 1, 0, 0, 0] : [0xAF, 1]
        send(stream, isVideo ? .video : .audio, timestamps[clock], head, Int(shape) * 8)
    }

    private func send(_ stream: Int, _ type: FLVTagType, _ timestamp: UInt32, _ head: [UInt8], _ count: Int) {
        var body = ByteBuffer(bytes: head)
        body.writeRepeatingByte(7, count: count)
        publications[stream]?.receive(type, timestamp: timestamp, body: body, at: now)
    }

    /// A tag with any body at all.
    private func sendBody(_ stream: Int, _ input: inout FuzzInput) {
        let type: FLVTagType = [.video, .audio, .script][Int(input.byte() % 3)]
        let timestamp = timestamps[1] &+ UInt32(input.byte())
        let body = input.bytes(Int(input.byte()))
        publications[stream]?.receive(type, timestamp: timestamp, body: body, at: now)
    }

    /// A decoder configuration.
    private func sendHeader(_ stream: Int, _ step: UInt8, _ input: inout FuzzInput) {
        let byte = input.byte()
        if step & 16 == 0 {
            send(stream, .video, step & 32 == 0 ? 0 : timestamps[1], [0x17, 0, 0, 0, 0, byte], 20)
        } else {
            send(stream, .audio, step & 32 == 0 ? 0 : timestamps[0], [0xAF, 0, byte], 2)
        }
    }

    /// A frame that came by another protocol, with a clock of 64 bits.
    private func sendFrame(_ stream: Int, _ input: inout FuzzInput) {
        let shape = input.byte()
        let kind: MediaFrame.Kind = [.video, .audio, .data][Int(shape % 3)]
        let role: MediaFrame.Role = [.delta, .key, .configuration, .metadata, .sequenceEnd][Int(shape / 3 % 5)]
        let milliseconds = Int64(truncatingIfNeeded: input.integer(Int32.self)) << Int64(shape & 7)
        let frame = MediaFrame(
            kind: kind, role: role, track: shape >> 5, codec: kind == .video ? .avc1 : .mp4a,
            decodeTime: MediaTime(milliseconds: milliseconds), payload: input.bytes(Int(shape)))
        publications[stream]?.receive(frame, at: now)
    }

    // MARK: Viewers

    private mutating func subscribe(_ stream: Int, _ variant: UInt8) {
        guard viewers.count < 16 else { return }
        do throws(SubscribeRefusal) {
            let subscription = try registry.subscribe(
                Self.names[stream], format: .checked(variant), viewer: ViewerInfo(transport: "rtmp"),
                waits: variant & 4 == 0)
            viewers.append((stream, CheckedViewer(subscription)))
        } catch {
            promise(error == .noSuchStream || error == .tooManyStreams(limit: 2), "\(error)")
        }
    }

    private mutating func leave(_ which: UInt8) {
        guard !viewers.isEmpty else { return }
        let (_, viewer) = viewers.remove(at: Int(which) % viewers.count)
        viewer.subscription.seat.leave()
    }

    /// Some viewers read, one jumps.
    private mutating func readAll(_ which: UInt8) {
        var remaining: [(stream: Int, viewer: CheckedViewer)] = []
        for (index, (stream, viewer)) in viewers.enumerated() {
            var viewer = viewer
            let hub = viewer.subscription.seat.hub
            if which > 0, Int(which) % viewers.count == index { _ = viewer.rejoin(hub) }
            if viewer.read(hub) { remaining.append((stream, viewer)) }
            let log = viewer.subscription.log
            // The newest segment is never dropped; it may hold one message alone.
            promise(log.bytesHeld <= limits.bytesMax + 4096, "\(log.bytesHeld) bytes held")
        }
        viewers = remaining
    }

    private func lookAround() {
        registry.sweep(at: now)
        for snapshot in registry.snapshot(at: now) {
            promise(snapshot.viewers.values.allSatisfy { $0 > 0 }, "viewers are counted")
            promise(snapshot.tracks.allSatisfy { ($0.bitrate ?? 0) >= 0 && ($0.frameRate ?? 0) >= 0 }, "rates")
        }
        promise(registry.cacheBytes <= 8000, "the cache within its limit")
    }
}
