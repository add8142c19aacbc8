import NIOCore

/// Samples of one or several tracks with what a player must know of them: a `moof` box and the `mdat` box behind it.
/// Specification: ISO/IEC 14496-12, 8.8.4 to 8.8.12; ISO/IEC 23000-19, 7.3.2.3 (CMAF chunk).
public struct Fragment: Sendable, Equatable {
    /// Counts the fragments of a stream up from 1.
    public var sequenceNumber: UInt32
    /// The tracks that have samples here. Other writers may name a track twice; this one is to be given each once.
    public var tracks: [TrackFragment]

    /// Makes a fragment; see the properties.
    public init(sequenceNumber: UInt32, tracks: [TrackFragment]) {
        self.sequenceNumber = sequenceNumber
        self.tracks = tracks
    }

    /// The samples of a track.
    public func track(_ id: UInt32) -> TrackFragment? {
        tracks.first { $0.trackID == id }
    }
}

/// The samples of one track in a fragment. Specification: ISO/IEC 14496-12, 8.8.6.
public struct TrackFragment: Sendable, Equatable {
    /// The track.
    public var trackID: UInt32
    /// When the first sample is decoded, in the track's ticks.
    public var baseDecodeTime: UInt64
    /// The samples in decode order. Each is decoded when the durations of those before it have passed.
    public var samples: [Sample]

    /// Makes a track's part of a fragment; see the properties.
    public init(trackID: UInt32, baseDecodeTime: UInt64, samples: [Sample]) {
        self.trackID = trackID
        self.baseDecodeTime = baseDecodeTime
        self.samples = samples
    }

    /// What the samples last together, in the track's ticks.
    public var duration: UInt64 {
        samples.reduce(0) { $0 &+ UInt64($1.duration) }
    }

    /// Whether decoding can begin with the first sample.
    public var isIndependent: Bool {
        samples.first?.flags.isSync == true
    }
}

/// One coded picture, or one frame of audio.
public struct Sample: Sendable, Equatable {
    /// Until the next sample is decoded, in the track's ticks.
    public var duration: UInt32
    /// How long after it is decoded the sample is shown, in the track's ticks; may be negative.
    public var compositionOffset: Int32
    /// What the sample is to a decoder.
    public var flags: SampleFlags
    /// Length-prefixed NAL units, open bitstream units, or a frame: what RTMP carries too.
    public var payload: ByteBuffer

    /// Makes a sample; see the properties.
    public init(duration: UInt32, compositionOffset: Int32 = 0, flags: SampleFlags = .sync, payload: ByteBuffer) {
        self.duration = duration
        self.compositionOffset = compositionOffset
        self.flags = flags
        self.payload = payload
    }
}
