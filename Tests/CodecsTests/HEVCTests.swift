import BitStream
import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("HEVCDecoderConfigurationRecord: ISO/IEC 14496-15, 8.3.3.1")
struct HEVCDecoderConfigurationRecordTests {
    static let vectors = [
        VideoVectors.hevcMain, VideoVectors.hevcMain10, VideoVectors.hevc444, VideoVectors.hevcLayers,
    ]

    @Test(arguments: vectors)
    func whatIsReadIsWrittenAlike(vector: ByteBuffer) throws {
        let record = try verifyOneShot(vector.array) { try HEVCDecoderConfigurationRecord($0) }
        var written = ByteBuffer()
        record.write(to: &written)
        #expect(written == vector)
        #expect(record.units(.videoParameterSet).count == 1)
        #expect(record.units(.pictureParameterSet).count == 1)
        #expect(record.units(.suffixSEI).isEmpty)
    }

    @Test(arguments: vectors)
    func parameterSetsAloneMakeTheSameRecord(vector: ByteBuffer) throws {
        let record = try HEVCDecoderConfigurationRecord(vector)
        var made = try HEVCDecoderConfigurationRecord(
            videoParameterSets: record.units(.videoParameterSet),
            sequenceParameterSets: record.units(.sequenceParameterSet),
            pictureParameterSets: record.units(.pictureParameterSet))
        #expect(made.profileTierLevel == record.profileTierLevel)
        #expect(made.temporalLayers == record.temporalLayers)
        #expect(made.isTemporalIDNested == record.isTemporalIDNested)
        made.arrays = record.arrays
        #expect(made == record)
    }

    @Test func thereMayBe256UnitsOfATypeAndNoMore() throws {
        var record = try HEVCDecoderConfigurationRecord(VideoVectors.hevcMain)
        let unit = hex("4401")
        record.arrays = [
            .init(isComplete: false, type: .pictureParameterSet, units: Array(repeating: unit, count: 256))
        ]
        var written = ByteBuffer()
        record.write(to: &written)
        #expect(try HEVCDecoderConfigurationRecord(written) == record)
        written.setInteger(UInt16(257), at: 24)
        written.writeBytes([0, 2, 0x44, 1])
        #expect(throws: CodecError.self) { try HEVCDecoderConfigurationRecord(written) }
    }

    @Test func wrongRecordsAreRefused() throws {
        var record = VideoVectors.hevcMain
        record.setInteger(UInt8(2), at: 0)
        #expect(throws: CodecError.self) { try HEVCDecoderConfigurationRecord(record) }
        record = VideoVectors.hevcMain
        record.setInteger(UInt8(0x0E), at: 21)
        #expect(throws: CodecError.self) { try HEVCDecoderConfigurationRecord(record) }
        #expect(throws: CodecError.self) {
            try HEVCDecoderConfigurationRecord(
                videoParameterSets: [], sequenceParameterSets: [], pictureParameterSets: [])
        }
    }
}

@Suite("HEVC parameter sets: ISO/IEC 23008-2, 7.3.2")
struct HEVCParameterSetTests {
    @Test(arguments: HEVCDecoderConfigurationRecordTests.vectors)
    func videoParameterSetsTellTheTiming(vector: ByteBuffer) throws {
        let record = try HEVCDecoderConfigurationRecord(vector)
        let unit = try #require(record.units(.videoParameterSet).first)
        let set = try verifyOneShot(unit.array) { try HEVCVideoParameterSet($0) }
        #expect(set.profileTierLevel == record.profileTierLevel)
        #expect(set.temporalLayers == Int(record.temporalLayers))
    }

    /// Everything that may stand in front of the usability information, with sets told as changes of others.
    @Test func everythingInFrontIsPassedOver() throws {
        let set = try verifyOneShot(Self.fullUnit(widthCut: 3)) { try HEVCSequenceParameterSet($0) }
        #expect(set.width == 416 - 6)
        #expect(set.height == 240 - 2)
        #expect(set.temporalLayers == 2)
        #expect(set.bitDepthLuma == 10)
        #expect(set.bitDepthChroma == 9)
        #expect(set.reorderDepth == 3)
        #expect(set.usability?.timing?.pictureRate == 50)
        #expect(set.usability?.isFieldSequence == true)
        #expect(set.usability?.frameRate == 25)
        #expect(set.usability?.sampleAspectRatio == SampleAspectRatio(width: 64, height: 45))
        #expect(set.usability?.colour == ColourDescription(isFullRange: true))
    }

