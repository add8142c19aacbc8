import NIOCore

/// Puts a publisher's clocks onto the stream's timeline, on which no track's decode time ever runs backwards.
///
/// A publisher's clock and the timeline differ by a shift. A clock that jumps gets a new shift, so that its next frame
/// follows on the last one; the new shift opens an *epoch* that the publisher's other clocks join when they jump too,
/// which keeps audio and video together. Clocks that never jump keep their shift for ever, and a first timestamp below
/// ``Configuration/startMax`` is kept as it is: what a well-behaved publisher sends is what viewers get.
public struct TimestampRepair: Sendable {
    /// What counts as a jump.
    public struct Configuration: Sendable, Equatable {
        /// A gap up to this long is kept. A longer one is closed, unless it passed on the wall clock as well or leads
        /// to where the other tracks are.
        public var gapMax = MediaTime(milliseconds: 10_000)
        /// Audio and video farther apart than this count by different clocks, and are laid side by side as they
        /// arrive.
        public var apartMax = MediaTime(milliseconds: 5_000)
        /// A step back up to this long is disorder, not a jump: the frame gets the time of the frame before it.
        public var disorderMax = MediaTime(milliseconds: 100)
        /// The longest gap between two publications that viewers see; a longer one is shortened to it.
        public var returnGapMax = MediaTime(milliseconds: 10_000)
        /// A first timestamp up to this is kept; a later one becomes one second, so that viewers, whose timestamps
        /// have 32 bits, do not meet 2³² early.
        public var startMax = MediaTime(milliseconds: 86_400_000)

        /// The defaults.
        public init() {}
    }

    /// What was repaired.
    public struct Counts: Sendable, Equatable {
        /// Clocks that jumped back.
        public var backwardJumps = 0
        /// Clocks that jumped forward.
        public var forwardJumps = 0
        /// Clocks that began far from the others.
        public var clocksApart = 0
        /// Frames that came slightly out of order.
        public var disorders = 0
        /// Publications that went on where an earlier one stopped.
        public var returns = 0

        /// All zero.
        public init() {}

        /// Repairs of every kind; a publisher's return is none.
        public var all: Int { backwardJumps + forwardJumps + clocksApart + disorders }
    }

    /// The most tracks with clocks of their own; frames of further tracks share the last one. A publisher names
    /// tracks with a byte, each costs a search on every frame.
    static let clocksMax = 32

    private struct Clock {
        let id: UInt16
        /// Whether a frame has come in this publication.
        var isRunning = false
        var epoch = 0
        /// From the publisher's time to the timeline, unless `epoch` is the current one.
        var ownShift: Int64 = 0
        /// The last time given out, running or not.
        var last: Int64?
        var lastArrival = NIODeadline.uptimeNanoseconds(0)
        /// The usual distance between two frames.
        var typical: Int64
        var hasTypical = false
    }

    private let configuration: Configuration
    private var clocks: [Clock] = []
    private var epoch = 0
    private var epochShift: Int64 = 0
    /// The latest time given out to a frame of audio or video, and when.
    private var newest: (time: Int64, arrival: NIODeadline)?
    /// Whether a clock has run in this publication.
    private var hasStarted = false
    /// What has been repaired so far.
    public private(set) var counts = Counts()

    /// - Parameter configuration: what counts as a jump.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// The latest time that viewers have seen; nil before the first frame.
    public var head: MediaTime? { newest.map { MediaTime(nanoseconds: $0.time) } }

    /// A publisher begins; its clocks have nothing to do with those before. The timeline goes on.
    public mutating func beginPublication() {
        for index in clocks.indices { clocks[index].isRunning = false }
        hasStarted = false
    }

    /// Gives a frame its time on the timeline in place of the publisher's.
    ///
    /// Coded audio and video drive the timeline. Configurations, metadata and data take a place on it: encoders send
    /// them with timestamp 0 at any time.
    public mutating func repair(_ frame: inout MediaFrame, at now: NIODeadline) {
        let index = clockIndex(kind: frame.kind, track: frame.track)
        let input = frame.decodeTime.nanoseconds
        let drives = frame.kind != .data && frame.role.isCoded
        let time = drives ? advance(index, input, now) : place(index, input)
        frame.decodeTime = MediaTime(nanoseconds: time)
    }

    // MARK: Coded frames

    private mutating func advance(_ index: Int, _ input: Int64, _ now: NIODeadline) -> Int64 {
        guard clocks[index].isRunning else { return start(index, input, now) }
        let last = clocks[index].last ?? 0
        let own = input &+ shift(of: clocks[index])
        let joined = input &+ epochShift
        let isContinuous = isContinuous(own, clocks[index], now)
        if clocks[index].epoch != epoch {
            // Even a gap short enough to keep is taken for the jump that another clock has made already, when that
            // explains it better.
            let explainsMore =
                distance(own, last) > Self.suspicious && distance(joined, last) < distance(own, last)
            if !isContinuous || explainsMore, isNear(joined, last: last) { return join(index, joined, now) }
        }
        if isContinuous { return accept(index, own, now) }
        if own < last { counts.backwardJumps += 1 } else { counts.forwardJumps += 1 }
        let next = max(last &+ clocks[index].typical, newest?.time ?? last)
        openEpoch(index, shift: next &- input)
        return accept(index, next, now)
    }

    /// A distance between two frames that makes one look for a jump.
    private static let suspicious: Int64 = 1_000_000_000

