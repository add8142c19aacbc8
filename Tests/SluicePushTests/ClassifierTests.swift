import FLV
import NIOCore
import SluicePush
import Testing

@Suite("What a tag is to a viewer")
struct ClassifierTests {
    /// A legacy tag of H.264 with NAL units of one byte and lengths of four.
    static func h264(key: Bool = false, _ nalHeaders: UInt8...) -> FLVTag {
        tag(.video, 0, [key ? 0x17 : 0x27, 1, 0, 0, 0] + nalHeaders.flatMap { [0, 0, 0, 2, $0, 0x80] })
    }

    /// An enhanced tag of HEVC without composition times.
    static func hevc(_ type: UInt8, temporalID: UInt8 = 0) -> FLVTag {
        tag(.video, 0, [0xA3] + Array("hvc1".utf8) + [0, 0, 0, 2, type << 1, temporalID + 1])
    }

    static let metadata = tag(.script, 0, [0x02, 0, 0x0A] + Array("onMetaData".utf8) + [0x08, 0, 0, 0, 0, 0, 0, 9])
    static let cuePoint = tag(.script, 0, [0x02, 0, 0x0A] + Array("onCuePoint".utf8))

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tag: FLVTag
        let role: UplinkFrame.Role?
    }

    static let cases = [
        Case(testDescription: "keyframe", tag: h264(key: true, 0x65), role: .keyframe),
        Case(testDescription: "referencePicture", tag: h264(0x41), role: .reference),
        Case(testDescription: "disposablePicture", tag: h264(0x01), role: .disposable),
        Case(testDescription: "messagesDoNotCount", tag: h264(0x06, 0x01, 0x01), role: .disposable),
        Case(testDescription: "oneReferenceSliceIsEnough", tag: h264(0x01, 0x41), role: .reference),
        Case(testDescription: "withoutSlices", tag: h264(0x06), role: .reference),
        Case(testDescription: "cutShort", tag: tag(.video, 0, [0x27, 1, 0, 0, 0, 0, 0, 9, 9, 1]), role: .reference),
        Case(testDescription: "hevcReference", tag: hevc(1), role: .reference),
        Case(testDescription: "hevcDisposable", tag: hevc(0), role: .disposable),
        Case(testDescription: "hevcDisposableOfAHigherLayer", tag: hevc(2, temporalID: 2), role: .disposable),
        Case(testDescription: "hevcKeyframeBody", tag: hevc(19), role: .reference),
        Case(
            testDescription: "videoConfiguration", tag: tag(.video, 0, [0x17, 0, 0, 0, 0, 1]),
            role: .configuration(.video)),
        Case(
            testDescription: "audioConfiguration", tag: tag(.audio, 0, [0xAF, 0, 0x12, 0x10]),
            role: .configuration(.audio)),
        Case(testDescription: "audioFrame", tag: tag(.audio, 0, [0xAF, 1, 0x21]), role: .audio),
        Case(testDescription: "metadata", tag: metadata, role: .configuration(.metadata)),
        Case(testDescription: "otherScript", tag: cuePoint, role: .data),
        Case(testDescription: "emptyTag", tag: tag(.video, 0, []), role: nil),
        Case(testDescription: "unknownTag", tag: tag(FLVTagType(rawValue: 5), 0, [1]), role: nil),
    ]

    @Test(arguments: cases)
    func roleIsTold(_ vector: Case) {
        var classifier = UplinkClassifier()
        #expect(classifier.role(of: vector.tag) == vector.role)
    }

    @Test func lowerLayersOfHEVCAreNotDisposable() {
        var classifier = UplinkClassifier()
        #expect(classifier.role(of: Self.hevc(2, temporalID: 1)) == .disposable)
        #expect(classifier.role(of: Self.hevc(0, temporalID: 0)) == .reference)
    }
}
