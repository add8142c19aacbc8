/// What the viewers of one target saw: sums, which can be added up.
package struct LoadCounters: Sendable, Hashable {
    /// Bytes received, protocol included.
    package var bytes = 0
    /// Coded pictures.
    package var videoFrames = 0
    /// Pictures that a viewer may begin with.
    package var keyFrames = 0
    /// Coded audio frames.
    package var audioFrames = 0
    /// Pictures with a clock in them.
    package var stampedFrames = 0
    /// Times that pictures were missing.
    package var gaps = 0
    /// Pictures that were missing, where they are numbered.
    package var missingFrames = 0
    /// Pictures that came twice or late.
    package var disorders = 0
    /// Pauses between pictures of more than ``stallMicroseconds``, of viewers that read in time.
    package var stalls = 0
    /// Connections begun.
    package var connects = 0
    /// Viewers that left to be replaced.
    package var leaves = 0
    /// Connections that failed, by the reason in words.
    package var failures: [String: Int] = [:]
    /// From a picture's stamp to its last byte; pictures from before the viewer came are left out.
    package var latency = Histogram()
    /// From the first step of connecting to the first picture.
    package var join = Histogram()
    /// From the first step of connecting to the first keyframe.
    package var firstKeyFrame = Histogram()

    /// A pause that a person sees.
    package static let stallMicroseconds = 1_000_000
    /// The most different reasons of failure; further ones are "other reasons".
    package static let reasonsMax = 32

    /// Zeros.
    package init() {}

    /// Notes a failure.
    package mutating func fail(_ reason: String, count: Int = 1) {
        let key = failures[reason] != nil || failures.count < Self.reasonsMax ? reason : "other reasons"
        failures[key, default: 0] += count
    }

    /// How many connections failed.
    package var failed: Int {
        failures.values.reduce(0, +)
    }

    /// Adds what others saw.
    package mutating func add(_ other: LoadCounters) {
        bytes += other.bytes
        videoFrames += other.videoFrames
        keyFrames += other.keyFrames
        audioFrames += other.audioFrames
        stampedFrames += other.stampedFrames
        gaps += other.gaps
        missingFrames += other.missingFrames
        disorders += other.disorders
        stalls += other.stalls
        connects += other.connects
        leaves += other.leaves
        for (reason, count) in other.failures { fail(reason, count: count) }
        latency.add(other.latency)
        join.add(other.join)
        firstKeyFrame.add(other.firstKeyFrame)
    }

    /// Back to zeros, in the same memory.
    mutating func removeAll() {
        var latency = latency
        var join = join
        var firstKeyFrame = firstKeyFrame
        self.latency = Self.none.latency
        self.join = Self.none.latency
        self.firstKeyFrame = Self.none.latency
        latency.removeAll()
        join.removeAll()
        firstKeyFrame.removeAll()
        self = Self.none
        self.latency = latency
        self.join = join
        self.firstKeyFrame = firstKeyFrame
    }

    private static let none = LoadCounters()
}
