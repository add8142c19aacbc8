import Codecs
import NIOCore
import StreamAnatomy
import Testing

@Suite("Parameter sets in words")
struct ParameterSetTests {
    private static func bytes(_ hex: String) -> ByteBuffer {
        var bytes = ByteBuffer()
        var digits = hex[...]
        while digits.count >= 2 {
            bytes.writeInteger(UInt8(digits.prefix(2), radix: 16) ?? 0)
            digits = digits.dropFirst(2)
        }
        return bytes
    }

    /// x264's record of 720p at 30 frames a second.
    static let h264 = bytes(
        "0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800")

    struct Expected: Sendable {
        let set: String
        let field: String
        let value: String
        let meaning: String

        init(_ set: String, _ field: String, _ value: String, _ meaning: String = "") {
            self.set = set
            self.field = field
            self.value = value
            self.meaning = meaning
        }
    }

    @Test(arguments: [
        Expected("SPS", "profile_idc", "100", "High"), Expected("SPS", "level_idc", "31", "3.1"),
        Expected("SPS", "chroma_format_idc", "1", "4:2:0"), Expected("SPS", "width", "1280", "pixels after cropping"),
        Expected("SPS", "height", "720", "pixels after cropping"), Expected("SPS", "time_scale", "60", "30.0 frames/s"),
        Expected("PPS", "entropy_coding_mode_flag", "1", "CABAC"), Expected("PPS", "transform_8x8_mode_flag", "1"),
    ])
    func h264IsRead(expected: Expected) throws {
        let sets = ParameterSetDescription.all(codec: .avc1, configuration: Self.h264)
        #expect(sets.map(\.name) == ["SPS", "PPS"] && sets.map(\.bytes) == [26, 6])
        let set = try #require(sets.first { $0.name == expected.set })
        #expect(
            set.fields.first { $0.name == expected.field }
                == .init(expected.field, expected.value, expected.meaning))
    }

    @Test(arguments: [
        Expected("AudioSpecificConfig", "audioObjectType", "2", "LC"),
        Expected("AudioSpecificConfig", "samplingFrequency", "48000", "Hz"),
        Expected("AudioSpecificConfig", "channelConfiguration", "2", "2 channels"),
        Expected("AudioSpecificConfig", "frameLengthFlag", "0", "1024 samples a frame"),
    ])
    func aacIsRead(expected: Expected) throws {
        let sets = ParameterSetDescription.all(codec: .mp4a, configuration: Self.bytes("1190"))
        let set = try #require(sets.first)
        #expect(set.name == expected.set && set.bytes == 2)
        #expect(
            set.fields.first { $0.name == expected.field }
                == .init(expected.field, expected.value, expected.meaning))
    }

    @Test func opusIsRead() throws {
        var head = ByteBuffer()
        OpusHead(channels: 2).write(to: &head)
        let set = try #require(ParameterSetDescription.all(codec: .opus, configuration: head).first)
        #expect(set.name == "OpusHead" && set.fields.first == .init("Output Channel Count", "2"))
        #expect(set.fields.contains(.init("Pre-skip", "312", "samples at 48000 Hz")))
    }

    @Test(arguments: [FourCC.avc1, .hvc1, .av01, .vp09, .mp4a, .opus, .flac])
    func damageIsAField(codec: FourCC) throws {
        let set = try #require(ParameterSetDescription.all(codec: codec, configuration: ByteBuffer()).first)
        #expect(set.bytes == 0 && set.fields.map(\.name) == ["error"])
    }

    @Test func everyCutOfAConfigurationIsSurvived() {
        for length in 0..<Self.h264.readableBytes {
            let cut = Self.h264.getSlice(at: 0, length: length) ?? ByteBuffer()
            for codec in [FourCC.avc1, .hvc1, .av01, .vp09, .mp4a, .opus, .flac, .ac3] {
                #expect(ParameterSetDescription.all(codec: codec, configuration: cut).count <= 16)
            }
        }
    }

    /// The record's own counts allow 31 and 255.
    @Test(arguments: [(15, 16), (16, 16), (31, 16)])
    func manySetsAreNotAllDescribed(sets: Int, described: Int) throws {
        let sequence = try #require(Self.h264.getSlice(at: 8, length: 26))
        let picture = try #require(Self.h264.getSlice(at: 37, length: 6))
        let record = try AVCDecoderConfigurationRecord(
            sequenceParameterSets: Array(repeating: sequence, count: sets), pictureParameterSets: [picture])
        var bytes = ByteBuffer()
        record.write(to: &bytes)
        #expect(ParameterSetDescription.all(codec: .avc1, configuration: bytes).count == described)
    }
}
