import Codecs
import MPEGTS
import NIOCore

/// Writes a stream's frames as MPEG-TS: one program in segments.
struct TSProgram: Sendable {
    /// Frames of audio that are gathered into one PES packet. Each alone would fill up a packet of 188 bytes with
    /// nothing; together they are about as long as a picture's part.
    private static let audioFramesMax = 8

    var segments: SegmentTrack
    private var writer: TSWriter
    private let videoIndex: Int?
    private let audioIndex: Int?
    private var audio: [ByteBuffer] = []
    private var audioTime: Int64 = 0
    private var audioFrame: Int64
    private var scratch = ByteBuffer()
    private var segmentStart: Int64 = 0
    private var segmentStartsWithKeyframe = true
    private var segmentIsEmpty = true
    /// Frames that the container cannot hold, which are left out.
    private(set) var refusedFrames = 0

    /// - Parameters:
    ///   - video: what pictures are; nil without.
    ///   - audio: what sound is; nil without.
    ///   - segments: where segments go.
    /// - Throws: ``TSError`` when a codec has no place in MPEG-TS.
    init(video: TrackDescription?, audio: TrackDescription?, into segments: SegmentTrack) throws(TSError) {
        var tracks: [TSTrack] = []
        videoIndex = video == nil ? nil : 0
        audioIndex = audio == nil ? nil : (video == nil ? 0 : 1)
        if let video { tracks.append(TSTrack(.video(video.codec), configuration: video.configuration)) }
        if let audio {
            let hasConfiguration = audio.codec == .mp4a || audio.codec == .opus
            tracks.append(
                TSTrack(
                    .audio(audio.codec), configuration: hasConfiguration ? audio.configuration : ByteBuffer()))
        }
        // Sound that was gathered comes behind pictures that are shown later; it must not come too late for them.
        writer = try TSWriter(
            tracks: tracks, configuration: TSWriterConfiguration(clockLead: TSTime(milliseconds: 500)))
        audioFrame = audio?.frameNanoseconds ?? 0
        self.segments = segments
    }

    mutating func begin(_ boundary: SegmentBoundary) {
        segmentStart = boundary.time
        segmentIsEmpty = true
        segments.begin(at: boundary.time, date: boundary.date, isDiscontinuity: boundary.isDiscontinuity)
        scratch.clear()
        writer.beginSegment(isDiscontinuous: boundary.isDiscontinuity, into: &scratch)
    }

    mutating func endSegment(at time: Int64) {
        flushAudio()
        let duration = Duration.nanoseconds(max(1_000_000, time &- segmentStart))
        if !segmentIsEmpty {
            segments.append(scratch, duration: duration, isIndependent: true, ticks: nil, isPart: false)
        }
        segments.end(gapDuration: duration, startsWithKeyframe: segmentStartsWithKeyframe)
    }

    /// Changes the segments in place.
    mutating func withSegments<Result>(_ body: (inout SegmentTrack) -> Result) -> Result { body(&segments) }

    mutating func append(video payload: ByteBuffer, time: Int64, composition: Int64, isKeyframe: Bool) {
        guard let videoIndex else { return }
        note(isKeyframe)
        let unit = TSAccessUnit(
            decodeTime: TSTime(nanoseconds: time), presentationTime: TSTime(nanoseconds: time &+ composition),
            isKeyframe: isKeyframe, payload: payload)
        do { try writer.write(unit, track: videoIndex, into: &scratch) } catch { refusedFrames &+= 1 }
    }

    mutating func append(audio payload: ByteBuffer, time: Int64) {
        guard audioIndex != nil else { return }
        if videoIndex == nil { note(true) }
        let expected = audioTime &+ Int64(audio.count) &* audioFrame
        let follows = audioFrame > 0 && (time &- expected).magnitude <= UInt64(audioFrame / 2)
        if audio.count >= Self.audioFramesMax || !follows { flushAudio() }
        if audio.isEmpty { audioTime = time }
        audio.append(payload)
    }

    private mutating func note(_ isKeyframe: Bool) {
        guard segmentIsEmpty else { return }
        segmentIsEmpty = false
        segmentStartsWithKeyframe = isKeyframe
    }

    private mutating func flushAudio() {
        guard let audioIndex, !audio.isEmpty else { return }
        let time = TSTime(nanoseconds: audioTime)
        do { try writer.write(frames: audio, at: time, track: audioIndex, into: &scratch) } catch {
            refusedFrames &+= audio.count
        }
        audio.removeAll(keepingCapacity: true)
    }
}
