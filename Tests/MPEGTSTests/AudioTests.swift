import Codecs
import MPEGTS
import MediaTesting
import NIOCore
import Testing

private let adts = hex("FFF14C80013FFC2101")
private let otherADTS = hex("FFF15080013FFC2102")
/// 48 kHz, 128 kbit/s: 384 bytes.
private let mp3 = hex("FFFB9464") + Array(repeating: 0, count: 380)
/// 48 kHz, 128 kbit/s: 512 bytes.
private let ac3 = hex("0B770000104043E1") + Array(repeating: 0, count: 504)
/// 64 bytes with six blocks; and with strmtyp 1, a dependent substream.
private let eac3 = hex("0B77001F3F87C000") + Array(repeating: 0, count: 56)
private let dependent = hex("0B77401F3F87C000") + Array(repeating: 1, count: 56)

private func stream(_ type: String, _ descriptors: String = "", _ packets: [UInt8]...) -> ByteBuffer {
    var bytes = tables(type, descriptors: descriptors)
    var continuity: UInt8 = 0
    for pes in packets {
        let packets = MPEGTSTests.packets(0x100, pes, continuity: continuity)
        continuity &+= UInt8(truncatingIfNeeded: packets.count / 188)
        bytes += packets
    }
    return ByteBuffer(bytes: bytes)
}

@Suite("MPEG-TS: frames of audio")
struct AudioTests {
    @Test(
        arguments: [
            ("0F", adts, 1920), ("03", mp3, 2160), ("81", ac3, 2880), ("87", eac3, 2880),
            ("87", eac3 + dependent, 2880),
        ] as [(String, [UInt8], Int64)])
    func framesNeedNotBeginWithPESPackets(_ type: String, _ frame: [UInt8], _ ticks: Int64) throws {
        let three = frame + frame + frame
        let cut = frame.count + frame.count / 3
        // The second time is that of the third frame: the first one that begins in the packet.
        let bytes = stream(
            type, "", pes(0xC0, at: 900, Array(three[..<cut])),
            pes(0xC0, at: 900 + 2 * UInt64(ticks) + 5, Array(three[cut...])))
        let elements = try read(bytes)
        #expect(elements.damages.isEmpty)
        #expect(elements.units.map(\.decodeTime.ticks) == [900, 900 + ticks, 900 + 2 * ticks + 5])
        let payload = ByteBuffer(bytes: type == "0F" ? frame.dropFirst(7) : frame[...])
        #expect(elements.units.map(\.payload) == [payload, payload, payload])
        if bytes.readableBytes < 1000 {
            try ParserVerifier { endless() }.verify(bytes.array, expecting: elements, flips: [0x08])
        }
    }

    @Test func roundingDoesNotAddUp() throws {
        // 44.1 kHz: 1024 samples are 2089.8 ticks.
        let frames = Array(repeatElement(otherADTS, count: 100).joined())
        let elements = try read(stream("0F", "", pes(0xC0, at: 0, frames)))
        let last = try #require(elements.units.last)
        #expect(elements.units.count == 100)
        #expect(last.decodeTime == TSTime(ticks: 99 * 1024 * 90_000 / 44_100))
    }

    @Test func timesGoOnWhereAPacketHasNone() throws {
        let elements = try read(stream("0F", "", pes(0xC0, at: 90, adts), pes(0xC0, at: nil, adts)))
        #expect(elements.units.map(\.decodeTime.ticks) == [90, 90 + 1920])
    }

    @Test func framesBeforeTheFirstTimeAreLeftOut() throws {
        let elements = try read(stream("0F", "", pes(0xC0, at: nil, adts), pes(0xC0, at: 90, adts)))
        #expect(elements.units.map(\.decodeTime.ticks) == [90])
    }

    @Test func otherHeaderIsAnotherConfiguration() throws {
        let elements = try read(stream("0F", "", pes(0xC0, at: 0, adts + adts + otherADTS)))
        #expect(elements.configurations == [Configurations.aac, buffer("1210")])
    }

