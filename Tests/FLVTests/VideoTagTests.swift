import Codecs
import FLV
import MediaTesting
import NIOCore
import Testing

/// A tag body and what it says. `rewritten` is how we would write it, where that differs.
struct VideoVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let tag: VideoTag
    let rewritten: [UInt8]

    init(
        _ name: String, _ bytes: String, rewritten: String? = nil, _ frameType: VideoFrameType, legacy: UInt8? = nil,
        _ packets: VideoPacket...
    ) {
        testDescription = name
        self.bytes = hex(bytes)
        tag = VideoTag(frameType: frameType, legacyCodecID: legacy, packets: packets)
        self.rewritten = hex(rewritten ?? bytes)
    }
}

private let none = FourCC(rawValue: 0)

private let legacyVectors: [VideoVector] = [
    VideoVector(
        "AVC sequence header", "17 00 000000 0164", .key, legacy: 7,
        VideoPacket(kind: .sequenceStart, codec: .avc1, payload: buffer("0164"))),
    VideoVector(
        "AVC keyframe", "17 01 000043 0000000165", .key, legacy: 7,
        VideoPacket(kind: .codedFrames, codec: .avc1, compositionTimeOffset: 67, payload: buffer("0000000165"))),
    VideoVector(
        "AVC inter frame shown before it is decoded", "27 01 FFFFFE AA", .inter, legacy: 7,
        VideoPacket(kind: .codedFrames, codec: .avc1, compositionTimeOffset: -2, payload: buffer("AA"))),
    VideoVector(
        "AVC least composition time", "27 01 800000", .inter, legacy: 7,
        VideoPacket(kind: .codedFrames, codec: .avc1, compositionTimeOffset: -8_388_608)),
    VideoVector(
        "AVC end of sequence", "17 02 000000", .key, legacy: 7, VideoPacket(kind: .sequenceEnd, codec: .avc1)),
    VideoVector(
        "AVC end of sequence without a composition time", "17 02", rewritten: "17 02 000000", .key, legacy: 7,
        VideoPacket(kind: .sequenceEnd, codec: .avc1)),
    VideoVector(
        "AVC packet type of the future", "17 03 000000 AA", .key, legacy: 7,
        VideoPacket(kind: .unknown(3), codec: .avc1, payload: buffer("AA"))),
    VideoVector(
        "HEVC by number", "1C 01 000001 AA", .key, legacy: 12,
        VideoPacket(kind: .codedFrames, codec: .hvc1, compositionTimeOffset: 1, payload: buffer("AA"))),
    VideoVector(
        "AV1 by number", "1D 00 000000 81", .key, legacy: 13,
        VideoPacket(kind: .sequenceStart, codec: .av01, payload: buffer("81"))),
    VideoVector(
        "H.263", "32 AABB", .disposableInter, legacy: 2,
        VideoPacket(kind: .codedFrames, codec: none, payload: buffer("AABB"))),
    VideoVector("VP6 without a byte", "14", .key, legacy: 4, VideoPacket(kind: .codedFrames, codec: none)),
    VideoVector(
        "seek begins", "57 00", .command, legacy: 7, VideoPacket(kind: .command(0), codec: .avc1)),
    VideoVector("seek ends", "52 01", .command, legacy: 2, VideoPacket(kind: .command(1), codec: none)),
]

