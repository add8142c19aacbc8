import BitStream
import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("H.264 sequence parameter sets: ISO/IEC 14496-10, 7.3.2.1.1")
struct H264SequenceParameterSetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let builder: SPSBuilder
        let width: Int
        let height: Int
        var testDescription: String { name }
    }

    static let sizes: [Case] = [
        Case(name: "whole macroblocks", builder: SPSBuilder(), width: 320, height: 240),
        Case(name: "4:2:0 cropped", builder: SPSBuilder(crop: [0, 1, 0, 3]), width: 318, height: 234),
        Case(name: "4:2:0 cropped on all sides", builder: SPSBuilder(crop: [1, 2, 3, 4]), width: 314, height: 226),
        Case(
            name: "4:2:2 cropped", builder: SPSBuilder(profile: 122, chroma: 2, crop: [0, 1, 0, 3]), width: 318,
            height: 237),
        Case(
            name: "4:4:4 odd", builder: SPSBuilder(profile: 244, chroma: 3, crop: [0, 1, 0, 3]), width: 319, height: 237
        ),
        Case(
            name: "separate planes odd",
            builder: SPSBuilder(profile: 244, chroma: 3, separatePlanes: true, crop: [0, 1, 0, 3]), width: 319,
            height: 237),
        Case(name: "monochrome odd", builder: SPSBuilder(chroma: 0, crop: [0, 1, 0, 3]), width: 319, height: 237),
        Case(name: "interlaced", builder: SPSBuilder(frameOnly: false), width: 320, height: 480),
        Case(
            name: "1080 lines interlaced",
            builder: SPSBuilder(width: 120, height: 34, frameOnly: false, crop: [0, 0, 0, 2]),
            width: 1920, height: 1080),
        Case(
            name: "1080 lines progressive", builder: SPSBuilder(width: 120, height: 68, crop: [0, 0, 0, 4]),
            width: 1920,
            height: 1080),
        Case(
            name: "interlaced 4:2:2 cropped",
            builder: SPSBuilder(profile: 122, chroma: 2, frameOnly: false, crop: [0, 0, 1, 1]), width: 320, height: 476),
        Case(name: "high 10", builder: SPSBuilder(profile: 110, depth: 10), width: 320, height: 240),
        Case(name: "order by differences", builder: SPSBuilder(order: 1, orderCycle: 255), width: 320, height: 240),
        Case(name: "baseline without chroma fields", builder: SPSBuilder(profile: 66), width: 320, height: 240),
    ]

    @Test(arguments: sizes)
    func croppingGivesTheSize(_ example: Case) throws {
        let set = try verifyOneShot(example.builder.unit.array) { try H264SequenceParameterSet($0) }
        #expect(set.width == example.width)
        #expect(set.height == example.height)
        #expect(set.bitDepthLuma == Int(example.builder.depth))
        #expect(set.isFrameOnly == example.builder.frameOnly)
        #expect(set.usability == nil)
        #expect(set.frameRate == nil)
    }

    @Test(arguments: [
        SPSBuilder(crop: [80, 80, 0, 0]), SPSBuilder(crop: [0, 0, 60, 60]), SPSBuilder(crop: [0, .max - 1, 0, 0]),
        SPSBuilder(id: 32), SPSBuilder(chroma: 4), SPSBuilder(depth: 15), SPSBuilder(order: 3),
        SPSBuilder(references: 17),
        SPSBuilder(width: 4097), SPSBuilder(height: 4097), SPSBuilder(order: 1, orderCycle: 256),
        SPSBuilder(width: .max - 1),
    ])
    func numbersOutOfRangeAreRefused(builder: SPSBuilder) {
        #expect(throws: CodecError.self) { try H264SequenceParameterSet(builder.unit) }
    }

    @Test(arguments: [
        SPSBuilder(id: 31), SPSBuilder(depth: 14), SPSBuilder(references: 16), SPSBuilder(width: 4096, height: 4096),
        SPSBuilder(crop: [79, 80, 0, 119]),
    ])
    func numbersAtTheirLimitAreRead(builder: SPSBuilder) throws {
        let set = try H264SequenceParameterSet(builder.unit)
        #expect(set.width > 0 && set.height > 0)
    }

    @Test func aDamagedEndDoesNotHideTheSize() throws {
        // aspect_ratio_info_present_flag and an extended ratio that is cut short.
        let set = try H264SequenceParameterSet(SPSBuilder(usability: [true, true, true]).unit)
        #expect(set.usability == nil)
        #expect(set.width == 320)
    }

    @Test(
        arguments: [
            (66, 0x00, "Baseline"), (66, 0x40, "Constrained Baseline"), (77, 0, "Main"), (88, 0, "Extended"),
            (100, 0, "High"),
            (100, 0x08, "Progressive High"), (100, 0x0C, "Constrained High"), (110, 0, "High 10"),
            (110, 0x10, "High 10 Intra"),
            (122, 0, "High 4:2:2"), (122, 0x10, "High 4:2:2 Intra"), (244, 0, "High 4:4:4 Predictive"),
            (244, 0x10, "High 4:4:4 Intra"), (44, 0x10, "CAVLC 4:4:4 Intra"), (118, 0, "Multiview High"),
            (128, 0, "Stereo High"), (138, 0, "Profile 138"),
        ] as [(UInt8, UInt8, String)])
    func profilesHaveNames(profile: UInt8, constraints: UInt8, name: String) throws {
        let set = try H264SequenceParameterSet(SPSBuilder(profile: profile, constraints: constraints).unit)
        #expect(set.profileName == name)
    }

    @Test(
        arguments: [
            (77, 0, 9, "1b"), (66, 0x10, 11, "1b"), (66, 0, 11, "1.1"), (100, 0x10, 11, "1.1"), (100, 0, 31, "3.1"),
            (100, 0, 40, "4.0"), (100, 0, 62, "6.2"),
        ] as [(UInt8, UInt8, UInt8, String)])
    func levelsHaveNames(profile: UInt8, constraints: UInt8, level: UInt8, name: String) throws {
        let set = try H264SequenceParameterSet(
            SPSBuilder(profile: profile, constraints: constraints, level: level).unit)
        #expect(set.levelName == name)
    }

    /// E.2.1, max_num_reorder_frames, where it is not present. 8160 macroblocks of level 4.0's 32768 are 4 frames.
    @Test(arguments: [
        (SPSBuilder(order: 0, width: 120, height: 68), 4), (SPSBuilder(order: 0), 16), (SPSBuilder(order: 2), 0),
        (SPSBuilder(profile: 66, order: 0), 0), (SPSBuilder(profile: 110, constraints: 0x10, order: 0), 0),
        (SPSBuilder(level: 10, order: 0), 1), (SPSBuilder(profile: 66, constraints: 0x10, level: 11, order: 1), 0),
    ])
    func reorderingIsInferredWhereItIsNotSaid(builder: SPSBuilder, depth: Int) throws {
        #expect(try H264SequenceParameterSet(builder.unit).reorderDepth == depth)
    }

    @Test func timingOfZeroMeansNothing() throws {
        var writer = BitWriter()
        writer.u(4, 0b0000)  // aspect ratio, overscan, signal type, chroma location
        writer.flag(true)
        writer.u(32, 0)
        writer.u(32, 50)
        writer.u(1, 1)
        writer.u(4, 0)  // two buffering parameters, picture structure, restrictions
        var reader = BitReader(writer.bytes)
        let bits = (0..<writer.bitCount).compactMap { _ in reader.flag() }
        let set = try H264SequenceParameterSet(SPSBuilder(usability: bits).unit)
        #expect(set.usability != nil)
        #expect(set.frameRate == nil)
    }

    @Test func otherUnitsAreRefused() {
        #expect(throws: CodecError.self) { try H264SequenceParameterSet(hex("68EBE3CB22C0")) }
        #expect(throws: CodecError.self) { try H264SequenceParameterSet(ByteBuffer()) }
        #expect(throws: CodecError.self) { try H264PictureParameterSet(hex("6764001FACD9")) }
    }
}

