import Codecs
import FLV
import FanOut
import HTTPTransport
import ISOBMFF
import MediaCore
import MediaTesting
import NIOCore
import Testing

@Suite("Live bodies of other containers", .ownThread, .timeLimit(.minutes(1)))
struct LiveFormatTests {
    private static func publish(_ server: HTTPServerHarness, _ frames: [MediaFrame]) throws -> TestPublication {
        let publication = try server.publish()
        for frame in frames { publication.publication.receive(frame, at: .now()) }
        return publication
    }

    private static let pictures: [MediaFrame] = (0..<20).flatMap { (number: Int64) in
        [Frames.picture(number * 40, key: number == 0), Frames.sound(number * 40)]
    }

    @Test(arguments: [
        ("mp4", "video/mp4"), ("mp4?onlyAudio=1", "audio/mp4"), ("ts", "video/mp2t"), ("aac", "audio/aac"),
    ])
    func headTellsTheContainer(ending: String, contentType: String) async throws {
        let server = try await HTTPServerHarness()
        let publication = try Self.publish(server, [Frames.h264, Frames.aac] + Self.pictures)
        let answer = try server.answer("HEAD", "/live/a.\(ending)")
        #expect(answer.status == 200)
        #expect(answer.head.fields["content-type"] == contentType)
        #expect(answer.head.fields["access-control-allow-origin"] == "*")
        publication.end()
        try await server.shutDown()
    }

    @Test(arguments: [
        ("/live/a.ts?keyframesOnly=1", 400), ("/live/a.flv?keyframesOnly=1", 400), ("/live/a.aac?onlyVideo=1", 400),
        ("/live/a.mp4?keyframesOnly=1&onlyAudio=1", 400), ("/live/a.mp4?keyframesOnly=2", 400),
        ("/live/none.mp4", 404), ("/live/a.mkv", 404),
    ])
    func whatCannotBeIsSaidPlainly(target: String, status: Int) async throws {
        let server = try await HTTPServerHarness()
        let publication = try Self.publish(server, [Frames.h264] + Self.pictures)
        #expect(try server.answer("GET", target).status == status)
        publication.end()
        try await server.shutDown()
    }

    /// The body from the first byte to the publication's end.
    private static func body(_ client: HTTPTestClient) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        while let chunk = try client.chunk() { bytes.writeImmutableBuffer(chunk) }
        return bytes
    }

    @Test func viewerBeginsWithTheTracksAndTheNewestKeyframe() async throws {
        let server = try await HTTPServerHarness()
        let publication = try Self.publish(server, [Frames.h264, Frames.aac] + Self.pictures)
        let client = try server.connect()
        try client.ask("GET", "/live/a.mp4")
        #expect(try client.head().status == 200)
        publication.publication.receive(Frames.picture(800), at: .now())
        publication.end()
        var bytes = try Self.body(client)
        var reader = FragmentReader()
        var (movies, pictures) = (0, [UInt64]())
        while let element = try reader.read(from: &bytes) {
            switch element {
            case .initSegment: movies += 1
            case .fragment(let fragment): pictures += fragment.track(1).map { [$0.baseDecodeTime] } ?? []
            default: break
            }
        }
        #expect(movies == 1)
        #expect(pictures == (0..<21).map { UInt64($0) * 3600 })
        try await server.shutDown()
    }

    /// The first viewer's log held the keyframe back; another one begins with it all the same.
    @Test func joinerOfAStreamThatWasWaitedForBeginsAtItsKeyframe() async throws {
        let server = try await HTTPServerHarness()
        let first = try server.connect()
        try first.ask("GET", "/live/a.mp4?wait=30")
        #expect(try first.head().status == 200)
        let sound = Frames.sound(45, codec: .mp3, payload: Frames.hex("FFFB9064000000"))
        let publication = try Self.publish(
            server, [Frames.h264, Frames.picture(0, key: true), Frames.picture(40), sound, Frames.picture(80)])
        let second = try server.connect()
        try second.ask("GET", "/live/a.mp4")
        #expect(try second.head().status == 200)
        publication.end()
        for client in [first, second] {
            var bytes = try Self.body(client)
            var reader = FragmentReader()
            var times: [UInt64] = []
            while let element = try reader.read(from: &bytes) {
                if case .fragment(let fragment) = element {
                    times += fragment.track(1).map { [$0.baseDecodeTime] } ?? []
                }
            }
            #expect(times == [0, 3600, 7200])
        }
        try await server.shutDown()
    }

    @Test func fileEndsWhenTheTracksChangeAndAnotherBegins() async throws {
        let server = try await HTTPServerHarness()
        let publication = try Self.publish(server, [Frames.h264, Frames.picture(0, key: true)])
        let client = try server.connect()
        try client.ask("GET", "/live/a.mp4")
        #expect(try client.head().status == 200)
        publication.publication.receive(Frames.otherH264, at: .now())
        publication.publication.receive(Frames.picture(40, key: true), at: .now())
        #expect(try Self.body(client).readableBytes > 0)
        #expect(try client.rest().readableBytes == 0)
        let second = try server.connect()
        try second.ask("GET", "/live/a.mp4")
        #expect(try second.head().status == 200)
        publication.end()
        var bytes = try Self.body(second)
        var reader = FragmentReader()
        var times: [UInt64] = []
        while let element = try reader.read(from: &bytes) {
            if case .fragment(let fragment) = element { times += fragment.tracks.map(\.baseDecodeTime) }
        }
        #expect(times == [3600])
        try await server.shutDown()
    }
}