    @Test func aWindowThatLeavesNothingIsRefused() {
        #expect(throws: Never.self) { try HEVCSequenceParameterSet(ByteBuffer(bytes: Self.fullUnit(widthCut: 207))) }
        #expect(throws: CodecError.self) {
            try HEVCSequenceParameterSet(ByteBuffer(bytes: Self.fullUnit(widthCut: 208)))
        }
    }

    @Test func otherUnitsAreRefused() {
        #expect(throws: CodecError.self) { try HEVCSequenceParameterSet(hex("40010C01")) }
        #expect(throws: CodecError.self) { try HEVCVideoParameterSet(hex("42010101")) }
        #expect(throws: CodecError.self) { try HEVCSliceHeader(hex("42010101")) }
    }

    @Test func laterSliceSegmentsDoNotTellTheirType() throws {
        let header = try HEVCSliceHeader(hex("0201 5FFF"))
        #expect(!header.isFirstInPicture)
        #expect(header.type == nil)
    }

    @Test func extraBitsStandInFrontOfTheType() throws {
        // First segment, parameter set 0, two reserved bits, then P.
        #expect(try HEVCSliceHeader(hex("0201 D4"), extraBits: 2).type == .predicted)
        #expect(try HEVCSliceHeader(hex("0201 D4")).type != .intra)
    }

    private static func fullUnit(widthCut: UInt32) -> [UInt8] {
        var writer = BitWriter()
        writer.u(4, 0)
        writer.u(3, 1)
        writer.flag(true)
        writeProfile(&writer)
        writer.ue(0)
        writer.ue(1)
        writer.ue(416)
        writer.ue(240)
        writer.flag(true)
        for edge: UInt32 in [0, widthCut, 1, 0] { writer.ue(edge) }
        writer.ue(2)
        writer.ue(1)
        writer.ue(4)
        writer.flag(true)
        for number: UInt32 in [4, 2, 0, 5, 3, 0] { writer.ue(number) }
        for number: UInt32 in [0, 3, 0, 3, 1, 1] { writer.ue(number) }
        writeScalingLists(&writer)
        writer.u(2, 0b11)
        writer.flag(true)
        writer.u(8, 0x77)
        writer.ue(0)
        writer.ue(1)
        writer.flag(false)
        writeReferenceSets(&writer)
        writer.flag(true)
        writer.ue(2)
        writer.u(18, 0b00000101_1_00001001_0)
        writer.u(2, 0b11)
        writeUsability(&writer)
        writer.trailingBits()
        return [0x42, 0x01] + EmulationPrevention.added(to: writer.bytes)
    }

    private static func writeProfile(_ writer: inout BitWriter) {
        writer.u(8, 2)
        writer.u(32, 0x2000_0000)
        writer.u(48, 0)
        writer.u(8, 93)
        writer.u(2, 0b11)  // the sub-layer's profile and level follow
        writer.u(14, 0)
        writer.u(64, 0)
        writer.u(24, 0)
        writer.u(8, 60)
    }

    private static func writeScalingLists(_ writer: inout BitWriter) {
        writer.u(2, 0b11)
        for size in 0..<4 {
            for matrix in 0..<(size == 3 ? 2 : 6) {
                writer.flag(matrix == 1)
                if matrix != 1 {
                    writer.ue(0)
                    continue
                }
                if size > 1 { writer.se(8) }
                for index in 0..<(size == 0 ? 16 : 64) { writer.se(Int32(index % 5) - 2) }
            }
        }
    }

    /// {−1, −3 | 2}, then it shifted by −1 without one entry, then one told by itself.
    /// Shifted: −2, −4, 1 and the picture itself at −1, of which −4 is left out: three entries, and so four flags follow.
    private static func writeReferenceSets(_ writer: inout BitWriter) {
        writer.ue(4)
        writer.ue(2)
        writer.ue(1)
        for (distance, used) in [(0, true), (1, false), (1, true)] as [(UInt32, Bool)] {
            writer.ue(distance)
            writer.flag(used)
        }
        writer.flag(true)
        writer.flag(true)
        writer.ue(0)
        writer.u(6, 0b1_00_1_01)
        writer.flag(true)
        writer.flag(false)
        writer.ue(0)
        // Shifted back by 1: −1, 2, 1 hold, and −1 + 1 is the current picture, which counts no more.
        writer.u(4, 0b1111)
        writer.flag(true)
        writer.flag(true)
        writer.ue(4)
        writer.u(4, 0b1111)
    }

    private static func writeUsability(_ writer: inout BitWriter) {
        writer.flag(true)
        writer.flag(true)
        writer.u(8, 255)
        writer.u(16, 64)
        writer.u(16, 45)
        writer.u(2, 0b11)
        writer.flag(true)
        writer.u(5, 0b101_1_0)
        writer.flag(true)
        writer.ue(1)
        writer.ue(1)
        writer.u(3, 0b010)
        writer.flag(true)
        for _ in 0..<4 { writer.ue(0) }
        writer.flag(true)
        writer.u(32, 1)
        writer.u(32, 50)
        writer.flag(false)
        writer.u(2, 0)
    }
}
