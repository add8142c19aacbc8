import Codecs
import MPEGTS
import MediaTesting
import NIOCore
import Testing

private let h264Tables = tables("1B")
private let keyframe = hex("00000001 09F0 00000001 \(Configurations.sps) 00000001 \(Configurations.pps) 00000001 6588")
private let delta = hex("00000001 09F0 000001 4188")

private func stream(_ pieces: [UInt8]...) -> ByteBuffer {
    ByteBuffer(bytes: Array(pieces.joined()))
}

@Suite("MPEG-TS, 2.4: reading packets")
struct ReaderTests {
    @Test func streamIsReadHoweverItIsCut() throws {
        var writer = try writer([
            videoTrack, audioTrack, TSTrack(.audio(.opus), configuration: Configurations.opus), TSTrack(.timedID3),
        ])
        var output = ByteBuffer()
        writer.beginSegment(into: &output)
        try writer.write(picture(0, shown: 80, key: true, bytes: 220), track: 0, into: &output)
        try writer.write(frames: [buffer("2101"), buffer("210203")], at: .zero, track: 1, into: &output)
        try writer.write(TSAccessUnit(decodeTime: .zero, payload: buffer("FC01")), track: 2, into: &output)
        try writer.write(sound(0), track: 3, into: &output)
        try writer.write(picture(40, shown: 40), track: 0, into: &output)
        let elements = try read(output)
        #expect(elements.programs == [writer.program])
        #expect(elements.units.count == 6)
        #expect(elements.damages.isEmpty)
        #expect(elements.configurations.prefix(2) == [Configurations.h264, Configurations.aac])
        try ParserVerifier { endless() }.verify(output.array, expecting: elements)
    }

    @Test func pictureWithoutALengthEndsWhereTheNextBegins() throws {
        let bytes = stream(
            h264Tables, packets(0x100, pes(0xE0, at: 3600, keyframe, hasLength: false)),
            packets(0x100, pes(0xE0, at: 7200, delta, hasLength: false), continuity: 1))
        let reader = endless()
        var rest = bytes
        let before = try reader(&rest).units
        #expect(before.map(\.payload) == [buffer(nal("6588"))])
        #expect(before.map(\.isKeyframe) == [true])
        #expect(try read(bytes).units.map(\.decodeTime.ticks) == [3600, 7200])
        let whole = try endlessElements(bytes)
        try ParserVerifier { endless() }.verify(bytes.array, expecting: whole, flips: [0xFF])
    }

    private func endlessElements(_ bytes: ByteBuffer) throws -> [TSReader.Element] {
        var bytes = bytes
        return try endless()(&bytes)
    }

    @Test func pictureInSeveralPESPacketsIsJoined() throws {
        let long = delta + Array(repeating: 0x55, count: 65_000)
        let rest = Array(repeating: 0x66, count: 100) as [UInt8]
        let first = packets(0x100, pes(0xE0, at: 7200, long), continuity: 1)
        let count = UInt8(truncatingIfNeeded: first.count / 188)
        let elements = try read(
            stream(
                h264Tables, packets(0x100, pes(0xE0, at: 3600, keyframe)), first,
                packets(0x100, pes(0xE0, at: nil, rest), continuity: 1 &+ count)))
        #expect(elements.damages.isEmpty)
        #expect(elements.units.map(\.payload.readableBytes) == [6, 4 + 2 + 65_000 + 100])
    }

    @Test func severalPicturesOfOnePESPacketFollowAtThePaceSoFar() throws {
        let elements = try read(
            stream(
                h264Tables, packets(0x100, pes(0xE0, at: 3600, keyframe)),
                packets(0x100, pes(0xE0, at: 10_800, delta + delta), continuity: 1)))
        #expect(elements.units.map(\.decodeTime.ticks) == [3600, 10_800, 14_400])
    }

    @Test func picturesBeforeTheFirstParameterSetsAreLeftOut() throws {
        let elements = try read(
            stream(
                h264Tables, packets(0x100, pes(0xE0, at: 0, delta)),
                packets(0x100, pes(0xE0, at: 3600, keyframe), continuity: 1)))
        #expect(elements.units.count == 1)
        #expect(elements.damages.isEmpty)
    }

