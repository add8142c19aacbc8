import FLV
import NIOCore

/// A tag on a timeline that goes on across connections.
package struct LiveTag: Sendable {
    /// What the tag is, parsed.
    package enum Content: Sendable {
        /// A picture, or the configuration of those that follow.
        case video(VideoTag)
        /// Sound, or the configuration of what follows.
        case audio(AudioTag)
        /// Metadata and other data.
        case data
    }

    /// The tag as it came; its timestamp is ``milliseconds``, wrapped.
    package var tag: FLVTag
    /// When it is decoded. The first picture or sound is at 0.
    package var milliseconds: Int64
    /// What the tag is, parsed.
    package var content: Content

    /// Makes a tag; see the properties.
    package init(_ tag: FLVTag, milliseconds: Int64, content: Content) {
        self.tag = tag
        self.tag.timestamp = UInt32(truncatingIfNeeded: milliseconds)
        self.milliseconds = milliseconds
        self.content = content
    }

    /// Whether it is a picture that decoding can begin with.
    package var isKeyframe: Bool {
        guard case .video(let tag) = content, tag.packets.first?.kind == .codedFrames else { return false }
        return tag.frameType == .key || tag.frameType == .generatedKey
    }

    /// Whether it is a picture.
    package var isPicture: Bool {
        if case .video(let tag) = content { tag.packets.first?.kind == .codedFrames } else { false }
    }

    /// Whether it is sound.
    package var isSound: Bool {
        if case .audio(let tag) = content { tag.packets.first?.kind == .codedFrames } else { false }
    }

    /// Whether it configures a decoder.
    package var isConfiguration: Bool {
        switch content {
        case .video(let tag): tag.packets.first?.kind == .sequenceStart
        case .audio(let tag): tag.packets.first?.kind == .sequenceStart
        case .data: false
        }
    }
}

