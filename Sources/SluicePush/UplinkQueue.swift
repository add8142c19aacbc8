import FLV
import NIOCore

/// What waits for one server, and what of it is given up when the way there is slower than the stream.
///
/// When pictures wait too long, disposable ones go first; then everything up to the newest keyframe, or, where that too
/// is old, all that depends on it, until the next one; when even sound waits too long, it is cut to the live edge.
/// Configurations are never given up. Times are never changed: what is missing is missing at its own time.
///
/// While there is no connection it holds what is newer than the newest keyframe, so that a new connection begins there:
/// configurations first, and nothing that was given to the last connection a second time.
package struct UplinkQueue: Sendable {
    /// How much may wait.
    package struct Limits: Sendable {
        /// From which age of the oldest waiting picture on disposable ones are dropped.
        package var disposableMilliseconds: Int64 = 700
        /// From which age of the oldest waiting picture on pictures are dropped up to a keyframe.
        package var pictureMilliseconds: Int64 = 1200
        /// From which age of anything on it is dropped, sound as well.
        package var mediaMilliseconds: Int64 = 4000
        /// How long the newest keyframe is held without a connection.
        package var heldMilliseconds: Int64 = 10_000
        /// From how many bytes on everything is dropped: four seconds at 30 Mbit/s.
        package var bytesMax = 16 << 20

        /// Makes limits; see the properties.
        package init() {}
    }

    /// What was given up.
    package struct Losses: Sendable, Hashable {
        /// Pictures that no other needed.
        package var disposable = 0
        /// Other pictures that are no keyframes.
        package var reference = 0
        /// Keyframes.
        package var keyframes = 0
        /// Frames of sound.
        package var audio = 0
        /// Frames of any kind while there was no connection.
        package var offline = 0

        /// Makes losses of nothing.
        package init() {}

        /// All but those without a connection.
        package var dropped: Int { disposable + reference + keyframes + audio }
    }

    private let limits: Limits
    private var frames = CircularBuffer<UplinkFrame>()
    private var configurations: [UplinkFrame.Slot: UplinkFrame] = [:]
    private var isOnline = false
    /// Whether a connection has yet to be given the configurations.
    private var owesConfigurations = true
    /// Whether pictures other than keyframes are no use.
    private var needsKeyframe = true
    /// Whether sound has to wait for a keyframe: behind a break of the connection.
    private var isHeldBack = false
    private var hasPictures = false
    private var newestTime: Int64 = 0
    /// What is waiting, in bytes.
    package private(set) var byteCount = 0
    /// What was given up so far.
    package private(set) var losses = Losses()

    /// - Parameter limits: how much may wait.
    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether nothing is waiting.
    package var isEmpty: Bool {
        frames.isEmpty
    }

    /// The age of the oldest that is waiting.
    package var durationMilliseconds: Int64 {
        frames.first.map { max(0, newestTime - $0.time) } ?? 0
    }

    // MARK: The connection

    /// A connection stands: what is popped from here on goes to it, configurations first.
    package mutating func connect() {
        isOnline = true
        owesConfigurations = true
    }

    /// The connection is gone, and what it was given may not have arrived: the next one begins at a keyframe.
    package mutating func disconnect() {
        isOnline = false
        losses.offline += frames.count { $0.isMedia }
        removeAll { _ in true }
        needsKeyframe = true
        isHeldBack = true
    }

    // MARK: In and out

    /// Takes a frame; it, and others, may be given up.
    package mutating func push(_ frame: UplinkFrame) {
        newestTime = max(newestTime, frame.time)
        switch frame.role {
        case .configuration(let slot):
            // A file that is looped says the same again and again.
            guard configurations[slot]?.tag.body != frame.tag.body else { return }
            configurations[slot] = frame
            if slot == .video { hasPictures = true }
            // A connection that is owed all of them gets this one with them.
            if !owesConfigurations || !frames.isEmpty { append(frame) }
        case .keyframe:
            hasPictures = true
            if !isOnline { forgetHeld() }
            needsKeyframe = false
            isHeldBack = false
            append(frame)
        case .reference, .disposable:
            hasPictures = true
            if needsKeyframe { lose(frame) } else { append(frame) }
        case .audio, .data:
            if isHeldBack, hasPictures { lose(frame) } else { append(frame) }
        }
        shed()
    }

    /// The next frame; nil when there is none.
    package mutating func pop() -> UplinkFrame? {
        if owesConfigurations {
            guard let first = frames.first(where: \.isMedia) else { return nil }
            owesConfigurations = false
            // Those that wait are the newest ones already.
            removeAll { !$0.isMedia }
            for slot in UplinkFrame.Slot.allCases.reversed() {
                guard var configuration = configurations[slot] else { continue }
                configuration = UplinkFrame(configuration.tag, time: first.time, role: configuration.role)
                byteCount += configuration.byteCount
                frames.prepend(configuration)
            }
        }
        guard let frame = frames.popFirst() else { return nil }
        byteCount -= frame.byteCount
        return frame
    }

    private mutating func append(_ frame: UplinkFrame) {
        byteCount += frame.byteCount
        frames.append(frame)
    }

    // MARK: Giving up

    /// Without a connection a keyframe makes all that is held obsolete.
    private mutating func forgetHeld() {
        losses.offline += frames.count { $0.isMedia }
        removeAll { $0.isMedia }
    }

    private mutating func shed() {
        guard isOnline else { return shedHeld() }
        if byteCount > limits.bytesMax { return cut(to: newestTime + 1) }
        if pictureAge >= limits.disposableMilliseconds {
            drop { $0.role == .disposable }
        }
        if pictureAge >= limits.pictureMilliseconds { shedPictures() }
        if durationMilliseconds >= limits.mediaMilliseconds { cut(to: newestTime - limits.disposableMilliseconds) }
    }

    private var pictureAge: Int64 {
        frames.first(where: \.isPicture).map { newestTime - $0.time } ?? 0
    }

    private mutating func shedPictures() {
        let newestKeyframe = frames.last { $0.role == .keyframe }
        if let time = newestKeyframe?.time, newestTime - time < limits.pictureMilliseconds {
            drop { $0.isPicture && $0.time < time }
        } else {
            // The keyframe still shows something; what follows it would come ever later.
            drop { $0.isPicture && $0 != newestKeyframe }
            needsKeyframe = true
        }
    }

    /// Drops media from before a time; pictures go on at a keyframe.
    private mutating func cut(to time: Int64) {
        let keyframe = frames.last { $0.role == .keyframe }
        let resumesAtKeyframe = keyframe.map { $0.time >= time } ?? false
        drop { frame in
            frame.isMedia && (frame.time < time || (frame.isPicture && !resumesAtKeyframe))
        }
        if !resumesAtKeyframe { needsKeyframe = hasPictures }
    }

    /// What is held for the next connection must not grow: it ages out, and sound alone is kept short.
    private mutating func shedHeld() {
        let held = hasPictures ? limits.heldMilliseconds : limits.disposableMilliseconds
        guard durationMilliseconds > held || byteCount > limits.bytesMax else { return }
        if hasPictures {
            forgetHeld()
            needsKeyframe = true
            isHeldBack = true
        } else {
            let oldest = newestTime - held
            losses.offline += frames.count { $0.isMedia && $0.time < oldest }
            removeAll { $0.isMedia && $0.time < oldest }
        }
    }

    private mutating func lose(_ frame: UplinkFrame) {
        if isOnline { count(frame) } else { losses.offline += 1 }
    }

    private mutating func drop(where isGivenUp: (UplinkFrame) -> Bool) {
        for frame in frames where isGivenUp(frame) { count(frame) }
        removeAll(where: isGivenUp)
    }

    private mutating func count(_ frame: UplinkFrame) {
        switch frame.role {
        case .disposable: losses.disposable += 1
        case .reference: losses.reference += 1
        case .keyframe: losses.keyframes += 1
        case .audio: losses.audio += 1
        case .configuration, .data: break
        }
    }

    private mutating func removeAll(where isRemoved: (UplinkFrame) -> Bool) {
        guard frames.contains(where: isRemoved) else { return }
        frames = CircularBuffer(frames.filter { !isRemoved($0) })
        byteCount = frames.reduce(0) { $0 + $1.byteCount }
    }
}
