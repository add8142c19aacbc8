import Codecs
import MediaCore
import NIOCore
import StreamAnatomy

/// Hears a stream for one who looks at its anatomy. Keeps sizes, times and types, never a frame's bytes.
final class XrayFeed: StreamObserver {
    /// The most frames that wait for a slow reader; older ones are given up and counted. Some seven seconds of video
    /// at 60 frames a second with its audio, and the longest group of pictures that is shown to a newcomer.
    static let framesMax = 1024
    /// The most tracks told. Publishers name tracks with a byte.
    static let tracksMax = 32
    /// The longest configuration kept. A record of every parameter set in use has some hundred bytes.
    static let configurationBytesMax = 16 << 10

    /// A frame, as it came.
    struct Frame: Sendable {
        var number: UInt64
        var description: FrameDescription
        var notes: FrameNotes
    }

    /// A track, as its headers tell.
    struct Track: Sendable {
        let kind: MediaFrame.Kind
        let number: UInt8
        var codec: FourCC
        var configuration: ByteBuffer?
        var nalUnitLengthSize = 4
    }

    /// What has happened since the last look.
    struct News: Sendable {
        /// Whether a publication has ended; if one has begun after that, it is in the other fields.
        var end: XrayEnd?
        /// Who publishes; nil when nobody does.
        var publisher: PublisherInfo?
        /// The tracks, when they or the publisher have changed.
        var tracks: [Track]?
        var frames: [Frame] = []
        /// Frames given up because nobody took them.
        var skipped = 0
    }

    fileprivate struct State {
        var news = News()
        var tracks: [Track] = []
        var framesSeen: UInt64 = 0
        var isInterrupted = false
    }

    private let state = Locked(State())

    /// What has happened since the last time.
    func take() -> News {
        state.withLock { state in
            let taken = state.news
            state.news = News(publisher: taken.publisher)
            return taken
        }
    }

    func publicationBegan(_ publisher: PublisherInfo, isReturn: Bool, at now: NIODeadline) {
        state.withLock { state in
            if !isReturn { state.tracks = [] }
            state.isInterrupted = false
            state.news.publisher = publisher
            state.news.tracks = state.tracks
        }
    }

    func publicationInterrupted(at now: NIODeadline) {
        state.withLock { $0.isInterrupted = true }
    }

    func publicationEnded(at now: NIODeadline) {
        state.withLock { state in
            state.news = News(
                end: state.isInterrupted ? .gone : .unpublished, frames: state.news.frames,
                skipped: state.news.skipped)
            state.tracks = []
        }
    }

    func received(_ frame: MediaFrame, _ notes: FrameNotes) {
        state.withLock { state in
            let track = state.track(of: frame)
            let description = FrameDescription(
                frame, nalUnitLengthSize: track.map { state.tracks[$0].nalUnitLengthSize } ?? 4)
            state.framesSeen += 1
            state.news.frames.append(
                Frame(number: state.framesSeen, description: description, notes: notes))
            // In one go and not one by one, so that a reader who has stopped costs little.
            guard state.news.frames.count >= 2 * Self.framesMax else { return }
            state.news.frames.removeFirst(Self.framesMax)
            state.news.skipped += Self.framesMax
        }
    }
}

extension XrayFeed.State {
    /// Where the frame's track is among the tracks; notes what is new about it.
    fileprivate mutating func track(of frame: MediaFrame) -> Int? {
        guard frame.kind != .data else { return nil }
        let known = tracks.firstIndex { $0.kind == frame.kind && $0.number == frame.track }
        if known == nil, tracks.count >= XrayFeed.tracksMax { return nil }
        let index = known ?? tracks.count
        if known == nil {
            tracks.append(XrayFeed.Track(kind: frame.kind, number: frame.track, codec: frame.codec))
        } else if tracks[index].codec != frame.codec, frame.codec.rawValue != 0 {
            tracks[index] = XrayFeed.Track(kind: frame.kind, number: frame.track, codec: frame.codec)
        } else if frame.role != .configuration {
            return index
        }
        if frame.role == .configuration, frame.payload.readableBytes <= XrayFeed.configurationBytesMax {
            tracks[index].configuration = ByteBuffer(frame.payload.readableBytesView)
            let format = VideoFormat(codec: frame.codec, configuration: frame.payload)
            tracks[index].nalUnitLengthSize = format.map(\.nalUnitLengthSize) ?? 4
        }
        news.tracks = tracks
        return index
    }
}

/// Why a stream has ended.
enum XrayEnd: String, Sendable, Encodable, CaseIterable {
    /// Its publisher said so.
    case unpublished
    /// Its publisher's connection failed, and it did not return.
    case gone
}
