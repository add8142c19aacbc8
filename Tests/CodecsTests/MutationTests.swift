import Codecs
import MediaTesting
import NIOCore
import Testing

/// Damage of several bytes at once, which flips of single bytes do not reach. Nothing is expected but survival.
@Suite("Damaged headers")
struct MutationTests {
    private static func damaged(_ vector: ByteBuffer, _ random: inout SplitMix64) -> ByteBuffer {
        var bytes = Array(vector.readableBytesView)
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[index] = Bool.random(using: &random) ? 0 : 0xFF
            case 2: bytes.remove(at: index)
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            }
        }
        return ByteBuffer(bytes: bytes)
    }

    @Test(arguments: VideoFormatTests.cases)
    func videoConfigurationsSurvive(_ example: VideoFormatTests.Case) {
        var random = SplitMix64(seed: 11)
        for _ in 0..<1000 {
            let configuration = Self.damaged(example.configuration, &random)
            guard var format = VideoFormat(codec: example.codec, configuration: configuration) else { continue }
            #expect(format.width >= 0 && format.height >= 0)
            format.refine(keyframe: configuration)
        }
    }

    @Test(arguments: AudioSpecificConfigTests.cases)
    func audioConfigurationsSurvive(_ example: AudioSpecificConfigTests.Case) {
        var random = SplitMix64(seed: 12)
        for _ in 0..<500 {
            let configuration = Self.damaged(hex(example.text), &random)
            guard let format = AudioFormat(codec: .mp4a, configuration: configuration) else { continue }
            #expect(format.sampleRate > 0)
        }
    }

    @Test(arguments: PictureTypeTests.cases)
    func picturesSurvive(_ example: PictureTypeTests.Case) throws {
        var random = SplitMix64(seed: 13)
        let unit = try LengthPrefixedNALUnits.joined(example.units.map { hex($0) })
        for _ in 0..<500 {
            let damaged = Self.damaged(unit, &random)
            for codec in [FourCC.avc1, .hvc1, .av01, .vp09, .vp08] {
                _ = PictureType(codec: codec, lengthSize: 4, accessUnit: damaged)
            }
            for unit in AnnexB.split(damaged) { #expect(unit.readableBytes > 0) }
        }
    }

    @Test(arguments: [
        "0B77FE95144043E1", "0B77037F3F87C000", "FFFB9064", "4F707573486561640106380180BB00000000010402000401020305",
    ])
    func otherHeadersSurvive(text: String) {
        var random = SplitMix64(seed: 14)
        for _ in 0..<1000 {
            let bytes = Self.damaged(hex(text), &random)
            for codec in [FourCC.ac3, .mp3] { _ = AudioFormat(codec: codec, firstFrame: bytes) }
            for codec in [FourCC.opus, .flac] { _ = AudioFormat(codec: codec, configuration: bytes) }
        }
    }
}
