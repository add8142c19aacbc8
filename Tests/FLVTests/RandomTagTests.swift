import Codecs
import FLV
import MediaTesting
import NIOCore
import Testing

/// Makes random tags that the wire can say.
private struct TagGenerator {
    var random: SplitMix64

    mutating func number<Integer: FixedWidthInteger>(_ range: ClosedRange<Integer>) -> Integer {
        Integer.random(in: range, using: &random)
    }

    mutating func payload() -> ByteBuffer {
        ByteBuffer(bytes: (0..<number(0...20)).map { _ in number(UInt8.min...UInt8.max) })
    }

    mutating func nanoseconds() -> UInt32 {
        Bool.random(using: &random) ? 0 : number(1...999_999)
    }

    /// One packet, one packet with a track, or several.
    mutating func tracks() -> [UInt8] {
        let count = number(1...4)
        return count == 1 ? [number(0...3)] : (0..<count).map { _ in number(UInt8.min...UInt8.max) }
    }

    mutating func video() -> VideoTag {
        let codecs: [FourCC] = [.avc1, .hvc1, .av01, .vp09, .vp08, .vvc1, FourCC(rawValue: 0x7878_7878)]
        let kinds: [VideoPacketKind] = [
            .sequenceStart, .codedFrames, .sequenceEnd, .metadata, .mpeg2TSSequenceStart, .unknown(8), .unknown(15),
        ]
        let kind = kinds[number(0...kinds.count - 1)]
        let nanoseconds = nanoseconds()
        let packets = tracks().map { track in
            let codec = codecs[number(0...codecs.count - 1)]
            let isTimed = kind == .codedFrames && [.avc1, .hvc1, .vvc1].contains(codec)
            return VideoPacket(
                kind: kind, track: track, codec: codec,
                compositionTimeOffset: isTimed ? number(-8_388_608...8_388_607) : 0, nanosecondOffset: nanoseconds,
                payload: payload())
        }
        return VideoTag(frameType: VideoFrameType(rawValue: number(1...4)), legacyCodecID: nil, packets: packets)
    }

    mutating func legacyVideo() -> VideoTag {
        let ids: [(UInt8, FourCC)] = [(7, .avc1), (12, .hvc1), (13, .av01)]
        let (id, codec) = ids[number(0...2)]
        let kinds: [VideoPacketKind] = [.sequenceStart, .codedFrames, .sequenceEnd, .unknown(3), .unknown(255)]
        let packet = VideoPacket(
            kind: kinds[number(0...4)], codec: codec, compositionTimeOffset: number(-8_388_608...8_388_607),
            payload: payload())
        return VideoTag(frameType: VideoFrameType(rawValue: number(1...4)), legacyCodecID: id, packets: [packet])
    }

    mutating func audio() -> AudioTag {
        let codecs: [FourCC] = [.mp4a, .opus, .flac, .ac3, .eac3, .mp3]
        let kinds: [AudioPacketKind] = [
            .sequenceStart, .codedFrames, .sequenceEnd, .multichannelConfig, .unknown(3), .unknown(15),
        ]
        let kind = kinds[number(0...kinds.count - 1)]
        let nanoseconds = nanoseconds()
        let packets = tracks().map { track in
            AudioPacket(
                kind: kind, track: track, codec: codecs[number(0...codecs.count - 1)], nanosecondOffset: nanoseconds,
                payload: payload())
        }
        return AudioTag(legacySoundFormat: nil, packets: packets)
    }
}

@Suite("Tags: random ones")
struct RandomTagTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func videoTagIsReadAsWritten(_ seed: UInt64) throws {
        var generator = TagGenerator(random: SplitMix64(seed: seed))
        for _ in 0..<500 {
            for tag in [generator.video(), generator.legacyVideo()] {
                #expect(try VideoTag(parsing: ByteBuffer(bytes: written { tag.write(into: &$0) })) == tag)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func audioTagIsReadAsWritten(_ seed: UInt64) throws {
        var generator = TagGenerator(random: SplitMix64(seed: seed))
        for _ in 0..<500 {
            let tag = generator.audio()
            #expect(try AudioTag(parsing: ByteBuffer(bytes: written { tag.write(into: &$0) })) == tag)
        }
    }

    /// Whatever parses can be written and parses to the same again.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func whateverIsReadIsWrittenWithTheSameMeaning(_ seed: UInt64) throws {
        var generator = TagGenerator(random: SplitMix64(seed: seed))
        for _ in 0..<2000 {
            var body = written { generator.video().write(into: &$0) }
            body[generator.number(0...min(body.count - 1, 12))] = generator.number(UInt8.min...UInt8.max)
            if let tag = try? VideoTag(parsing: ByteBuffer(bytes: body)) {
                #expect(try VideoTag(parsing: ByteBuffer(bytes: written { tag.write(into: &$0) })) == tag)
            }
            if let tag = try? AudioTag(parsing: ByteBuffer(bytes: body)) {
                #expect(try AudioTag(parsing: ByteBuffer(bytes: written { tag.write(into: &$0) })) == tag)
            }
        }
    }
}
