import MediaCore

/// What the API tells about one stream. The property names are the names in the JSON.
package struct StreamReport: Codable, Sendable, Equatable {
    /// Whether anything comes in.
    package enum State: String, Codable, Sendable, CaseIterable {
        /// A publisher is sending.
        case live
        /// Viewers came before any publisher.
        case waitingForPublisher
        /// The publisher's connection died, and viewers wait for its return.
        case waitingForReturn
    }

    /// Who sends the stream.
    package struct Publisher: Codable, Sendable, Equatable {
        /// "10.0.0.7:5123".
        package var address: String
        /// "rtmp".
        package var `protocol`: String
        /// What the publisher calls itself: "OBS 29".
        package var encoder: String?

        /// Makes a description; see the properties.
        package init(address: String, protocol: String, encoder: String? = nil) {
            self.address = address
            self.protocol = `protocol`
            self.encoder = encoder
        }
    }

    /// One elementary stream.
    package struct Track: Codable, Sendable, Equatable {
        /// "video" or "audio".
        package enum Kind: String, Codable, Sendable, CaseIterable {
            case video, audio
        }

        /// Video or audio.
        package var kind: Kind
        /// The track's number within its kind; 0 unless the publisher sends several.
        package var track: Int
        /// "H.264", "HEVC", "AV1", "AAC", "Opus".
        package var codec: String
        /// "High".
        package var profile: String?
        /// "4.1".
        package var level: String?
        /// Luma samples a line.
        package var width: Int?
        /// Lines.
        package var height: Int?
        /// Pictures a second.
        package var frameRate: Double?
        /// Samples a second.
        package var sampleRate: Int?
        /// Audio channels.
        package var channels: Int?
        /// Over the last seconds.
        package var bitrateKbps: Int?

        /// Makes a description; see the properties.
        package init(
            kind: Kind, track: Int = 0, codec: String, profile: String? = nil, level: String? = nil,
            width: Int? = nil, height: Int? = nil, frameRate: Double? = nil, sampleRate: Int? = nil,
            channels: Int? = nil, bitrateKbps: Int? = nil
        ) {
            self.kind = kind
            self.track = track
            self.codec = codec
            self.profile = profile
            self.level = level
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.sampleRate = sampleRate
            self.channels = channels
            self.bitrateKbps = bitrateKbps
        }
    }

    /// The newest whole group of pictures, from keyframe to keyframe.
    package struct GOP: Codable, Sendable, Equatable {
        /// Pictures in it.
        package var frames: Int
        /// Its length.
        package var seconds: Double

        /// Makes a description; see the properties.
        package init(frames: Int, seconds: Double) {
            self.frames = frames
            self.seconds = seconds
        }
    }

    /// Who watches.
    package struct Viewers: Codable, Sendable, Equatable {
        /// All of them.
        package var total: Int
        /// By protocol: "rtmp", "http-flv".
        package var protocols: [String: Int]

        /// Counts the viewers of all protocols.
        package init(protocols: [String: Int] = [:]) {
            self.protocols = protocols
            total = protocols.values.reduce(0, +)
        }
    }

    /// What has been counted since the stream began.
    package struct Counters: Codable, Sendable, Equatable {
        /// Frames from publishers.
        package var framesIn: UInt64
        /// Bytes of those frames.
        package var bytesIn: UInt64
        /// Timestamps that had to be mended.
        package var timestampRepairs: UInt64
        /// Times that a slow viewer skipped to a keyframe.
        package var viewerSkips: UInt64
        /// Viewers closed because they took nothing.
        package var viewersStuck: UInt64

        /// Makes a set of counts; see the properties.
        package init(
            framesIn: UInt64 = 0, bytesIn: UInt64 = 0, timestampRepairs: UInt64 = 0, viewerSkips: UInt64 = 0,
            viewersStuck: UInt64 = 0
        ) {
            self.framesIn = framesIn
            self.bytesIn = bytesIn
            self.timestampRepairs = timestampRepairs
            self.viewerSkips = viewerSkips
            self.viewersStuck = viewersStuck
        }
    }

    /// "live/x": the application, a slash, the stream.
    package var name: String
    /// Whether anything comes in.
    package var state: State
    /// Who sends; absent while nobody does.
    package var publisher: Publisher?
    /// What is sent, video first.
    package var tracks: [Track]
    /// The newest group of pictures; absent without video.
    package var gop: GOP?
    /// Who watches.
    package var viewers: Viewers
    /// What has been counted.
    package var counters: Counters
    /// How it is cut into segments, once for each container; absent while it is not.
    package var segments: [SegmentsReport]?
    /// Since the stream began.
    package var uptimeSeconds: Double

    /// Makes a report; see the properties.
    package init(
        name: String, state: State, publisher: Publisher? = nil, tracks: [Track] = [], gop: GOP? = nil,
        viewers: Viewers = Viewers(), counters: Counters = Counters(), segments: [SegmentsReport]? = nil,
        uptimeSeconds: Double = 0
    ) {
        self.name = name
        self.state = state
        self.publisher = publisher
        self.tracks = tracks
        self.gop = gop
        self.viewers = viewers
        self.counters = counters
        self.segments = segments
        self.uptimeSeconds = uptimeSeconds
    }
}

/// The answer to `GET /api/v1/streams`.
package struct StreamList: Codable, Sendable, Equatable {
    /// By name.
    package var streams: [StreamReport]
}

/// What the API asks the server.
package protocol StreamDirectory: Sendable {
    /// Every stream there is, live or awaited, in any order.
    func streams() -> [StreamReport]
    /// One stream, or `nil` when there is none of that name.
    func stream(named name: StreamName) -> StreamReport?
}

extension StreamDirectory {
    /// Looks through all streams.
    package func stream(named name: StreamName) -> StreamReport? {
        streams().first { $0.name == name.description }
    }
}
