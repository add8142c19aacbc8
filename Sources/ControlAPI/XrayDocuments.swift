import Codecs
import MediaCore
import NIOCore
import StreamAnatomy

/// Times of this process in milliseconds of the server's wall clock, which `/api/v1/server` tells, too.
struct WallClock: Sendable {
    private let millisecondsAtZero: Double

    /// - Parameters:
    ///   - milliseconds: the wall clock now, since 1970.
    ///   - now: the same moment of this process.
    init(milliseconds: Double, at now: NIODeadline) {
        millisecondsAtZero = milliseconds - Double(now.uptimeNanoseconds) / 1e6
    }

    func milliseconds(_ time: NIODeadline) -> Double {
        Self.rounded(millisecondsAtZero + Double(time.uptimeNanoseconds) / 1e6)
    }

    /// To the microsecond.
    static func rounded(_ milliseconds: Double) -> Double {
        (milliseconds * 1000).rounded() / 1000
    }

    static func milliseconds(_ time: MediaTime) -> Double {
        rounded(Double(time.nanoseconds) / 1e6)
    }
}

/// `event: stream`.
struct XrayStream: Encodable {
    struct Set: Encodable {
        var name: String
        var bytes: Int
        /// Name, value, meaning.
        var fields: [[String]]
    }

    struct Track: Encodable {
        var kind: String
        var track: Int
        var codec: String
        var parameters: [Set]
    }

    var name: String
    var publisher: StreamReport.Publisher?
    var tracks: [Track]

    init(name: StreamName, publisher: PublisherInfo?, tracks: [XrayFeed.Track]) {
        self.name = name.description
        self.publisher = publisher.map {
            StreamReport.Publisher(address: $0.address, protocol: $0.transport, encoder: $0.encoder)
        }
        self.tracks = tracks.map { track in
            let sets = track.configuration.map {
                ParameterSetDescription.all(codec: track.codec, configuration: $0)
            }
            return Track(
                kind: track.kind.word, track: Int(track.number), codec: track.codec.codecName,
                parameters: (sets ?? []).map { set in
                    Set(name: set.name, bytes: set.bytes, fields: set.fields.map { [$0.name, $0.value, $0.meaning] })
                })
        }
    }
}

/// `event: frames`. Absent fields have nothing to tell.
struct XrayFrames: Encodable {
    struct Frame: Encodable {
        var n: UInt64
        var kind: String
        var track: Int
        var role: String
        var picture: String?
        var nal: String?
        var bytes: Int
        var dts: Double
        var cts: Double
        var arrival: Double
        var wire: UInt32?
        var repair: String?
        var past: Bool?

        init(_ frame: XrayFeed.Frame, _ clock: WallClock) {
            let description = frame.description
            n = frame.number
            kind = description.kind.word
            track = Int(description.track)
            role = description.role.word
            picture = description.picture?.picture?.description
            nal = description.picture.flatMap { $0.words.isEmpty ? nil : $0.words }
            bytes = description.bytes
            dts = WallClock.milliseconds(description.decodeTime)
            cts = WallClock.milliseconds(description.compositionOffset)
            arrival = clock.milliseconds(frame.notes.arrival)
            wire = frame.notes.wireTimestamp
            repair = frame.notes.repair?.word
            past = frame.notes.isPast ? true : nil
        }
    }

    var now: Double
    var frames: [Frame]
    var skipped: Int?
}

extension FrameNotes.Repair {
    /// The repair in the API's words.
    var word: String {
        switch self {
        case .backwardJump: "backward"
        case .forwardJump: "gap"
        case .clocksApart: "apart"
        case .disorder: "disorder"
        case .publisherReturn: "return"
        case .wrap: "wrap"
        }
    }
}

/// `event: handshake`.
struct XrayHandshake: Encodable {
    struct Step: Encodable {
        var at: Double
        var direction: ConversationDirection
        var name: String
        var words: String
    }

    var peer: String
    var steps: [Step]

    init(peer: String, steps: [HandshakeStep], _ clock: WallClock) {
        self.peer = peer
        self.steps = steps.map {
            Step(at: clock.milliseconds($0.time), direction: $0.direction, name: $0.name, words: $0.words)
        }
    }
}

/// `event: messages`.
struct XrayMessages: Encodable {
    struct Message: Encodable {
        var n: UInt64
        var at: Double
        var direction: ConversationDirection
        var typeID: Int
        var type: String
        var messageStream: Int
        var timestamp: Int
        var bytes: Int
        var words: String
        var chunks: [ConversationMessage.Chunk]
        var moreChunks: Int?

        init(_ message: ConversationMessage, _ clock: WallClock) {
            n = message.number
            at = clock.milliseconds(message.time)
            direction = message.direction
            typeID = message.typeID
            type = message.type
            messageStream = message.messageStream
            timestamp = message.timestamp
            bytes = message.bytes
            words = message.words
            chunks = message.chunks
            moreChunks = message.moreChunks > 0 ? message.moreChunks : nil
        }
    }

    var messages: [Message]
    var skipped: Int?

    init(_ messages: [ConversationMessage], skipped: Int, _ clock: WallClock) {
        self.messages = messages.map { Message($0, clock) }
        self.skipped = skipped > 0 ? skipped : nil
    }
}

/// `event: end`.
struct XrayEnding: Encodable {
    var reason: XrayEnd
}
