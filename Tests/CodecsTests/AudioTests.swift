import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("Opus: RFC 7845, 5.1 and RFC 6716, 3")
struct OpusTests {
    @Test(arguments: [
        ("4F707573486561640102380180BB0000000000", 2, 0),
        ("4F707573486561640106380180BB00000000010402000401020305", 6, 1),
    ])
    func headers(text: String, channels: Int, family: Int) throws {
        let head = try verifyOneShot(hex(text).array) { try OpusHead($0) }
        #expect(head.channels == channels)
        #expect(head.preSkip == 312)
        #expect(head.inputSampleRate == 48000)
        #expect(Int(head.mappingFamily) == family)
        var written = ByteBuffer()
        head.write(to: &written)
        #expect(written == hex(text))
    }

    @Test func theUsualHeaderIsMade() {
        var written = ByteBuffer()
        OpusHead(channels: 2).write(to: &written)
        #expect(written == hex("4F707573486561640102380180BB0000000000"))
    }

    @Test(arguments: [
        "4F707573486561650102380180BB0000000000", "4F707573486561641002380180BB0000000000",
        "4F707573486561640100380180BB0000000000", "4F707573486561640103380180BB0000000000",
        "4F70757348656164010238", "4F707573486561640106380180BB000000000100020004010203",
        "4F707573486561640102380180BB0000000001010200 01",
    ])
    func wrongHeadersAreRefused(text: String) {
        #expect(throws: CodecError.self) { try OpusHead(hex(text)) }
    }

    @Test(
        arguments: [
            ("FC", 960), ("78", 960), ("E0", 120), ("FD", 1920), ("FB03", 2880), ("18", 2880), ("0302", 960),
            ("", nil), ("03", nil), ("0300", nil), ("FB3F", nil),
        ] as [(String, Int?)])
    func packetsTellTheirDuration(text: String, samples: Int?) throws {
        #expect(try verifyOneShot(hex(text).array) { OpusPacket.sampleCount($0) } == samples)
    }
}

@Suite("FLAC: RFC 9639, 8.2")
struct FLACTests {
    private static let block = "12001200000437 0005080AC442F0000044E8B838AE48DD56A6E6B55B4E65F3F9A71C"

    @Test(arguments: ["", "00000022", "664C614300000022", "664C614380000022", "664C6143"])
    func theBlockMayHaveItsHeaders(front: String) throws {
        let info = try verifyOneShot(hex(front + Self.block).array) { try FLACStreamInfo($0) }
        #expect(info.sampleRate == 44100)
        #expect(info.channels == 2)
        #expect(info.bitsPerSample == 16)
        #expect(info.samplesPerFrame == 4608)
        #expect(info.frameSizeMin == 0x437)
        #expect(info.totalSamples == 17640)
    }

    @Test func moreChannelsAndBits() throws {
        let info = try FLACStreamInfo(
            hex("664C614300000022200020000006120008A817700B70000096009785CFCA8CBAAD30817CF63E6F6EE509"))
        #expect([info.sampleRate, info.channels, info.bitsPerSample] == [96000, 6, 24])
    }

    @Test(arguments: ["", "664C6143", "1200120000043700"])
    func cutBlocksAreRefused(text: String) {
        #expect(throws: CodecError.self) { try FLACStreamInfo(hex(text)) }
    }
}

@Suite("AC-3 and E-AC-3: ETSI TS 102 366, 4.3 and E.1.2")
struct AC3Tests {
    @Test(arguments: [
        ("0B77FE95144043E1", "ac-3 48000 2 768 1536"), ("0B770DCE5E40EBF8", "ac-3 44100 6 1950 1536"),
        ("0B770DCE5F40EBF8", "ac-3 44100 6 1952 1536"), ("0B77037F3F87C000", "ec-3 48000 6 1792 1536"),
        ("0B77011FB287C000", "ec-3 32000 1 576 1536"), ("0B77011FD287C000", "ec-3 22050 1 576 1536"),
        ("0B77011F0487C000", "ec-3 48000 2 576 256"),
    ])
    func frames(text: String, summary: String) throws {
        let info = try verifyOneShot(hex(text).array) { try AC3SyncInfo($0) }
        #expect(
            "\(info.codec) \(info.sampleRate) \(info.channels) \(info.frameLength) \(info.samplesPerFrame)" == summary)
    }

    @Test(arguments: [
        "0B77FE95144043", "0C77FE95144043E1", "0B77FE95D44043E1", "0B77FE95264043E1", "0B77FE9514F843E1",
        "0B77011FF287C000",
    ])
    func wrongFramesAreRefused(text: String) {
        #expect(throws: CodecError.self) { try AC3SyncInfo(hex(text)) }
    }
}

