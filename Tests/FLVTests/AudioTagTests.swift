import Codecs
import FLV
import MediaTesting
import NIOCore
import Testing

/// A tag body and what it says. `rewritten` is how we would write it, where that differs.
struct AudioVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let tag: AudioTag
    let rewritten: [UInt8]

    init(_ name: String, _ bytes: String, rewritten: String? = nil, legacy: UInt8? = nil, _ packets: AudioPacket...) {
        testDescription = name
        self.bytes = hex(bytes)
        tag = AudioTag(legacySoundFormat: legacy.map { LegacySoundFormat(rawValue: $0) }, packets: packets)
        self.rewritten = hex(rewritten ?? bytes)
    }
}

private let none = FourCC(rawValue: 0)

private let legacyVectors: [AudioVector] = [
    AudioVector(
        "AAC sequence header", "AF 00 1210", legacy: 0xAF,
        AudioPacket(kind: .sequenceStart, codec: .mp4a, payload: buffer("1210"))),
    AudioVector(
        "AAC raw", "AF 01 2110", legacy: 0xAF,
        AudioPacket(kind: .codedFrames, codec: .mp4a, payload: buffer("2110"))),
    AudioVector(
        "AAC packet type of the future", "AF 02 AA", legacy: 0xAF,
        AudioPacket(kind: .unknown(2), codec: .mp4a, payload: buffer("AA"))),
    AudioVector(
        "MP3", "2F FFFB", legacy: 0x2F, AudioPacket(kind: .codedFrames, codec: .mp3, payload: buffer("FFFB"))),
    AudioVector(
        "MP3 at 8 kHz", "E2 FFFB", legacy: 0xE2,
        AudioPacket(kind: .codedFrames, codec: .mp3, payload: buffer("FFFB"))),
    AudioVector(
        "Speex", "B2 AA", legacy: 0xB2, AudioPacket(kind: .codedFrames, codec: none, payload: buffer("AA"))),
    AudioVector("G.711 without a byte", "72", legacy: 0x72, AudioPacket(kind: .codedFrames, codec: none)),
]

private let enhancedVectors: [AudioVector] = [
    AudioVector(
        "Opus sequence start", "90 4F707573 4F70",
        AudioPacket(kind: .sequenceStart, codec: .opus, payload: buffer("4F70"))),
    AudioVector(
        "FLAC coded frames", "91 664C6143 FFF8", AudioPacket(kind: .codedFrames, codec: .flac, payload: buffer("FFF8"))),
    AudioVector(
        "AC-3 coded frames", "91 61632D33 0B77", AudioPacket(kind: .codedFrames, codec: .ac3, payload: buffer("0B77"))),
    AudioVector(
        "E-AC-3 coded frames", "91 65632D33 0B77",
        AudioPacket(kind: .codedFrames, codec: .eac3, payload: buffer("0B77"))),
    AudioVector("MP3 sequence end", "92 2E6D7033", AudioPacket(kind: .sequenceEnd, codec: .mp3)),
    AudioVector(
        "multichannel", "94 6D703461 01 06 0000003F",
        AudioPacket(kind: .multichannelConfig, codec: .mp4a, payload: buffer("01060000003F"))),
    AudioVector(
        "packet type of the future", "9F 6D703461 AA",
        AudioPacket(kind: .unknown(15), codec: .mp4a, payload: buffer("AA"))),
    AudioVector(
        "nanoseconds", "97 02 000064 01 4F707573 AA",
        AudioPacket(kind: .codedFrames, codec: .opus, nanosecondOffset: 100, payload: buffer("AA"))),
    AudioVector(
        "unknown modifier", "97 00 EE 11 4F707573 AA", rewritten: "91 4F707573 AA",
        AudioPacket(kind: .codedFrames, codec: .opus, payload: buffer("AA"))),
    AudioVector(
        "one track", "95 01 6D703461 01 AA",
        AudioPacket(kind: .codedFrames, track: 1, codec: .mp4a, payload: buffer("AA"))),
    AudioVector(
        "many tracks", "95 11 6D703461 00 000001 AA 01 000000",
        AudioPacket(kind: .codedFrames, codec: .mp4a, payload: buffer("AA")),
        AudioPacket(kind: .codedFrames, track: 1, codec: .mp4a)),
    AudioVector(
        "many tracks, many codecs", "95 21 6D703461 00 000001 AA 4F707573 01 000002 BBCC",
        AudioPacket(kind: .codedFrames, codec: .mp4a, payload: buffer("AA")),
        AudioPacket(kind: .codedFrames, track: 1, codec: .opus, payload: buffer("BBCC"))),
    AudioVector(
        "multitrack type of the future", "95 F1 AA",
        AudioPacket(kind: .unknown(5), codec: none, payload: buffer("F1AA"))),
]

