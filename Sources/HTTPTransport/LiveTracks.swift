import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// A track as containers must know it.
struct LiveTrack: Sendable, Equatable {
    let number: UInt8
    let codec: FourCC
    /// As ``Codecs/FourCC`` says; of AC-3 and E-AC-3 what ``ISOBMFF/AC3Configuration`` makes of a frame.
    var configuration = ByteBuffer()
    /// What pictures are; nil for sound, and where the configuration cannot be read.
    var video: VideoFormat?
    /// What sound is; nil for pictures, and where the configuration cannot be read.
    var audio: AudioFormat?

    /// Codecs whose every frame tells what a decoder must know.
    static let codecsWithoutConfiguration: Set<FourCC> = [.mp3, .ac3, .eac3]

    /// Whether a keyframe has yet to tell the pictures' size.
    var isIncomplete: Bool {
        video.map { $0.width == 0 || $0.height == 0 } ?? false
    }

    /// - Parameter configuration: a frame that holds the decoder's configuration.
    init(configuration frame: MediaFrame) {
        number = frame.track
        codec = frame.codec
        // A slice would keep all of what was read from the socket with it.
        configuration = ByteBuffer(frame.payload.readableBytesView)
        if frame.kind == .video {
            video = VideoFormat(codec: codec, configuration: configuration)
        } else {
            audio = AudioFormat(codec: codec, configuration: configuration)
        }
    }

    /// - Parameter frame: any frame of a codec that has no configuration.
    /// - Returns: nil for codecs that have one, and where the frame tells nothing.
    init?(coded frame: MediaFrame) {
        guard frame.kind == .audio, let format = AudioFormat(codec: frame.codec, firstFrame: frame.payload) else {
            return nil
        }
        number = frame.track
        codec = frame.codec
        audio = format
        guard codec == .ac3 || codec == .eac3 else { return }
        do { configuration = try AC3Configuration.body(firstFrame: frame.payload) } catch { return nil }
    }
}

/// The tracks that a body carries: of each kind one, the first that came of several.
struct LiveTracks: Sendable, Equatable {
    private(set) var video: LiveTrack?
    private(set) var audio: LiveTrack?

    /// Whether something is known of a track, and not enough to begin with.
    var isIncomplete: Bool { video?.isIncomplete ?? false }

    /// Takes note of what a frame says of its track. - Returns: whether the tracks are others than before.
    mutating func note(_ frame: MediaFrame) -> Bool {
        let old = track(frame.kind)
        guard old == nil || old?.number == frame.track else { return false }
        switch frame.role {
        case .configuration:
            // FFmpeg 9.0 sends one for AC-3, too.
            guard !LiveTrack.codecsWithoutConfiguration.contains(frame.codec) else { return false }
            if let old, old.codec == frame.codec, old.configuration == frame.payload { return false }
            set(LiveTrack(configuration: frame), frame.kind)
            return true
        case .key, .delta: return noteCoded(frame, old)
        case .metadata, .sequenceEnd: return false
        }
    }

    private mutating func noteCoded(_ frame: MediaFrame, _ old: LiveTrack?) -> Bool {
        guard let old, old.codec == frame.codec else {
            let new = LiveTrack(coded: frame)
            guard new != old, old != nil || new != nil else { return false }
            set(new, frame.kind)
            return true
        }
        guard frame.role == .key, old.isIncomplete else { return false }
        var new = old
        new.video?.refine(keyframe: frame.payload)
        set(new, frame.kind)
        return new != old
    }

    /// The track that a frame belongs to; nil where it is none of those carried.
    func track(of frame: MediaFrame) -> LiveTrack? {
        guard let track = track(frame.kind), track.number == frame.track, track.codec == frame.codec else { return nil }
        return track
    }

    private func track(_ kind: MediaFrame.Kind) -> LiveTrack? {
        switch kind {
        case .video: video
        case .audio: audio
        case .data: nil
        }
    }

    private mutating func set(_ track: LiveTrack?, _ kind: MediaFrame.Kind) {
        switch kind {
        case .video: video = track
        case .audio: audio = track
        case .data: break
        }
    }
}