    @Test func recoveryPointWithAnIntraPictureIsAKeyframe() throws {
        // recovery_frame_cnt 0, exact_match_flag; slice types 7 (I) and 5 (P).
        let sei = "00000001 060601C480"
        let sets = "00000001 09F0 00000001 \(Configurations.sps) 00000001 \(Configurations.pps)"
        let elements = try read(
            stream(
                h264Tables, packets(0x100, pes(0xE0, at: 0, hex(sets + sei + "00000001 41888084"))),
                packets(0x100, pes(0xE0, at: 3600, hex(sets + sei + "00000001 419A8084")), continuity: 1),
                packets(0x100, pes(0xE0, at: 7200, hex(sets + "00000001 41888084")), continuity: 2)))
        #expect(elements.units.map(\.isKeyframe) == [true, false, false])
    }

    @Test func changedParameterSetsAreANewConfiguration() throws {
        let other = hex("00000001 \(Configurations.otherSPS) 00000001 6588")
        let elements = try read(
            stream(
                h264Tables, packets(0x100, pes(0xE0, at: 0, keyframe)),
                packets(0x100, pes(0xE0, at: 3600, keyframe), continuity: 1),
                packets(0x100, pes(0xE0, at: 7200, other), continuity: 2)))
        #expect(elements.configurations == [Configurations.h264, Configurations.otherH264])
    }

    @Test func hevcIsRead() throws {
        var writer = try writer([TSTrack(.video(.hvc1), configuration: Configurations.hevc)])
        var output = ByteBuffer()
        let payload = buffer(nal("4401C172B46240") + nal("2601AF") + nal("4E0180"))
        try writer.write(TSAccessUnit(decodeTime: .zero, payload: payload), track: 0, into: &output)
        try writer.write(
            TSAccessUnit(decodeTime: TSTime(ticks: 3600), isKeyframe: false, payload: buffer(nal("0201D0"))), track: 0,
            into: &output)
        #expect(packets(output)[2].payload.dropFirst(14).prefix(7) == hex("00000001460150")[...])
        let elements = try read(output)
        #expect(elements.units.map(\.payload) == [buffer(nal("2601AF") + nal("4E0180")), buffer(nal("0201D0"))])
        #expect(elements.units.map(\.isKeyframe) == [true, false])
        let record = try HEVCDecoderConfigurationRecord(try #require(elements.configurations.first))
        #expect(record.units(.sequenceParameterSet).count == 1 && record.units(.pictureParameterSet).count == 1)
        try ParserVerifier { endless() }.verify(output.array, expecting: elements, flips: [0x10])
    }

    @Test func streamsWithoutMeaningToUsArePassedOver() throws {
        let elements = try read(
            stream(
                tables("1C"), packets(0x100, pes(0xE0, at: 0, delta)), packet(0x1FFF, [1, 2, 3]),
                packet(0x55, [1, 2, 3])))
        #expect(elements.count == 1)
    }

    @Test func privateDataWithoutATimeHasTheNewest() throws {
        let map = section(2, 1, "E100 F000 1B E100 F000 06 E101 F000")
        let elements = try read(
            stream(
                tablePacket(0, section(0, 1, "0001 F000")), tablePacket(0x1000, map),
                packets(0x101, pes(0xBD, at: nil, [1])), packets(0x100, pes(0xE0, at: 900, keyframe)),
                packets(0x101, pes(0xBD, at: nil, [2]), continuity: 1),
                packets(0x101, [0, 0, 1, 0xBF, 0, 1, 3], continuity: 2)))
        #expect(elements.units(0x101).map(\.payload) == [buffer("02"), buffer("03")])
        #expect(elements.units(0x101).map(\.decodeTime.ticks) == [900, 900])
        #expect(elements.damages == [.badPES])
    }
}

@Suite("MPEG-TS, 2.4.3: damage")
struct DamageTests {
    private let picture = packets(0x100, pes(0xE0, at: 3600, keyframe))

    private func three(_ middle: [UInt8]) throws -> [TSReader.Element] {
        try read(stream(h264Tables, picture, middle, packets(0x100, pes(0xE0, at: 9000, delta), continuity: 2)))
    }

    @Test func bytesBetweenPacketsArePassedOver() throws {
        let noise = Array(repeating: 0x47, count: 5) + Array(repeating: 1, count: 300) as [UInt8]
        let bytes = stream(
            noise, h264Tables, picture, [9, 9], packets(0x100, pes(0xE0, at: 7200, delta), continuity: 1),
            packet(0x1FFF, []), packet(0x1FFF, []), packet(0x1FFF, []))
        let elements = try read(bytes)
        #expect(elements.damages == [.syncLost, .syncLost])
        #expect(elements.units.count == 2)
        var rest = bytes
        try ParserVerifier { endless() }.verify(bytes.array, expecting: try endless()(&rest), flips: [])
    }

