import BitStream
import Codecs
import MediaTesting
import NIOCore
import Testing

@Suite("AudioSpecificConfig: ISO/IEC 14496-3, 1.6.2.1")
struct AudioSpecificConfigTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        /// Core rate, output rate, channels, profile, samples in a frame, object type signalled.
        let summary: String
        var testDescription: String { "\(text): \(summary)" }
    }

    static let cases = [
        Case(text: "1190", summary: "48000 48000 2 LC 1024 2"), Case(text: "1208", summary: "44100 44100 1 LC 1024 2"),
        Case(text: "1010", summary: "96000 96000 2 LC 1024 2"), Case(text: "11B0", summary: "48000 48000 6 LC 1024 2"),
        Case(text: "11B8", summary: "48000 48000 8 LC 1024 2"), Case(text: "11E0", summary: "48000 48000 8 LC 1024 2"),
        Case(text: "1194", summary: "48000 48000 2 LC 960 2"), Case(text: "0A10", summary: "44100 44100 2 Main 1024 1"),
        // HE-AAC told in front, told behind, and not used although told behind.
        Case(text: "2B11880 0", summary: "24000 48000 2 HE-AAC 2048 5"),
        Case(text: "EB098800", summary: "24000 48000 2 HE-AACv2 2048 29"),
        Case(text: "131056E598", summary: "24000 48000 2 HE-AAC 2048 5"),
        Case(text: "130856E59D4880", summary: "24000 48000 2 HE-AACv2 2048 29"),
        Case(text: "119056E500", summary: "48000 48000 2 LC 1024 2"),
        Case(text: "11B056E500", summary: "48000 48000 6 LC 1024 2"),
        // A rate that is in no table: 50000 Hz.
        Case(text: "178061A810", summary: "50000 50000 2 LC 1024 2"),
        // Channels one by one: 2.1 and quadrophonic, with FFmpeg's comment.
        Case(text: "118004C4010020000D4C61766335392E33372E31303056E500", summary: "48000 48000 3 LC 1024 2"),
        Case(text: "118004C4040021100D4C61766335392E33372E31303056E500", summary: "48000 48000 4 LC 1024 2"),
        Case(text: "B98800", summary: "48000 48000 1 LD 512 23"),
        Case(text: "B98C00", summary: "48000 48000 1 LD 480 23"),
    ]

    @Test(arguments: cases)
    func configurations(_ example: Case) throws {
        let configuration = try verifyOneShot(hex(example.text).array) { try AudioSpecificConfig($0) }
        #expect(Self.summary(configuration) == example.summary)
    }

    @Test(arguments: cases)
    func whatIsWrittenIsReadAlike(_ example: Case) throws {
        let configuration = try AudioSpecificConfig(hex(example.text))
        var written = ByteBuffer()
        configuration.write(to: &written)
        #expect(try AudioSpecificConfig(written) == configuration)
        #expect(written.readableBytes <= hex(example.text).readableBytes)
    }

    private static func summary(_ configuration: AudioSpecificConfig) -> String {
        let samples = configuration.samplesPerFrame.map(String.init) ?? "-"
        return "\(configuration.sampleRate) \(configuration.outputSampleRate) \(configuration.channels) "
            + "\(configuration.profileName) \(samples) \(configuration.signalledObjectType.rawValue)"
    }

    @Test func theUsualConfigurationIsWrittenInTwoBytes() {
        var written = ByteBuffer()
        AudioSpecificConfig(sampleRate: 44100, channelConfiguration: 2).write(to: &written)
        #expect(written == hex("1210"))
    }

    @Test func otherObjectTypesAreNamed() throws {
        // Type 42 behind its escape, 48 kHz, stereo.
        let configuration = try verifyOneShot(hex("F94620").array) { try AudioSpecificConfig($0) }
        #expect(configuration.objectType == .unifiedSpeechAudio)
        #expect(configuration.profileName == "xHE-AAC")
        #expect(configuration.samplesPerFrame == nil)
        var written = ByteBuffer()
        configuration.write(to: &written)
        #expect(try AudioSpecificConfig(written) == configuration)
    }

    @Test(arguments: ["", "11", "1680", "178000 0010", "1180"])
    func wrongConfigurationsAreRefused(text: String) {
        #expect(throws: CodecError.self) { try AudioSpecificConfig(hex(text)) }
    }

    @Test(arguments: zip(0...15, [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0] as [Int]))
    func channelConfigurations(number: Int, channels: Int) {
        #expect(AudioSpecificConfig(sampleRate: 48000, channelConfiguration: UInt8(number)).channels == channels)
    }

    @Test func everythingOfAProgramIsWrittenAndRead() throws {
        var program = ProgramConfigElement()
        program.tag = 3
        program.front = [.init(isPair: false, tag: 0), .init(isPair: true, tag: 1)]
        program.side = [.init(isPair: true, tag: 2)]
        program.back = [.init(isPair: true, tag: 3)]
        program.lowFrequency = [4]
        program.associatedData = [5, 6]
        program.coupling = [.init(isPair: true, tag: 7)]
        program.monoMixdown = 1
        program.stereoMixdown = 2
        program.matrixMixdown = 5
        program.comment = [1, 2, 3]
        #expect(program.channels == 8)
        var configuration = AudioSpecificConfig(sampleRate: 48000, channelConfiguration: 0)
        configuration.programConfig = program
        var written = ByteBuffer()
        configuration.write(to: &written)
        let read = try verifyOneShot(written.array) { try AudioSpecificConfig($0) }
        #expect(read == configuration)
        #expect(read.channels == 8)
    }
}

