import ISOBMFF
import MediaTesting
import NIOCore
import Testing

private func box(_ write: (inout ByteBuffer) -> Void) throws -> Box {
    try parsed(written(write))
}

@Suite("ISO/IEC 23009-1, 5.10.3.3: events")
struct EventMessageTests {
    private static let absolute = EventMessage(
        scheme: EventMessage.id3Scheme, value: "1", timescale: 90_000, time: .absolute(0x1_0000_0002), duration: 5,
        id: 7,
        data: buffer("494433"))
    private static let relative = EventMessage(
        scheme: "urn:scte:scte35:2013:bin", timescale: 1000, time: .relative(3), id: 8, data: ByteBuffer())

    @Test(arguments: [absolute, relative])
    func eventIsReadAsItWasWritten(_ event: EventMessage) throws {
        let bytes = written { event.write(into: &$0) }
        #expect(try EventMessage(parsing: try parsed(bytes)) == event)
        try ParserVerifier { reader() }.verify(bytes, expecting: [.event(event)])
    }

    @Test func version1IsWhatTheSpecificationSays() {
        let event = EventMessage(
            scheme: "a", value: "b", timescale: 1, time: .absolute(2), duration: 3, id: 4, data: buffer("FF"))
        let body = hex("00000001 0000000000000002 00000003 00000004 6100 6200 FF")
        #expect(written { event.write(into: &$0) } == fullBox("emsg", version: 1, body))
    }

    @Test func textIsCutAtAZero() throws {
        var event = Self.absolute
        event.value = "a\u{0}b"
        #expect(try EventMessage(parsing: try box { event.write(into: &$0) }).value == "a")
    }

    @Test(arguments: [
        (fullBox("emsg", version: 2, hex("00")), ISOBMFFError.Code.unsupported),
        (fullBox("emsg", hex("6161")), .truncatedBox),
        (fullBox("emsg", version: 1, hex("00000001 0000000000000002 00000003 00000004 61")), .truncatedBox),
        (box("emsg", hex("000000")), .truncatedBox),
    ])
    func damageIsRefused(_ bytes: [UInt8], _ expected: ISOBMFFError.Code) {
        #expect(code { _ = try EventMessage(parsing: try parsed(bytes)) } == expected)
    }
}

@Suite("ISO/IEC 14496-12, 8.16.5: producer's time")
struct ProducerReferenceTimeTests {
    @Test(arguments: ProducerReferenceTime.Moment.allCases)
    func timeIsReadAsItWasWritten(_ moment: ProducerReferenceTime.Moment) throws {
        let time = ProducerReferenceTime(trackID: 2, ntpTime: 0xE000_0000_8000_0000, mediaTime: 1 << 40, moment: moment)
        let bytes = written { time.write(into: &$0) }
        try ParserVerifier { reader() }.verify(bytes, expecting: [.producerReferenceTime(time)])
        #expect(bytes[11] == UInt8(moment.rawValue))
    }

    @Test func version0HasTimesOf32Bits() throws {
        let bytes = fullBox("prft", flags: 3, hex("00000001 0000000000000002 00000003"))
        let time = try ProducerReferenceTime(parsing: try parsed(bytes))
        #expect(time == ProducerReferenceTime(trackID: 1, ntpTime: 2, mediaTime: 3, moment: nil))
    }

    @Test(
        arguments: [
            (0, 0x83AA_7E80_0000_0000), (500_000_000, 0x83AA_7E80_8000_0000), (-1, 0x83AA_7E80_0000_0000),
            (1_700_000_000_250_000_000, 0xE8FE_6F80_4000_0000),
        ] as [(Int64, UInt64)])
    func timeOfDayIsThatOfNTP(_ unixNanoseconds: Int64, _ ntpTime: UInt64) {
        #expect(ProducerReferenceTime.ntpTime(unixNanoseconds: unixNanoseconds) == ntpTime)
    }
}

@Suite("ISO/IEC 14496-12, 8.16.3: segment indexes")
struct SegmentIndexTests {
    @Test func indexIsReadAsItWasWritten() throws {
        let index = SegmentIndex(
            trackID: 1, timescale: 90_000, earliestPresentationTime: 1 << 33, firstOffset: 4,
            references: [
                .init(size: 1000, duration: 180_000, startsWithSync: true),
                .init(isIndex: true, size: 0x7FFF_FFFF, duration: 1, startsWithSync: false),
            ])
        try ParserVerifier { reader() }.verify(
            written { index.write(into: &$0) }, expecting: [.segmentIndex(index)])
    }

    @Test func version0HasTimesOf32Bits() throws {
        let bytes = fullBox("sidx", hex("00000001 00015F90 00000005 00000000 0000 0001 00000064 00000002 90000000"))
        let index = try SegmentIndex(parsing: try parsed(bytes))
        #expect(index.earliestPresentationTime == 5)
        #expect(index.references == [.init(size: 100, duration: 2, startsWithSync: true)])
    }

    @Test func countThatIsOnlyClaimedIsRefused() {
        let bytes = fullBox("sidx", hex("00000001 00015F90 00000005 00000000 0000 FFFF 00000064 00000002 90000000"))
        #expect(code { _ = try SegmentIndex(parsing: try parsed(bytes)) } == .truncatedBox)
    }
}

@Suite("ISO/IEC 14496-12, 4.3 and 8.16.2: brands")
struct FileTypeTests {
    @Test(arguments: [FileType.initSegment, .mediaSegment, .chunk])
    func brandsAreReadAsTheyWereWritten(_ type: FileType) throws {
        try ParserVerifier { reader() }.verify(
            written { type.write(as: .styp, into: &$0) }, expecting: [.segmentType(type)])
        try ParserVerifier { reader() }.verify(
            written { type.write(as: .ftyp, into: &$0) }, expecting: [.fileType(type)])
    }

    @Test func brandsAreWhatTheSpecificationSays() {
        let bytes = written { FileType.chunk.write(as: .styp, into: &$0) }
        #expect(bytes == box("styp", Array("msdh".utf8) + 0.be32 + Array("msdhcmfl".utf8)))
    }
}
