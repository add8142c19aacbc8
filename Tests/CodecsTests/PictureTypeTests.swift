import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("Picture types")
struct PictureTypeTests {
    struct Case: Sendable {
        let codec: FourCC
        /// NAL units without lengths, or the whole frame where the codec has none.
        let units: [String]
        let type: PictureType?
    }

    static let cases: [Case] = [
        Case(codec: .avc1, units: ["0605FF", "6588840067CCFF9E72"], type: .intra),
        Case(codec: .avc1, units: ["419A216C477FC81C0D"], type: .predicted),
        Case(codec: .avc1, units: ["0601013280", "419E8345113C29FFB4"], type: .bidirectional),
        Case(
            codec: .avc1, units: ["419A246C425FD05D88", "41010A6891B10AFFFE", "4100849A246C42BFFE"], type: .predicted),
        Case(codec: .avc1, units: ["6588840067", "65010A2210"], type: .intra),
        // An intra slice, then a predicted one; a predicted one, then a bidirectional one.
        Case(codec: .avc1, units: ["418884006700", "419A216C47"], type: .predicted),
        Case(codec: .avc1, units: ["419A216C47", "419E834511"], type: .bidirectional),
        Case(codec: .avc1, units: ["0910", "0605FF"], type: nil),
        Case(codec: .avc1, units: ["41"], type: nil),
        Case(codec: .hvc1, units: ["2801AF0842234B9E47D1"], type: .intra),
        Case(codec: .hvc1, units: ["0201D02149E10C610844"], type: .predicted),
        Case(codec: .hvc1, units: ["4E01010300081480", "0201E04495786120446862"], type: .bidirectional),
        Case(codec: .hvc1, units: ["0001E024FD7E8B0A4223"], type: .bidirectional),
        Case(codec: .hvc1, units: ["460150"], type: nil),
    ]

    @Test(arguments: cases)
    func theMostDependentSliceCounts(example: Case) throws {
        for lengthSize in [1, 2, 4] {
            let unit = try LengthPrefixedNALUnits.joined(example.units.map { hex($0) }, lengthSize: lengthSize)
            let type = try verifyOneShot(unit.array) {
                PictureType(codec: example.codec, lengthSize: lengthSize, accessUnit: $0)
            }
            #expect(type == example.type)
        }
    }

    @Test(arguments: [
        Case(codec: .av01, units: ["0a0b0000000cc4ff6736be4010 32031400a0"], type: .intra),
        Case(codec: .av01, units: ["3203290270"], type: .predicted),
        Case(codec: .av01, units: ["1a01a8"], type: .predicted),
        Case(codec: .av01, units: ["1200 3203500000"], type: .intra),
        Case(codec: .av01, units: ["1200"], type: nil),
        Case(codec: .av01, units: ["3200"], type: nil),
        Case(codec: .vp09, units: ["824983420027f016760438241c"], type: .intra),
        Case(codec: .vp09, units: ["86004092f011400400"], type: .predicted),
        Case(codec: .vp09, units: ["88"], type: .predicted),
        Case(codec: .vp08, units: ["30ce009d012a82026a01"], type: .intra),
        Case(codec: .vp08, units: ["b115001211"], type: .predicted),
        Case(codec: .vvc1, units: ["0001020304"], type: nil),
        Case(codec: FourCC(rawValue: 0), units: ["0001020304"], type: nil),
    ])
    func codecsWithoutNALUnits(example: Case) throws {
        let type = try verifyOneShot(hex(example.units[0]).array) {
            PictureType(codec: example.codec, lengthSize: 0, accessUnit: $0)
        }
        #expect(type == example.type)
    }

    @Test func typesAreWrittenAsLetters() {
        #expect(PictureType.allCases.map(\.description) == ["I", "P", "B"])
        #expect(PictureType.allCases.sorted() == PictureType.allCases)
    }
}
