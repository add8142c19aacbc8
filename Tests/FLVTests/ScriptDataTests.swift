import AMF
import Codecs
import FLV
import MediaTesting
import NIOCore
import Testing

/// The bodies of the tags of `recordedFile`.
func recordedTags() throws -> [FLVTag] {
    var reader = FLVReader()
    var buffer = ByteBuffer(bytes: recordedFile)
    var tags: [FLVTag] = []
    while let element = try reader.read(from: &buffer) {
        if case .tag(let tag) = element { tags.append(tag) }
    }
    return tags
}

private let setDataFrame = [0x02, 0x00, 0x0D] + Array("@setDataFrame".utf8)

@Suite("Script data: FLV E.4.4 and E.5")
struct ScriptDataTests {
    @Test func nameAndValuesAreReadAndWritten() throws {
        let bytes = hex("02 0007 6F6E43756550 74 08 00000001 0001 61 05 000009")
        let script = try verifyOneShot(bytes) { buffer throws(FLVError) in try ScriptData(parsing: buffer) }
        #expect(script == ScriptData(name: "onCuePt", values: [.ecmaArray(["a": .null])]))
        #expect(written { script.write(into: &$0) } == bytes)
    }

    @Test(arguments: ["", "05", "00 0000000000000000", "02 0001", "02 0001 61 04"])
    func otherBodiesCostOnlyTheTag(_ bytes: String) {
        let error = #expect(throws: FLVError.self) { try ScriptData(parsing: buffer(bytes)) }
        #expect(error?.code == .malformedScript)
        #expect(error?.damage == .tag)
    }

    @Test func limitsOfAMFHold() {
        let error = #expect(throws: FLVError.self) {
            try ScriptData(parsing: buffer("02 0001 61 05 05"), limits: AMFLimits(valuesMax: 2))
        }
        #expect(error?.code == .malformedScript)
    }

    @Test func setDataFrameIsStripped() throws {
        let body = try #require(try recordedTags().first?.body)
        var published = ByteBuffer(bytes: setDataFrame)
        published.writeImmutableBuffer(body)
        #expect(ScriptData.strippingSetDataFrame(published) == body)
        #expect(ScriptData.strippingSetDataFrame(body) == body)
    }

    @Test func beginningOfSetDataFrameIsLeftAlone() {
        for length in 0..<setDataFrame.count {
            let body = ByteBuffer(bytes: setDataFrame[..<length])
            #expect(ScriptData.strippingSetDataFrame(body) == body)
        }
        #expect(ScriptData.strippingSetDataFrame(ByteBuffer(bytes: setDataFrame)).readableBytes == 0)
    }
}

@Suite("onMetaData: FLV E.5, Enhanced RTMP")
struct StreamMetadataTests {
    @Test func recordedMetadataIsRead() throws {
        let body = try #require(try recordedTags().first?.body)
        let metadata = try #require(StreamMetadata(try ScriptData(parsing: body)))
        #expect(metadata.width == 1280)
        #expect(metadata.height == 720)
        #expect(metadata.frameRate == 30)
        #expect(metadata.videoCodec == .avc1)
        #expect(metadata.audioCodec == .mp4a)
        #expect(metadata.audioSampleRate == 44100)
        #expect(metadata.isStereo == false)
        #expect(metadata.encoder == "Lavf59.27.100")
        #expect(metadata.videoBitrateKilobits.map { Int($0) } == 976)
        #expect(metadata.audioBitrateKilobits.map { Int($0) } == 93)
        #expect(metadata.durationSeconds.map { Int($0) } == 20)
        #expect(Array(body.readableBytesView) == written { metadata.scriptData.write(into: &$0) })
    }

    @Test func whatIsSetIsRead() throws {
        var metadata = StreamMetadata()
        metadata.width = 1920
        metadata.height = 1080
        metadata.frameRate = 59.94
        metadata.durationSeconds = 0
        metadata.videoBitrateKilobits = 6000
        metadata.audioBitrateKilobits = 160
        metadata.audioSampleRate = 48000
        metadata.isStereo = true
        metadata.encoder = "Sluice"
        metadata.videoCodec = .hvc1
        metadata.audioCodec = .opus
        let bytes = written { metadata.scriptData.write(into: &$0) }
        let read = try #require(StreamMetadata(try ScriptData(parsing: ByteBuffer(bytes: bytes))))
        #expect(read == metadata)
        #expect(read.width == 1920 && read.height == 1080 && read.frameRate == 59.94)
        #expect(read.videoCodec == .hvc1 && read.audioCodec == .opus)
        #expect(read.object["videocodecid"] == .number(Double(0x6876_6331)))
    }

    @Test(
        arguments: [
            (.number(7), .avc1), (.number(12), .hvc1), (.number(13), .av01), (.number(2), nil), (.number(-1), nil),
            (.number(.nan), nil), (.number(1e300), nil), (.number(1_635_135_537), .av01), (.string("avc1"), .avc1),
            (.string("AVC"), nil), (.null, nil),
        ] as [(AMF0Value, FourCC?)])
    func videoCodecInAllItsForms(_ value: AMF0Value, _ codec: FourCC?) {
        #expect(StreamMetadata(object: ["videocodecid": value]).videoCodec == codec)
    }

    @Test(
        arguments: [
            (.number(10), .mp4a), (.number(2), .mp3), (.number(14), .mp3), (.number(11), nil),
            (.number(1_332_770_163), .opus), (.string("mp4a"), .mp4a),
        ] as [(AMF0Value, FourCC?)])
    func audioCodecInAllItsForms(_ value: AMF0Value, _ codec: FourCC?) {
        #expect(StreamMetadata(object: ["audiocodecid": value]).audioCodec == codec)
    }

    @Test(arguments: [.nan, .infinity, 1e300] as [Double])
    func absurdSizeIsNoSize(_ width: Double) {
        #expect(StreamMetadata(object: ["width": .number(width)]).width == nil)
    }

    @Test func otherScriptsAreNoMetadata() {
        #expect(StreamMetadata(ScriptData(name: "onCuePoint", values: [.object([:])])) == nil)
        #expect(StreamMetadata(ScriptData(name: "onMetaData", values: [.null])) == nil)
    }
}