private let enhancedVectors: [VideoVector] = [
    VideoVector(
        "HEVC sequence start", "90 68766331 01", .key,
        VideoPacket(kind: .sequenceStart, codec: .hvc1, payload: buffer("01"))),
    VideoVector(
        "HEVC coded frames", "A1 68766331 FFFFFF AA", .inter,
        VideoPacket(kind: .codedFrames, codec: .hvc1, compositionTimeOffset: -1, payload: buffer("AA"))),
    VideoVector(
        "HEVC coded frames X", "A3 68766331 AA", .inter,
        VideoPacket(kind: .codedFrames, codec: .hvc1, payload: buffer("AA"))),
    VideoVector(
        "AVC coded frames with a composition time of 0", "91 61766331 000000 AA", rewritten: "93 61766331 AA", .key,
        VideoPacket(kind: .codedFrames, codec: .avc1, payload: buffer("AA"))),
    VideoVector(
        "VVC coded frames", "91 76766331 000005 AA", .key,
        VideoPacket(kind: .codedFrames, codec: .vvc1, compositionTimeOffset: 5, payload: buffer("AA"))),
    VideoVector(
        "AV1 coded frames", "91 61763031 0A0B", .key,
        VideoPacket(kind: .codedFrames, codec: .av01, payload: buffer("0A0B"))),
    VideoVector("VP9 sequence end", "92 76703039", .key, VideoPacket(kind: .sequenceEnd, codec: .vp09)),
    VideoVector(
        "metadata; the frame type does not matter", "D4 68766331 02000A", .command,
        VideoPacket(kind: .metadata, codec: .hvc1, payload: buffer("02000A"))),
    VideoVector(
        "AV1 descriptor", "95 61763031 8004", .key,
        VideoPacket(kind: .mpeg2TSSequenceStart, codec: .av01, payload: buffer("8004"))),
    VideoVector(
        "codec of the future", "91 78787878 AA", .key,
        VideoPacket(kind: .codedFrames, codec: FourCC(rawValue: 0x7878_7878), payload: buffer("AA"))),
    VideoVector(
        "packet type of the future", "98 61766331 AA", .key,
        VideoPacket(kind: .unknown(8), codec: .avc1, payload: buffer("AA"))),
    VideoVector("command", "D0 01", .command, VideoPacket(kind: .command(1), codec: none)),
    VideoVector(
        "command of another packet type", "D1 00", rewritten: "D0 00", .command,
        VideoPacket(kind: .command(0), codec: none)),
]

private let modExVectors: [VideoVector] = [
    VideoVector(
        "nanoseconds", "A7 02 0F423F 01 61763031 AA", .inter,
        VideoPacket(kind: .codedFrames, codec: .av01, nanosecondOffset: 999_999, payload: buffer("AA"))),
    VideoVector(
        "nanoseconds out of range", "A7 02 0F4240 01 61763031 AA", rewritten: "A1 61763031 AA", .inter,
        VideoPacket(kind: .codedFrames, codec: .av01, payload: buffer("AA"))),
    VideoVector(
        "nanoseconds in too few bytes", "A7 01 0F42 01 61763031", rewritten: "A1 61763031", .inter,
        VideoPacket(kind: .codedFrames, codec: .av01)),
    VideoVector(
        "unknown modifier, then nanoseconds", "A7 00 EE 17 02 000001 01 61763031",
        rewritten: "A7 02 000001 01 61763031",
        .inter, VideoPacket(kind: .codedFrames, codec: .av01, nanosecondOffset: 1)),
    VideoVector(
        "long modifier", "A7 FF 0100" + String(repeating: "EE", count: 257) + "11 61763031", rewritten: "A1 61763031",
        .inter, VideoPacket(kind: .codedFrames, codec: .av01)),
    VideoVector(
        "nanoseconds in front of tracks", "A7 02 000001 06 01 61763031 03 AA", .inter,
        VideoPacket(kind: .codedFrames, track: 3, codec: .av01, nanosecondOffset: 1, payload: buffer("AA"))),
]

private let multitrackVectors: [VideoVector] = [
    VideoVector(
        "one track", "96 00 68766331 02 01", .key,
        VideoPacket(kind: .sequenceStart, track: 2, codec: .hvc1, payload: buffer("01"))),
    VideoVector(
        "one track that is the default", "96 00 68766331 00 01", rewritten: "90 68766331 01", .key,
        VideoPacket(kind: .sequenceStart, codec: .hvc1, payload: buffer("01"))),
    VideoVector(
        "many tracks", "A6 11 61766331 00 000004 000001AA 01 000005 000000BBCC", .inter,
        VideoPacket(kind: .codedFrames, codec: .avc1, compositionTimeOffset: 1, payload: buffer("AA")),
        VideoPacket(kind: .codedFrames, track: 1, codec: .avc1, payload: buffer("BBCC"))),
    VideoVector(
        "many tracks, composition times of 0", "A6 13 61766331 00 000001 AA 01 000000", .inter,
        VideoPacket(kind: .codedFrames, codec: .avc1, payload: buffer("AA")),
        VideoPacket(kind: .codedFrames, track: 1, codec: .avc1)),
    VideoVector(
        "many tracks, many codecs", "96 20 61766331 00 000001 01 61763031 01 000002 8104", .key,
        VideoPacket(kind: .sequenceStart, codec: .avc1, payload: buffer("01")),
        VideoPacket(kind: .sequenceStart, track: 1, codec: .av01, payload: buffer("8104"))),
    VideoVector(
        "packet type of the future in tracks", "96 08 61766331 01 AA", .key,
        VideoPacket(kind: .unknown(8), track: 1, codec: .avc1, payload: buffer("AA"))),
    VideoVector(
        "multitrack type of the future", "96 31 AABBCC", .key,
        VideoPacket(kind: .unknown(6), codec: none, payload: buffer("31AABBCC"))),
]