@Suite("AVCDecoderConfigurationRecord: ISO/IEC 14496-15, 5.3.3.1")
struct AVCDecoderConfigurationRecordTests {
    @Test(arguments: [
        VideoVectors.h264High, VideoVectors.h264Baseline, VideoVectors.h264High10, VideoVectors.h264High444,
        VideoVectors.h264Buffering,
    ])
    func whatIsReadIsWrittenAlike(vector: ByteBuffer) throws {
        let record = try verifyOneShot(vector.array) { try AVCDecoderConfigurationRecord($0) }
        var written = ByteBuffer()
        record.write(to: &written)
        #expect(written == vector)
        #expect(record.lengthSize == 4)
        #expect(record.sequenceParameterSets.count == 1)
        #expect(record.pictureParameterSets.count == 1)
    }

    @Test(arguments: [VideoVectors.h264High, VideoVectors.h264Baseline, VideoVectors.h264High422])
    func parameterSetsAloneMakeTheSameRecord(vector: ByteBuffer) throws {
        let record = try AVCDecoderConfigurationRecord(vector)
        let made = try AVCDecoderConfigurationRecord(
            sequenceParameterSets: record.sequenceParameterSets, pictureParameterSets: record.pictureParameterSets)
        #expect(made == record)
    }

    @Test func oldRecordsEndEarly() throws {
        let whole = VideoVectors.h264High
        let record = try AVCDecoderConfigurationRecord(
            try #require(whole.getSlice(at: 0, length: whole.readableBytes - 4)))
        #expect(record.highProfileFields == nil)
        #expect(record.pictureParameterSets.count == 1)
    }

    @Test(arguments: [
        "0064001FFFE000", "0164001FFEE000", "0164001FFF", "0164001FFFE1000467", "0164001FFFE0010005",
    ])
    func wrongRecordsAreRefused(text: String) {
        #expect(throws: CodecError.self) { try AVCDecoderConfigurationRecord(hex(text)) }
    }

    @Test func thereMayBe31SetsAndNoMore() throws {
        let unit = SPSBuilder().unit
        let most = try AVCDecoderConfigurationRecord(
            sequenceParameterSets: Array(repeating: unit, count: 31), pictureParameterSets: [])
        var written = ByteBuffer()
        most.write(to: &written)
        #expect(try AVCDecoderConfigurationRecord(written) == most)
        #expect(throws: CodecError.self) {
            try AVCDecoderConfigurationRecord(
                sequenceParameterSets: Array(repeating: unit, count: 32), pictureParameterSets: [])
        }
        #expect(throws: CodecError.self) {
            try AVCDecoderConfigurationRecord(sequenceParameterSets: [], pictureParameterSets: [])
        }
    }
}

