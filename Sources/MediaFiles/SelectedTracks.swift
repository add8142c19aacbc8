import Codecs
import FLV
import ISOBMFF
import MPEGTS
import NIOCore

/// The tracks of an MP4 file that are read: the first video and the first audio, video first.
struct SelectedTracks: Sendable {
    /// Positions in ``InitSegment/tracks``.
    private(set) var indices: [Int] = []
    /// The tracks themselves.
    private(set) var tracks: [Track] = []
    /// What makes their tags.
    var tags: [TrackTags] = []
    /// What to add to a decode time for the time on the movie's timeline, in nanoseconds.
    private(set) var shifts: [Int64] = []

    /// - Throws: `unsupported` where there is no video or audio, or of a codec that FLV has no place for.
    init(_ movie: InitSegment, name: String) throws(MediaFileError) {
        for wantsVideo in [true, false] {
            guard let index = movie.tracks.firstIndex(where: { $0.description.isMedia(video: wantsVideo) }) else {
                continue
            }
            let track = movie.tracks[index]
            let codec = track.description.codec
            guard let tags = TrackTags(codec: codec, configuration: track.description.configuration) else {
                throw MediaFileError(.unsupported, "\(name) holds \(codec), which RTMP cannot carry as it is")
            }
            let shift = track.presentationShift(movieTimescale: movie.movieTimescale)
            indices.append(index)
            tracks.append(track)
            self.tags.append(tags)
            shifts.append(TrackClock.nanoseconds(ticks: shift, timescale: track.timescale))
        }
        guard !tracks.isEmpty else { throw MediaFileError(.unsupported, "\(name) holds neither video nor audio") }
    }
}

extension SampleDescription {
    fileprivate func isMedia(video wantsVideo: Bool) -> Bool {
        switch media {
        case .video: wantsVideo
        case .audio: !wantsVideo
        case .other: false
        }
    }
}

/// The streams of a transport stream's program that are read: the first video and the first audio, video first.
struct SelectedStreams: Sendable {
    private(set) var ids: [PacketID] = []
    private(set) var codecs: [FourCC] = []

    /// - Throws: `unsupported` where there is no video or audio, or of a codec that FLV has no place for.
    init(_ program: ProgramMap) throws(MediaFileError) {
        var audio: (PacketID, FourCC)?
        for stream in program.streams {
            switch stream.content {
            case .video(let codec) where ids.isEmpty:
                ids.append(stream.id)
                codecs.append(codec)
            case .audio(let codec) where audio == nil: audio = (stream.id, codec)
            case .unknown where !stream.type.isData:
                throw MediaFileError(
                    .unsupported, "the transport stream holds type \(stream.type.rawValue), which RTMP cannot carry")
            default: break
            }
        }
        if let audio {
            // Only the frames tell whether it is layer III, and RTMP has no place for the other two.
            guard audio.1 != .mp3 else {
                throw MediaFileError(.unsupported, "the transport stream holds MPEG audio, which may not be MP3")
            }
            ids.append(audio.0)
            codecs.append(audio.1)
        }
        guard !ids.isEmpty else {
            throw MediaFileError(.unsupported, "the transport stream holds neither video nor audio")
        }
    }
}

extension StreamType {
    /// Whether streams of the type are no pictures and no sound, or could not be recognised as such: MPEG-1 and
    /// MPEG-2 video, MPEG-4 video and LATM are the ones that are. Specification: ISO/IEC 13818-1, Table 2-34.
    fileprivate var isData: Bool {
        ![0x01, 0x02, 0x10, 0x11].contains(rawValue)
    }
}
