import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("Video formats")
struct VideoFormatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let codec: FourCC
        let configuration: ByteBuffer
        /// Size, frames a second, profile, level, bits, chroma, pictures reordered, codecs parameter.
        let summary: String
        var testDescription: String { summary }

        init(_ codec: FourCC, _ configuration: ByteBuffer, _ summary: String) {
            self.codec = codec
            self.configuration = configuration
            self.summary = summary
        }
    }

    /// The sizes, rates, profiles, levels and reorder depths are those that ffprobe shows; gray it shows as 4:2:0.
    static let cases = [
        Case(.avc1, VideoVectors.h264High, "1280x720 30.0 High 3.1 8 4:2:0 2 avc1.64001F"),
        Case(.avc1, VideoVectors.h264Baseline, "640x360 25.0 Constrained Baseline 3.0 8 4:2:0 0 avc1.42C01E"),
        Case(.avc1, VideoVectors.h264Main, "638x358 29.97 Main 3.0 8 4:2:0 2 avc1.4D401E"),
        Case(.avc1, VideoVectors.h264Interlaced, "1920x1080 25.0 High 4.0 8 4:2:0 2 avc1.640028"),
        Case(.avc1, VideoVectors.h264High10, "854x480 24.0 High 10 3.0 10 4:2:0 2 avc1.6E001E"),
        Case(.avc1, VideoVectors.h264High422, "322x242 50.0 High 4:2:2 2.1 8 4:2:2 2 avc1.7A0015"),
        Case(.avc1, VideoVectors.h264High444, "100x76 60.0 High 4:4:4 Predictive 1.1 8 4:4:4 2 avc1.F4000B"),
        Case(.avc1, VideoVectors.h264FullRange, "176x144 15.0 High 1.0 8 4:0:0 2 avc1.64000A"),
        Case(.avc1, VideoVectors.h264Buffering, "1920x1080 60.0 High 4.2 8 4:2:0 2 avc1.64002A"),
        Case(.avc1, VideoVectors.h264Matrices, "352x288 30.0 High 1.3 8 4:2:0 2 avc1.64000D"),
        Case(.hvc1, VideoVectors.hevcMain, "1920x1080 30.0 Main 4.0 8 4:2:0 2 hvc1.1.6.L120.90"),
        Case(.hvc1, VideoVectors.hevcMain10, "3840x2160 60.0 Main 10 5.1 10 4:2:0 2 hvc1.2.4.L153.90"),
        Case(.hvc1, VideoVectors.hevc444, "322x182 25.0 Range Extensions 2.0 8 4:4:4 2 hvc1.4.10.L60.9E.8"),
        Case(.hvc1, VideoVectors.hevcLayers, "1366x766 23.98 Main 4.0 8 4:2:0 2 hvc1.1.6.L120.90"),
        Case(.av01, VideoVectors.av1Main, "640x360 - Main 2.1 8 4:2:0 0 av01.0.01M.08"),
        Case(.av01, VideoVectors.av1Main10, "322x182 - Main 2.0 10 4:2:0 0 av01.0.00M.10.0.110.09.16.09.0"),
        Case(.av01, VideoVectors.av1High, "320x180 - High 2.0 8 4:4:4 0 av01.1.00M.08.0.000.01.01.01.0"),
        Case(.av01, VideoVectors.av1SVT, "1280x720 - Main 3.1 8 4:2:0 0 av01.0.05M.08"),
        Case(.vp09, VideoVectors.vp9Profile0, "0x0 - Profile 0 2.1 8 4:2:0 0 vp09.00.21.08"),
        Case(.vp09, VideoVectors.vp9Profile1, "0x0 - Profile 1 1.1 8 4:4:4 0 vp09.01.11.08.03.01.01.01.00"),
        Case(.vp09, VideoVectors.vp9Profile2, "0x0 - Profile 2 2.1 10 4:2:0 0 vp09.02.21.10"),
    ]

    @Test(arguments: cases)
    func configurationsAreSummedUp(_ example: Case) throws {
        let read = try verifyOneShot(example.configuration.array) {
            VideoFormat(codec: example.codec, configuration: $0)
        }
        let format = try #require(read)
        let rate = format.frameRate.map { "\(($0 * 100).rounded() / 100)" } ?? "-"
        let summary =
            "\(format.width)x\(format.height) \(rate) \(format.profile) \(format.level) \(format.bitDepth) "
            + "\(format.chroma) \(format.reorderDepth) \(format.rfc6381)"
        #expect(summary == example.summary)
        #expect(format.codec == example.codec)
        #expect(format.nalUnitLengthSize == (example.codec == .avc1 || example.codec == .hvc1 ? 4 : 0))
    }

    @Test(
        arguments: [
            (.avc1, VideoVectors.h264Interlaced, ColourDescription(primaries: 1, transfer: 1, matrix: 1)),
            (.avc1, VideoVectors.h264High, nil),
            (.hvc1, VideoVectors.hevcMain10, ColourDescription(primaries: 9, transfer: 16, matrix: 9)),
            (.av01, VideoVectors.av1Main10, ColourDescription(primaries: 9, transfer: 16, matrix: 9)),
            (.av01, VideoVectors.av1Main, ColourDescription()), (.vp09, VideoVectors.vp9Profile0, ColourDescription()),
        ] as [(FourCC, ByteBuffer, ColourDescription?)])
    func coloursAreRead(codec: FourCC, configuration: ByteBuffer, colour: ColourDescription?) throws {
        #expect(try #require(VideoFormat(codec: codec, configuration: configuration)).colour == colour)
    }

    @Test func pixelsAndFieldsAreRead() throws {
        let buffering = try #require(VideoFormat(codec: .avc1, configuration: VideoVectors.h264Buffering))
        #expect(buffering.sampleAspectRatio == SampleAspectRatio(width: 4, height: 3))
        #expect(!buffering.mayBeInterlaced)
        let interlaced = try #require(VideoFormat(codec: .avc1, configuration: VideoVectors.h264Interlaced))
        #expect(interlaced.mayBeInterlaced)
        let fullRange = try #require(VideoFormat(codec: .avc1, configuration: VideoVectors.h264FullRange))
        #expect(fullRange.colour?.isFullRange == true)
    }

    @Test(
        arguments: [
            (.vp09, VideoVectors.vp9Profile0, "824983420027f016760438241c184a10", "640x360 8 4:2:0"),
            (.vp09, VideoVectors.vp9Profile2, "924983420014080b4b041c120e0c2c08", "642x362 10 4:2:0"),
            (.vp09, VideoVectors.vp9Profile1, "a249834200027e0166c0870483830940", "320x180 8 4:4:4"),
            (.vp08, hex("000A820202020000"), "30ce009d012a82026a01", "642x362 8 4:2:0"),
            (.av01, hex("81010C00"), "0a0b0000000cc4ff6736be401032031400a0", "640x360 8 4:2:0"),
            // What is no keyframe of the codec changes nothing.
            (.av01, hex("81010C00"), "3203290270", "0x0 8 4:2:0"),
            (.vp09, VideoVectors.vp9Profile0, "86004092f0", "0x0 8 4:2:0"),
            (.vp09, VideoVectors.vp9Profile0, "", "0x0 8 4:2:0"),
            (.vp08, hex("000A820202020000"), "b11500", "0x0 8 4:2:0"),
            (.avc1, VideoVectors.h264High, "00000001", "1280x720 8 4:2:0"),
        ] as [(FourCC, ByteBuffer, String, String)])
    func keyframesTellTheRest(codec: FourCC, configuration: ByteBuffer, frame: String, summary: String) throws {
        let format = try #require(VideoFormat(codec: codec, configuration: configuration))
        let refined = try verifyOneShot(hex(frame).array) { frame in
            var refined = format
            refined.refine(keyframe: frame)
            return refined
        }
        #expect("\(refined.width)x\(refined.height) \(refined.bitDepth) \(refined.chroma)" == summary)
    }

    @Test(
        arguments: [
            (.avc1, hex("0164001FFFE00000")), (.hvc1, hex("01")), (.vvc1, hex("00112233445566")), (.mp4a, hex("1190")),
            (.av01, hex("81")),
            (.av01, hex("80010C00")), (.av01, hex("81010400")), (.vp09, hex("0015")), (.vp09, hex("0015FF020202")),
        ] as [(FourCC, ByteBuffer)])
    func whatCannotBeReadIsNil(codec: FourCC, configuration: ByteBuffer) {
        #expect(VideoFormat(codec: codec, configuration: configuration) == nil)
    }
}
