import Codecs
import FLV
import MediaCore
import NIOCore
import Testing

@Suite("FLV tag bodies and frames")
struct MediaFrameFLVTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var type: FLVTagType
        var body: [UInt8]
        var kind: MediaFrame.Kind
        var role: MediaFrame.Role
        var codec: FourCC
        var payload: [UInt8]
    }

    static let none = FourCC(rawValue: 0)

    static let vectors: [Vector] = [
        Vector(
            testDescription: "AVC configuration", type: .video, body: [0x17, 0, 0, 0, 0, 1, 2], kind: .video,
            role: .configuration, codec: .avc1, payload: [1, 2]),
        Vector(
            testDescription: "AVC keyframe", type: .video, body: [0x17, 1, 0, 0, 80, 1, 2], kind: .video, role: .key,
            codec: .avc1, payload: [1, 2]),
        Vector(
            testDescription: "AVC inter frame", type: .video, body: [0x27, 1, 0, 0, 0, 3], kind: .video, role: .delta,
            codec: .avc1, payload: [3]),
        Vector(
            testDescription: "AVC end of sequence", type: .video, body: [0x17, 2, 0, 0, 0], kind: .video,
            role: .sequenceEnd, codec: .avc1, payload: []),
        Vector(
            testDescription: "HEVC keyframe without composition time", type: .video,
            body: [0x93] + Array("hvc1".utf8) + [9], kind: .video, role: .key, codec: .hvc1, payload: [9]),
        Vector(
            testDescription: "HDR metadata", type: .video, body: [0x94] + Array("hvc1".utf8) + [5], kind: .video,
            role: .metadata, codec: .hvc1, payload: [5]),
        Vector(
            testDescription: "H.263 keyframe", type: .video, body: [0x12, 7, 8], kind: .video, role: .key, codec: none,
            payload: [7, 8]),
        Vector(
            testDescription: "AAC configuration", type: .audio, body: [0xAF, 0, 0x12, 0x10], kind: .audio,
            role: .configuration, codec: .mp4a, payload: [0x12, 0x10]),
        Vector(
            testDescription: "AAC access unit", type: .audio, body: [0xAF, 1, 4, 5], kind: .audio, role: .key,
            codec: .mp4a, payload: [4, 5]),
        Vector(
            testDescription: "MP3 frame", type: .audio, body: [0x2F, 0xFF, 0xFB], kind: .audio, role: .key, codec: .mp3,
            payload: [0xFF, 0xFB]),
        Vector(
            testDescription: "Opus packet", type: .audio, body: [0x91] + Array("Opus".utf8) + [6], kind: .audio,
            role: .key, codec: .opus, payload: [6]),
    ]

    @Test(arguments: vectors)
    func tagBodiesBecomeFrames(_ vector: Vector) throws {
        let body = ByteBuffer(bytes: vector.body)
        let frames = try MediaFrame.frames(type: vector.type, time: MediaTime(milliseconds: 40), body: body)
        let frame = try #require(frames.first)
        #expect(frames.count == 1)
        #expect(frame.kind == vector.kind)
        #expect(frame.role == vector.role)
        #expect(frame.codec == vector.codec)
        #expect(frame.payload == ByteBuffer(bytes: vector.payload))
        #expect(frame.decodeTime == MediaTime(milliseconds: 40))
        #expect(frame.tagBody == .original(body))
        #expect(frame.tagType == vector.type)
        #expect(frame.flvTagBody == body)
    }

    @Test(arguments: vectors.filter { $0.codec != none })
    func framesWithoutTagBodiesAreWrittenAsTags(_ vector: Vector) throws {
        let body = ByteBuffer(bytes: vector.body)
        var frame = try #require(MediaFrame.frames(type: vector.type, time: .zero, body: body).first)
        frame.tagBody = .none
        let written = try #require(frame.flvTagBody)
        var again = try #require(MediaFrame.frames(type: vector.type, time: .zero, body: written).first)
        again.tagBody = .none
        #expect(again == frame)
    }

    @Test func compositionTimesAreSigned() throws {
        let later = try MediaFrame.frames(type: .video, time: .zero, body: ByteBuffer(bytes: [0x27, 1, 0, 0, 80, 0]))
        let earlier = try MediaFrame.frames(
            type: .video, time: .zero, body: ByteBuffer(bytes: [0x27, 1, 0xFF, 0xFF, 0xFE, 0]))
        #expect(later.map(\.compositionOffset) == [MediaTime(milliseconds: 80)])
        #expect(earlier.map(\.compositionOffset) == [MediaTime(milliseconds: -2)])
    }

    @Test func nanosecondOffsetsAreAddedToTheTimestamp() throws {
        let tag = VideoTag(
            frameType: .key,
            packet: VideoPacket(
                kind: .codedFrames, codec: .hvc1, nanosecondOffset: 250_000, payload: ByteBuffer(bytes: [1])))
        var body = ByteBuffer()
        tag.write(into: &body)
        let frames = try MediaFrame.frames(type: .video, time: MediaTime(milliseconds: 7), body: body)
        #expect(frames.map(\.decodeTime) == [MediaTime(nanoseconds: 7_250_000)])
    }

    @Test func tracksOfOneTagTravelInItsFirstFrame() throws {
        let tag = VideoTag(
            frameType: .key, legacyCodecID: nil,
            packets: [0, 1].map {
                VideoPacket(kind: .codedFrames, track: $0, codec: .avc1, payload: ByteBuffer(bytes: [$0]))
            })
        var body = ByteBuffer()
        tag.write(into: &body)
        let frames = try MediaFrame.frames(type: .video, time: .zero, body: body)
        #expect(frames.map(\.track) == [0, 1])
        #expect(frames.map(\.tagBody) == [.original(body), .carriedByEarlierFrame])
        #expect(frames.last?.flvTagBody == nil)
    }

    @Test func setDataFrameIsTakenOff() throws {
        let metadata: [UInt8] = [0x02, 0x00, 0x0A] + Array("onMetaData".utf8) + [0x05]
        let command: [UInt8] = [0x02, 0x00, 0x0D] + Array("@setDataFrame".utf8)
        for body in [metadata, command + metadata] {
            let frames = try MediaFrame.frames(type: .script, time: .zero, body: ByteBuffer(bytes: body))
            #expect(frames.map(\.role) == [.metadata])
            #expect(frames.first?.payload == ByteBuffer(bytes: metadata))
            #expect(frames.first?.flvTagBody == ByteBuffer(bytes: metadata))
        }
    }

    @Test func otherDataIsNoMetadata() throws {
        let body = ByteBuffer(bytes: [0x02, 0x00, 0x0A] + Array("onTextData".utf8))
        #expect(try MediaFrame.frames(type: .script, time: .zero, body: body).map(\.role) == [.delta])
    }

    @Test func unknownTagTypesHaveNoFrames() throws {
        #expect(try MediaFrame.frames(type: FLVTagType(rawValue: 15), time: .zero, body: ByteBuffer()).isEmpty)
    }

    @Test(arguments: [FLVTagType.video, .audio])
    func emptyBodiesAreRefused(_ type: FLVTagType) {
        #expect(throws: FLVError.self) { try MediaFrame.frames(type: type, time: .zero, body: ByteBuffer()) }
    }
}