    /// The first frame of a track in this publication.
    private mutating func start(_ index: Int, _ input: Int64, _ now: NIODeadline) -> Int64 {
        clocks[index].isRunning = true
        guard hasStarted else {
            hasStarted = true
            let first: Int64
            if let newest {
                counts.returns += 1
                let gap = min((now - newest.arrival).nanoseconds, configuration.returnGapMax.nanoseconds)
                first = newest.time &+ max(gap, clocks[index].typical)
            } else {
                first = (0...configuration.startMax.nanoseconds).contains(input) ? input : Self.suspicious
            }
            openEpoch(index, shift: first &- input)
            return accept(index, first, now)
        }
        let joined = input &+ epochShift
        let head = newest?.time ?? 0
        let elapsed = newest.map { (now - $0.arrival).nanoseconds } ?? 0
        let expected = head &+ max(0, min(elapsed, configuration.gapMax.nanoseconds))
        let apartMax = configuration.apartMax.nanoseconds
        if distance(joined, expected) <= apartMax || distance(joined, head) <= apartMax {
            clocks[index].epoch = epoch
            return accept(index, joined, now)
        }
        counts.clocksApart += 1
        openEpoch(index, shift: expected &- input)
        return accept(index, expected, now)
    }

    private func isContinuous(_ time: Int64, _ clock: Clock, _ now: NIODeadline) -> Bool {
        let step = time &- (clock.last ?? 0)
        if step < -configuration.disorderMax.nanoseconds { return false }
        if step <= configuration.gapMax.nanoseconds { return true }
        let apartMax = configuration.apartMax.nanoseconds
        if distance(step, (now - clock.lastArrival).nanoseconds) <= apartMax { return true }
        return clocks.contains { other in
            other.isRunning && other.id != clock.id && other.id >> 8 != Self.dataID
                && distance(time, other.last ?? 0) <= apartMax
        }
    }

    /// Whether a frame at `time` can belong to the newest epoch: it follows on its own track, or on the others.
    private func isNear(_ time: Int64, last: Int64) -> Bool {
        let apartMax = configuration.apartMax.nanoseconds
        guard time >= last &- apartMax else { return false }
        return time <= last &+ apartMax || distance(time, newest?.time ?? last) <= apartMax
    }

    /// Takes a clock over into the newest epoch. Where it would run back by more than disorder, the epoch moves on,
    /// and every clock in it with it.
    private mutating func join(_ index: Int, _ joined: Int64, _ now: NIODeadline) -> Int64 {
        let last = clocks[index].last ?? joined
        clocks[index].epoch = epoch
        guard joined < last &- configuration.disorderMax.nanoseconds else { return accept(index, joined, now) }
        let next = last &+ clocks[index].typical
        epochShift = epochShift &+ (next &- joined)
        return accept(index, next, now)
    }

    private mutating func openEpoch(_ index: Int, shift: Int64) {
        for other in clocks.indices where clocks[other].epoch == epoch { clocks[other].ownShift = epochShift }
        epoch += 1
        epochShift = shift
        clocks[index].epoch = epoch
    }

    private mutating func accept(_ index: Int, _ time: Int64, _ now: NIODeadline) -> Int64 {
        let last = clocks[index].last
        let result = max(time, last ?? 0, 0)
        if let last {
            if time < last { counts.disorders += 1 }
            let step = result &- last
            if step > 0, step <= Self.suspicious {
                let typical = clocks[index].typical
                clocks[index].typical = clocks[index].hasTypical ? typical + (step - typical) / 8 : step
                clocks[index].hasTypical = true
            }
        }
        clocks[index].last = result
        clocks[index].lastArrival = now
        newest = (max(result, newest?.time ?? result), now)
        return result
    }

    // MARK: Everything else

    /// A time for what drives no clock: its own where that is near the media's, else the media's.
    private mutating func place(_ index: Int, _ input: Int64) -> Int64 {
        let clock = clocks[index]
        var time = newest?.time ?? 0
        if hasStarted {
            let wanted = input &+ (clock.isRunning ? shift(of: clock) : epochShift)
            if distance(wanted, time) <= configuration.apartMax.nanoseconds {
                // Never ahead of the media but for data: a track's next frame must not come before its configuration.
                time = clock.id >> 8 == Self.dataID ? wanted : min(wanted, time)
            }
            // Nor ahead of its own track, where that is behind the others.
            if clock.isRunning, let last = clock.last { time = last }
        }
        time = max(time, clock.last ?? 0, 0)
        clocks[index].last = time
        return time
    }

    // MARK: Clocks

    private func shift(of clock: Clock) -> Int64 {
        clock.epoch == epoch ? epochShift : clock.ownShift
    }

    private func distance(_ left: Int64, _ right: Int64) -> Int64 {
        let difference = left &- right
        return difference < 0 ? (0 &- difference) & .max : difference
    }

    private static let dataID: UInt16 = 2

    private mutating func clockIndex(kind: MediaFrame.Kind, track: UInt8) -> Int {
        let kindID: UInt16 =
            switch kind {
            case .audio: 0
            case .video: 1
            case .data: Self.dataID
            }
        let id = kindID << 8 | UInt16(track)
        for index in clocks.indices where clocks[index].id == id { return index }
        // The last place is shared by all that find no other.
        if clocks.count >= Self.clocksMax { return clocks.count - 1 }
        clocks.append(Clock(id: id, typical: kind == .audio ? 21_333_333 : 33_333_333))
        return clocks.count - 1
    }
}