@Suite("MPEG audio: ISO/IEC 11172-3 and 13818-3, 2.4.1.3")
struct MPEGAudioTests {
    @Test(arguments: [
        ("FFFB9064", "3 44100 2 417 1152"), ("FFFB9264", "3 44100 2 418 1152"), ("FFF340C4", "3 22050 1 104 576"),
        ("FFE318C4", "3 8000 1 72 576"), ("FFFD8404", "2 48000 2 384 1152"), ("FFFF1804", "1 32000 2 48 384"),
        ("FFFB0064", "3 44100 2 0 1152"),
    ])
    func headers(text: String, summary: String) throws {
        let header = try verifyOneShot(hex(text).array) { try MPEGAudioHeader($0) }
        let length = header.frameLength ?? 0
        #expect(
            "\(header.layer) \(header.sampleRate) \(header.channels) \(length) \(header.samplesPerFrame)" == summary)
    }

    @Test(arguments: ["FFEB9064", "FFF99064", "FFFBF064", "FFFB9C64", "00FB9064", "FFFB90", ""])
    func wrongHeadersAreRefused(text: String) {
        #expect(throws: CodecError.self) { try MPEGAudioHeader(hex(text)) }
    }
}

@Suite("Audio formats")
struct AudioFormatTests {
    private static func summary(_ format: AudioFormat?) -> String {
        guard let format else { return "nil" }
        let samples = format.samplesPerFrame.map(String.init) ?? "-"
        return "\(format.codec) \(format.sampleRate) \(format.channels) \(format.profile) \(samples) \(format.rfc6381)"
    }

    @Test(
        arguments: [
            (.mp4a, "1210", "mp4a 44100 2 LC 1024 mp4a.40.2"),
            (.mp4a, "2B118800", "mp4a 48000 2 HE-AAC 2048 mp4a.40.5"),
            (.mp4a, "EB098800", "mp4a 48000 2 HE-AACv2 2048 mp4a.40.29"),
            (.opus, "4F707573486561640106380180BB00000000010402000401020305", "Opus 48000 6  - opus"),
            (
                .flac, "664C61430000002212001200000437 0005080AC442F0000044E8B838AE48DD56A6E6B55B4E65F3F9A71C",
                "fLaC 44100 2  4608 fLaC"
            ),
            (.mp4a, "11", "nil"), (.opus, "4F70", "nil"), (.ac3, "0B77FE95144043E1", "nil"), (.avc1, "1210", "nil"),
        ] as [(FourCC, String, String)])
    func configurationsAreSummedUp(codec: FourCC, text: String, summary: String) throws {
        let format = try verifyOneShot(hex(text).array) { AudioFormat(codec: codec, configuration: $0) }
        #expect(Self.summary(format) == summary)
    }

    @Test(
        arguments: [
            (.ac3, "0B770DCE5E40EBF8", "ac-3 44100 6  1536 ac-3"),
            (.eac3, "0B77037F3F87C000", "ec-3 48000 6  1536 ec-3"),
            (.mp3, "FFFB9064", ".mp3 44100 2 Layer III 1152 mp4a.6B"), (.mp3, "FFFB", "nil"), (.mp4a, "1210", "nil"),
        ] as [(FourCC, String, String)])
    func framesAreSummedUp(codec: FourCC, text: String, summary: String) throws {
        let format = try verifyOneShot(hex(text).array) { AudioFormat(codec: codec, firstFrame: $0) }
        #expect(Self.summary(format) == summary)
    }
}
