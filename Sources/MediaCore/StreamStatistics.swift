import Codecs
import NIOCore

/// What one publication has sent, counted frame by frame.
struct StreamStatistics: Sendable {
    /// The frames and bytes of one track.
    struct Track: Sendable {
        let kind: MediaFrame.Kind
        let number: UInt8
        var codec: FourCC
        var frames = 0
        var bytes = 0
        var rate = RateMeter()
        /// The beginning of a frame, for codecs whose frames describe themselves.
        var sample = ByteBuffer()
    }

    /// The most tracks counted. Publishers have a few; tracks are named by a byte.
    static let tracksMax = 32
    /// Enough of a frame for the headers of MP3, AC-3 and E-AC-3.
    private static let sampleBytes = 64

    private(set) var tracks: [Track] = []
    private(set) var frames = 0
    private(set) var bytes = 0
    private(set) var gop: (frames: Int, duration: MediaTime)?
    private var gopStart: MediaTime?
    private var gopFrames = 0
    /// Tags that could not be read.
    var malformedTags = 0
    /// When the newest tag came.
    var lastArrival: NIODeadline?

    /// The first video track that came: the one joiners begin with.
    private(set) var mainVideoTrack: UInt8?

    /// Counts a coded frame. True when its track is new or has changed codec.
    mutating func count(_ frame: MediaFrame, at now: NIODeadline) -> Bool {
        let size = frame.payload.readableBytes
        frames += 1
        bytes += size
        if frame.kind == .video {
            if mainVideoTrack == nil { mainVideoTrack = frame.track }
            if frame.track == mainVideoTrack { countPicture(frame) }
        }
        guard let index = index(of: frame) else { return false }
        tracks[index].frames += 1
        tracks[index].bytes += size
        tracks[index].rate.add(bytes: size, at: now)
        let isFirst = tracks[index].frames == 1
        // Seek commands and packets that nobody knows yet name no codec, and change none.
        let isChange = tracks[index].codec != frame.codec && frame.codec.rawValue != 0
        guard isFirst || isChange else { return false }
        tracks[index].codec = frame.codec
        tracks[index].sample = ByteBuffer(frame.payload.readableBytesView.prefix(Self.sampleBytes))
        return true
    }

    private mutating func countPicture(_ frame: MediaFrame) {
        if frame.role == .key {
            if let gopStart { gop = (gopFrames, frame.decodeTime - gopStart) }
            gopStart = frame.decodeTime
            gopFrames = 0
        }
        gopFrames += 1
    }

    private mutating func index(of frame: MediaFrame) -> Int? {
        for index in tracks.indices where tracks[index].number == frame.track && tracks[index].kind == frame.kind {
            return index
        }
        guard tracks.count < Self.tracksMax else { return nil }
        tracks.append(Track(kind: frame.kind, number: frame.track, codec: frame.codec))
        return tracks.count - 1
    }
}