@Suite("H.264 picture parameter sets and slices: ISO/IEC 14496-10, 7.3.2.2 and 7.3.3")
struct H264PictureTests {
    @Test(arguments: [
        ("68EBE3CB22C0", true, true, 2), ("68CE0FC8", false, false, 0), ("68EBECB22C", true, true, 2),
        ("68EBE3CB3002C0", true, true, 2),
    ])
    func pictureParameterSets(text: String, cabac: Bool, transform: Bool, bipred: Int) throws {
        let set = try verifyOneShot(hex(text).array) { try H264PictureParameterSet($0) }
        #expect(set.id == 0)
        #expect(set.usesCABAC == cabac)
        #expect(set.uses8x8Transform == transform)
        #expect(set.weightedBipredictionMode == bipred)
        #expect(set.sliceGroups == 1)
    }

    /// slice_group_map_type 0, 2, 3 and 6, each in front of the same end.
    @Test(arguments: [0, 1, 2, 3, 6] as [UInt32])
    func sliceGroupsArePassedOver(mapType: UInt32) throws {
        var writer = BitWriter()
        writer.ue(3)
        writer.ue(1)
        writer.u(2, 0b10)
        writer.ue(2)
        writer.ue(mapType)
        switch mapType {
        case 0: for length: UInt32 in [4, 5, 6] { writer.ue(length) }
        case 2: for corner: UInt32 in [1, 20, 30, 50] { writer.ue(corner) }
        case 3:
            writer.flag(true)
            writer.ue(9)
        case 6:
            writer.ue(4)
            writer.u(10, 0b00_01_10_00_01)
        default: break
        }
        writer.ue(1)
        writer.ue(2)
        writer.u(3, 0b101)
        for _ in 0..<3 { writer.se(0) }
        writer.u(3, 0b001)
        writer.trailingBits()
        let set = try H264PictureParameterSet(ByteBuffer(bytes: [0x68] + writer.bytes))
        #expect(set.id == 3)
        #expect(set.sequenceParameterSetID == 1)
        #expect(set.sliceGroups == 3)
        #expect([set.activeReferencesList0, set.activeReferencesList1] == [2, 3])
        #expect(set.hasWeightedPrediction)
        #expect(set.hasRedundantPictures)
        #expect(!set.uses8x8Transform)
    }

