import Codecs
import NIOCore

/// Who publishes a stream.
public struct PublisherInfo: Sendable, Equatable {
    /// The peer's address and port.
    public var address: String
    /// The protocol it publishes by, such as "rtmp".
    public var transport: String
    /// What the encoder calls itself (RTMP's flashVer, or the metadata's encoder); nil where it does not.
    public var encoder: String?

    /// Makes a description; see the properties.
    public init(address: String, transport: String, encoder: String? = nil) {
        self.address = address
        self.transport = transport
        self.encoder = encoder
    }
}

/// Who watches a stream.
public struct ViewerInfo: Sendable, Equatable {
    /// The protocol the viewer watches by, such as "rtmp" or "http-flv"; viewers are counted by it.
    public var transport: String

    /// - Parameter transport: the protocol the viewer watches by.
    public init(transport: String) {
        self.transport = transport
    }
}

/// One stream at one moment, for people and programs that look after the server.
public struct StreamSnapshot: Sendable {
    /// Where a stream stands.
    public enum State: Sendable, Equatable {
        /// Viewers wait for somebody to publish.
        case waitingForPublisher
        /// A publisher is connected.
        case live
        /// The publisher's connection has failed; viewers are kept for its return.
        case waitingForReturn
    }

    /// One track.
    public struct Track: Sendable {
        /// Video, audio or data.
        public var kind: MediaFrame.Kind
        /// The track's number within its kind.
        public var number: UInt8
        /// The codec; `FourCC(rawValue: 0)` where the wire has no name for it.
        public var codec: FourCC
        /// What the video configuration says.
        public var videoFormat: VideoFormat?
        /// What the audio configuration, or the first frame, says.
        public var audioFormat: AudioFormat?
        /// Frames received in this publication.
        public var frames: Int
        /// Payload bytes received in this publication.
        public var bytes: Int
        /// Frames a second over the last five seconds, as they came; nil in the first moments.
        public var frameRate: Double?
        /// Bits a second over the last five seconds, as they came; nil in the first moments.
        public var bitrate: Int?
    }

    /// The last whole group of pictures.
    public struct GroupOfPictures: Sendable, Equatable {
        /// Pictures from one keyframe to the next.
        public var frames: Int
        /// Media time from one keyframe to the next.
        public var duration: MediaTime
    }

    /// "app/stream".
    public var name: StreamName
    /// Where the stream stands.
    public var state: State
    /// Who publishes, or published last and is waited for.
    public var publisher: PublisherInfo?
    /// How long the present publication has lasted; nil when there is none.
    public var uptime: TimeAmount?
    /// The tracks in the order they came.
    public var tracks: [Track]
    /// The last whole group of pictures of the first video track.
    public var groupOfPictures: GroupOfPictures?
    /// Coded frames received in this publication.
    public var framesReceived: Int
    /// Payload bytes of them.
    public var bytesReceived: Int
    /// Tags of this publication that could not be read and were dropped.
    public var malformedTags: Int
    /// The newest onMetaData: AMF 0 values.
    public var metadata: ByteBuffer?
    /// Viewers by protocol.
    public var viewers: [String: Int]
    /// Timestamps repaired since the stream came to be.
    public var repairs: TimestampRepair.Counts
    /// Timestamps that passed 2³² in this publication.
    public var timestampWraps: Int
    /// What happened to the viewers since the stream came to be.
    public var viewerCounts: ViewerCounts
}

extension StreamStatistics {
    func snapshots(headers: StreamHeaders, at now: NIODeadline) -> [StreamSnapshot.Track] {
        tracks.map { track in
            let configuration = headers.configuration(kind: track.kind, track: track.number)
            let rates = track.rate.rates(at: now)
            var snapshot = StreamSnapshot.Track(
                kind: track.kind, number: track.number, codec: track.codec, frames: track.frames, bytes: track.bytes,
                frameRate: rates?.framesPerSecond, bitrate: rates?.bitsPerSecond)
            switch track.kind {
            case .video:
                snapshot.videoFormat = configuration.flatMap {
                    VideoFormat(codec: $0.codec, configuration: $0.payload)
                }
            case .audio:
                snapshot.audioFormat =
                    configuration.flatMap { AudioFormat(codec: $0.codec, configuration: $0.payload) }
                    ?? AudioFormat(codec: track.codec, firstFrame: track.sample)
            case .data: break
            }
            return snapshot
        }
    }
}

extension StreamSnapshot {
    init(name: StreamName, _ hub: HubState, _ counts: ViewerCounts, at now: NIODeadline) {
        self.name = name
        switch hub.phase {
        case .waiting, .retired: state = .waitingForPublisher
        case .live(_, let present, let since):
            state = .live
            publisher = present
            uptime = now - since
        case .awaitingReturn(let last, _):
            state = .waitingForReturn
            publisher = last
        }
        let isPublished = state != .waitingForPublisher
        tracks = isPublished ? hub.statistics.snapshots(headers: hub.headers, at: now) : []
        groupOfPictures = hub.statistics.gop.flatMap {
            isPublished ? GroupOfPictures(frames: $0.frames, duration: $0.duration) : nil
        }
        framesReceived = hub.statistics.frames
        bytesReceived = hub.statistics.bytes
        malformedTags = hub.statistics.malformedTags
        metadata = hub.headers.metadata?.payload
        viewers = hub.viewers
        repairs = hub.repair.counts
        timestampWraps = hub.timestampWraps
        viewerCounts = counts
    }
}