/// Joins the tags of one connection to those of the next.
///
/// A server begins with a keyframe that one may have already: it is known by its bytes, and what one has is left out,
/// up to the first frame that is new. A keyframe that is not known is taken by its time where the server's clock goes
/// on, which leaves the gap that there was; where that begins anew, the stream goes on without a gap.
package struct Splicer: Sendable {
    private struct Held {
        var tag: FLVTag
        var content: LiveTag.Content

        var isSound: Bool { LiveTag(tag, milliseconds: 0, content: content).isSound }
    }

    /// What a connection's own times lack to the timeline; nil before it is known.
    private var offset: Int64?
    private var lastOffset: Int64?
    /// The last tag's own time, unwrapped.
    private var lastOwnTime: Int64 = 0
    /// The same by track, since the connection's beginning or its last jump.
    private var ownTimes: [FLVTagType: Int64] = [:]
    private var newest: [FLVTagType: Int64] = [:]
    /// What one has from earlier connections, by track.
    private var overlapEnd: [FLVTagType: Int64] = [:]
    private var known = KnownFrames()
    private var held: [Held] = []
    private var lastConfigurations: [FLVTagType: ByteBuffer] = [:]
    private var hasVideo = false
    /// Whether a connection has shown no keyframe yet: what it shows before cannot be decoded.
    private var awaitsKeyframe = true
    private var lastArrival: NIODeadline?
    /// Tags that could not be read.
    package private(set) var damagedCount = 0
    /// Frames that one had already.
    package private(set) var repeatedCount = 0

    /// How far times may jump ahead within a connection before that is taken for a new beginning.
    package static let forwardMillisecondsMax: Int64 = 10_000
    /// How far those of one track may fall back: encoders that correct themselves.
    private static let backwardMillisecondsMax: Int64 = 500
    /// How far one track may be behind another.
    private static let lagMillisecondsMax: Int64 = 3000
    /// Times that are rounded twice differ by so much, and frames by more.
    private static let roundingMilliseconds: Int64 = 3
    /// What a frame lasts where nothing tells: 25 pictures a second.
    private static let intervalDefault: Int64 = 40
    /// How many tags are held while a keyframe is awaited, of a stream that had pictures.
    package static let heldMax = 1024
    /// How many frames of late a connection is recognised by: more than the keyframes of half an hour, and the sound of
    /// half a minute.
    package static let knownFramesMax = 1024

    private var end: Int64? { newest.values.max() }

    /// Makes a splicer that has seen nothing.
    package init() {}

    /// A new connection begins.
    package mutating func beginConnection() {
        lastOffset = offset ?? lastOffset
        offset = nil
        overlapEnd = newest
        held = []
        awaitsKeyframe = true
        ownTimes = [:]
    }

    /// - Parameters:
    ///   - tag: the next one of the connection.
    ///   - now: when it came.
    /// - Returns: what goes on with it; nothing while that is not known, and where one has it.
    package mutating func place(_ tag: FLVTag, at now: NIODeadline) -> [LiveTag] {
        let content: LiveTag.Content
        do {
            switch tag.type {
            case .video: content = .video(try VideoTag(parsing: tag.body))
            case .audio: content = .audio(try AudioTag(parsing: tag.body))
            default: content = .data
            }
        } catch {
            damagedCount += 1
            return []
        }
        let live = LiveTag(tag, milliseconds: 0, content: content)
        if offset == nil {
            guard isAnchor(live) else {
                if held.count < Self.heldMax, !live.isPicture { held.append(Held(tag: tag, content: content)) }
                // Pictures do not come any more.
                if held.count == Self.heldMax { hasVideo = false }
                return []
            }
            anchor(tag, at: now)
            // What was held comes first, and is earlier. Configurations' times say nothing.
            if let sound = held.first(where: \.isSound) { lastOwnTime = unwrap(sound.tag.timestamp) }
        }
        lastArrival = now
        let earlier = held
        held = []
        return (earlier + [Held(tag: tag, content: content)]).compactMap { put($0.tag, $0.content) }
    }

    // MARK: Finding the connection's place

    /// Whether a tag tells where its connection belongs: a keyframe, and where there are no pictures, sound.
    private func isAnchor(_ tag: LiveTag) -> Bool {
        if newest.isEmpty { return tag.isKeyframe || tag.isSound }
        return hasVideo ? tag.isKeyframe : tag.isKeyframe || tag.isSound
    }

    private mutating func anchor(_ tag: FLVTag, at now: NIODeadline) {
        let own = unwrap(tag.timestamp)
        lastOwnTime = own
        guard let end else {
            offset = -own
            return
        }
        if let time = known.time(of: tag.body) {
            offset = time - own
            return
        }
        let goesOn = lastOffset.map { own + $0 } ?? .min
        let silence = lastArrival.map { (now - $0).nanoseconds / 1_000_000 } ?? 0
        let track = newest[tag.type] ?? end
        let isSameClock = goesOn > track && goesOn <= end + silence + Self.forwardMillisecondsMax
        offset = isSameClock ? lastOffset : end + Self.intervalDefault - own
    }

    private func unwrap(_ timestamp: UInt32) -> Int64 {
        lastOwnTime + Int64(Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: lastOwnTime)))
    }

    private func isJump(to own: Int64, _ track: FLVTagType) -> Bool {
        if let last = ownTimes[track] {
            return own - last > Self.forwardMillisecondsMax || own - last < -Self.backwardMillisecondsMax
        }
        return own - lastOwnTime > Self.forwardMillisecondsMax || own - lastOwnTime < -Self.lagMillisecondsMax
    }

    // MARK: Placing

    private mutating func put(_ tag: FLVTag, _ content: LiveTag.Content) -> LiveTag? {
        var live = LiveTag(tag, milliseconds: end ?? 0, content: content)
        if live.isConfiguration {
            guard lastConfigurations[tag.type] != tag.body else { return nil }
            lastConfigurations[tag.type] = tag.body
            return live
        }
        guard live.isPicture || live.isSound else { return live }
        if live.isKeyframe { awaitsKeyframe = false }
        if live.isPicture, awaitsKeyframe { return nil }
        let own = unwrap(tag.timestamp)
        if isJump(to: own, tag.type), let end {
            offset = end + Self.intervalDefault - own
            overlapEnd = [:]
            ownTimes = [:]
        }
        lastOwnTime = own
        ownTimes[tag.type] = own
        let time = own + (offset ?? 0)
        if let had = overlapEnd[tag.type] {
            guard time > had + Self.roundingMilliseconds else {
                repeatedCount += 1
                return nil
            }
            overlapEnd[tag.type] = nil
        }
        live = LiveTag(tag, milliseconds: max(time, newest[tag.type] ?? time), content: content)
        newest[tag.type] = live.milliseconds
        if live.isPicture { hasVideo = true }
        if live.isKeyframe || !hasVideo { known.remember(tag.body, at: live.milliseconds) }
        return live
    }
}

/// The frames of late that a connection may begin with, known by their bytes.
struct KnownFrames: Sendable {
    private struct Print: Hashable {
        var hash: Int
        var byteCount: Int
    }

    private var times: [Print: Int64] = [:]
    private var order: CircularBuffer<Print> = []

    /// Frames of silence are all alike.
    private static let bytesMin = 48

    mutating func remember(_ body: ByteBuffer, at time: Int64) {
        guard body.readableBytes >= Self.bytesMin else { return }
        let print = Self.print(body)
        if times.updateValue(time, forKey: print) == nil { order.append(print) }
        if order.count > Splicer.knownFramesMax, let oldest = order.popFirst() { times[oldest] = nil }
    }

    func time(of body: ByteBuffer) -> Int64? {
        body.readableBytes >= Self.bytesMin ? times[Self.print(body)] : nil
    }

    private static func print(_ body: ByteBuffer) -> Print {
        var hasher = Hasher()
        body.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
        return Print(hash: hasher.finalize(), byteCount: body.readableBytes)
    }
}
