import Codecs
import MediaCore
import NIOCore

/// How evenly frames come: how far each arrival is from where its decode time says it should be.
///
/// Specification: RFC 3550, 6.4.1 (interarrival jitter), with nanoseconds for timestamp units.
public struct JitterMeter: Sendable, Hashable {
    private var lastArrival: Int64?
    private var lastDecodeTime: Int64 = 0
    /// The mean deviation, smoothed over the last 16 frames or so, in nanoseconds.
    public private(set) var nanoseconds: Double = 0
    /// The largest single deviation, in nanoseconds.
    public private(set) var largestNanoseconds: Double = 0

    /// No frames yet.
    public init() {}

    /// Takes a frame of one track up.
    public mutating func add(decodeTime: MediaTime, arrival: NIODeadline) {
        let now = Int64(truncatingIfNeeded: arrival.uptimeNanoseconds)
        if let lastArrival {
            let difference = (now &- lastArrival) &- (decodeTime.nanoseconds &- lastDecodeTime)
            let deviation = abs(Double(difference))
            nanoseconds += (deviation - nanoseconds) / 16
            largestNanoseconds = max(largestNanoseconds, deviation)
        }
        lastArrival = now
        lastDecodeTime = decodeTime.nanoseconds
    }
}

/// Groups of pictures, as the frames of one video track come.
public struct GOPMeter: Sendable, Hashable {
    /// One group: a keyframe, and what follows it up to the next.
    public struct Group: Sendable, Hashable {
        /// Pictures.
        public var pictures = 0
        /// I pictures.
        public var intra = 0
        /// P pictures.
        public var predicted = 0
        /// B pictures.
        public var bidirectional = 0
        /// Bytes of all of them.
        public var bytes = 0
        /// From keyframe to keyframe.
        public var duration = MediaTime.zero
    }

    /// The newest whole group; nil before the second keyframe.
    public private(set) var newest: Group?
    /// The shortest group's length.
    public private(set) var shortest: MediaTime?
    /// The longest group's length.
    public private(set) var longest: MediaTime?
    /// Whole groups.
    public private(set) var groups = 0
    private var current: Group?
    private var start = MediaTime.zero

    /// No frames yet.
    public init() {}

    /// Takes a frame up; one that is no coded picture changes nothing.
    public mutating func add(_ frame: FrameDescription) {
        guard frame.kind == .video, frame.role == .key || frame.role == .delta else { return }
        if frame.role == .key {
            if var whole = current {
                whole.duration = frame.decodeTime - start
                newest = whole
                shortest = min(shortest ?? whole.duration, whole.duration)
                longest = max(longest ?? whole.duration, whole.duration)
                groups += 1
            }
            current = Group()
            start = frame.decodeTime
        }
        current?.pictures += 1
        current?.bytes += frame.bytes
        switch frame.picture?.picture {
        case .intra: current?.intra += 1
        case .predicted: current?.predicted += 1
        case .bidirectional: current?.bidirectional += 1
        case nil: break
        }
    }
}
