import Codecs
import HLS
import ISOBMFF
import MediaCore
import NIOCore

/// Where a segment ends and the next begins.
struct SegmentBoundary: Sendable, Equatable {
    /// Nanoseconds on the timeline of what is shown.
    var time: Int64
    /// Nanoseconds since 1970.
    var date: Int64
    /// Whether decoding begins anew.
    var isDiscontinuity: Bool
}

/// Writes one track's frames as CMAF: parts that make up segments.
struct CMAFTrack: Sendable {
    /// What its frames are.
    let description: TrackDescription
    var segments: SegmentTrack
    /// Boundaries that the track has not reached yet. One for each segment of the leading track; the tracks are never
    /// farther apart than ``StreamPackager/lateness``.
    private(set) var boundaries: [SegmentBoundary] = []
    private var writer: FragmentWriter
    private var partLength: PartLength
    private var partStart: Int64?
    private var partIsIndependent = false
    private var segmentStart: Int64 = 0
    private var segmentStartsWithKeyframe = false
    private var segmentIsEmpty = true
    private(set) var last: Int64?
    private let hasParts: Bool
    private let shift: Int64

    /// - Parameters:
    ///   - description: what its frames are.
    ///   - segments: where its segments go.
    ///   - shift: how long after it is decoded a keyframe is shown, in nanoseconds. Times here are those of showing; the
    ///     frames keep their own, since FFmpeg shows pictures with negative composition offsets too late.
    ///   - partDuration: the wanted length of parts in nanoseconds; 0 offers none.
    /// - Returns: nil when the codec has no place in the format.
    init?(_ description: TrackDescription, into segments: SegmentTrack, shift: Int64, partDuration: Int64) {
        self.shift = shift
        guard let initSegment = description.initSegment(segments.kind) else { return nil }
        self.description = description
        self.segments = segments
        self.segments.setInit(initSegment)
        // Without parts to offer a segment is still written in fragments, or it would have to be copied as a whole.
        hasParts = partDuration > 0
        partLength = PartLength(
            wanted: partDuration > 0 ? partDuration : 1_000_000_000, frame: description.frameNanoseconds)
        writer = FragmentWriter(tracks: [
            FragmentWriter.TrackConfiguration(
                trackID: segments.kind.trackID, timescale: description.timescale,
                frameTicks: description.audio?.samplesPerFrame)
        ])
        if let target = segments.partTarget { partLength.settle(at: target.nanoseconds) }
    }

    /// The length of the track's parts, for the playlist; from now on it holds.
    mutating func settlePartTarget() -> Duration? {
        guard hasParts else { return nil }
        partLength.settle(atLeast: segments.longestPart.nanoseconds)
        return .nanoseconds(partLength.target)
    }

    private var kind: TrackKind { segments.kind }

    // MARK: Segments

    /// Remembers where the present segment ends.
    mutating func expect(_ boundary: SegmentBoundary) {
        boundaries.append(boundary)
    }

    /// Ends the segment at the edge and begins one at the next boundary.
    ///
    /// - Parameter next: when the next frame is decoded, if the last one lasts until then.
    mutating func passBoundary(before next: Int64?) {
        guard let boundary = boundaries.first else { return }
        boundaries.removeFirst()
        endSegment(at: boundary.time, before: next)
        begin(boundary)
    }

    /// Begins the first segment, or the one behind ``endSegment(at:before:)``.
    mutating func begin(_ boundary: SegmentBoundary) {
        segmentStart = boundary.time
        segmentIsEmpty = true
        segments.begin(at: boundary.time, date: boundary.date, isDiscontinuity: boundary.isDiscontinuity)
    }

    /// Ends the segment at the edge.
    ///
    /// - Parameters:
    ///   - time: where its boundary is, which says how long it is when it has no frames.
    ///   - next: when the next frame is decoded, if the last one lasts until then.
    mutating func endSegment(at time: Int64, before next: Int64?) {
        cutPart(before: next)
        segments.end(
            gapDuration: .nanoseconds(max(1_000_000, time &- segmentStart)),
            startsWithKeyframe: segmentStartsWithKeyframe)
    }

    /// Changes the segments in place.
    mutating func withSegments<Result>(_ body: (inout SegmentTrack) -> Result) -> Result { body(&segments) }

    // MARK: Frames

    /// Adds a frame to the segment at the edge.
    ///
    /// - Parameters:
    ///   - time: when it would be shown if it were shown as it is decoded; nanoseconds.
    ///   - composition: how long after it is decoded it is shown.
    mutating func append(time: Int64, composition: Int64, isKeyframe: Bool, payload: ByteBuffer) {
        if let last { partLength.observe(time &- last) }
        if let partStart {
            if partLength.endsPart(from: partStart, before: time) { cutPart(before: time) }
        }
        if partStart == nil {
            partStart = time
            partIsIndependent = isKeyframe
        }
        if segmentIsEmpty {
            segmentIsEmpty = false
            segmentStartsWithKeyframe = isKeyframe
        }
        last = time
        writer.append(
            trackID: kind.trackID, decodeNanoseconds: time &- shift, compositionNanoseconds: composition,
            flags: isKeyframe ? .sync : .dependent, payload: payload)
    }

    private mutating func cutPart(before next: Int64?) {
        partStart = nil
        let boundary = next.map {
            FragmentWriter.Boundary(trackID: kind.trackID, decodeNanoseconds: $0 &- shift)
        }
        guard let fragment = writer.cut(before: boundary), let samples = fragment.tracks.first else { return }
        var bytes = ByteBuffer()
        fragment.write(into: &bytes)
        let shown = TrackClock.ticks(nanoseconds: shift, timescale: description.timescale)
        let start = samples.baseDecodeTime &+ UInt64(max(0, shown))
        let ticks = start..<(start &+ max(1, samples.duration))
        let nanoseconds = TrackClock.nanoseconds(ticks: Int64(clamping: ticks.count), timescale: description.timescale)
        segments.append(
            bytes, duration: .nanoseconds(nanoseconds), isIndependent: partIsIndependent, ticks: ticks,
            isPart: hasParts)
    }
}