    @Test(arguments: [("0F", adts), ("03", mp3), ("81", ac3)])
    func garbageIsPassedOver(_ type: String, _ frame: [UInt8]) throws {
        let elements = try read(stream(type, "", pes(0xC0, at: 0, hex("0B000B00FF00FF0100") + frame)))
        #expect(elements.damages == [.badUnit])
        #expect(elements.units.count == 1)
    }

    @Test(arguments: [
        // Two raw data blocks; channels that only the frame tells; the free format of MP3.
        ("0F", "FFF14C80013FFD2101"), ("0F", "FFF14C00013FFC2101"), ("03", "FFFB0464 00000000"),
    ])
    func whatCannotBeCutIsToldOf(_ type: String, _ bytes: String) throws {
        let elements = try read(
            stream(type, "", pes(0xC0, at: 0, hex(bytes)), pes(0xC0, at: 90, type == "0F" ? adts : mp3)))
        #expect(elements.damages == [.unsupported])
        #expect(elements.units.map(\.decodeTime.ticks) == [90])
    }

    @Test func gapForgetsTheFrameThatHadBegun() throws {
        var bytes = stream("0F", "", pes(0xC0, at: 0, Array(adts.dropLast()))).array
        bytes += packets(0x100, pes(0xC0, at: 9000, adts), continuity: 7)
        let elements = try read(ByteBuffer(bytes: bytes))
        #expect(elements.damages == [.packetsLost])
        #expect(elements.units.map(\.decodeTime.ticks) == [9000])
    }
}

@Suite("MPEG-TS: Opus")
struct OpusTests {
    private let descriptors = "0504 4F707573 7F02 80"

    @Test func controlHeaderWithTrimsAndExtension() throws {
        // start_trim 312, end_trim 5, an extension of two bytes; then a plain one. 20 ms each.
        let packets = hex("7FFC 02 0138 0005 02AABB FC01") + hex("7FE0 01 FC")
        let bytes = stream("06", descriptors + "02", pes(0xBD, at: 90, packets))
        let elements = try read(bytes)
        #expect(elements.units.map(\.payload) == [buffer("FC01"), buffer("FC")])
        #expect(elements.units.map(\.decodeTime.ticks) == [90, 1890])
        #expect(try OpusHead(try #require(elements.configurations.first)).preSkip == 312)
        try ParserVerifier { endless() }.verify(bytes.array, expecting: elements)
    }

    @Test(arguments: [(1, 0, 1), (2, 0, 1), (3, 1, 2), (6, 1, 4), (8, 1, 5), (0, 255, 2)] as [(Int, UInt8, UInt8)])
    func layoutsOfChannels(_ code: Int, _ family: UInt8, _ streams: UInt8) throws {
        let bytes = stream("06", descriptors + "0\(code)", pes(0xBD, at: 90, hex("7FE0 01 FC")))
        let configuration = try #require(try read(bytes).configurations.first)
        let head = try OpusHead(configuration)
        #expect(head.channels == (code == 0 ? 2 : code))
        #expect(head.mappingFamily == family)
        #expect(head.streams == streams)
        let track = TSTrack(.audio(.opus), configuration: configuration)
        #expect(try TSWriter(tracks: [track]).program.streams[0].descriptors[1].payload == [0x80, UInt8(code)])
    }

    @Test(arguments: [
        ("02", "00", TSError.Code.badUnit), ("02", "7FE0 05 FC", .badUnit), ("02", "7FE0 FF", .badUnit),
        ("02", "7FE0 00", .badUnit), ("02", "7FF0 01 00", .badUnit), ("02", "7FE4 01 05 FC", .badUnit),
        ("81", "7FE0 01 FC", .unsupported),
    ])
    func damage(_ code: String, _ packet: String, _ expected: TSError.Code) throws {
        let elements = try read(stream("06", descriptors + code, pes(0xBD, at: 90, hex(packet))))
        #expect(elements.damages == [expected])
        #expect(elements.units.isEmpty)
    }
}
