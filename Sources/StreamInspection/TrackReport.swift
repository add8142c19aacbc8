import Codecs
import NIOCore
import StreamAnatomy

/// What was found of one track.
public struct TrackReport: Sendable {
    /// The most samples kept of a track; of those beyond it only the numbers count. A million is nine hours of 30 pictures
    /// a second, and 40 MB.
    public static let samplesMax = 1 << 20

    /// The track as the container tells of it.
    public let track: SourceTrack
    /// The newest configuration; nil where none came.
    public internal(set) var configuration: ByteBuffer?
    /// The newest configuration in words.
    public internal(set) var parameterSets: [ParameterSetDescription] = []
    /// The pictures' format.
    public internal(set) var video: VideoFormat?
    /// The sound's format.
    public internal(set) var audio: AudioFormat?
    /// How often another configuration came.
    public internal(set) var configurationChanges = 0
    /// Samples that came before any configuration.
    public internal(set) var samplesUnconfigured = 0
    /// Keyframes that hold a sequence parameter set which the configuration does not.
    public internal(set) var unannouncedParameterSets = 0
    /// All samples.
    public internal(set) var sampleCount = 0
    /// Bytes of all samples.
    public internal(set) var bytes = 0
    /// The samples in the order of the bytes, up to ``samplesMax``.
    public internal(set) var samples: [SampleRecord] = []
    /// How long the last sample lasts, in ticks; nil where the container does not say.
    public internal(set) var lastDuration: Int64?
    /// How unevenly samples arrived, in seconds: the mean deviation and the largest. Nil of files.
    public internal(set) var arrivalJitter: (mean: Double, largest: Double)?

    init(_ track: SourceTrack) {
        self.track = track
    }

    /// Ticks of the track in seconds.
    public func seconds(_ ticks: Int64) -> Double {
        Double(ticks) / Double(track.timescale)
    }

    /// Samples that the container calls keyframes.
    public var keyframes: Int { samples.count { $0.isKeyframe } }

    /// How many pictures of a type there are.
    public func count(of type: PictureType) -> Int { samples.count { $0.picture == type } }

    /// When the first sample is shown, in seconds.
    public var startSeconds: Double? { samples.map(\.presentationTime).min().map(seconds) }

    /// When the last sample's time is over, in seconds: its duration, or where that is not known, the step in the middle.
    public var endSeconds: Double? {
        guard let last = samples.map(\.presentationTime).max() else { return nil }
        return seconds(last) + (lastDuration.map(seconds) ?? frameSeconds ?? 0)
    }

    /// How long a frame lasts: what the codec says, else the middle one of the steps.
    public var frameSeconds: Double? {
        if let audio, let samples = audio.samplesPerFrame, audio.sampleRate > 0 {
            return Double(samples) / Double(audio.sampleRate)
        }
        return steps?.median
    }

    /// From the first sample's showing to the end of the last.
    public var duration: Double? {
        guard let startSeconds, let endSeconds else { return nil }
        return endSeconds - startSeconds
    }

    /// Samples a second: counted by the steps between the first and the last. Nil of fewer than two.
    public var frameRate: Double? {
        guard let first = samples.first, let last = samples.last, last.decodeTime > first.decodeTime else { return nil }
        return Double(samples.count - 1) / seconds(last.decodeTime &- first.decodeTime)
    }

    /// Bits a second over ``duration``.
    public var bitRate: Double? {
        guard let duration, duration > 0 else { return nil }
        return 8 * Double(bytes) / duration
    }

    /// From one sample's decoding to the next one's, in seconds.
    public var stepSeconds: [Double] {
        zip(samples, samples.dropFirst()).map { seconds($1.decodeTime &- $0.decodeTime) }
    }

    /// How far apart the samples are decoded; nil of fewer than two.
    public var steps: StepStatistics? { StepStatistics(stepSeconds) }

    /// Steps that are much longer than the others.
    ///
    /// - Parameters:
    ///   - factor: how many times the one in the middle.
    ///   - seconds: and at least so long.
    public func gaps(factor: Double, seconds least: Double) -> [SampleGap] {
        guard let median = steps?.median else { return [] }
        return zip(samples, stepSeconds).compactMap { sample, step in
            guard step >= least, step > factor * median else { return nil }
            return SampleGap(startSeconds: seconds(sample.decodeTime), seconds: step)
        }
    }

    /// The groups of pictures, without what comes before the first keyframe.
    public var groups: [PictureGroup] {
        guard track.kind == .video else { return [] }
        let starts = samples.indices.filter { samples[$0].isKeyframe }
        return starts.enumerated().map { position, start in
            let next = position + 1 < starts.count ? starts[position + 1] : nil
            let range = start..<(next ?? samples.count)
            return PictureGroup(
                samples: range, startSeconds: seconds(samples[start].decodeTime),
                seconds: next.map { seconds(samples[$0].decodeTime &- samples[start].decodeTime) },
                bytes: samples[range].reduce(0) { $0 + Int($1.bytes) })
        }
    }
}
