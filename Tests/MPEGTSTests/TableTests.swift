import Codecs
import MPEGTS
import MediaTesting
import NIOCore
import Testing

private func elements(_ pieces: [UInt8]...) throws -> [TSReader.Element] {
    try read(ByteBuffer(bytes: Array(pieces.joined())))
}

private let video = "1B E100 F000"
private let audio = "0F E101 F000"
private let association = section(0, 1, "0001 F000")

@Suite("MPEG-TS, 2.4.4: tables")
struct TableTests {
    @Test func associationInSeveralSectionsIsOneTable() throws {
        let pieces = [
            tablePacket(0, section(0, 1, "0001 F000 0000 E010", part: 0, last: 1)),
            tablePacket(0x1000, section(2, 1, "E100 F000 \(video)")),
            tablePacket(0, section(0, 1, "0002 F001", part: 1, last: 1), continuity: 1),
            tablePacket(0x1000, section(2, 1, "E100 F000 \(video)"), continuity: 1),
            tablePacket(0x1001, section(2, 2, "E200 F000 0F E200 F000")),
        ]
        let bytes = ByteBuffer(bytes: Array(pieces.joined()))
        let read = try read(bytes)
        // The first map came before its program was known.
        #expect(read.programs.map(\.number) == [1, 2])
        try ParserVerifier { endless() }.verify(bytes.array, expecting: read)
    }

    @Test func sectionsOfTwoProgramsShareAPacket() throws {
        let read = try elements(
            tablePacket(0, section(0, 1, "0001 F000 0002 F000")),
            tablePacket(0x1000, section(2, 1, "E100 F000 \(video)"), section(2, 2, "E200 F000 0F E200 F000")))
        #expect(read.programs.map(\.number) == [1, 2])
    }

    @Test func sectionGoesOnInTheNextPacketBehindAPointer() throws {
        let long = String(repeating: "F0FA" + String(repeating: "00", count: 250), count: 1)
        let first = section(2, 1, "E100 F0FC \(long) \(video)")
        let second = section(2, 2, "E200 F000 0F E200 F000")
        let rest = Array(first[183...])
        let tail = [UInt8(rest.count)] + rest + second
        let read = try elements(
            tablePacket(0, section(0, 1, "0001 F000 0002 F000")),
            packet(0x1000, [0] + first[..<183]),
            packet(0x1000, tail + Array(repeating: 0xFF, count: 184 - tail.count), continuity: 1))
        #expect(read.programs.map(\.number) == [1, 2])
        #expect(read.programs.first?.descriptors.first?.payload.count == 250)
    }

    @Test func equalTablesAreToldOfOnce() throws {
        let map = section(2, 1, "E100 F000 \(video)")
        let read = try elements(
            tablePacket(0, association), tablePacket(0x1000, map), tablePacket(0, association, continuity: 1),
            tablePacket(0x1000, map, continuity: 1),
            tablePacket(0x1000, section(2, 1, "E100 F000 \(video)", version: 1), continuity: 2))
        #expect(read.count == 1)
    }

    @Test func newVersionOfAMapChangesTheStreams() throws {
        let read = try elements(
            tablePacket(0, association), tablePacket(0x1000, section(2, 1, "E100 F000 \(video) 06 E101 F000")),
            packets(0x101, pes(0xBD, at: 90, [1], hasLength: false)),
            tablePacket(0x1000, section(2, 1, "E101 F000 \(audio)", version: 1), continuity: 1),
            packets(0x101, pes(0xC0, at: 180, hex("FFF14C80013FFC2101"))))
        #expect(read.programs.map { $0.streams.map(\.type) } == [[.h264, .privateData], [.adts]])
        // What had come of the old stream is not lost.
        #expect(read.units.map(\.payload) == [buffer("01"), buffer("2101")])
        #expect(read.damages.isEmpty)
    }

    @Test func programThatIsNoLongerListedEnds() throws {
        let read = try elements(
            tablePacket(0, association), tablePacket(0x1000, section(2, 1, "E100 F000 \(video)")),
            tablePacket(0, section(0, 1, "0002 F001", version: 1), continuity: 1),
            tablePacket(0x1001, section(2, 2, "E100 F000 \(audio)")))
        #expect(read.programs.map(\.number) == [1, 2])
        #expect(read.contains(.programEnded(1)))
    }

    @Test func tableToComeIsNotInForce() throws {
        let next = section(2, 1, "E100 F000 \(audio)", version: 1, isCurrent: false)
        let read = try elements(
            tablePacket(0, association), tablePacket(0x1000, section(2, 1, "E100 F000 \(video)")),
            tablePacket(0x1000, next, continuity: 1))
        #expect(read.damages.isEmpty)
        #expect(read.programs.count == 1)
    }

    @Test(
        arguments: [
            ("checksum", "E100 F000 1B E100 F000", 0x01), ("descriptors beyond the end", "E100 F0FF 1B E100 F000", 0),
            ("stream cut short", "E100 F000 1B E1", 0),
            ("descriptor beyond its stream", "E100 F000 1B E100 F002 05FF", 0),
        ] as [(String, String, UInt8)])
    func brokenMapIsLeftOut(_ name: String, _ body: String, _ flip: UInt8) throws {
        var map = section(2, 1, body)
        map[map.count - 1] ^= flip
        let read = try elements(
            tablePacket(0, association), tablePacket(0x1000, map),
            tablePacket(0x1000, section(2, 1, "E100 F000 \(video)"), continuity: 1))
        #expect(read.damages == [.badSection], "\(name)")
        #expect(read.programs.count == 1, "\(name)")
    }

    @Test func otherTablesArePassedOver() throws {
        let read = try elements(
            tablePacket(0, association), tablePacket(0x1000, section(0xFC, 1, "00")),
            tablePacket(0x1000, section(2, 9, "E100 F000 \(video)"), continuity: 1))
        #expect(read.isEmpty)
    }

    @Test(
        arguments: [
            ("1B", "", .video(.avc1)), ("24", "", .video(.hvc1)), ("06", "0504 48455643", .video(.hvc1)),
            ("0F", "", .audio(.mp4a)), ("03", "", .audio(.mp3)), ("04", "", .audio(.mp3)), ("81", "", .audio(.ac3)),
            ("87", "", .audio(.eac3)), ("06", "6A01 00", .audio(.ac3)), ("06", "7A01 00", .audio(.eac3)),
            ("06", "0504 41432D33", .audio(.ac3)), ("06", "0504 45414333", .audio(.eac3)),
            ("06", "0504 4F707573 7F02 8002", .audio(.opus)), ("06", "0504 49443320", .timedID3),
            ("15", "260D FFFF 49443320 FF 49443320 00 0F", .timedID3), ("15", "2607 FFFF 4B4C5641 FF", .privateData),
            ("06", "", .privateData), ("06", "0503 4F7075", .privateData), ("11", "", .unknown), ("DB", "", .unknown),
        ] as [(String, String, ElementaryStream.Content)])
    func contentByTypeAndDescriptors(_ type: String, _ descriptors: String, _ content: ElementaryStream.Content) throws
    {
        let stream = try #require(try elements(tables(type, descriptors: descriptors)).programs.first?.streams.first)
        #expect(stream.content == content)
    }

    @Test func languageIsRead() throws {
        let stream = try elements(tables("0F", descriptors: "0A04 66726100")).programs.first?.streams.first
        #expect(stream?.descriptors.language == "fra")
    }
}
