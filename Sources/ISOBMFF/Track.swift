import Codecs
import NIOCore

/// One track of a movie: its clock, and what its samples are.
public struct Track: Sendable, Equatable {
    /// The number that fragments name the track by; not 0.
    public var id: UInt32
    /// Ticks a second of the track's times; not 0.
    public var timescale: UInt32
    /// Three letters of ISO 639-2/T, or "und".
    public var language: String
    /// What a decoder must know.
    public var description: SampleDescription
    /// Which stretches of the track are shown; all of it where there are none.
    public var edits: [Edit]
    /// What fragments leave unsaid of their samples.
    public var defaults: SampleDefaults

    /// Ticks a second that video tracks have here: every common frame rate and every millisecond is a whole number.
    public static let videoTimescale: UInt32 = 90_000

    /// Makes a track; see the properties.
    public init(
        id: UInt32, timescale: UInt32, language: String = "und", description: SampleDescription, edits: [Edit] = [],
        defaults: SampleDefaults = .init()
    ) {
        self.id = id
        self.timescale = timescale
        self.language = language
        self.description = description
        self.edits = edits
        self.defaults = defaults
    }

    /// A video track of 90 000 ticks a second.
    ///
    /// - Parameters:
    ///   - id: not 0.
    ///   - video: the format; codecs whose configuration has no size need ``VideoFormat/refine(keyframe:)`` first.
    ///   - configuration: the codec's configuration record; see ``FourCC``.
    ///   - bitRate: where it is known.
    public init(id: UInt32, video: VideoFormat, configuration: ByteBuffer, bitRate: BitRate? = nil) {
        let format = VideoSampleFormat(
            width: video.width, height: video.height, colour: video.colour, sampleAspectRatio: video.sampleAspectRatio)
        self.init(
            id: id, timescale: Self.videoTimescale,
            description: SampleDescription(
                codec: video.codec, configuration: configuration, media: .video(format), bitRate: bitRate))
    }

    /// An audio track whose clock is its sample rate.
    ///
    /// - Parameters:
    ///   - id: not 0.
    ///   - audio: the format.
    ///   - configuration: the codec's configuration; see ``FourCC``; for AC-3 and E-AC-3 see ``AC3Configuration``.
    ///   - bitRate: where it is known.
    public init(id: UInt32, audio: AudioFormat, configuration: ByteBuffer, bitRate: BitRate? = nil) {
        let format = AudioSampleFormat(channels: audio.channels, sampleRate: audio.sampleRate)
        self.init(
            id: id, timescale: UInt32(clamping: max(1, audio.sampleRate)),
            description: SampleDescription(
                codec: audio.codec, configuration: configuration, media: .audio(format), bitRate: bitRate))
    }

    /// What to add to a composition time, in ticks, for the time on the movie's timeline.
    ///
    /// Empty edits in front delay the track; the first other edit says which time of the track is shown first.
    /// Later edits, which cut pieces out, are not considered.
    ///
    /// - Parameter movieTimescale: ``InitSegment/movieTimescale``.
    public func presentationShift(movieTimescale: UInt32) -> Int64 {
        var delay: UInt64 = 0
        for edit in edits {
            guard edit.mediaTime < 0 else { return Int64(clamping: delay) &- edit.mediaTime }
            let (high, low) = edit.segmentDuration.multipliedFullWidth(by: UInt64(timescale))
            let divisor = UInt64(max(1, movieTimescale))
            let ticks = high < divisor ? divisor.dividingFullWidth((high, low)).quotient : .max
            delay = delay.addingReportingOverflow(ticks).overflow ? .max : delay &+ ticks
        }
        return Int64(clamping: delay)
    }
}

/// A stretch of a track on the movie's timeline. Specification: ISO/IEC 14496-12, 8.6.6.
public struct Edit: Sendable, Hashable {
    /// How long the stretch is, in ``InitSegment/movieTimescale``; 0 in fragmented files is to the end.
    public var segmentDuration: UInt64
    /// The composition time in the track's ticks at which it begins; −1 for a stretch of nothing.
    public var mediaTime: Int64

    /// Makes an edit; see the properties.
    public init(segmentDuration: UInt64, mediaTime: Int64) {
        self.segmentDuration = segmentDuration
        self.mediaTime = mediaTime
    }

    /// The edit of a track that is shown from one time on: behind an audio encoder's delay (``OpusHead/preSkip``), or
    /// from the first picture's composition time where pictures are reordered.
    ///
    /// - Parameter mediaTime: a composition time in the track's ticks.
    public static func starting(at mediaTime: Int64) -> Edit {
        Edit(segmentDuration: 0, mediaTime: mediaTime)
    }
}

/// TrackExtendsBox: what fragments leave unsaid. Specification: ISO/IEC 14496-12, 8.8.3.
public struct SampleDefaults: Sendable, Hashable {
    /// In the track's ticks.
    public var duration: UInt32
    /// In bytes.
    public var size: UInt32
    /// What the samples are to a decoder.
    public var flags: SampleFlags

    /// Makes defaults; see the properties.
    public init(duration: UInt32 = 0, size: UInt32 = 0, flags: SampleFlags = .init(rawValue: 0)) {
        self.duration = duration
        self.size = size
        self.flags = flags
    }
}

/// What a sample is to a decoder. Specification: ISO/IEC 14496-12, 8.8.3.1 and 8.6.4.
public struct SampleFlags: RawRepresentable, Hashable, Sendable {
    /// The 32 bits on the wire.
    public var rawValue: UInt32

    /// - Parameter rawValue: the 32 bits on the wire.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Decodable on its own: any audio frame, and a picture that depends on no other.
    public static let sync = SampleFlags(rawValue: 0x0200_0000)
    /// A picture that depends on others.
    public static let dependent = SampleFlags(rawValue: 0x0101_0000)
    /// A picture that depends on others and that no other depends on.
    public static let disposable = SampleFlags(rawValue: 0x0181_0000)

    /// Whether decoding can begin here; the opposite of sample_is_non_sync_sample.
    public var isSync: Bool {
        rawValue & 0x0001_0000 == 0
    }
}
