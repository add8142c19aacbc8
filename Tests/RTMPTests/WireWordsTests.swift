import AMF
import NIOCore
import RTMP
import Testing

@Suite("Messages in words")
struct WireWordsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let message: RTMPMessage
        let type: String
        let words: String

        init(_ typeID: MessageTypeID, _ payload: ByteBuffer, _ type: String, _ words: String) {
            message = RTMPMessage(typeID: typeID, streamID: .one, timestamp: 0, payload: payload)
            self.type = type
            self.words = words
        }

        init(_ message: RTMPMessage, _ type: String, _ words: String) {
            self.message = message
            self.type = type
            self.words = words
        }

        var testDescription: String { words }
    }

    private static func bytes(_ bytes: UInt8...) -> ByteBuffer {
        ByteBuffer(bytes: bytes)
    }

    /// One of each type that steers the connection.
    static let control = [
        Case(
            ProtocolControlMessage.setChunkSize(4096).message, "Set Chunk Size",
            "chunks of up to 4096 bytes from now on"),
        Case(
            ProtocolControlMessage.abort(.video).message, "Abort", "the message on chunk stream 6 ends unfinished"),
        Case(
            ProtocolControlMessage.acknowledgement(bytesReceived: 77).message, "Acknowledgement", "77 bytes received"),
        Case(
            ProtocolControlMessage.windowAcknowledgementSize(2_500_000).message, "Window Acknowledgement Size",
            "acknowledge every 2500000 bytes"),
        Case(
            ProtocolControlMessage.setPeerBandwidth(windowBytes: 9, limit: .dynamic).message, "Set Peer Bandwidth",
            "window of 9 bytes, dynamic"),
        Case(UserControlEvent.streamBegin(.one).message, "User Control", "StreamBegin, stream 1"),
        Case(UserControlEvent.streamEOF(.one).message, "User Control", "StreamEOF, stream 1"),
        Case(UserControlEvent.streamDry(.one).message, "User Control", "StreamDry, stream 1"),
        Case(
            UserControlEvent.setBufferLength(.one, milliseconds: 3000).message, "User Control",
            "SetBufferLength, stream 1, 3000 ms"),
        Case(UserControlEvent.streamIsRecorded(.two).message, "User Control", "StreamIsRecorded, stream 2"),
        Case(UserControlEvent.pingRequest(timestamp: 5).message, "User Control", "PingRequest, time 5"),
        Case(UserControlEvent.pingResponse(timestamp: 5).message, "User Control", "PingResponse, time 5"),
        Case(UserControlEvent.swfVerifyRequest.message, "User Control", "SWF verification request"),
        Case(
            UserControlEvent.swfVerifyResponse(bytes(1, 2)).message, "User Control",
            "SWF verification response, 2 bytes"),
        Case(UserControlEvent.bufferEmpty(.one).message, "User Control", "BufferEmpty, stream 1"),
        Case(UserControlEvent.bufferReady(.one).message, "User Control", "BufferReady, stream 1"),
        Case(UserControlEvent.unknown(99, bytes(1)).message, "User Control", "event 99, 1 bytes"),
        Case(MessageTypeID(rawValue: 77), bytes(1, 2, 3), "type 77", "3 bytes of an unknown type"),
    ]

    private static let connect = ConnectRequest(
        app: "live?key=abc", tcURL: "rtmp://me:pw@host/live", flashVersion: "FMLE/3.0",
        properties: ["type": .string("nonprivate")])

    /// Commands, data and what holds others.
    static let calls = [
        Case(
            .commandAMF0, payload(connect.command), "Command (AMF0)",
            #"connect(1, {app: "live?key=…", type: "nonprivate", flashVer: "FMLE/3.0", tcUrl: "rtmp://…@host/live"})"#),
        Case(
            .commandAMF0,
            payload(Command(.publish, transactionID: 5, arguments: [.string("cam?token=t"), .string("live")])),
            "Command (AMF0)", #"publish(5, null, "cam?token=…", "live")"#),
        Case(
            .commandAMF3, ByteBuffer(bytes: [0] + Array(buffer: payload(Command(.createStream, transactionID: 4)))),
            "Command (AMF3)", "createStream(4, null)"),
        Case(
            .commandAMF0,
            payload(
                .string("call"), .number(1.5),
                .amf3(
                    .object(
                        .init(dynamic: [.init(name: "pwd", value: .string("x")), .init(name: "n", value: .integer(3))]))
                )),
            "Command (AMF0)", "call(1.5, {pwd: …, n: 3})"),
        Case(.commandAMF0, ByteBuffer(), "Command (AMF0)", "nothing"),
        Case(
            .commandAMF0, ByteBuffer(bytes: Array(buffer: payload(.string("play"))) + [0xEE]), "Command (AMF0)",
            "play(… cannot be read: unknownMarker)"),
        Case(
            .dataAMF0,
            payload(
                .string("@setDataFrame"), .string("onMetaData"),
                .ecmaArray(["width": .number(1280), "stereo": .boolean(true)])),
            "Data (AMF0)", #"@setDataFrame("onMetaData", {width: 1280, stereo: true})"#),
        Case(
            .dataAMF3,
            ByteBuffer(bytes: [0] + Array(buffer: payload(.string("onCuePoint"), .strictArray([.null, .undefined])))),
            "Data (AMF3)", "onCuePoint([null, undefined])"),
        Case(
            .sharedObjectAMF0,
            ByteBuffer(bytes: [
                0, 2, 0x73, 0x6F, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 9, 0, 0, 0, 3, 0, 1, 0x61,
            ]),
            "Shared Object (AMF0)", #""so" version 3, persistent: use; remove "a""#),
        Case(
            .aggregate,
            ByteBuffer(
                bytes: [9, 0, 0, 1, 0, 0, 5, 0, 0, 0, 0, 0x17, 0, 0, 0, 12] + [
                    8, 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 0xAF, 0, 0, 0, 12,
                ]),
            "Aggregate", "2 messages from 0 to 4 ms: 1 audio, 1 video"),
        Case(
            .userControl, bytes(0, 0), "User Control",
            "malformed (user control message of event 0 ends before its fields)"),
        Case(
            .setChunkSize, bytes(0), "Set Chunk Size",
            "malformed (protocol control message of type 1 with 1 bytes)"),
    ]

    static let media = [
        Case(
            .audio, bytes(0xAF, 0, 0x11, 0x90), "Audio", "AAC sequence header: LC 48000 Hz 2 channels"),
        Case(.audio, bytes(0xAF, 1, 0x21), "Audio", "AAC frame"),
        Case(.audio, bytes(0x2F, 0xFF), "Audio", "MP3 frame"),
        Case(.audio, bytes(0x90, 0x4F, 0x70, 0x75, 0x73), "Audio", "Opus sequence header (enhanced)"),
        Case(.audio, ByteBuffer(), "Audio", "malformed (emptyBody: audio)"),
        Case(
            .video,
            bytes(
                0x17, 1, 0, 0, 80, 0, 0, 0, 2, 0x06, 0x05, 0, 0, 0, 4, 0x65, 0x88, 0x84, 0x00, 0, 0, 0, 4, 0x65, 0x88,
                0x84, 0x00),
            "Video", "H.264 keyframe (I): SEI, IDR ×2, shown 80 ms later"),
        Case(
            .video, bytes(0x27, 1, 0, 0, 0, 0, 0, 0, 3, 0x41, 0x9A, 0x00), "Video", "H.264 inter frame (P): slice"),
        Case(
            .video, bytes(0x27, 1, 0, 0, 0, 0, 0, 0, 3, 0x01, 0x9E, 0x00), "Video", "H.264 inter frame (B): slice"),
        Case(.video, bytes(0x17, 2, 0, 0, 0), "Video", "H.264 end of sequence"),
        Case(.video, bytes(0x57, 0), "Video", "command seeking"),
        Case(.video, bytes(0x22, 1, 2), "Video", "codec 2 inter frame"),
        Case(
            .video, bytes(0x93, 0x68, 0x76, 0x63, 0x31, 0, 0, 0, 3, 0x26, 0x01, 0xAF), "Video",
            "HEVC keyframe (I): IDR_W_RADL (enhanced)"),
    ]

    @Test(arguments: control + calls + media)
    func everyMessageHasItsWords(_ example: Case) {
        #expect(WireWords.words(for: example.message) == example.words)
        #expect(example.message.typeID.name == example.type)
    }

    @Test func sequenceHeaderTellsTheFormat() {
        let record: [UInt8] = [
            1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, 26, 0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x10,
            0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xC0, 0xF1, 0x83, 0x19, 0x60, 0x01, 0x00, 0x06, 0x68,
            0xEB,
            0xE3, 0xCB, 0x22, 0xC0, 0xFD, 0xF8, 0xF8, 0x00,
        ]
        let words = WireWords.words(for: message(.video, 0, [0x17, 0, 0, 0, 0] + record))
        #expect(words == "H.264 sequence header: High 3.1 1280×720")
    }

    @Test func cutPayloadIsToldAsSuch() {
        let message = message(.sharedObjectAMF0, 0, [0, 9, 1])
        #expect(WireWords.words(for: message, payloadBytes: 500) == "cut short here")
    }

    // MARK: Secrets

    static let texts = [
        ("cam?key=abc", "cam?key=…"), ("cam?a=1&key=abc&b=2", "cam?a=1&key=…&b=2"), ("cam?token=a=b==", "cam?token=…"),
        ("live?auth_key=1-2-3", "live?auth_key=…"), ("cam?wsSecret=x&wsTime=5", "cam?wsSecret=…&wsTime=5"),
        ("cam?%6Bey=abc", "cam?%6Bey=…"), ("cam?KEY=abc", "cam?KEY=…"), ("rtmp://u:p@h:1/live", "rtmp://…@h:1/live"),
        ("rtmp://u:p@q@h/live?key=k", "rtmp://…@h/live?key=…"), ("rtmp://h/a@b", "rtmp://h/a@b"), ("key=abc", "key=…"),
        ("x?keys", "x?keys"), ("x?key=", "x?key=…"), ("a?width=5", "a?width=5"), ("cam#sign=1", "cam#sign=…"),
        ("a\u{1B}[2Jb", #"a\u{1B}[2Jb"#), ("a\u{202E}b", #"a\u{202E}b"#),
    ]

    @Test(arguments: texts)
    func secretsAndControlsAreLeftOut(sent: String, shown: String) {
        let words = WireWords.words(for: Self.command(sent))
        #expect(words == "releaseStream(2, null, \"\(shown)\")")
    }

    @Test(arguments: ["password", "token", "authKey", "Signature"])
    func secretPropertiesAreLeftOut(name: String) {
        let request = Command(
            .connect, transactionID: 1,
            commandObject: .object(.init(properties: [.init(name: name, value: .string("s3cret"))])))
        let words = WireWords.words(for: message(.commandAMF0, 0, Array(buffer: payload(request))))
        #expect(words == "connect(1, {\(name): …})")
    }

    @Test func secretBehindTheShownPartIsNotShown() {
        let words = WireWords.words(for: Self.command(String(repeating: "a", count: 505) + "?key=abcdefgh"))
        #expect(!words.contains("abcd"))
    }

    private static func command(_ argument: String) -> RTMPMessage {
        let command = Command(.releaseStream, transactionID: 2, arguments: [.string(argument)])
        return message(.commandAMF0, 0, Array(buffer: payload(command)))
    }

    // MARK: Bounds

    static let large: [(String, AMF0Value)] = [
        ("a long string", .string(String(repeating: "é", count: 30_000))),
        ("many strings", .strictArray((0..<500).map { _ in .string(String(repeating: "x", count: 100)) })),
        ("many numbers", .strictArray((0..<900).map { .number(Double($0)) })),
        ("many properties", .object(.init(properties: (0..<400).map { .init(name: "p\($0)", value: .null) }))),
        ("deep", (0..<14).reduce(AMF0Value.null) { value, _ in .strictArray([value]) }),
        ("a long name", .object(.init(properties: [.init(name: String(repeating: "n", count: 60_000), value: .null)]))),
        ("not finite", .strictArray([.number(.infinity), .number(.nan), .number(-1e300)])),
    ]

    @Test(arguments: large.indices)
    func wordsStayShort(index: Int) {
        let command = Command(.connect, transactionID: 1, arguments: [Self.large[index].1])
        let words = WireWords.words(for: message(.commandAMF0, 0, Array(buffer: payload(command))))
        #expect(words.utf8.count <= WireWords.bytesMax, "\(Self.large[index].0)")
        #expect(words.hasPrefix("connect(1, null, "))
    }

    @Test(arguments: [(255, "IDR ×255"), (256, "IDR ×256"), (257, "IDR ×256, …")])
    func manyUnitsAreNotAllCounted(count: Int, words: String) {
        let units = (0..<count).flatMap { _ in [0, 0, 0, 2, 0x65, 0x88] as [UInt8] }
        let message = message(.video, 0, [0x17, 1, 0, 0, 0] + units)
        #expect(WireWords.words(for: message) == "H.264 keyframe (I): \(words)")
    }
}
