import Codecs
import ControlAPI
import Hummingbird
import MediaCore
import NIOCore
import Testing

/// What tests read of the events.
struct FramesDocument: Decodable {
    struct Frame: Decodable {
        var n: Int
        var kind: String
        var role: String
        var picture: String?
        var nal: String?
        var bytes: Int
        var dts: Double
        var cts: Double
        var arrival: Double
        var past: Bool?
    }

    var now: Double
    var frames: [Frame]
    var skipped: Int?
}

struct StreamDocument: Decodable {
    struct Track: Decodable {
        struct Set: Decodable {
            var name: String
            var bytes: Int
            var fields: [[String]]
        }

        var kind: String
        var codec: String
        var parameters: [Set]
    }

    var name: String
    var publisher: StreamReport.Publisher?
    var tracks: [Track]
}

/// A stream to look at: H.264 and AAC.
final class Studio {
    let registry = StreamRegistry()
    let publication: Publication
    private var time: Int64 = 0

    init() throws {
        publication = try Self.publish(in: registry)
        let record: [UInt8] = [
            1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, 26, 0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x10,
            0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xC0, 0xF1, 0x83, 0x19, 0x60, 0x01, 0x00, 0x06, 0x68,
            0xEB, 0xE3, 0xCB, 0x22, 0xC0, 0xFD, 0xF8, 0xF8, 0x00,
        ]
        send(.video, .configuration, .avc1, record)
        send(.audio, .configuration, .mp4a, [0x11, 0x90])
    }

    static func publish(in registry: StreamRegistry) throws -> Publication {
        try registry.publish(
            StreamName(application: "live", stream: "show"),
            by: PublisherInfo(address: "10.0.0.7:5123", transport: "rtmp", encoder: "OBS 29"), at: .now())
    }

    func send(_ kind: MediaFrame.Kind, _ role: MediaFrame.Role, _ codec: FourCC, _ payload: [UInt8], offset: Int64 = 0)
    {
        publication.receive(
            MediaFrame(
                kind: kind, role: role, codec: codec, decodeTime: MediaTime(milliseconds: time),
                compositionOffset: MediaTime(milliseconds: offset), payload: ByteBuffer(bytes: payload)), at: .now())
        if role == .key || role == .delta { time += 20 }
    }

    func sendKeyframe() {
        send(.video, .key, .avc1, [0, 0, 0, 2, 0x06, 0x05, 0, 0, 0, 3, 0x65, 0x88, 0x84], offset: 40)
    }

    func sendDelta() {
        send(.video, .delta, .avc1, [0, 0, 0, 3, 0x41, 0x9A, 0x00])
    }

    func harness(_ conversations: (any ConversationDirectory)? = nil) -> RouterHarness {
        RouterHarness(
            xray: Xray(registry: registry, conversations: conversations, interval: .milliseconds(5)))
    }
}

@Suite("X-ray", .timeLimit(.minutes(5)))
struct XrayTests {
    static let path = "/api/v1/streams/live/show/xray"

    @Test func streamAndItsPresentGroupOfPicturesComeFirst() async throws {
        let studio = try Studio()
        studio.sendKeyframe()
        studio.sendDelta()
        studio.send(.audio, .key, .mp4a, [0x21, 0x10])
        let response = try await studio.harness().open(Self.path)
        let reader = try await EventReader.read(response) { $0.name != "frames" }
        #expect(reader.events.map(\.name) == ["stream", "frames"])
        let stream = try reader.events[0].decoded(as: StreamDocument.self)
        #expect(stream.name == "live/show" && stream.publisher?.encoder == "OBS 29")
        #expect(stream.tracks.map(\.codec) == ["H.264", "AAC"])
        #expect(stream.tracks.flatMap { $0.parameters.map(\.name) } == ["SPS", "PPS", "AudioSpecificConfig"])
        #expect(stream.tracks[0].parameters[0].fields.first == ["profile_idc", "100", "High"])
        let frames = try reader.events[1].decoded(as: FramesDocument.self).frames
        let coded = frames.filter { $0.role == "key" || $0.role == "delta" }
        #expect(coded.map(\.kind) == ["video", "video", "audio"] && coded.allSatisfy { $0.past == true })
        #expect(coded.map(\.picture) == ["I", "P", nil] && coded.map(\.nal) == ["SEI, IDR", "slice", nil])
        #expect(coded.map(\.bytes) == [13, 7, 2] && coded.map(\.cts) == [40, 0, 0])
        #expect(frames.map(\.n) == Array(1...frames.count))
    }

    @Test func newFramesFollow() async throws {
        let studio = try Studio()
        studio.sendKeyframe()
        var arrivals: [Double] = []
        let reader = try await EventReader.read(try await studio.harness().open(Self.path)) { event in
            guard event.name == "frames", let document = try? event.decoded(as: FramesDocument.self) else {
                return true
            }
            let live = document.frames.filter { $0.past == nil }
            arrivals += live.map(\.arrival)
            #expect(live.allSatisfy { $0.arrival <= document.now && $0.picture == "P" })
            if arrivals.isEmpty { studio.sendDelta() }
            return arrivals.isEmpty
        }
        #expect(reader.events.count >= 3 && arrivals.count == 1)
        // Milliseconds since 1970, and not since the machine was started.
        #expect(arrivals.allSatisfy { $0 > 1_700_000_000_000 })
    }

