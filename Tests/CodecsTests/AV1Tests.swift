import BitStream
import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("AV1: open bitstream units, 5.3 and 5.5")
struct AV1Tests {
    private static func units(_ buffer: ByteBuffer) throws -> [AV1OBU] {
        var reader = AV1OBUs(buffer)
        var units: [AV1OBU] = []
        while let unit = try reader.next() { units.append(unit) }
        return units
    }

    @Test func unitsAreFoundBehindTheirSizes() throws {
        let found = try verifyOneShot(hex("1200 0A020102 36480301AABB 30CC").array) { try Self.units($0) }
        #expect(found.map(\.type) == [.temporalDelimiter, .sequenceHeader, .frame, .frame])
        #expect(found.map { $0.payload.readableBytes } == [0, 2, 3, 1])
        #expect(found[2].temporalID == 2)
        #expect(found[2].spatialID == 1)
    }

    @Test func sizesMayHaveSeveralBytes() throws {
        var buffer = hex("328201")
        buffer.writeRepeatingByte(7, count: 130)
        #expect(try Self.units(buffer).map(\.payload.readableBytes) == [130])
        #expect(try Self.units(hex("32818080808080800041")).map(\.payload.readableBytes) == [1])
    }

    @Test(arguments: ["80", "3202AA", "32", "3280", "34", "32FFFFFFFFFFFFFFFFFF", "32FFFFFFFFFF7F"])
    func wrongUnitsAreRefused(text: String) {
        #expect(throws: CodecError.self) { try Self.units(hex(text)) }
    }

    @Test(arguments: [
        VideoVectors.av1Main, VideoVectors.av1Main10, VideoVectors.av1High, VideoVectors.av1SVT, hex("81DF7C1F"),
        hex("815F6C00"), hex("81400800"), hex("81000003"),
    ])
    func whatIsReadIsWrittenAlike(vector: ByteBuffer) throws {
        let record = try verifyOneShot(vector.array) { try AV1CodecConfigurationRecord($0) }
        var written = ByteBuffer()
        record.write(to: &written)
        #expect(written.readableBytes == vector.readableBytes)
        #expect(try AV1CodecConfigurationRecord(written) == record)
    }

    struct Header: Sendable {
        var profile: UInt64 = 0
        var reduced = false
        var timing = false
        var points: [UInt64] = [5]
        /// color_config, and the bits that it means.
        var colour: [Bool]
        let bitDepth: Int
        let chroma: ChromaFormat
        var isFullRange = false

        var payload: [UInt8] {
            var writer = BitWriter()
            writer.u(3, profile)
            writer.flag(reduced)
            writer.flag(reduced)
            if reduced { writer.u(5, points[0]) } else { writePoints(&writer) }
            writer.u(8, 0x98)
            writer.u(10, 639)
            writer.u(9, 359)
            if !reduced {
                writer.flag(true)  // frame ids
                writer.u(7, 0)
            }
            writer.u(3, 0)
            if !reduced {
                writer.u(4, 0)
                writer.flag(true)  // order hints
                writer.u(2, 0)
                writer.u(2, 0b01)  // screen content tools forced
                writer.u(2, 0b01)  // integer motion vectors forced
                writer.u(3, 6)
            }
            writer.u(3, 0)
            for bit in colour { writer.flag(bit) }
            writer.trailingBits()
            return writer.bytes
        }

        private func writePoints(_ writer: inout BitWriter) {
            writer.flag(timing)
            if timing {
                writer.u(32, 1001)
                writer.u(32, 60000)
                writer.flag(true)
                writer.ue(1)
                writer.flag(true)
                writer.u(5, 9)
                writer.u(42, 0)
            }
            writer.flag(true)
            writer.u(5, UInt64(points.count - 1))
            for level in points {
                writer.u(12, 1)
                writer.u(5, level)
                if level > 7 { writer.flag(true) }
                if timing {
                    writer.flag(true)
                    writer.u(21, 0)
                }
                writer.flag(true)
                writer.u(4, 3)
            }
        }
    }