    struct Slice: Sendable {
        let text: String
        let first: Int
        let type: PictureType
        let frame: Int
        let order: Int
    }

    /// The slices of six pictures, as libx264 made them; the orders are those that FFmpeg shows.
    static let slices = [
        Slice(text: "6588840067CCFF9E72D4990D4622", first: 0, type: .intra, frame: 0, order: 0),
        Slice(text: "419A216C477FC81C0D19BFD02835", first: 0, type: .predicted, frame: 1, order: 2),
        Slice(text: "419A423C2193298477F32F989FED", first: 0, type: .predicted, frame: 2, order: 4),
        Slice(text: "419A6549E10F26530216FF60C09E", first: 0, type: .predicted, frame: 3, order: 10),
        Slice(text: "419E8345113C29FFB48B9A2DEA34", first: 0, type: .bidirectional, frame: 4, order: 6),
        Slice(text: "019EA46A42DFB4739A09A36094CB", first: 0, type: .bidirectional, frame: 5, order: 8),
    ]

    @Test(arguments: slices)
    func sliceHeaders(slice: Slice) throws {
        let record = try AVCDecoderConfigurationRecord(VideoVectors.h264High)
        let sequence = try H264SequenceParameterSet(try #require(record.sequenceParameterSets.first))
        let picture = try H264PictureParameterSet(try #require(record.pictureParameterSets.first))
        let header = try verifyOneShot(hex(slice.text).array) { try H264SliceHeader($0) }
        #expect(header.firstMacroblock == slice.first)
        #expect(header.type == slice.type)
        let order = try verifyOneShot(hex(slice.text).array) {
            try H264SliceHeader.order(of: $0, sequence: sequence, picture: picture)
        }
        #expect(order.frameNumber == slice.frame)
        #expect(order.pictureOrderLowBits == slice.order)
        #expect((order.idrPictureID != nil) == (slice.type == .intra))
        #expect(!order.isField)
    }

    @Test func laterSlicesNameTheirFirstMacroblock() throws {
        #expect(try H264SliceHeader(hex("65010A221000CFFEDF32F814D94A")).firstMacroblock == 132)
        #expect(try H264SliceHeader(hex("41010A6891B10AFFFE44239A19C4")).type == .predicted)
    }

    @Test func orderByDifferencesAndFieldsIsRead() throws {
        let sequence = try H264SequenceParameterSet(SPSBuilder(profile: 77, order: 1, frameOnly: false).unit)
        let picture = try H264PictureParameterSet(hex("68CE0FC8"))
        var writer = BitWriter()
        writer.ue(0)
        writer.ue(5)
        writer.ue(0)
        writer.u(4, 9)
        writer.u(2, 0b11)
        writer.se(-7)
        writer.trailingBits()
        let order = try H264SliceHeader.order(
            of: ByteBuffer(bytes: [0x41] + writer.bytes), sequence: sequence, picture: picture)
        #expect(order.frameNumber == 9)
        #expect(order.isField && order.isBottomField)
        #expect(order.pictureOrderDelta == -7)
        #expect(order.pictureOrderLowBits == nil)
    }
}

@Suite("SEI: ISO/IEC 14496-10, 7.3.2.3.1 and Annex D")
struct SEITests {
    @Test func pictureTimingTellsFieldsAndDelays() throws {
        let interlaced = try Self.usability(VideoVectors.h264Interlaced)
        let fields = try verifyOneShot(hex("0601013280").array) { try SEIMessage.messages(h264: $0) }
        guard case .pictureTiming(let payload) = fields.first?.content else {
            Issue.record("no picture timing")
            return
        }
        #expect(try H264PictureTiming(payload, usability: interlaced).pictureStructure == 3)

        let buffering = try Self.usability(VideoVectors.h264Buffering)
        let delays = try SEIMessage.messages(h264: hex("06010300082A80"))
        let timing = try H264PictureTiming(try #require(delays.first).payload, usability: buffering)
        #expect(timing.removalDelay != nil)
        #expect(timing.outputDelay != nil)
        #expect(throws: CodecError.self) { try H264PictureTiming([], usability: buffering) }
    }

    private static func usability(_ configuration: ByteBuffer) throws -> H264VideoUsability {
        let record = try AVCDecoderConfigurationRecord(configuration)
        let set = try H264SequenceParameterSet(try #require(record.sequenceParameterSets.first))
        return try #require(set.usability)
    }

    @Test func messagesFollowEachOther() throws {
        let long = [UInt8](repeating: 7, count: 300)
        var unit: [UInt8] = [0x06, 6, 2, 0b0001_0001, 0b0001_0000, 5, 18]
        unit += (0..<16).map { $0 } + [0xAB, 0xCD]
        unit += [255, 1, 255, 45] + long + [0x80]
        let protected = [unit[0]] + EmulationPrevention.added(to: unit.dropFirst())
        let messages = try verifyOneShot(protected) { try SEIMessage.messages(h264: $0) }
        #expect(messages.map(\.type) == [6, 5, 256])
        guard case .recoveryPoint(let point) = messages[0].content else {
            Issue.record("no recovery point")
            return
        }
        #expect(point.frameCount == 7)
        #expect(point.isExactMatch && !point.isBrokenLink)
        #expect(messages[1].content == .unregisteredUserData(uuid: Array(0..<16), data: [0xAB, 0xCD]))
        #expect(messages[2].payload == long)
        #expect(messages[2].content == .other)
    }

    @Test func shortMessagesAreOther() throws {
        #expect(try SEIMessage.messages(h264: hex("06 05 0101 80")).map(\.content) == [.other])
        #expect(try SEIMessage.messages(h264: hex("06 06 00 80")).map(\.content) == [.other])
        #expect(
            try SEIMessage.messages(h264: hex("06 04 03 B50031 80")).map(\.content) == [
                .registeredUserData([0xB5, 0, 0x31])
            ])
        #expect(try SEIMessage.messages(h264: hex("06")) == [])
        #expect(try SEIMessage.messages(h264: ByteBuffer()) == [])
    }

    @Test(arguments: ["0605", "06FF", "060510AA", "0605FF01"])
    func cutMessagesAreRefused(text: String) {
        #expect(throws: CodecError.self) { try SEIMessage.messages(h264: hex(text)) }
    }

    @Test func messagesOfHEVCHaveALongerHeader() throws {
        let messages = try verifyOneShot(hex("4E01010300001480").array) { try SEIMessage.messages(hevc: $0) }
        #expect(messages == [SEIMessage(codec: .hvc1, type: 1, payload: [0, 0, 0x14])])
        #expect(messages.first?.content == .other)
    }
}