    @Test func changedConfigurationIsTold() async throws {
        let studio = try Studio()
        var channels: [[String]] = []
        _ = try await EventReader.read(try await studio.harness().open(Self.path)) { event in
            guard event.name == "stream", let document = try? event.decoded(as: StreamDocument.self) else {
                return true
            }
            channels += document.tracks.last?.parameters.first?.fields.filter { $0[0] == "channelConfiguration" } ?? []
            if channels.count == 1 { studio.send(.audio, .configuration, .mp4a, [0x11, 0x88]) }
            return channels.count < 2
        }
        #expect(channels.map { $0[2] } == ["2 channels", "mono"])
    }

    @Test func endIsToldAndAReturnFollows() async throws {
        let studio = try Studio()
        var next: Publication?
        let registry = studio.registry
        let reader = try await EventReader.read(try await studio.harness().open(Self.path)) { event in
            switch event.name {
            case "stream" where next == nil: studio.publication.end(clean: true, at: .now())
            case "stream": return false
            case "end": next = try? Studio.publish(in: registry)
            default: break
            }
            return true
        }
        let named = reader.events.map(\.name).filter { $0 != "frames" }
        #expect(named == ["stream", "end", "stream"] && next != nil)
        #expect(reader.events.first { $0.name == "end" }?.data == #"{"reason":"unpublished"}"#)
        #expect(reader.events.last?.data.contains(#""tracks":[]"#) == true)
    }

    /// Two thousand and forty-eight frames are room for the newest half of them.
    @Test func slowReaderIsToldWhatItMissed() async throws {
        let studio = try Studio()
        studio.sendKeyframe()
        var counts: (seen: Int, skipped: Int) = (0, 0)
        var isFirst = true
        let frames = 5000
        _ = try await EventReader.read(try await studio.harness().open(Self.path)) { event in
            guard event.name == "frames", let document = try? event.decoded(as: FramesDocument.self) else {
                return true
            }
            if isFirst {
                isFirst = false
                for _ in 0..<frames { studio.sendDelta() }
                return true
            }
            counts = (document.frames.count, document.skipped ?? 0)
            #expect(document.frames.last?.n == counts.seen + counts.skipped + document.frames[0].n - counts.skipped - 1)
            return false
        }
        #expect(counts.seen + counts.skipped == frames && counts.seen < 2048 && counts.skipped >= 3000)
    }

    @Test func unknownStreamIsNotFound() async throws {
        let harness = try Studio().harness()
        #expect(try await harness.ask("/api/v1/streams/live/other/xray").status == .notFound)
        #expect(try await harness.ask("/api/v1/streams/live/%00/xray").status == .notFound)
        #expect(try await RouterHarness().ask(Self.path).status == .notFound)
    }

    @Test func watchersAreLimited() async throws {
        let harness = try Studio().harness()
        var open: [Response] = []
        for _ in 0..<Xray.watchersMax { open.append(try await harness.open(Self.path)) }
        #expect(try await harness.ask(Self.path).status == .serviceUnavailable)
        open.removeLast()
        #expect(try await harness.open(Self.path).status == .ok)
    }

    @Test func streamIsWatchedOnlyWhileSomebodyLooks() async throws {
        let studio = try Studio()
        #expect(!studio.publication.isWatched)
        var wasWatched = false
        _ = try await EventReader.read(try await studio.harness().open(Self.path)) { _ in
            wasWatched = studio.publication.isWatched
            return false
        }
        #expect(wasWatched && !studio.publication.isWatched)
    }

    // MARK: Conversation

    /// A conversation of two messages, of which the second is said later.
    final class Script: ConversationDirectory, ConversationWatch {
        private let said = Locked((taken: false, left: 0))
        let peer = "10.0.0.7:5123"
        let isOver = false
        let handshake = [
            HandshakeStep(time: .uptimeNanoseconds(0), direction: .incoming, name: "C0", words: "version 3")
        ]
        var opening: [ConversationMessage] { [message(0)] }
        var leaves: Int { said.withLock { $0.left } }

        func message(_ number: UInt64) -> ConversationMessage {
            ConversationMessage(
                number: number, time: .uptimeNanoseconds(0), direction: .incoming, typeID: 20, type: "Command (AMF0)",
                messageStream: 0, timestamp: 0, bytes: 307, words: "connect(1)",
                chunks: [.init(format: 0, chunkStream: 3, header: 12, payload: 128)],
                moreChunks: Int(number) * 2)
        }

        func watch(_ name: StreamName) -> (any ConversationWatch)? {
            name.stream == "show" ? self : nil
        }

        func take() -> (messages: [ConversationMessage], skipped: Int) {
            said.withLock { said in
                defer { said.taken = true }
                return said.taken ? ([], 0) : ([message(1)], 3)
            }
        }

        func leave() {
            said.withLock { $0.left += 1 }
        }
    }

    @Test func conversationIsShown() async throws {
        let studio = try Studio()
        let script = Script()
        var messages: [String] = []
        let reader = try await EventReader.read(try await studio.harness(script).open(Self.path)) { event in
            if event.name == "messages" { messages.append(event.data) }
            return messages.count < 2
        }
        let handshake = try #require(reader.events.first { $0.name == "handshake" })
        #expect(handshake.data.hasPrefix(#"{"peer":"10.0.0.7:5123","steps":[{"at":"#))
        #expect(handshake.data.hasSuffix(#","direction":"in","name":"C0","words":"version 3"}]}"#))
        let tail =
            #""bytes":307,"chunks":[{"chunkStream":3,"format":0,"header":12,"payload":128}],"direction":"in","#
            + #""messageStream":0,"n":0,"timestamp":0,"type":"Command (AMF0)","typeID":20,"words":"connect(1)"}]}"#
        #expect(messages[0].hasSuffix(tail))
        #expect(messages[1].contains(#""moreChunks":2"#) && messages[1].hasSuffix(#""skipped":3}"#))
        #expect(script.leaves == 1)
    }
}
