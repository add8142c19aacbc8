import Glibc
import NIOCore
import RTMP
import Testing

@Suite("Real publishers, looked at")
struct RecordedConversationTests {
    struct Recording: Sendable, CustomTestStringConvertible {
        let name: String
        /// What the client says first.
        let opening: [String]
        /// What it says of its first pictures.
        let pictures: [String]
        /// What it says last.
        let end: [String]

        var testDescription: String { name }
    }

    static let recordings = [
        Recording(
            name: "ffmpeg",
            opening: [
                "version 3", "time 0, digest scheme 1, Flash 9.0.124.2", "signature or random bytes, not checked",
                #"Command (AMF0): connect(1, {app: "live", type: "nonprivate", "#
                    + #"flashVer: "FMLE/3.0 (compatible; Lavf59.27.100)", tcUrl: "rtmp://127.0.0.1:21940/live"})"#,
                "Set Chunk Size: chunks of up to 60000 bytes from now on",
                #"Command (AMF0): releaseStream(2, null, "cam?key=…")"#,
                #"Command (AMF0): FCPublish(3, null, "cam?key=…")"#, "Command (AMF0): createStream(4, null)",
                #"Command (AMF0): publish(5, null, "cam?key=…", "live")"#,
                #"Data (AMF0): @setDataFrame("onMetaData", {duration: 0, width: 64, height: 48, videodatarate: 0, "#
                    + "framerate: 10, videocodecid: 7, audiodatarate: 15.625, audiosamplerate: 44100, "
                    + #"audiosamplesize: 16, stereo: false, audiocodecid: 10, encoder: "Lavf59.27.100", filesize: 0})"#,
            ],
            pictures: [
                "Video: H.264 sequence header: High 4:4:4 Predictive 1.0 64×48",
                "Video: H.264 keyframe (I): SEI, IDR, shown 200 ms later",
                "Video: H.264 inter frame (P): slice, shown 400 ms later",
                "Video: H.264 inter frame (B): slice, shown 100 ms later",
            ],
            end: [#"Command (AMF0): FCUnpublish(6, null, "cam?key=…")"#, "Command (AMF0): deleteStream(7, null, 1)"]),
        Recording(
            name: "gstreamer",
            opening: [
                "version 3", "time 3587184, plain", "signature or random bytes, not checked",
                #"Command (AMF0): connect(1, {app: "live", type: "nonprivate", "#
                    + #"flashVer: "LNX 10,0,32,18", tcUrl: "rtmp://127.0.0.1:21941/live"})"#,
                "Window Acknowledgement Size: acknowledge every 2500000 bytes",
                #"Command (AMF0): releaseStream(0, null, "gst?token=…")"#,
                #"Command (AMF0): FCPublish(0, null, "gst?token=…")"#, "Command (AMF0): createStream(2, null)",
                #"Command (AMF0): publish(0, null, "gst?token=…", "live")"#,
                "Set Chunk Size: chunks of up to 128 bytes from now on",
            ],
            pictures: [
                "Video: H.264 sequence header: High 4:4:4 Predictive 1.3 64×48",
                "Video: H.264 keyframe (I): AUD, SPS, PPS, SEI, IDR", "Video: H.264 inter frame (P): AUD, slice",
            ],
            end: [
                #"Command (AMF0): FCUnpublish(0, null, "gst?token=…")"#,
                #"Command (AMF0): deleteStream(0, null, "gst?token=…")"#,
            ]),
        Recording(
            name: "librtmp",
            opening: [
                "version 3", "time 3288786, plain", "signature or random bytes, not checked",
                #"Command (AMF0): connect(1, {app: "live", type: "nonprivate", tcUrl: "rtmp://127.0.0.1:21942/live"})"#,
                #"Command (AMF0): releaseStream(2, null, "lib?token=…")"#,
                #"Command (AMF0): FCPublish(3, null, "lib?token=…")"#, "Command (AMF0): createStream(4, null)",
                #"Command (AMF0): publish(5, null, "lib?token=…", "live")"#,
            ],
            pictures: [
                "Video: H.264 sequence header: High 4:4:4 Predictive 1.3 64×48",
                "Video: H.264 keyframe (I): AUD, SPS, PPS, SEI, IDR", "Video: H.264 inter frame (P): AUD, slice",
            ],
            end: [
                #"Command (AMF0): FCUnpublish(6, null, "lib?token=…")"#, "Command (AMF0): deleteStream(7, null, 1)",
            ]),
    ]

    @Test(arguments: recordings)
    func conversationReadsLikeAProtocol(recording: Recording) throws {
        var server = TestServer(Snapshot.fresh())
        server.session.startTrace()
        try feed(try Self.bytes(recording.name), to: &server)
        let heard = server.session.takeTrace().events.filter { $0.direction == .incoming }
        let words = heard.map { event in
            guard case .message(let message, _) = event.content else { return event.words }
            return "\(message.typeID.name): \(event.words)"
        }
        #expect(Array(words.prefix(recording.opening.count)) == recording.opening)
        let pictures = words.filter { $0.hasPrefix("Video: ") }
        #expect(Array(pictures.prefix(recording.pictures.count)) == recording.pictures)
        #expect(pictures.last == "Video: H.264 end of sequence")
        #expect(Array(words.suffix(2)) == recording.end)
    }

    @Test(arguments: recordings)
    func chunksAddUpToTheBytesSent(recording: Recording) throws {
        var server = TestServer(Snapshot.fresh())
        server.session.startTrace()
        let bytes = try Self.bytes(recording.name)
        try feed(bytes, to: &server)
        let chunks = server.session.takeTrace().events.flatMap { event -> [WireChunk] in
            guard event.direction == .incoming, case .message(_, let chunks) = event.content else { return [] }
            #expect(chunks.more == 0)
            return chunks.listed
        }
        let handshake = 1 + 2 * 1536
        #expect(chunks.reduce(handshake) { $0 + $1.headerBytes + $1.payloadBytes } == bytes.readableBytes)
    }

    @Test(arguments: recordings)
    func keyIsNeverShown(recording: Recording) throws {
        var server = TestServer(Snapshot.fresh())
        server.session.startTrace()
        try feed(try Self.bytes(recording.name), to: &server)
        let events = server.session.takeTrace().events + server.session.opening
        #expect(!events.contains { $0.words.contains("s3cret") })
        #expect(events.contains { $0.words.contains("=…") })
    }

    /// In pieces, as a socket would deliver it.
    private func feed(_ bytes: ByteBuffer, to server: inout TestServer) throws {
        var rest = bytes
        // The handshake's answer is no chunk; TestServer's listener must not hear it.
        server.session.receive(rest.readSlice(length: 1 + 2 * 1536) ?? ByteBuffer(), at: sessionStart)
        while case .send? = try server.session.nextAction() {}
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(1460, rest.readableBytes)) {
            _ = try server.feed(piece)
        }
    }

    struct Unreadable: Error {
        let path: String
    }

    private static func bytes(_ name: String) throws -> ByteBuffer {
        let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
        let path = "\(tests)/Recordings/rtmp/\(name).client"
        guard let file = fopen(path, "rb") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return ByteBuffer(bytes: bytes[..<count])
    }
}