@Suite("ADTS: ISO/IEC 14496-3, 1.A.2.2")
struct ADTSTests {
    /// The last frame of a stream at 22.05 kHz, its payload made up.
    private static let header = hex("FFF15C4002FFFC")

    @Test func framesAreReadHoweverTheyAreCut() throws {
        var stream: [UInt8] = []
        var payloads: [ByteBuffer] = []
        for length in [16, 1, 0, 5] {
            var frame = ByteBuffer()
            let header = try #require(
                ADTSHeader(AudioSpecificConfig(sampleRate: 48000, channelConfiguration: 6), payloadLength: length))
            header.write(to: &frame)
            let payload = ByteBuffer(repeating: UInt8(length), count: length)
            payloads.append(payload)
            stream += frame.array + payload.array
        }
        let verifier = ParserVerifier<ByteBuffer> {
            { buffer in
                var frames: [ByteBuffer] = []
                while let frame = try ADTSHeader.readFrame(&buffer) { frames.append(frame.payload) }
                return frames
            }
        }
        try verifier.verify(stream, expecting: payloads)
    }

    @Test func headersAreReadAsEncodersWriteThem() throws {
        let header = try #require(try verifyOneShot(Self.header.array) { try ADTSHeader.read(&$0) })
        #expect(header.sampleRate == 22050)
        #expect(header.channelConfiguration == 1)
        #expect(header.objectType == .lowComplexity)
        #expect(header.payloadLength == 16)
        #expect(!header.isMPEG2 && !header.hasChecksum && header.rawDataBlocks == 1)
        var written = ByteBuffer()
        header.write(to: &written)
        #expect(written == Self.header)
        written.clear()
        header.configuration.write(to: &written)
        #expect(written == hex("1388"))
    }

    @Test func checksumsArePassedOver() throws {
        var frame = hex("FFF0 5C40 017FFC 1234 AABB 00")
        let (header, payload) = try #require(try ADTSHeader.readFrame(&frame))
        #expect(header.hasChecksum)
        #expect(payload == hex("AABB"))
        #expect(frame.readableBytes == 1)
    }

    @Test(arguments: ["FFE15C4002FFFC", "FFF75C4002FFFC", "FFF1744002FFFC", "FFF15C4000DFFC", "00000000000000"])
    func wrongHeadersAreRefused(text: String) {
        #expect(throws: CodecError.self) {
            var buffer = hex(text)
            _ = try ADTSHeader.read(&buffer)
        }
    }

    @Test(arguments: [(8184, true), (8185, false), (-1, false), (Int.max, false)])
    func framesMayBeAsLongAsTheHeaderCanSay(length: Int, fits: Bool) {
        let configuration = AudioSpecificConfig(sampleRate: 48000, channelConfiguration: 2)
        #expect((ADTSHeader(configuration, payloadLength: length) != nil) == fits)
    }

    @Test func whatADTSCannotSayIsRefused() {
        #expect(ADTSHeader(AudioSpecificConfig(sampleRate: 50000, channelConfiguration: 2), payloadLength: 1) == nil)
        #expect(ADTSHeader(AudioSpecificConfig(sampleRate: 48000, channelConfiguration: 8), payloadLength: 1) == nil)
        let lowDelay = AudioSpecificConfig(objectType: .lowDelay, sampleRate: 48000, channelConfiguration: 2)
        #expect(ADTSHeader(lowDelay, payloadLength: 1) == nil)
    }
}