@Suite("Audio tags: FLV E.4.2, Enhanced RTMP")
struct AudioTagTests {
    @Test(arguments: legacyVectors + enhancedVectors)
    func parses(_ vector: AudioVector) throws {
        let tag = try verifyOneShot(vector.bytes) { buffer throws(FLVError) in try AudioTag(parsing: buffer) }
        #expect(tag == vector.tag)
        #expect(tag.isEnhanced == (vector.bytes[0] >> 4 == 9))
    }

    @Test(arguments: legacyVectors + enhancedVectors)
    func writes(_ vector: AudioVector) {
        #expect(written { vector.tag.write(into: &$0) } == vector.rewritten)
    }

    @Test(
        arguments: [
            ("", .emptyBody), ("AF", .truncatedBody), ("90", .truncatedBody), ("91 4F7075", .truncatedBody),
            ("97 02 00", .truncatedBody), ("95", .truncatedBody), ("95 11 6D703461", .truncatedBody),
            ("95 11 6D703461 00 000002 AA", .truncatedBody), ("95 05 6D703461 00", .malformedMultitrack),
            ("95 07 6D703461 00", .malformedMultitrack),
        ] as [(String, FLVError.Code)])
    func brokenBodyCostsOnlyTheTag(_ bytes: String, _ code: FLVError.Code) {
        let error = #expect(throws: FLVError.self) { try AudioTag(parsing: buffer(bytes)) }
        #expect(error?.code == code)
        #expect(error?.damage == .tag)
    }

    @Test(
        arguments: [(0x2F, 44100, true), (0x22, 5512, false), (0x26, 11025, false), (0xE2, 8000, false)]
            as [(UInt8, Int, Bool)])
    func firstByteOfMP3(_ byte: UInt8, _ sampleRate: Int, _ isStereo: Bool) {
        let format = LegacySoundFormat(rawValue: byte)
        #expect(format.sampleRate == sampleRate)
        #expect(format.isStereo == isStereo)
        #expect(format.codec == .mp3)
    }

    @Test func onePacketTakesTheFormThatEveryPlayerKnows() {
        #expect(AudioTag(packet: AudioPacket(kind: .codedFrames, codec: .mp4a)).legacySoundFormat == .aac)
        #expect(AudioTag(packet: AudioPacket(kind: .codedFrames, codec: .opus)).isEnhanced)
        #expect(AudioTag(packet: AudioPacket(kind: .sequenceEnd, codec: .mp4a)).isEnhanced)
        #expect(AudioTag(packet: AudioPacket(kind: .codedFrames, track: 1, codec: .mp4a)).isEnhanced)
        #expect(AudioTag(packet: AudioPacket(kind: .codedFrames, codec: .mp4a, nanosecondOffset: 1)).isEnhanced)
    }
}

@Suite("Audio channel layout: Enhanced RTMP, ExAudioTagBody")
struct AudioChannelLayoutTests {
    @Test(
        arguments: [
            ("00 02", .unspecified(channelCount: 2)), ("01 06 0000003F", .native(channelCount: 6, mask: 0x3F)),
            ("02 03 00 01 FE", .custom([0, 1, 0xFE])), ("03 02", .unknown(order: 3, channelCount: 2)),
        ] as [(String, AudioChannelLayout)])
    func isReadAndWritten(_ bytes: String, _ layout: AudioChannelLayout) throws {
        #expect(
            try verifyOneShot(hex(bytes)) { buffer throws(FLVError) in try AudioChannelLayout(parsing: buffer) }
                == layout)
        #expect(written { layout.write(into: &$0) } == hex(bytes))
    }

    @Test(arguments: ["", "00", "01 06 000000", "02 03 00 01"])
    func truncatedIsRefused(_ bytes: String) {
        #expect(throws: FLVError.self) { try AudioChannelLayout(parsing: buffer(bytes)) }
    }
}
