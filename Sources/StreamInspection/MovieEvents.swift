import Codecs
import ISOBMFF
import NIOCore

/// Finds tracks and samples in MP4: those of the movie box, and those of fragments.
public struct MovieEvents: Sendable {
    private struct Known {
        var number: Int
        var shift: Int64
        var configuration: ByteBuffer
    }

    private let container: SourceTrack.Container
    private var reader = FragmentReader()
    private var tracks: [UInt32: Known] = [:]

    /// - Parameter container: ``SourceTrack/Container/mp4`` or ``SourceTrack/Container/fragmentedMP4``.
    public init(_ container: SourceTrack.Container) {
        self.container = container
    }

    /// The events of the next element of a fragmented file.
    ///
    /// - Parameter bytes: what is at hand; what has been read is consumed.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: ``ISOBMFF/ISOBMFFError``.
    public mutating func read(from bytes: inout ByteBuffer) throws(ISOBMFFError) -> [SourceEvent]? {
        guard let element = try reader.read(from: &bytes) else { return nil }
        switch element {
        case .initSegment(let movie): return receive(movie)
        case .fragment(let fragment): return fragment.tracks.flatMap { samples(of: $0) }
        case .fileType, .segmentType, .event, .producerReferenceTime, .segmentIndex: return []
        }
    }

    /// The events of a movie box: tracks and configurations that are new.
    public mutating func receive(_ movie: InitSegment) -> [SourceEvent] {
        var events: [SourceEvent] = []
        for track in movie.tracks {
            let description = track.description
            let shift = track.presentationShift(movieTimescale: movie.movieTimescale)
            if var known = tracks[track.id] {
                if known.configuration != description.configuration {
                    events.append(.configuration(track: known.number, description.configuration))
                }
                known.shift = shift
                known.configuration = description.configuration
                tracks[track.id] = known
            } else if tracks.count < sourceTracksMax {
                let known = Known(number: tracks.count, shift: shift, configuration: description.configuration)
                tracks[track.id] = known
                events.append(.track(sourceTrack(track, number: known.number)))
                if known.configuration.readableBytes > 0 {
                    events.append(.configuration(track: known.number, known.configuration))
                }
            }
        }
        return events
    }

    /// The event of a sample that the movie box's tables name.
    ///
    /// - Parameters:
    ///   - sample: as the tables have it.
    ///   - trackID: the track's.
    ///   - payload: its bytes.
    public func event(_ sample: IndexedSample, trackID: UInt32, payload: ByteBuffer) -> SourceEvent? {
        guard let known = tracks[trackID] else { return nil }
        let time = sample.decodeTime &+ known.shift
        return .sample(
            SourceSample(
                track: known.number, decodeTime: time, presentationTime: time &+ Int64(sample.compositionOffset),
                duration: Int64(sample.duration), isKeyframe: sample.isSync, payload: payload))
    }

    private func samples(of part: TrackFragment) -> [SourceEvent] {
        guard let known = tracks[part.trackID] else { return [] }
        var ticks = Int64(clamping: part.baseDecodeTime) &+ known.shift
        return part.samples.map { sample in
            defer { ticks &+= Int64(sample.duration) }
            return .sample(
                SourceSample(
                    track: known.number, decodeTime: ticks,
                    presentationTime: ticks &+ Int64(sample.compositionOffset), duration: Int64(sample.duration),
                    isKeyframe: sample.flags.isSync, payload: sample.payload))
        }
    }

    private func sourceTrack(_ track: Track, number: Int) -> SourceTrack {
        let kind: SourceTrack.Kind
        var size: PictureSize?
        switch track.description.media {
        case .video(let format):
            kind = .video
            size = PictureSize(width: format.width, height: format.height)
        case .audio: kind = .audio
        case .other: kind = .data
        }
        return SourceTrack(
            number: number, name: "track \(track.id)", kind: kind, codec: track.description.codec,
            container: container, timescale: Int64(track.timescale), size: size)
    }
}
