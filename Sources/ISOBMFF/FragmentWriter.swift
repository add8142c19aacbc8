import NIOCore

/// Makes fragments of a stream's frames: it keeps each track's clock, and samples until they are cut off.
///
/// One `append` for each frame, in decode order within a track; then `cut` whenever a fragment or part is to end, be it
/// behind every frame. It holds what has been appended since the last cut, and nothing else grows.
public struct FragmentWriter: Sendable {
    /// A frame that comes next and does not belong to the fragment any more.
    public struct Boundary: Sendable, Hashable {
        /// Its track.
        public var trackID: UInt32
        /// When it is decoded, on the stream's timeline.
        public var decodeNanoseconds: Int64

        /// Makes a boundary; see the properties.
        public init(trackID: UInt32, decodeNanoseconds: Int64) {
            self.trackID = trackID
            self.decodeNanoseconds = decodeNanoseconds
        }
    }

    /// A track to be written.
    public struct TrackConfiguration: Sendable, Hashable {
        /// As in the init segment.
        public var trackID: UInt32
        /// Ticks a second, as in the init segment.
        public var timescale: UInt32
        /// Samples of a frame of audio, in ticks; nil for video and where frames differ.
        public var frameTicks: Int?
        /// What a frame is said to last as long as no two have come, in ticks.
        public var firstDuration: UInt32

        /// Makes a configuration; see the properties.
        ///
        /// - Parameter firstDuration: nil is `frameTicks`, and without them a thirtieth of a second.
        public init(trackID: UInt32, timescale: UInt32, frameTicks: Int? = nil, firstDuration: UInt32? = nil) {
            self.trackID = trackID
            self.timescale = timescale
            self.frameTicks = frameTicks
            self.firstDuration = firstDuration ?? frameTicks.map { UInt32(clamping: $0) } ?? max(1, timescale / 30)
        }
    }

    fileprivate struct TrackState: Sendable {
        let trackID: UInt32
        let frameTicks: Int?
        var clock: TrackClock
        var samples: [Sample] = []
        /// When the first of the samples at hand is decoded.
        var baseDecodeTime: Int64 = 0
        /// When the last of them is decoded.
        var lastDecodeTime: Int64 = 0
        /// Whether a sample has come.
        var hasBegun = false
        /// Whether a sample has had a successor.
        var hasMeasured = false
        /// What the last sample with a successor lasted, and the one before it.
        var durations: (last: UInt32, previous: UInt32)
    }

    private var tracks: [TrackState]
    private var sequenceNumber: UInt32
    /// Bytes of the payloads at hand.
    public private(set) var pendingBytes = 0

    /// - Parameters:
    ///   - tracks: those that will be appended to.
    ///   - firstSequenceNumber: that of the first fragment.
    public init(tracks: [TrackConfiguration], firstSequenceNumber: UInt32 = 1) {
        self.tracks = tracks.map {
            TrackState(
                trackID: $0.trackID, frameTicks: $0.frameTicks,
                clock: TrackClock(timescale: $0.timescale, frameTicks: $0.frameTicks),
                durations: ($0.firstDuration, .max))
        }
        sequenceNumber = firstSequenceNumber
    }

    /// Whether there is nothing to cut off.
    public var isEmpty: Bool {
        tracks.allSatisfy(\.samples.isEmpty)
    }

    /// Adds a frame. Frames of tracks that the writer was not made for are dropped.
    ///
    /// - Parameters:
    ///   - trackID: the track.
    ///   - decodeNanoseconds: when it is decoded, on the stream's timeline. Times before 0 become 0.
    ///   - compositionNanoseconds: how long after that it is shown; may be negative.
    ///   - flags: what it is to a decoder.
    ///   - payload: see ``Sample/payload``; retained until the cut, and not copied.
    public mutating func append(
        trackID: UInt32, decodeNanoseconds: Int64, compositionNanoseconds: Int64 = 0, flags: SampleFlags = .sync,
        payload: ByteBuffer
    ) {
        guard let index = tracks.firstIndex(where: { $0.trackID == trackID }) else { return }
        tracks[index].append(decodeNanoseconds, compositionNanoseconds, flags, payload)
        pendingBytes &+= payload.readableBytes
    }

    /// Takes the frames at hand as one fragment.
    ///
    /// - Parameter boundary: the frame that comes next, where it is known: it says what the last sample of its track
    ///   lasts. Of other tracks that is taken to be what the samples before lasted; the next fragment has the true time.
    /// - Returns: nil when there are no frames.
    public mutating func cut(before boundary: Boundary? = nil) -> Fragment? {
        guard !isEmpty else { return nil }
        var fragment = Fragment(sequenceNumber: sequenceNumber, tracks: [])
        fragment.tracks.reserveCapacity(tracks.count)
        for index in tracks.indices where !tracks[index].samples.isEmpty {
            let isBounded = boundary?.trackID == tracks[index].trackID
            fragment.tracks.append(tracks[index].cut(before: isBounded ? boundary?.decodeNanoseconds : nil))
        }
        sequenceNumber &+= 1
        pendingBytes = 0
        return fragment
    }
}

extension FragmentWriter.TrackState {
    mutating func append(
        _ decodeNanoseconds: Int64, _ compositionNanoseconds: Int64, _ flags: SampleFlags, _ payload: ByteBuffer
    ) {
        let time = clock.advance(to: decodeNanoseconds)
        if hasBegun { endLast(at: time) }
        if samples.isEmpty { baseDecodeTime = time }
        hasBegun = true
        lastDecodeTime = time
        // Both times are rounded alike, so that what is shown at one time is at one tick.
        let shown = TrackClock.ticks(
            nanoseconds: decodeNanoseconds &+ compositionNanoseconds, timescale: clock.timescale)
        let decoded = TrackClock.ticks(nanoseconds: decodeNanoseconds, timescale: clock.timescale)
        samples.append(
            Sample(
                duration: expectedDuration, compositionOffset: Int32(clamping: shown &- decoded), flags: flags,
                payload: payload))
    }

    /// What a sample is said to last before the next has come. A gap is longer than other frames and says nothing about
    /// the next one: the shorter of two is likelier, and an overlap is worse to players than a gap.
    private var expectedDuration: UInt32 {
        min(durations.last, durations.previous)
    }

    /// The next sample's time says what the last one lasts, which may have been cut off already.
    private mutating func endLast(at time: Int64) {
        let duration = duration(until: time)
        if !samples.isEmpty { samples[samples.count - 1].duration = duration }
        // A frame of audio lasts what it lasts.
        if frameTicks == nil { durations = (duration, hasMeasured ? durations.last : .max) }
        hasMeasured = true
    }

    private func duration(until time: Int64) -> UInt32 {
        UInt32(clamping: time &- lastDecodeTime)
    }

    mutating func cut(before decodeNanoseconds: Int64?) -> TrackFragment {
        if let decodeNanoseconds {
            samples[samples.count - 1].duration = duration(until: clock.peek(decodeNanoseconds))
        }
        let fragment = TrackFragment(
            trackID: trackID, baseDecodeTime: UInt64(max(0, baseDecodeTime)), samples: samples)
        samples.removeAll(keepingCapacity: false)
        return fragment
    }
}