@Suite("Video tags: FLV E.4.3, Enhanced RTMP")
struct VideoTagTests {
    @Test(arguments: legacyVectors + enhancedVectors + modExVectors + multitrackVectors)
    func parses(_ vector: VideoVector) throws {
        let tag = try verifyOneShot(vector.bytes) { buffer throws(FLVError) in try VideoTag(parsing: buffer) }
        #expect(tag == vector.tag)
        #expect(tag.isEnhanced == (vector.bytes[0] & 0x80 != 0))
    }

    @Test(arguments: legacyVectors + enhancedVectors + modExVectors + multitrackVectors)
    func writes(_ vector: VideoVector) {
        #expect(written { vector.tag.write(into: &$0) } == vector.rewritten)
    }

    @Test func payloadIsASliceOfTheBody() throws {
        let body = ByteBuffer(bytes: hex("17 01 000000") + [UInt8](repeating: 0xAA, count: 100))
        let payload = try #require(try VideoTag(parsing: body).packets.first?.payload)
        let isInside = body.withUnsafeReadableBytes { whole in
            payload.withUnsafeReadableBytes { part in part.baseAddress == whole.baseAddress?.advanced(by: 5) }
        }
        #expect(isInside)
    }

    @Test(
        arguments: [
            ("", .emptyBody), ("17", .truncatedBody), ("17 01", .truncatedBody), ("17 01 0000", .truncatedBody),
            ("57", .truncatedBody), ("90", .truncatedBody), ("90 617663", .truncatedBody), ("D0", .truncatedBody),
            ("91 61766331 0000", .truncatedBody), ("97", .truncatedBody), ("97 FF 00", .truncatedBody),
            ("97 02 000001", .truncatedBody), ("96", .truncatedBody), ("96 00 617663", .truncatedBody),
            ("96 00 61766331", .truncatedBody), ("96 10 61766331", .truncatedBody),
            ("96 10 61766331 00 000002 AA", .truncatedBody), ("96 10 61766331 00 000001 AA BB", .truncatedBody),
            ("96 11 61766331 00 000002 0000", .truncatedBody), ("96 06 61766331 00", .malformedMultitrack),
            ("96 17 61766331 00", .malformedMultitrack),
        ] as [(String, FLVError.Code)])
    func brokenBodyCostsOnlyTheTag(_ bytes: String, _ code: FLVError.Code) {
        let error = #expect(throws: FLVError.self) { try VideoTag(parsing: buffer(bytes)) }
        #expect(error?.code == code)
        #expect(error?.damage == .tag)
    }

    @Test func tracksAtTheLimitAndOnePast() throws {
        let limits = FLVLimits(packetsPerTagMax: 3)
        func tag(_ count: Int) -> ByteBuffer {
            ByteBuffer(bytes: hex("96 10 61763031") + [[UInt8]](repeating: hex("01 000000"), count: count).joined())
        }
        #expect(try VideoTag(parsing: tag(3), limits: limits).packets.count == 3)
        let error = #expect(throws: FLVError.self) { try VideoTag(parsing: tag(4), limits: limits) }
        #expect(error?.code == .tooManyPackets)
    }

    @Test func onePacketTakesTheFormThatEveryPlayerKnows() {
        func isEnhanced(_ kind: VideoPacketKind, _ codec: FourCC, track: UInt8 = 0, nanoseconds: UInt32 = 0) -> Bool {
            let packet = VideoPacket(kind: kind, track: track, codec: codec, nanosecondOffset: nanoseconds)
            return VideoTag(frameType: .key, packet: packet).isEnhanced
        }
        #expect(!isEnhanced(.codedFrames, .avc1))
        #expect(!isEnhanced(.sequenceStart, .avc1))
        #expect(isEnhanced(.codedFrames, .hvc1))
        #expect(isEnhanced(.metadata, .avc1))
        #expect(isEnhanced(.codedFrames, .avc1, track: 1))
        #expect(isEnhanced(.codedFrames, .avc1, nanoseconds: 1))
    }

    @Test func tagWithoutPacketsWritesNothing() {
        #expect(written { VideoTag(frameType: .key, legacyCodecID: nil, packets: []).write(into: &$0) }.isEmpty)
        #expect(written { VideoTag(frameType: .key, legacyCodecID: 7, packets: []).write(into: &$0) }.isEmpty)
    }
}
