import Codecs
import ISOBMFF
import NIOCore

/// What a track of a stream holds, as players and containers must know it.
struct TrackDescription: Sendable, Equatable {
    /// Video or audio.
    let isVideo: Bool
    let codec: FourCC
    /// As ``Codecs/FourCC`` says; of AC-3 and E-AC-3 what ``ISOBMFF/AC3Configuration`` makes of a frame.
    let configuration: ByteBuffer
    var video: VideoFormat?
    var audio: AudioFormat?

    /// - Parameters:
    ///   - configuration: the decoder configuration; nil for codecs that have none.
    ///   - firstFrame: the frame to begin with; a keyframe, for video.
    /// - Returns: nil when it cannot be told what a decoder must know.
    init?(isVideo: Bool, codec: FourCC, configuration: ByteBuffer?, firstFrame: ByteBuffer) {
        self.isVideo = isVideo
        self.codec = codec
        guard isVideo else {
            let format =
                configuration.flatMap { AudioFormat(codec: codec, configuration: $0) }
                ?? AudioFormat(codec: codec, firstFrame: firstFrame)
            guard let format else { return nil }
            audio = format
            guard codec == .ac3 || codec == .eac3 else {
                self.configuration = configuration ?? ByteBuffer()
                return
            }
            do { self.configuration = try AC3Configuration.body(firstFrame: firstFrame) } catch { return nil }
            return
        }
        guard let configuration, var format = VideoFormat(codec: codec, configuration: configuration) else {
            return nil
        }
        format.refine(keyframe: firstFrame)
        guard format.width > 0, format.height > 0 else { return nil }
        video = format
        self.configuration = configuration
    }

    /// Whether a keyframe says that it needs another description. Codecs whose size stands in the configuration say so
    /// there.
    func differs(in keyframe: ByteBuffer) -> Bool {
        guard var changed = video, codec == .vp09 || codec == .av01 else { return false }
        changed.refine(keyframe: keyframe)
        return changed != video
    }

    /// The codecs parameter of RFC 6381.
    var codecsParameter: String { video?.rfc6381 ?? audio?.rfc6381 ?? "" }

    /// Ticks a second of the track in CMAF.
    var timescale: UInt32 {
        isVideo ? Track.videoTimescale : UInt32(clamping: max(1, audio?.sampleRate ?? 1))
    }

    /// What a frame of audio lasts, in nanoseconds; nil where frames differ.
    var frameNanoseconds: Int64? {
        guard let audio, let samples = audio.samplesPerFrame, audio.sampleRate > 0 else { return nil }
        return Int64(samples) * 1_000_000_000 / Int64(audio.sampleRate)
    }

    /// The init segment of the track alone.
    ///
    /// - Returns: nil when the codec has no place in the format.
    func initSegment(_ kind: TrackKind) -> ByteBuffer? {
        let track: Track
        if let video {
            track = Track(id: kind.trackID, video: video, configuration: configuration)
        } else if let audio {
            track = Track(id: kind.trackID, audio: audio, configuration: configuration)
        } else {
            return nil
        }
        var bytes = ByteBuffer()
        do { try InitSegment(tracks: [track]).write(into: &bytes) } catch { return nil }
        return bytes
    }
}
