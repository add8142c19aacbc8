import AMF
import FLV
import MediaCore
import NIOCore

/// Renders a frame as a line of text, such as "video key 1040 picture": what viewers get can be read in tests.
struct LineRenderer: FrameRenderer {
    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        guard frame.tagBody != .carriedByEarlierFrame else { return }
        let text: String
        if frame.kind == .data {
            text = (try? ScriptData(parsing: frame.payload))?.values.first?.string ?? "?"
        } else {
            text = String(buffer: frame.payload)
        }
        let track = frame.track == 0 ? "" : "#\(frame.track)"
        bytes.writeString("\(frame.kind)\(track) \(frame.role) \(frame.decodeTime.milliseconds) \(text)\n")
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) { bytes.writeString("begin\n") }
    mutating func renderEnd(into bytes: inout ByteBuffer) { bytes.writeString("end\n") }
}

extension LogFormat {
    /// Viewers wait for the next publication, as over RTMP.
    static let lines = LogFormat(name: "lines", endsWithPublication: false) { LineRenderer() }
    /// Viewers leave at the end, as over HTTP.
    static let file = LogFormat(name: "file", endsWithPublication: true) { LineRenderer() }
    static let audioLines = LogFormat(name: "lines", wantsVideo: false, endsWithPublication: false) {
        LineRenderer()
    }
    static let videoLines = LogFormat(name: "lines", wantsAudio: false, endsWithPublication: false) {
        LineRenderer()
    }
}

extension ViewerInfo {
    static let rtmp = ViewerInfo(transport: "rtmp")
    static let http = ViewerInfo(transport: "http-flv")
}

extension PublisherInfo {
    static let first = PublisherInfo(address: "10.0.0.1:1000", transport: "rtmp", encoder: "OBS")
    static let second = PublisherInfo(address: "10.0.0.2:2000", transport: "rtmp")
}

/// A viewer that reads the log as the fan-out does.
struct LineViewer {
    let subscription: Subscription
    var cursor: UInt64
    /// What the viewer was given before anything of the log.
    let preamble: [String]

    init(_ subscription: Subscription) {
        self.subscription = subscription
        cursor = subscription.cursor
        preamble = Self.lines(Array(subscription.preamble.readableBytesView))
    }

    init(_ hub: StreamHub, _ format: LogFormat = .lines, _ viewer: ViewerInfo = .rtmp) throws {
        struct Retired: Error {}
        guard let subscription = hub.subscribe(format: format, viewer: viewer) else { throw Retired() }
        self.init(subscription)
    }

    /// The lines that came since the last reading.
    mutating func read() -> [String] {
        let snapshot = subscription.log.snapshot()
        var bytes: [UInt8] = []
        while cursor < snapshot.head {
            let next = snapshot.bytes(from: cursor)
            guard !next.isEmpty else { break }
            bytes += next
            cursor += UInt64(next.count)
        }
        return Self.lines(bytes)
    }

    var hasEnded: Bool { subscription.log.snapshot().hasEnded && cursor == subscription.log.head }

    static func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// A publisher whose frames hold text, and a clock to go with it.
final class LinePublisher {
    let publication: Publication
    /// The time the next frame comes.
    var now: NIODeadline

    init(_ publication: Publication, at now: NIODeadline) {
        self.publication = publication
        self.now = now
    }

    convenience init(_ hub: StreamHub, _ publisher: PublisherInfo = .first, at now: NIODeadline = .start) throws {
        self.init(try hub.publish(publisher, at: now), at: now)
    }

    /// Sends a tag, as many milliseconds after `.start` as its timestamp unless told otherwise.
    func send(_ type: FLVTagType, _ timestamp: UInt32, _ head: [UInt8], _ text: String) {
        publication.receive(type, timestamp: timestamp, body: ByteBuffer(bytes: head + Array(text.utf8)), at: now)
    }

    func videoConfiguration(_ text: String, _ timestamp: UInt32 = 0) {
        send(.video, timestamp, [0x17, 0, 0, 0, 0], text)
    }
    func key(_ text: String, _ timestamp: UInt32) { send(.video, timestamp, [0x17, 1, 0, 0, 0], text) }
    func delta(_ text: String, _ timestamp: UInt32) { send(.video, timestamp, [0x27, 1, 0, 0, 0], text) }
    func audioConfiguration(_ text: String, _ timestamp: UInt32 = 0) { send(.audio, timestamp, [0xAF, 0], text) }
    func audio(_ text: String, _ timestamp: UInt32) { send(.audio, timestamp, [0xAF, 1], text) }

    func metadata(_ text: String, _ timestamp: UInt32 = 0, setDataFrame: Bool = true) {
        var body = ByteBuffer()
        if setDataFrame { AMF0Value.string("@setDataFrame").write(into: &body) }
        ScriptData(name: "onMetaData", values: [.string(text)]).write(into: &body)
        publication.receive(.script, timestamp: timestamp, body: body, at: now)
    }

    /// Metadata, both configurations, a keyframe "K1" at 0 and a picture "P1" at 40 with audio between.
    func begin() {
        metadata("640x360")
        videoConfiguration("sps")
        audioConfiguration("asc")
        key("K1", 0)
        audio("A1", 10)
        delta("P1", 40)
    }

    func end(clean: Bool) { publication.end(clean: clean, at: now) }
}

extension NIODeadline {
    /// An arbitrary moment for tests to begin at.
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    static func after(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }
}

extension StreamName {
    static let test: StreamName = {
        do { return try StreamName(path: "live/test") } catch { fatalError("\(error)") }
    }()
}

extension StreamHub {
    static func make(_ change: (inout Configuration) -> Void = { _ in }) -> StreamHub {
        var configuration = Configuration()
        change(&configuration)
        return StreamHub(name: .test, configuration: configuration)
    }
}
