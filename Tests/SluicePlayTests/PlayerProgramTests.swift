import Codecs
import FLV
import NIOCore
import SluicePlay
import StreamSources
import Testing

@Suite("Players")
struct PlayerProgramTests {
    @Test(arguments: [("ffplay", "pipe:0"), ("/opt/bin/ffplay", "pipe:0"), ("mpv", "-"), ("other", "-")])
    func playerReadsStandardInput(name: String, last: String) {
        let program = PlayerProgram.player(name, title: "show")
        #expect(program.name == name)
        #expect(program.arguments.last == last)
    }

    @Test(arguments: [
        ("ffplay", "/a:/usr/bin", "/usr/bin/ffplay"), ("ffplay", "", nil), ("./mine", "/a", "./mine"),
        ("./none", "/a", nil),
    ])
    func playerIsLookedForInThePath(name: String, path: String, expected: String?) {
        let present: Set = ["/usr/bin/ffplay", "./mine"]
        #expect(PlayerProgram.find(name, path: path) { present.contains($0) } == expected)
    }

    @Test(arguments: ["-rf.png", "a:b.png", "now.png"])
    func pictureIsAFileWhateverItsName(name: String) {
        #expect(PlayerProgram.snapshot("ffmpeg", to: name).arguments.last == "file:\(name)")
    }
}

@Suite("Joining a stream")
struct JoinMeterTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func picture(_ time: Int64, isKeyframe: Bool = false) -> LiveTag {
        let packet = VideoPacket(kind: .codedFrames, codec: .avc1, payload: ByteBuffer(bytes: [1]))
        let video = VideoTag(frameType: isKeyframe ? .key : .inter, packet: packet)
        return LiveTag(
            FLVTag(type: .video, timestamp: 0, body: ByteBuffer()), milliseconds: time, content: .video(video))
    }

    @Test func backlogAndTimeAreTold() {
        var meter = JoinMeter(at: start)
        let keyframe = meter.note(picture(0, isKeyframe: true), at: start + .milliseconds(120))
        let backlog = meter.note(picture(1500), at: start + .milliseconds(130))
        #expect(keyframe == nil)
        #expect(backlog == nil)
        let words = meter.note(picture(1540), at: start + .milliseconds(420))
        #expect(words == "joined in 120 ms, 1200 ms behind the newest picture")
        let again = meter.note(picture(1580), at: start + .milliseconds(460))
        #expect(again == nil)
    }

    @Test func streamWithoutBacklogIsNotBehind() {
        var meter = JoinMeter(at: start)
        for time in stride(from: 0, to: 300, by: 40) {
            let words = meter.note(picture(Int64(time), isKeyframe: time == 0), at: start + .milliseconds(Int64(time)))
            #expect(words == nil)
        }
        let words = meter.note(picture(320), at: start + .milliseconds(320))
        #expect(words == "joined in 0 ms, 0 ms behind the newest picture")
    }
}
