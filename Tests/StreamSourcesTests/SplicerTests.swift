import Codecs
import FLV
import NIOCore
import StreamSources
import Testing

/// A stream of 25 pictures and 50 frames of sound a second, with a keyframe every second; every frame has its own bytes.
private struct TestStream {
    /// What is added to the times on the wire.
    var clock: UInt32 = 0
    var hasVideo = true

    static let videoConfiguration = video(.sequenceStart, .key, [1, 100, 0, 31, 0xFF, 0xE1])
    static let audioConfiguration = audio(.sequenceStart, [0x11, 0x90])

    static func video(_ kind: VideoPacketKind, _ type: VideoFrameType, _ bytes: [UInt8]) -> ByteBuffer {
        var body = ByteBuffer()
        VideoTag(frameType: type, packet: VideoPacket(kind: kind, codec: .avc1, payload: ByteBuffer(bytes: bytes)))
            .write(into: &body)
        return body
    }

    static func audio(_ kind: AudioPacketKind, _ bytes: [UInt8]) -> ByteBuffer {
        var body = ByteBuffer()
        AudioTag(packet: AudioPacket(kind: kind, codec: .mp4a, payload: ByteBuffer(bytes: bytes))).write(into: &body)
        return body
    }

    /// A connection that begins with the keyframe at a second, and ends before a time in milliseconds.
    func connection(from second: Int, to end: Int) -> [FLVTag] {
        var tags: [FLVTag] = []
        let start = second * 1000
        // Servers give configurations any time.
        if hasVideo { tags.append(FLVTag(type: .video, timestamp: 0, body: Self.videoConfiguration)) }
        tags.append(FLVTag(type: .audio, timestamp: 0, body: Self.audioConfiguration))
        for time in stride(from: start, to: end, by: 20) {
            let name = [UInt8](repeating: UInt8(truncatingIfNeeded: time / 20), count: 64) + [UInt8(time / 1000)]
            if hasVideo, time % 40 == 0 {
                tags.append(tag(.video, time, Self.video(.codedFrames, time % 1000 == 0 ? .key : .inter, name)))
            }
            tags.append(tag(.audio, time, Self.audio(.codedFrames, name)))
        }
        return tags
    }

    private func tag(_ type: FLVTagType, _ time: Int, _ body: ByteBuffer) -> FLVTag {
        FLVTag(type: type, timestamp: clock &+ UInt32(time), body: body)
    }
}

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

@Suite("Joining connections")
struct SplicerTests {
    private func pictures(_ tags: [LiveTag]) -> [Int64] { tags.filter(\.isPicture).map(\.milliseconds) }
    private func sounds(_ tags: [LiveTag]) -> [Int64] { tags.filter(\.isSound).map(\.milliseconds) }

    private func play(_ splicer: inout Splicer, _ tags: [FLVTag], at now: NIODeadline = start) -> [LiveTag] {
        splicer.beginConnection()
        return tags.flatMap { splicer.place($0, at: now) }
    }

    @Test(arguments: [0, 90_000, UInt32.max - 500])
    func timesBeginAtZeroAndDoNotWrap(clock: UInt32) {
        var splicer = Splicer()
        let tags = play(&splicer, TestStream(clock: clock).connection(from: 0, to: 2000))
        #expect(pictures(tags) == Array(stride(from: 0, to: 2000, by: 40)))
        #expect(sounds(tags) == Array(stride(from: 0, to: 2000, by: 20)))
        #expect(tags.filter(\.isConfiguration).count == 2)
    }

    @Test(arguments: [0, 7_000_000, UInt32.max - 1500])
    func whatComesAgainIsLeftOutWhateverTheClockSays(clock: UInt32) {
        var splicer = Splicer()
        var tags = play(&splicer, TestStream().connection(from: 0, to: 2500))
        tags += play(&splicer, TestStream(clock: clock).connection(from: 2, to: 5000))
        #expect(pictures(tags) == Array(stride(from: 0, to: 5000, by: 40)))
        #expect(sounds(tags) == Array(stride(from: 0, to: 5000, by: 20)))
        #expect(splicer.repeatedCount == 13 + 25)
    }

    @Test func configurationsAreToldOnce() {
        var splicer = Splicer()
        _ = play(&splicer, TestStream().connection(from: 0, to: 2500))
        let again = play(&splicer, TestStream().connection(from: 2, to: 5000))
        let configurations = again.filter(\.isConfiguration).count
        #expect(configurations == 0)
    }

