import Codecs
import HLS
import NIOCore
import PlainText
import StreamInspection
import Testing

@Suite("Rules that streams break")
struct CheckRuleTests {
    typealias Picture = SyntheticStream.Picture

    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        /// What must be among the findings of the rule, as a part of the words.
        var words: String
        var base = SyntheticStream.healthy
        var breaking: @Sendable (inout SyntheticStream) -> Void
        /// Almost the same, which the rule must let pass; the healthy stream where there is nothing near.
        var passing: @Sendable (inout SyntheticStream) -> Void = { _ in }

        var testDescription: String { rule }
    }

    static let integrity = [
        Case(rule: "no-media", words: "neither a picture") { stream in
            stream.pictures = []
            stream.sounds = []
        } passing: { stream in
            stream.pictures = []
        },
        Case(rule: "damage", words: "1 times, first: a tag") { $0.damages = ["a tag"] },
        Case(rule: "cut-short", words: "3 bytes of it") { $0.cutShort = "3 bytes of it" },
        Case(rule: "configuration-missing", words: "audio 1: no configuration for AAC came") {
            $0.audioConfiguration = nil
        },
        Case(rule: "configuration-missing", words: "video 0: no configuration for H.264 came") {
            $0.videoConfiguration = nil
        },
        Case(rule: "configuration-unreadable", words: "video 0: configuration: ") {
            $0.videoConfiguration = ByteBuffer(bytes: [1, 2, 3])
        },
        Case(rule: "nal-unit-lengths", words: "video 0: 1 of 300 pictures") {
            $0.pictures[7].payload = ByteBuffer(bytes: [0, 0, 0, 9, 0x41])
        },
        Case(rule: "channels-unknown", words: "48000 Hz, 0 channels") {
            // channelConfiguration 0 and a program_config_element without channels.
            $0.audioConfiguration = ByteBuffer(bytes: [0x11, 0x80, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00])
        },
    ]

    static let keyframes = [
        Case(rule: "no-keyframes", words: "300 pictures, and none is a keyframe") { stream in
            for index in stream.pictures.indices { stream.pictures[index].isKeyframe = false }
        } passing: { stream in
            for index in stream.pictures.indices.dropFirst() { stream.pictures[index].isKeyframe = false }
        },
        Case(rule: "first-picture-no-keyframe", words: "29 pictures come before") { $0.pictures.removeFirst() },
        Case(rule: "keyframe-interval-long", words: "10.100 s without a keyframe") { stream in
            stream.pictures = (0...303).map { Picture($0 == 0 ? "I" : "P", at: Int64($0) * 100 / 3) }
        } passing: { stream in
            stream.pictures = (0...300).map { Picture($0 == 0 ? "I" : "P", at: Int64($0) * 100 / 3) }
        },
        Case(rule: "keyframe-interval-slow", words: "4.033 s without a keyframe") { stream in
            for index in 31...120 { stream.pictures[index] = Picture("P", at: Int64(index) * 100 / 3) }
            stream.pictures[151] = stream.pictures[150]
            stream.pictures[151] = Picture("I", at: 5033)
            stream.pictures[150] = Picture("P", at: 5000)
        } passing: { stream in
            for index in 31...149 { stream.pictures[index] = Picture("P", at: Int64(index) * 100 / 3) }
        },
        Case(rule: "keyframe-interval-irregular", words: "1.000 s to 3.000 s") { stream in
            for index in [60, 90] { stream.pictures[index] = Picture("P", at: Int64(index) * 100 / 3) }
        } passing: { stream in
            stream.pictures[60] = Picture("P", at: 2000)
        },
        Case(rule: "keyframe-depends", words: "1 of 11 keyframes are P or B pictures, first at 1.500 s") {
            $0.pictures[45].isKeyframe = true
        },
    ]

    static let timing = [
        Case(rule: "decode-time-backward", words: "video 0: 1 times, first by 500 ms at 3.000 s") {
            $0.pictures[91].decodeTime = 2500
        },
        Case(rule: "decode-time-backward", words: "audio 1: 2 times") { stream in
            stream.sounds.swapAt(100, 104)
        } passing: { stream in
            stream.sounds[100] = stream.sounds[101]
        },
        Case(rule: "decode-time-repeated", words: "1 pictures have that of the one before") {
            $0.pictures[91].decodeTime = $0.pictures[90].decodeTime
        },
        Case(rule: "presentation-time-repeated", words: "1 of 300 pictures") {
            $0.pictures[91].presentationTime = $0.pictures[90].presentationTime
        },
        Case(rule: "picture-gap", words: "video 0: 1, first 1.000 s at 3.333 s") { stream in
            stream.pictures.removeSubrange(101..<130)
        } passing: { stream in
            stream.pictures.removeSubrange(101..<129)
        },
        Case(rule: "sound-gap", words: "audio 1: 1, first 107 ms at 2.133 s") { stream in
            stream.sounds.removeSubrange(101..<105)
        } passing: { stream in
            stream.sounds.removeSubrange(101..<104)
        },
        Case(rule: "start-apart", words: "sound begins 1.002 s after pictures") { stream in
            stream.sounds.removeFirst(47)
        } passing: { stream in
            stream.sounds.removeFirst(46)
        },
        Case(rule: "drift", words: "timestamps have gone 199 ms too far in") { stream in
            stream.sounds = stream.sounds.map { $0 * 102 / 100 }
        } passing: { stream in
            stream.sounds = stream.sounds.map { $0 * 101 / 100 }
            // Seams, at each of which most of a frame is missing.
            for start in stride(from: 20, to: 460, by: 20) {
                for index in start..<stream.sounds.count { stream.sounds[index] -= 20 }
            }
        },
        Case(rule: "interleaving", words: "1.1") { stream in
            // All sound of a stretch stands behind its pictures.
            stream.sounds = stream.sounds.map { $0 + 1100 }
        } passing: { stream in
            stream.sounds = stream.sounds.map { $0 + 900 }
        },
    ]

    static let media = [
        Case(
            rule: "composition-offsets-missing", words: "B pictures, and every picture is shown when",
            base: .reordered
        ) { stream in
            for index in stream.pictures.indices {
                stream.pictures[index].presentationTime = stream.pictures[index].decodeTime
            }
        },
        Case(rule: "shown-before-decoded", words: "1 pictures", base: .reordered) { stream in
            stream.pictures[3].presentationTime = stream.pictures[3].decodeTime - 1
        } passing: { stream in
            stream.pictures[3].presentationTime = stream.pictures[3].decodeTime - 1
            stream.container = .mp4
        },
        Case(rule: "reorder-depth", words: "3 pictures wait, and 2 may", base: .reordered) { stream in
            for (index, shown) in [4, 3, 2, 1].enumerated() {
                stream.pictures[index].presentationTime = Int64(shown) * 33
            }
        } passing: { stream in
            for (index, shown) in [3, 2, 1, 4].enumerated() {
                stream.pictures[index].presentationTime = Int64(shown) * 33
            }
        },
        Case(rule: "parameter-sets-change", words: "1 in keyframes that the configuration does not have") { stream in
            stream.pictures[30].payload = withParameterSet(level: 0x1F)
        } passing: { stream in
            stream.pictures[30].payload = withParameterSet(level: 0x0D)
        },
        Case(rule: "frame-rate-claimed", words: "30 claimed, 25") { stream in
            stream.pictures = (0..<250).map { Picture($0 % 25 == 0 ? "I" : "P", at: Int64($0) * 40) }
        } passing: { stream in
            stream.pictures = (0..<290).map { Picture($0 % 29 == 0 ? "I" : "P", at: Int64($0) * 1000 / 29) }
        },
        Case(rule: "size-differs", words: "640×360 in the container, 320×180 in the pictures") {
            $0.size = PictureSize(width: 640, height: 360)
        } passing: {
            $0.size = PictureSize(width: 320, height: 180)
        },
        Case(rule: "odd-size", words: "161×90") { stream in
            stream.codec = .vp08
            stream.pictures[0].payload = vp8Keyframe(width: 161, height: 90)
        } passing: { stream in
            stream.codec = .vp08
            stream.pictures[0].payload = vp8Keyframe(width: 160, height: 90)
        },
        Case(rule: "rare-profile", words: "High 10, 10 bits") {
            $0.videoConfiguration = tenBits
        },
        Case(rule: "audio-priming", words: "no edit leaves out") { stream in
            stream.container = .mp4
        } passing: { stream in
            stream.container = .mp4
            stream.sounds = stream.sounds.map { $0 - 21 }
        },
    ]

    /// A variant as a server would claim it, of which one thing may be wrong.
    static func variant(
        _ codecs: [String] = ["avc1.64000d", "mp4a.40.2"], bandwidth: Int = 1_000_000, width: Int = 320,
        frameRate: Double = 30
    ) -> Variant {
        Variant(
            uri: "v.m3u8", bandwidth: bandwidth, codecs: codecs,
            resolution: Variant.Resolution(width: width, height: 180), frameRate: frameRate)
    }

    static let claims = [
        Case(rule: "codecs-claimed", words: "video 0: avc1.64000D, and CODECS is avc1.42e00d,mp4a.40.2") {
            $0.variant = variant(["avc1.42e00d", "mp4a.40.2"])
        } passing: {
            $0.variant = variant(["avc1.64001F", "mp4a.40.5"])
        },
        Case(rule: "codecs-claimed", words: "video 0: avc1.64000D, and CODECS is avc1.64000b") {
            $0.variant = variant(["avc1.64000b", "mp4a.40.2"])
        } passing: {
            $0.variant = variant(["avc3.64000d", "mp4a.40.2", "wvtt"])
        },
        Case(rule: "codecs-claimed", words: "audio 1: mp4a.40.2, and CODECS is avc1.64000d") {
            $0.variant = variant(["avc1.64000d"])
        } passing: {
            $0.variant = variant(["avc1.64000d"])
            $0.sounds = []
        },
        Case(rule: "codecs-claimed", words: "audio 1: mp4a.40.2, and CODECS is avc1.64000d,mp4a.6b") {
            $0.variant = variant(["avc1.64000d", "mp4a.6b"])
        },
        Case(rule: "codecs-claimed", words: "CODECS names mp4a.40.2, and no track is that") {
            $0.variant = variant()
            $0.sounds = []
        } passing: {
            $0.variant = variant()
        },
        Case(rule: "codecs-unsaid", words: "the variant has none") {
            $0.variant = variant([])
        } passing: {
            $0.variant = variant()
        },
        Case(rule: "variant-claims", words: "BANDWIDTH is 500, and") {
            $0.variant = variant(bandwidth: 500)
        } passing: {
            $0.variant = variant()
        },
        Case(rule: "variant-claims", words: "RESOLUTION is 640x180, and pictures are 320×180") {
            $0.variant = variant(width: 640)
        },
        Case(rule: "variant-claims", words: "FRAME-RATE is 25, and 30 pictures a second came") {
            $0.variant = variant(frameRate: 25)
        } passing: {
            $0.variant = variant(frameRate: 29.97)
        },
    ]

    static let cases = integrity + keyframes + timing + media + claims

    @Test(arguments: cases)
    func brokenRulesAreFound(example: Case) {
        var stream = example.base
        example.breaking(&stream)
        let found = stream.report.findings.filter { $0.rule.name == example.rule }.map(\.words)
        #expect(found.contains { $0.contains(example.words) }, "\(found)")
    }

    @Test(arguments: cases)
    func keptRulesAreNot(example: Case) {
        var stream = example.base
        example.passing(&stream)
        let found = stream.report.findings.filter { $0.rule.name == example.rule }.map(\.words)
        #expect(found == [])
    }

    @Test func everyRuleHasACase() {
        #expect(Set(CheckRule.all.map(\.name)) == Set(Self.cases.map(\.rule)))
        #expect(Set(CheckRule.all.map(\.name)).count == CheckRule.all.count)
        #expect(
            CheckRule.all.allSatisfy { !$0.source.isEmpty && $0.statement.hasSuffix(".") || $0.statement.contains(":") }
        )
    }

    @Test(arguments: [SyntheticStream.healthy, .reordered])
    func healthyStreamsBreakNoRule(stream: SyntheticStream) {
        let findings = stream.report.findings
        #expect(findings.map { "\($0.rule.name): \($0.words)" } == [])
        let lines = StreamReport.text(findings, style: TextStyle())
        #expect(lines.last == "✓ none of \(CheckRule.all.count) rules is broken")
    }

    @Test func findingsAreTold() {
        var stream = SyntheticStream.healthy
        stream.pictures.removeFirst()
        let findings = stream.report.findings
        let lines = StreamReport.text(findings, style: TextStyle())
        let told = "✗ first-picture-no-keyframe: video 0: 29 pictures come before the first keyframe"
        #expect(lines.dropFirst(2).first == told)
        #expect(lines.last?.hasPrefix("  1 that break players, 0 to think about; ") == true)
        #expect(
            findings.first?.document.text.hasPrefix(#"{"rule":"first-picture-no-keyframe","severity":"breaks","#)
                == true)
    }

    /// A keyframe with a sequence parameter set in front.
    static func withParameterSet(level: UInt8) -> ByteBuffer {
        var set = SyntheticStream.sequenceParameterSet
        set[3] = level
        var payload = ByteBuffer(bytes: [0, 0, 0, UInt8(set.count)] + set)
        payload.writeImmutableBuffer(SyntheticStream.picture("I"))
        return payload
    }

    /// Specification: RFC 6386, 9.1.
    static func vp8Keyframe(width: UInt16, height: UInt16) -> ByteBuffer {
        var frame = ByteBuffer(bytes: [0x10, 0, 0, 0x9D, 0x01, 0x2A])
        frame.writeInteger(width, endianness: .little)
        frame.writeInteger(height, endianness: .little)
        return frame
    }

    /// High 10 in 4:2:0: profile 110, level 1.3, one macroblock.
    static let tenBits: ByteBuffer = {
        // seq_parameter_set_id 0, chroma_format_idc 1, bit depths 10, no scaling; frame_num of 4 bits, pic_order_cnt_type 2,
        // one reference, 1 by 1 macroblock, frames only, no cropping, no VUI.
        let bits =
            "1" + "010" + "011" + "011" + "0" + "0" + "1" + "011" + "010" + "0" + "1" + "1" + "1" + "1" + "0" + "0"
            + "1"
        let padded = bits + String(repeating: "0", count: (8 - bits.count % 8) % 8)
        let bytes = stride(from: 0, to: padded.count, by: 8).map { start in
            UInt8(padded.dropFirst(start).prefix(8), radix: 2) ?? 0
        }
        let set: [UInt8] = [0x67, 110, 0, 13] + bytes
        return ByteBuffer(
            bytes: [1, 110, 0, 13, 0xFF, 0xE1, 0, UInt8(set.count)] + set + [1, 0, 4, 0x68, 0xEB, 0xE3, 0xCB]
                + [0xFD, 0xFA, 0xFA, 0])
    }()
}
