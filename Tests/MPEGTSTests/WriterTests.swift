import Codecs
import MPEGTS
import NIOCore
import Testing

@Suite("MPEG-TS, 2.4: writing packets")
struct WriterTests {
    /// The association table is byte for byte what FFmpeg 5.1 writes for the same numbers.
    @Test func segmentBeginsWithTables() throws {
        var writer = try writer([videoTrack, audioTrack])
        var output = ByteBuffer()
        writer.beginSegment(into: &output)
        let written = packets(output)
        #expect(written.count == 2)
        let association = hex("47400010 00 00B00D0001C100000001F0002AB104B2")
        #expect(written[0].bytes == association + Array(repeating: 0xFF, count: 188 - association.count))
        let map = hex("47500010 00") + section(2, 1, "E100 F000 1B E100 F000 0F E101 F000")
        #expect(written[1].bytes == map + Array(repeating: 0xFF, count: 188 - map.count))
    }

    @Test func descriptorsOfTracks() throws {
        let tracks = [
            TSTrack(.audio(.ac3), language: "deu"), TSTrack(.audio(.eac3), language: "German"),
            TSTrack(.audio(.opus), configuration: Configurations.opus), TSTrack(.timedID3),
            TSTrack(.privateData, registration: .av01, descriptors: [Descriptor(tag: 0x52, payload: [7])]),
            TSTrack(.audio(.mp3)), TSTrack(.audio(.mp3), configuration: buffer("FFF340C4")),
            TSTrack(.video(.hvc1), configuration: Configurations.hevc),
        ]
        let writer = try writer(tracks)
        let expected = [
            "81 E100 F00C 0504 41432D33 0A04 64657500", "87 E101 F006 0504 45414333",
            "06 E102 F00A 0504 4F707573 7F02 8002",
            "15 E103 F00F 260D FFFF 49443320 FF 49443320 00 0F", "06 E104 F009 0504 61763031 5201 07", "03 E105 F000",
            "04 E106 F000", "24 E107 F000",
        ]
        #expect(writer.program.clockID.rawValue == 0x107)
        var output = ByteBuffer()
        var copy = writer
        copy.beginSegment(into: &output)
        let body = "E107 F011 250F FFFF 49443320 FF 49443320 00 1F 0001" + expected.joined()
        #expect(Array(packets(output)[1].payload.dropFirst().prefix(hex(body).count + 12)) == section(2, 1, body))
    }

    @Test(arguments: [
        (TSTrack(.video(.av01)), TSError.Code.unsupported), (TSTrack(.video(.avc1)), .unsupported),
        (TSTrack(.audio(.flac)), .unsupported), (TSTrack(.unknown), .unsupported),
        // AAC Low Delay, and AAC with frames of 960 samples.
        (TSTrack(.audio(.mp4a), configuration: buffer("B98900")), .unsupported),
        (TSTrack(.audio(.mp4a), configuration: buffer("1194")), .unsupported),
        (TSTrack(.audio(.opus), configuration: buffer("4F70")), .unsupported),
        // Four channels with a mapping of their own.
        (
            TSTrack(.audio(.opus), configuration: buffer("4F707573486561640104380180BB00000000FF040000010203")),
            .unsupported
        ),
    ])
    func whatHasNoPlaceIsRefused(_ track: TSTrack, _ code: TSError.Code) {
        let error = #expect(throws: TSError.self) { try TSWriter(tracks: [track]) }
        #expect(error?.code == code)
    }

