import Codecs
import HLS
import HLSTransport
import HTTPTypes
import ISOBMFF
import Logging
import MediaCore
import NIOCore
import NIOPosix
import Testing

/// Frames as publishers send them.
enum Frames {
    /// 1280x720, by libx264, and another size.
    static let h264 = config(
        .video, .avc1,
        "0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800")
    static let otherH264 = config(
        .video, .avc1,
        "0164000affe100196764000af3650b13b016c8000003000800000300f078912cb001000668ebe3cb22c0fcf8f800")
    /// AAC-LC, 48 kHz, stereo: 1024 samples a frame; and 44.1 kHz.
    static let aac = config(.audio, .mp4a, "1190")
    static let otherAAC = config(.audio, .mp4a, "1210")
    /// Has no size; the keyframe has.
    static let vp9 = config(.video, .vp09, "0015820202020000")

    static func config(_ kind: MediaFrame.Kind, _ codec: FourCC, _ text: String) -> MediaFrame {
        MediaFrame(kind: kind, role: .configuration, codec: codec, decodeTime: .zero, payload: hex(text))
    }

    static func hex(_ text: String) -> ByteBuffer {
        let digits = text.compactMap(\.hexDigitValue)
        return ByteBuffer(
            bytes: stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    /// One NAL unit of H.264.
    static func picture(_ time: Double, shownAfter: Double = 0, key: Bool = false, bytes: Int = 20) -> MediaFrame {
        var payload = ByteBuffer(integer: UInt32(bytes))
        payload.writeInteger(UInt8(key ? 0x65 : 0x41))
        payload.writeRepeatingByte(UInt8(truncatingIfNeeded: Int(time)), count: bytes - 1)
        return MediaFrame(
            kind: .video, role: key ? .key : .delta, codec: .avc1, decodeTime: milliseconds(time),
            compositionOffset: milliseconds(shownAfter), payload: payload)
    }

    static func sound(_ time: Double) -> MediaFrame {
        MediaFrame(
            kind: .audio, role: .key, codec: .mp4a, decodeTime: milliseconds(time),
            payload: ByteBuffer(bytes: [0x21, 2, 3]))
    }

    /// RTMP's timestamps are whole milliseconds.
    private static func milliseconds(_ time: Double) -> MediaTime { MediaTime(milliseconds: Int64(time.rounded())) }

    /// Pictures and sound from one time to another, in milliseconds, in the order in which they come.
    static func stream(
        _ start: Double, _ end: Double, rate: Double = 30, keyframeEvery: Double? = 2000, shownAfter: Double = 0,
        hasSound: Bool = true, bytes: Int = 20
    ) -> [MediaFrame] {
        var frames: [MediaFrame] = []
        if let keyframeEvery {
            let gop = Int((keyframeEvery * rate / 1000).rounded())
            for index in Int((start * rate / 1000).rounded(.up))..<Int((end * rate / 1000).rounded(.up)) {
                frames.append(
                    picture(
                        Double(index) * 1000 / rate, shownAfter: shownAfter, key: index % gop == 0, bytes: bytes))
            }
        }
        if hasSound {
            let length = 1024.0 / 48
            for index in Int((start / length).rounded(.up))..<Int((end / length).rounded(.up)) {
                frames.append(sound(Double(index) * length))
            }
        }
        return frames.enumerated().sorted {
            ($0.element.decodeTime, $0.offset) < ($1.element.decodeTime, $1.offset)
        }.map(\.element)
    }
}

/// A stream, its publisher, the service and its clients, on a clock that is stepped: frames come when they are due.
final class Cutter {
    let registry: StreamRegistry
    let service: HLSService
    let name: StreamName
    let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any()
    private var publication: Publication?
    /// When the publisher's clock was zero, in nanoseconds.
    var zero: Int64

    static let start: Int64 = 1_000_000_000_000
    /// 2026-01-01T00:00:00Z at the clock's zero.
    static let date: Int64 = 1_767_225_600_000_000_000 - start

    init(
        _ stream: String = "live/x", files: (any SegmentFileSystem)? = nil, date: Int64 = Cutter.date,
        _ change: (inout HLSConfiguration) -> Void = { _ in }
    ) throws {
        var hub = StreamRegistry.Configuration()
        hub.hub.publisherGrace = .seconds(15)
        registry = StreamRegistry(configuration: hub)
        name = try StreamName(path: stream)
        zero = Self.start
        var configuration = HLSConfiguration()
        change(&configuration)
        let now = Clock(nanoseconds: Self.start)
        clockReader = now
        service = HLSService(
            configuration: configuration, registry: registry,
            wallClock: { Int64($0.uptimeNanoseconds) &+ date }, now: { now.now },
            files: files ?? SystemFiles(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A clock that a test sets.
    final class Clock: Sendable {
        private let nanoseconds: Locked<Int64>
        init(nanoseconds: Int64) { self.nanoseconds = Locked(nanoseconds) }
        var now: NIODeadline { .uptimeNanoseconds(UInt64(nanoseconds.withLock { $0 })) }
        func advance(to time: Int64) { nanoseconds.withLock { $0 = max($0, time) } }
    }

    private let clockReader: Clock
    var now: NIODeadline { clockReader.now }

    /// Lets time pass, second by second, as the server's sweeper sees it.
    func pass(seconds: Int) {
        for _ in 0..<seconds {
            clockReader.advance(to: Int64(now.uptimeNanoseconds) + 1_000_000_000)
            registry.sweep(at: now)
            service.sweep(at: now)
        }
    }

    // MARK: The publisher

    func publish(_ configurations: MediaFrame...) throws {
        publication = try registry.publish(
            name, by: PublisherInfo(address: "10.0.0.1:1000", transport: "test"), at: now)
        for configuration in configurations { publication?.receive(configuration, at: now) }
    }

    func configure(_ configurations: MediaFrame...) {
        for configuration in configurations { publication?.receive(configuration, at: now) }
    }

    /// Each frame comes when its time has passed since ``zero``, and this much later.
    func send(_ frames: [MediaFrame], late: Int64 = 0) {
        for frame in frames {
            clockReader.advance(to: zero + frame.decodeTime.nanoseconds + late * 1_000_000)
            publication?.receive(frame, at: now)
        }
    }

    func end(clean: Bool = true) {
        publication?.end(clean: clean, at: now)
        publication = nil
    }

    // MARK: Clients

    func answer(_ path: String, _ method: HTTPRequest.Method = .get) throws -> HLSAnswer {
        let parts = path.split(separator: "?", maxSplits: 1)
        return try #require(
            service.answer(
                method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : nil, on: eventLoop))
    }

    /// The answer to a request that need not wait.
    func get(_ path: String, _ method: HTTPRequest.Method = .get) throws -> HLSResource {
        guard case .now(let resource) = try answer(path, method) else { throw Waits(path: path) }
        return resource
    }

    /// The answer to a request that must wait.
    func wait(_ path: String) throws -> EventLoopFuture<HLSResource> {
        guard case .later(let future) = try answer(path) else { throw DoesNotWait(path: path) }
        return future
    }

    struct Waits: Error { var path: String }
    struct DoesNotWait: Error { var path: String }

    func playlist(_ file: String = "video.m3u8") throws -> MediaPlaylist {
        let resource = try get("/\(name)/\(file)")
        try #require(resource.status == .ok, "\(String(buffer: resource.body))")
        return try MediaPlaylist(parsing: resource.body)
    }

    func multivariant(_ query: String = "") throws -> MultivariantPlaylist {
        try MultivariantPlaylist(parsing: get("/\(name).m3u8\(query)").body)
    }

    /// The bytes that a playlist names.
    func bytes(_ uri: String) throws -> ByteBuffer {
        let resource = try get("/\(name)/\(uri)")
        try #require(resource.status == .ok, "\(uri): \(String(buffer: resource.body))")
        return resource.body
    }

    /// The fragments of a segment or part, read with its init segment.
    func fragments(_ uri: String, _ map: MediaInitializationSection?) throws -> [TrackFragment] {
        var bytes = try self.bytes(try #require(map).uri)
        bytes.writeImmutableBuffer(try self.bytes(uri))
        var reader = FragmentReader()
        var fragments: [TrackFragment] = []
        while let element = try reader.read(from: &bytes) {
            if case .fragment(let fragment) = element { fragments += fragment.tracks }
        }
        #expect(bytes.readableBytes == 0)
        return fragments
    }
}

extension Duration {
    /// For comparing, in milliseconds.
    var milliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