    static let headers = [
        Header(colour: bits("0 0 0 1 00 0"), bitDepth: 8, chroma: .yuv420, isFullRange: true),
        Header(reduced: true, colour: bits("1 0 0 0 00 0"), bitDepth: 10, chroma: .yuv420),
        Header(
            timing: true, points: [9, 3], colour: bits("0 1 0 1"), bitDepth: 8, chroma: .monochrome, isFullRange: true),
        Header(profile: 1, colour: bits("0 0 0 0"), bitDepth: 8, chroma: .yuv444),
        Header(
            profile: 1, colour: bits("0 1 00000001 00001101 00000000 0"), bitDepth: 8, chroma: .yuv444,
            isFullRange: true),
        Header(profile: 2, colour: bits("1 0 0 0 0 0"), bitDepth: 10, chroma: .yuv422),
        Header(profile: 2, colour: bits("1 1 0 0 0 0 0"), bitDepth: 12, chroma: .yuv444),
        Header(profile: 2, colour: bits("1 1 0 0 0 10 0"), bitDepth: 12, chroma: .yuv422),
        Header(profile: 2, colour: bits("1 1 0 0 0 11 00 0"), bitDepth: 12, chroma: .yuv420),
    ]

    private static func bits(_ text: String) -> [Bool] {
        text.filter { $0 != " " }.map { $0 == "1" }
    }

    @Test(arguments: headers)
    func sequenceHeaders(header: Header) throws {
        let read = try verifyOneShot(header.payload) { try AV1SequenceHeader($0) }
        #expect(read.width == 640)
        #expect(read.height == 360)
        #expect(read.profile == Int(header.profile))
        #expect(read.level == Int(header.points[0]))
        #expect(read.isHighTier == (header.points[0] > 7))
        #expect(read.bitDepth == header.bitDepth)
        #expect(read.chromaFormat == header.chroma)
        #expect(read.colour.isFullRange == header.isFullRange)
        #expect(read.isReducedStillPicture == header.reduced)
        #expect(read.frameRate == (header.timing ? 60000.0 / 2002 : nil))
    }

    @Test func unknownProfilesAreRefused() {
        #expect(throws: CodecError.self) { try AV1SequenceHeader(hex("60 000000 00000000 00000000")) }
    }
}

@Suite("VP8 and VP9")
struct VPTests {
    @Test(arguments: [VideoVectors.vp9Profile0, VideoVectors.vp9Profile1, VideoVectors.vp9Profile2])
    func recordsWithAndWithoutTheBoxAreTheSame(vector: ByteBuffer) throws {
        let record = try verifyOneShot(vector.array) { try VPCodecConfigurationRecord($0) }
        var written = ByteBuffer()
        record.write(to: &written)
        #expect(written == vector.getSlice(at: 4, length: 8))
        #expect(try verifyOneShot(written.array) { try VPCodecConfigurationRecord($0) } == record)
    }

    @Test func keyframesOfVP9TellTheirFormat() throws {
        let header = try verifyOneShot(hex("924983420014080b4b04").array) { try VP9FrameHeader($0) }
        #expect(header.profile == 2)
        let keyframe = try #require(header.keyframe)
        #expect([keyframe.width, keyframe.height, keyframe.bitDepth] == [642, 362, 10])
        // sRGB in profile 1.
        let rgb = try VP9FrameHeader(hex("A24983 42E0 00027E0166C087"))
        #expect(rgb.keyframe?.chromaFormat == .yuv444)
        #expect(rgb.keyframe?.isFullRange == true)
    }

    /// No marker, no sync code, cut sync code, nothing, profile 3 and nothing more.
    @Test(arguments: ["42", "824983FF0027F01676", "8249", "", "B0"])
    func framesThatAreNotVP9AreRefused(text: String) {
        #expect(throws: CodecError.self) { try VP9FrameHeader(hex(text)) }
    }

    @Test func existingFramesShownAgainTellNothing() throws {
        let header = try VP9FrameHeader(hex("88"))
        #expect(header.showsExistingFrame)
        #expect(!header.isKeyframe)
    }

    @Test func keyframesOfVP8TellTheirSize() throws {
        let header = try verifyOneShot(hex("30ce009d012a82026a01").array) { try VP8FrameHeader($0) }
        #expect(header.isKeyframe)
        #expect(header.width == 642)
        #expect(header.height == 362)
        #expect(throws: CodecError.self) { try VP8FrameHeader(hex("30ce009d012b82026a01")) }
    }
}
