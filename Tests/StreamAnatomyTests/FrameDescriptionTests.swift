import Codecs
import MediaCore
import NIOCore
import StreamAnatomy
import Testing

@Suite("Frames in words")
struct FrameDescriptionTests {
    static func frame(
        _ role: MediaFrame.Role, _ units: [[UInt8]], at milliseconds: Int64 = 0, lengthSize: Int = 4
    ) -> MediaFrame {
        let prefix = [UInt8](repeating: 0, count: lengthSize - 1)
        let payload = units.flatMap { prefix + [UInt8($0.count)] + $0 }
        return MediaFrame(
            kind: .video, role: role, codec: .avc1, decodeTime: MediaTime(milliseconds: milliseconds),
            payload: ByteBuffer(bytes: payload))
    }

    static let idr: [UInt8] = [0x65, 0x88, 0x84]
    static let predicted: [UInt8] = [0x41, 0x9A, 0x00]
    static let bidirectional: [UInt8] = [0x01, 0x9E, 0x00]

    @Test(arguments: [
        ([[0x06, 5], idr, idr], "SEI, IDR ×2", PictureType.intra), ([predicted], "slice", .predicted),
        ([[0x09, 0xF0], bidirectional], "AUD, slice", .bidirectional),
        ([[0x67, 1], [0x68, 1], idr], "SPS, PPS, IDR", .intra),
    ])
    func picturesAreNamed(units: [[UInt8]], words: String, type: PictureType) {
        let description = FrameDescription(Self.frame(.key, units))
        #expect(description.picture?.words == words && description.picture?.picture == type)
        #expect(description.bytes == units.reduce(0) { $0 + $1.count + 4 })
    }

    @Test(arguments: [1, 2, 4])
    func lengthsAreOfTheTracksSize(size: Int) {
        let description = FrameDescription(
            Self.frame(.key, [Self.idr], lengthSize: size), nalUnitLengthSize: size)
        #expect(description.picture?.words == "IDR")
    }

    @Test func damageIsTold() {
        var frame = Self.frame(.key, [Self.idr])
        frame.payload.writeBytes([0, 0, 9])
        let picture = FrameDescription(frame).picture
        #expect(picture?.words == "IDR, damaged" && picture?.isDamaged == true && picture?.picture == nil)
    }

    @Test func audioHasNoPicture() {
        let frame = MediaFrame(
            kind: .audio, role: .key, codec: .mp4a, decodeTime: .zero, payload: ByteBuffer(bytes: [1, 2]))
        let description = FrameDescription(frame)
        #expect(description.picture == nil && description.kind.word == "audio" && description.role.word == "key")
    }

    @Test(arguments: [(16, false), (17, true)])
    func manyRunsAreNotAllKept(runs: Int, hasMore: Bool) {
        let units = (0..<runs).map { [UInt8($0 % 2 == 0 ? 6 : 12)] }
        let picture = FrameDescription(Self.frame(.delta, units)).picture
        #expect(picture?.runs.count == 16 && picture?.hasMore == hasMore)
    }

    // MARK: Meters

    @Test func groupsAreMeasured() {
        var meter = GOPMeter()
        let units = [Self.idr, Self.predicted, Self.bidirectional, Self.bidirectional]
        for index in 0..<9 {
            let role: MediaFrame.Role = index % 4 == 0 ? .key : .delta
            meter.add(FrameDescription(Self.frame(role, [units[index % 4]], at: Int64(index) * 40)))
        }
        #expect(meter.groups == 2)
        #expect(meter.shortest == MediaTime(milliseconds: 160) && meter.longest == MediaTime(milliseconds: 160))
        let group = meter.newest
        #expect(group?.pictures == 4 && group?.intra == 1 && group?.predicted == 1 && group?.bidirectional == 2)
        #expect(group?.bytes == 28)
    }

    @Test func evenFramesHaveNoJitter() {
        var meter = JitterMeter()
        for index in 0..<10 {
            meter.add(
                decodeTime: MediaTime(milliseconds: Int64(index) * 20),
                arrival: .uptimeNanoseconds(5_000_000_000 + UInt64(index) * 20_000_000))
        }
        #expect(meter.nanoseconds == 0 && meter.largestNanoseconds == 0)
    }

    @Test func lateFrameIsJitter() {
        var meter = JitterMeter()
        meter.add(decodeTime: .zero, arrival: .uptimeNanoseconds(0))
        meter.add(decodeTime: MediaTime(milliseconds: 20), arrival: .uptimeNanoseconds(36_000_000))
        #expect(meter.largestNanoseconds == 16_000_000 && meter.nanoseconds == 1_000_000)
    }
}