    @Test func tracksAtTheLimitAndOnePast() throws {
        _ = try TSWriter(tracks: Array(repeating: TSTrack(.audio(.mp3)), count: TSWriter.tracksMax))
        #expect(throws: TSError.self) {
            try TSWriter(tracks: Array(repeating: TSTrack(.audio(.mp3)), count: TSWriter.tracksMax + 1))
        }
        #expect(throws: TSError.self) { try TSWriter(tracks: []) }
    }

    /// A section has 1021 bytes behind its length: five of them of the header, four of the checksum, four of the program
    /// and five of the stream.
    @Test func mapAtTheLimitAndOnePast() throws {
        func track(_ bytes: Int) -> TSTrack {
            let sizes = [255, 255, 255, bytes - 3 * 257 - 2]
            return TSTrack(
                .privateData, descriptors: sizes.map { Descriptor(tag: 0xF0, payload: Array(repeating: 1, count: $0)) })
        }
        var writer = try TSWriter(tracks: [track(1003)])
        var output = ByteBuffer()
        writer.beginSegment(into: &output)
        #expect(output.readableBytes == 188 * 7)
        #expect(try read(output).programs == [writer.program])
        #expect(throws: TSError.self) { try TSWriter(tracks: [track(1004)]) }
    }

    @Test func pictureIsAPESPacketInAnnexB() throws {
        var writer = try writer([videoTrack])
        var output = ByteBuffer()
        writer.beginSegment(into: &output)
        let payload = buffer(nal("09F0") + nal("0605FF") + nal("6588"))
        let unit = TSAccessUnit(
            decodeTime: TSTime(ticks: 90_000), presentationTime: TSTime(ticks: 97_200), isKeyframe: true,
            payload: payload)
        try writer.write(unit, track: 0, into: &output)
        let packet = packets(output)[2]
        // Random access, a clock 100 ms before the decode time.
        #expect(packet.flags == 0x50)
        #expect(packet.clock == 81_000)
        let start = "00000001"
        let stream =
            "\(start)09F0 \(start)\(Configurations.sps) \(start)\(Configurations.pps) \(start)0605FF \(start)6588"
        let header =
            "000001E0 \(String(hex(stream).count + 13, radix: 16).count == 2 ? "00" : "0")"
            + "\(String(hex(stream).count + 13, radix: 16)) 84C00A 310005F761 110005BF21"
        #expect(packet.payload == hex(header + stream))
    }

    @Test func parameterSetsInTheStreamAreNotRepeated() throws {
        var writer = try writer([videoTrack])
        var output = ByteBuffer()
        let payload = buffer(nal(Configurations.otherSPS) + nal(Configurations.pps) + nal("6588"))
        try writer.write(TSAccessUnit(decodeTime: .zero, payload: payload), track: 0, into: &output)
        let expected = ["09F0", Configurations.otherSPS, Configurations.pps, "6588"].map { "00000001" + $0 }.joined()
        #expect(packets(output)[2].payload.dropFirst(14) == hex(expected)[...])
    }

    @Test func deltaHasNoParameterSets() throws {
        var writer = try writer([videoTrack])
        var output = ByteBuffer()
        try writer.write(picture(0, bytes: 2), track: 0, into: &output)
        #expect(packets(output)[2].payload.dropFirst(14) == hex("0000000109F0 000000014188")[...])
    }

    @Test(arguments: ["", "000000", "00000002 41", "00000005 41", "00000002 09F0"])
    func pictureThatCannotBeReadWritesNothing(_ payload: String) throws {
        var writer = try writer([videoTrack])
        var output = ByteBuffer()
        let error = #expect(throws: TSError.self) {
            try writer.write(TSAccessUnit(decodeTime: .zero, payload: buffer(payload)), track: 0, into: &output)
        }
        #expect(error?.code == .badUnit)
        #expect(output.readableBytes == 0)
    }

    @Test func framesOfAudioShareAPESPacket() throws {
        var writer = try writer([audioTrack])
        var output = ByteBuffer()
        try writer.write(
            frames: [buffer("2101"), buffer("210203")], at: TSTime(ticks: 1), track: 0, into: &output)
        #expect(
            packets(output)[2].payload
                == hex("000001C0 001B 848005 2100010003 FFF14C80 013FFC 2101 FFF14C80 015FFC 210203"))
        #expect(try read(output).units.map(\.decodeTime.ticks) == [1, 1921])
    }

    @Test func opusHasAControlHeader() throws {
        var writer = try writer([TSTrack(.audio(.opus), configuration: Configurations.opus)])
        var output = ByteBuffer()
        let packet = ByteBuffer(bytes: [0xFC] + Array(repeating: 7, count: 299))
        try writer.write(TSAccessUnit(decodeTime: .zero, payload: packet), track: 0, into: &output)
        #expect(packets(output)[2].payload.prefix(19) == hex("000001BD 0138 848005 2100010001 7FE0 FF2D FC")[...])
        let elements = try read(output)
        #expect(elements.units.map(\.payload) == [packet])
        #expect(elements.configurations == [buffer("4F707573486561640102000080BB0000000000")])
    }

    /// 13 and 184 bytes of overhead: sizes around those where stuffing takes no byte, one, and two.
    @Test(arguments: Array(1...12) + Array(150...200) + [340, 341, 342, 343, 344, 345, 346, 65_000])
    func everySizeFillsItsPackets(_ bytes: Int) throws {
        var writer = try writer([TSTrack(.privateData), TSTrack(.privateData)])
        var output = ByteBuffer()
        for index in 0..<3 as Range<Int64> {
            try writer.write(sound(index * 20, bytes: bytes), track: 1, into: &output)
            try writer.write(sound(index * 20, bytes: bytes), track: 0, into: &output)
        }
        checkConformance(output)
        let elements = try read(output)
        #expect(elements.damages.isEmpty)
        #expect(elements.units.map(\.payload.readableBytes) == Array(repeating: bytes, count: 6))
    }

    @Test func audioAtTheLimitAndOnePast() throws {
        var writer = try writer([TSTrack(.audio(.mp3)), videoTrack])
        var output = ByteBuffer()
        try writer.write(sound(0, bytes: 65_535 - 8), track: 0, into: &output)
        let count = output.readableBytes
        let error = #expect(throws: TSError.self) {
            try writer.write(sound(0, bytes: 65_535 - 7), track: 0, into: &output)
        }
        #expect(error?.code == .limitExceeded)
        #expect(output.readableBytes == count)
        // Video may be longer, and then does not say how long it is.
        try writer.write(picture(0, bytes: 100_000), track: 1, into: &output)
        let start = try #require(packets(output).last { $0.id == 0x101 && $0.startsUnit })
        #expect(start.payload.prefix(6) == hex("000001E00000")[...])
    }

    @Test func unknownTrackIsRefused() throws {
        var writer = try writer([audioTrack])
        var output = ByteBuffer()
        #expect(throws: TSError.self) { try writer.write(sound(0), track: 1, into: &output) }
        #expect(throws: TSError.self) { try writer.setConfiguration(ByteBuffer(), track: -1) }
    }

    @Test func newConfigurationComesWithTheNextKeyframe() throws {
        var writer = try writer([videoTrack, audioTrack])
        var output = ByteBuffer()
        try writer.write(picture(0, key: true), track: 0, into: &output)
        try writer.setConfiguration(Configurations.otherH264, track: 0)
        #expect(throws: TSError.self) { try writer.setConfiguration(buffer("00"), track: 0) }
        try writer.write(picture(40, key: true), track: 0, into: &output)
        #expect(try read(output).configurations == [Configurations.h264, Configurations.otherH264])
        // The tables say nothing of it, and are not written anew.
        #expect(packets(output).count { $0.id == 0 } == 1)
    }

    @Test func newChannelsOfOpusAreANewVersionOfTheMap() throws {
        var writer = try writer([TSTrack(.audio(.opus), configuration: Configurations.opus)])
        var output = ByteBuffer()
        let unit = TSAccessUnit(decodeTime: .zero, payload: buffer("FC"))
        try writer.write(unit, track: 0, into: &output)
        try writer.setConfiguration(buffer("4F707573486561640101380180BB0000000000"), track: 0)
        try writer.write(unit, track: 0, into: &output)
        let versions = packets(output).filter { $0.id == 0x1000 }.map { $0.payload[6] }
        #expect(versions == [0xC1, 0xC3])
        #expect(try read(output).programs.count == 2)
    }
}