    @Test func gapIsKeptWhereTheClockGoesOn() {
        var splicer = Splicer()
        _ = play(&splicer, TestStream().connection(from: 0, to: 2500))
        let tags = play(&splicer, TestStream().connection(from: 30, to: 31_000), at: start + .seconds(28))
        #expect(pictures(tags) == Array(stride(from: 30_000, to: 31_000, by: 40)))
    }

    @Test func anotherClockGoesOnWithoutAGap() throws {
        var splicer = Splicer()
        _ = play(&splicer, TestStream().connection(from: 0, to: 2500))
        let tags = play(&splicer, TestStream(clock: 3_000_000_000).connection(from: 30, to: 31_000))
        let first = try #require(pictures(tags).first)
        #expect(first == 2520)
    }

    @Test func pictureBeforeTheKeyframeIsLeftOut() {
        var splicer = Splicer()
        let whole = TestStream().connection(from: 0, to: 3000)
        let tags = play(&splicer, Array(whole.drop { $0.timestamp < 500 }))
        // Sound begins at once, pictures with the keyframe of the second second.
        #expect(sounds(tags).first == 0)
        #expect(pictures(tags).first == 500)
        let keyframes = tags.filter(\.isPicture).prefix(1).filter(\.isKeyframe).count
        #expect(keyframes == 1)
    }

    @Test func soundAloneIsJoined() {
        var splicer = Splicer()
        let stream = TestStream(hasVideo: false)
        var tags = play(&splicer, stream.connection(from: 0, to: 2500))
        tags += play(&splicer, TestStream(clock: 500, hasVideo: false).connection(from: 2, to: 4000))
        #expect(sounds(tags) == Array(stride(from: 0, to: 4000, by: 20)))
    }

    @Test(arguments: [-560, -3001, 10_001])
    func jumpWithinAConnectionIsClosed(jump: Int) {
        var splicer = Splicer()
        var tags = TestStream().connection(from: 0, to: 5000)
        let cut = tags.count / 2
        for index in cut..<tags.count { tags[index].timestamp = UInt32(Int(tags[index].timestamp) + 20_000 + jump) }
        for index in 0..<cut { tags[index].timestamp += 20_000 }
        let placed = play(&splicer, tags)
        let times = pictures(placed)
        let strangeSteps = zip(times, times.dropFirst()).filter { !(1...100).contains($1 - $0) }.count
        #expect(strangeSteps == 0)
        #expect(times.count == 125)
    }

    @Test func damagedTagsAreCounted() {
        var splicer = Splicer()
        splicer.beginConnection()
        #expect(splicer.place(FLVTag(type: .video, timestamp: 0, body: ByteBuffer()), at: start).isEmpty)
        #expect(splicer.damagedCount == 1)
    }

    /// The frame that a connection begins with is known by its bytes as long as no more than so many came behind it.
    @Test(arguments: [(Splicer.knownFramesMax, Splicer.knownFramesMax), (Splicer.knownFramesMax + 1, 0)])
    func soManyFramesAreKnownAgain(frames: Int, repeated: Int) {
        var splicer = Splicer()
        let end = frames * 20
        _ = play(&splicer, TestStream(hasVideo: false).connection(from: 0, to: end))
        let tags = play(&splicer, TestStream(clock: 3_000_000_000, hasVideo: false).connection(from: 0, to: end))
        #expect(splicer.repeatedCount == repeated)
        #expect(sounds(tags).count == frames - repeated)
    }

    /// One that had pictures is waited for its keyframe, and then is one of sound alone.
    @Test func soundWaitsForPicturesUpToALimit() {
        var splicer = Splicer()
        _ = play(&splicer, TestStream().connection(from: 0, to: 1000))
        splicer.beginConnection()
        let stream = TestStream(hasVideo: false).connection(from: 1, to: 41_000)
        let placed = stream.prefix(Splicer.heldMax + 1).map { splicer.place($0, at: start + .seconds(21)).count }
        #expect(placed.dropLast().allSatisfy { $0 == 0 })
        // All but the configuration, which is known.
        #expect(placed.last == Splicer.heldMax)
    }

    @Test func streamThatLosesItsPicturesGoesOnWithSound() {
        var splicer = Splicer()
        _ = play(&splicer, TestStream().connection(from: 0, to: 1000))
        splicer.beginConnection()
        let stream = TestStream(hasVideo: false).connection(from: 1, to: 41_000)
        let tags = stream.flatMap { splicer.place($0, at: start + .seconds(21)) }
        #expect(stream.count > Splicer.heldMax)
        #expect(sounds(tags).first == 1000)
    }
}