    @Test func gapDropsThePictureThatItIsIn() throws {
        let long = packets(0x100, pes(0xE0, at: 7200, delta + Array(repeating: 0x55, count: 600)), continuity: 1)
        let elements = try read(
            stream(
                h264Tables, picture, Array(long[..<188]), Array(long[376...]),
                packets(0x100, pes(0xE0, at: 9000, delta), continuity: 5)))
        #expect(elements.damages == [.packetsLost])
        #expect(elements.units.map(\.decodeTime.ticks) == [3600, 9000])
    }

    @Test func duplicateIsReadOnce() throws {
        let elements = try read(
            stream(h264Tables, picture, picture, packets(0x100, pes(0xE0, at: 9000, delta), continuity: 1)))
        #expect(elements.units.count == 2)
        #expect(elements.damages.isEmpty)
    }

    @Test func packetWithoutPayloadDoesNotCount() throws {
        let empty = packet(0x100, [], starts: false)
        let elements = try read(
            stream(h264Tables, picture, empty, packets(0x100, pes(0xE0, at: 9000, delta), continuity: 1)))
        #expect(elements.damages.isEmpty)
        #expect(elements.units.count == 2)
    }

    @Test func signalledDiscontinuityIsNoDamage() throws {
        let elements = try read(
            stream(
                h264Tables, picture, packet(0x100, pes(0xE0, at: 100, delta), continuity: 9, flags: 0x80),
                packets(0x100, pes(0xE0, at: 3700, delta), continuity: 10)))
        #expect(elements.damages.isEmpty)
        #expect(elements.contains(.discontinuity(PacketID(rawValue: 0x100))))
        #expect(elements.units.map(\.decodeTime.ticks) == [3600, 100, 3700])
    }

    @Test(
        arguments: [
            ("transport_error_indicator", 1, 0xC1, [TSError.Code.badPacket, .packetsLost]),
            ("scrambled", 3, 0xB1, [.scrambled]), ("adaptation field too long", 4, 183, [.badPacket, .packetsLost]),
        ] as [(String, Int, UInt8, [TSError.Code])])
    func packetIsLeftOut(_ name: String, _ index: Int, _ value: UInt8, _ codes: [TSError.Code]) throws {
        var middle = packets(0x100, pes(0xE0, at: 7200, delta), continuity: 1)
        middle[index] = value
        let elements = try three(middle)
        #expect(elements.damages == codes, "\(name)")
        #expect(elements.units.map(\.decodeTime.ticks) == [3600, 9000], "\(name)")
    }

    @Test(arguments: [
        ("no start code", "000002E0 0000 808005 2100010001 41"), ("MPEG-1", "000001E0 0000 0F"),
        ("header longer than the packet", "000001E0 0005 808009 2100010001 41"),
        ("header too short for its times", "000001E0 0000 80C005 3100010001 1100"), ("header cut short", "000001E0"),
        ("no time", "000001E0 0000 800000 00000001 41"),
    ])
    func pesPacketIsLeftOut(_ name: String, _ bytes: String) throws {
        let elements = try three(packets(0x100, hex(bytes), continuity: 1))
        #expect(elements.damages == [.badPES], "\(name)")
        #expect(elements.units.map(\.decodeTime.ticks) == [3600, 9000], "\(name)")
    }

    @Test func pictureWithoutNALUnitsIsLeftOut() throws {
        #expect(try three(packets(0x100, pes(0xE0, at: 7200, [1, 2, 3]), continuity: 1)).damages == [.badUnit])
    }

    @Test func brokenParameterSetIsLeftOut() throws {
        let elements = try three(packets(0x100, pes(0xE0, at: 7200, hex("00000001 67 00000001 4188")), continuity: 1))
        #expect(elements.damages == [.badUnit])
        #expect(elements.units.count == 3)
    }

    @Test func errorsSayHowFarTheDamageGoes() {
        #expect(TSError(.noSync, "").damage == .stream)
        for code in [
            TSError.Code.syncLost, .badPacket, .packetsLost, .scrambled, .badSection, .badPES, .badUnit, .unsupported,
            .limitExceeded, .unknownTrack,
        ] {
            #expect(TSError(code, "").damage == .unit)
        }
    }
}
