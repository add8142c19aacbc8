import Codecs
import HTTPTransport
import ISOBMFF
import MediaCore
import NIOCore
import Testing
import WebSocket

private typealias Element = FragmentReader.Element

private func elements(_ bytes: ByteBuffer, after beginning: ByteBuffer = ByteBuffer()) throws -> [Element] {
    var reader = FragmentReader()
    var bytes = beginning.readableBytes > 0 ? joined(beginning, bytes) : bytes
    var elements: [Element] = []
    while let element = try reader.read(from: &bytes) { elements.append(element) }
    return elements
}

private func joined(_ first: ByteBuffer, _ second: ByteBuffer) -> ByteBuffer {
    var bytes = first
    bytes.writeImmutableBuffer(second)
    return bytes
}

private func fragments(_ elements: [Element]) -> [Fragment] {
    elements.compactMap { if case .fragment(let fragment) = $0 { fragment } else { nil } }
}

private func tracks(_ elements: [Element]) -> [[Track]] {
    elements.compactMap { if case .initSegment(let segment) = $0 { segment.tracks } else { nil } }
}

private func mp4(_ framing: LiveFraming = .untilClose, keyframesOnly: Bool = false) -> LogFormat {
    .live(.mp4, framing: framing, keyframesOnly: keyframesOnly)
}

@Suite("Live MP4: ISO/IEC 14496-12, 8.8, a fragment for each picture")
struct MP4BodyTests {
    @Test func pictureGoesOutWhenItComesWithTheSoundSinceTheLast() throws {
        var body = Body(mp4(), past: [Frames.h264, Frames.aac])
        let first = body.render(Frames.picture(0, key: true))
        #expect(body.render(Frames.sound(0)).readableBytes == 0)
        #expect(body.render(Frames.sound(21)).readableBytes == 0)
        let second = body.render(Frames.picture(40))
        let read = try fragments(elements(joined(first, second), after: body.renderer.preamble([])))
        #expect(read.map(\.sequenceNumber) == [1, 2])
        #expect(read[0].tracks.map(\.trackID) == [1])
        #expect(read[1].tracks.map(\.trackID) == [1, 2])
        #expect(read[1].track(1)?.baseDecodeTime == 3600)
        #expect(read[1].track(2)?.samples.map(\.duration) == [1024, 1024])
        #expect(read[0].track(1)?.samples.first?.flags.isSync == true)
        #expect(read[1].track(1)?.samples.first?.flags.isSync == false)
        #expect(read[1].track(1)?.samples.first?.payload == Frames.picture(40).payload)
    }

    @Test func beginningIsForJoinersAndNotInTheLogWhenTheTracksAreKnown() throws {
        var body = Body(mp4(), past: [Frames.h264, Frames.aac])
        let beginning = body.renderer.preamble([])
        #expect(try tracks(elements(beginning)).map { $0.map(\.id) } == [[1, 2]])
        #expect(try tracks(elements(body.render(Frames.picture(0, key: true)), after: beginning)).count == 1)
    }

    @Test func beginningIsInTheLogWhenNothingWasKnown() throws {
        var body = Body(mp4())
        #expect(body.renderer.preamble([]).readableBytes == 0)
        #expect(body.render([Frames.h264, Frames.aac]).readableBytes == 0)
        let bytes = body.render(Frames.picture(0, key: true))
        #expect(try tracks(elements(bytes)).map { $0.map(\.id) } == [[1, 2]])
        #expect(try fragments(elements(bytes)).count == 1)
        #expect(try tracks(elements(body.renderer.preamble([]))) == tracks(elements(bytes)))
    }

    /// Decode times, and how much later pictures are shown: I P B B, then again after a gap.
    @Test func reorderedPicturesAreShownInTheirOrderAndLastWhatTheyLast() throws {
        var body = Body(mp4(), past: [Frames.h264])
        let times: [(Int64, Int64)] = [(0, 80), (40, 160), (80, 40), (120, 40), (160, 80), (5160, 80), (5200, 80)]
        let bytes = body.render(times.map { Frames.picture($0.0, shownAfter: $0.1, key: $0.0 == 0) })
        let samples = try fragments(elements(bytes, after: body.renderer.preamble([]))).map(\.tracks[0])
        #expect(samples.map { Int64($0.baseDecodeTime) } == times.map { $0.0 * 90 })
        #expect(samples.map { Int64($0.samples[0].compositionOffset) } == times.map { $0.1 * 90 })
        // The first is guessed, the others last what the one before did; a gap is not taken for what comes next.
        #expect(samples.map { $0.samples[0].duration } == [3000, 3600, 3600, 3600, 3600, 3600, 3600])
    }

    @Test func timeOfDayIsWhenThePictureCame() throws {
        var body = Body(mp4(), past: [Frames.h264])
        let now = NIODeadline.now()
        var times: [UInt64] = []
        for (number, arrival) in [now - .seconds(3), now].enumerated() {
            let bytes = body.render(Frames.picture(Int64(number) * 40, key: true), arrival: arrival)
            for case .producerReferenceTime(let time) in try elements(bytes, after: body.renderer.preamble([])) {
                #expect(time.trackID == 1)
                #expect(time.mediaTime == UInt64(number) * 3600)
                times.append(time.ntpTime >> 32)
            }
        }
        #expect(times.count == 2)
        // By the clock of the wall, which may be set while the test runs; to the second.
        #expect((2...4).contains(Int64(bitPattern: times[1] &- times[0])))
    }

    @Test(arguments: [LiveFraming.chunked, .untilClose, .http2])
    func fileEndsWhenItsTracksChange(framing: LiveFraming) throws {
        var body = Body(mp4(framing), past: [Frames.h264])
        _ = body.render(Frames.picture(0, key: true))
        #expect(!body.renderer.hasEnded)
        let bytes = body.render(Frames.otherH264)
        #expect(body.renderer.hasEnded)
        #expect(String(buffer: bytes) == (framing == .chunked ? "0\r\n\r\n" : ""))
        #expect(body.render(Frames.picture(40, key: true)).readableBytes == 0)
        #expect(body.end().readableBytes == 0)
    }

    @Test func webSocketIsToldOfNewTracksAndGoesOn() throws {
        var body = Body(mp4(.webSocket), past: [Frames.h264])
        _ = body.render(Frames.picture(0, key: true))
        // The same again is no news, and sound that comes late is.
        #expect(body.render(Frames.h264).readableBytes == 0)
        #expect(body.render(Frames.aac).readableBytes == 0)
        let actions = try Body.messages(body.render([Frames.sound(100), Frames.picture(110)]))
        guard case .message(.text, let type) = actions[0], case .message(.binary, let beginning) = actions[1],
            case .message(.binary, let fragment) = actions[2]
        else {
            Issue.record("\(actions)")
            return
        }
        #expect(String(buffer: type) == #"{"type":"video/mp4; codecs=\"avc1.64001F,mp4a.40.2\""}"#)
        let read = try elements(fragment, after: beginning)
        #expect(tracks(read).map { $0.map(\.id) } == [[1, 2]])
        #expect(fragments(read).map(\.sequenceNumber) == [2])
        #expect(try Body.messages(body.renderer.preamble([])) == Array(actions[..<2]))
        #expect(!body.renderer.hasEnded)
    }

    @Test func soundWaitsForNoPictureThatDoesNotCome() throws {
        var body = Body(mp4(), past: [Frames.h264, Frames.aac])
        _ = body.render(Frames.picture(0, key: true))
        let times = Array(stride(from: Int64(0), through: 640, by: 20))
        let isSent = times.map { body.render(Frames.sound($0)).readableBytes > 0 }
        #expect(times[isSent.firstIndex(of: true) ?? 0] == 100)
        // Without a picture for half a second each frame goes out.
        #expect(zip(times, isSent).allSatisfy { $0.0 < 500 || $0.1 })
    }

    @Test(arguments: [
        (FourCC.mp3, "FFFB9064000000", "mp4a.6B"), (.ac3, "0B770DCE5E40EBF8", "ac-3"),
        (.eac3, "0B77037F3F87C000", "ec-3"),
    ])
    func soundWithoutAConfigurationIsKnownByItsFrame(codec: FourCC, frame: String, parameter: String) throws {
        var body = Body(.live(.mp4, framing: .webSocket, video: false))
        #expect(body.render(Frames.config(.audio, codec, "00")).readableBytes == 0)
        let actions = try Body.messages(body.render(Frames.sound(0, codec: codec, payload: Frames.hex(frame))))
        #expect(
            actions.first == .message(.text, ByteBuffer(string: #"{"type":"audio/mp4; codecs=\"\#(parameter)\""}"#)))
        #expect(actions.count == 3)
    }

    @Test func beginningWaitsForTheKeyframeThatTellsTheSize() throws {
        var body = Body(mp4(), past: [Frames.vp9, Frames.opus])
        #expect(body.renderer.preamble([]).readableBytes == 0)
        #expect(body.render(Frames.sound(0, codec: .opus)).readableBytes == 0)
        var keyframe = Frames.picture(20, key: true)
        (keyframe.codec, keyframe.payload) = (.vp09, Frames.vp9Keyframe)
        let read = try elements(body.render(keyframe))
        guard case .video(let format)? = tracks(read).first?.first?.description.media else {
            Issue.record("\(read)")
            return
        }
        #expect(format.width > 0 && format.height > 0)
        // The sound from before it is not lost.
        #expect(fragments(read).map { $0.tracks.map(\.trackID) } == [[2], [1]])
    }

    @Test func streamsBeginningIsHeldForATrackThatHasNotCome() throws {
        var body = Body(mp4())
        #expect(body.render([Frames.h264, Frames.picture(0, key: true), Frames.picture(40)]).readableBytes == 0)
        let sound = Frames.sound(45, codec: .mp3, payload: Frames.hex("FFFB9064000000"))
        let read = try elements(body.render(sound))
        #expect(tracks(read).map { $0.map(\.id) } == [[1, 2]])
        #expect(fragments(read).map { $0.tracks.map(\.trackID) } == [[1], [1]])
        #expect(try fragments(elements(body.render(Frames.picture(80)), after: body.renderer.preamble([]))).count == 1)
    }

    @Test(arguments: [(Int64(499), false), (500, true)])
    func beginningIsHeldNoLongerThanHalfASecond(age: Int64, isSent: Bool) {
        var body = Body(mp4())
        _ = body.render([Frames.h264, Frames.picture(0, key: true)])
        #expect((body.render(Frames.picture(age)).readableBytes > 0) == isSent)
    }

    @Test(arguments: [(1, false), (0, true)])
    func beginningIsHeldInNoMoreThanItsBytes(missing: Int, isSent: Bool) {
        var body = Body(mp4())
        var large = Frames.picture(1)
        large.payload = ByteBuffer(repeating: 0, count: (4 << 20) - 24 - missing)
        _ = body.render([Frames.h264, Frames.picture(0, key: true)])
        #expect((body.render(large).readableBytes > 0) == isSent)
    }

    @Test func beginningIsNotHeldForWhatIsNotWanted() {
        var body = Body(.live(.mp4, framing: .untilClose, audio: false))
        #expect(body.render([Frames.h264, Frames.picture(0, key: true)]).readableBytes > 0)
    }

    @Test func whatIsHeldAtTheEndIsSent() throws {
        var body = Body(mp4())
        _ = body.render([Frames.h264, Frames.picture(0, key: true)])
        #expect(try fragments(elements(body.end())).count == 1)
    }

    @Test func onlyKeyframesAreSentWhereOnlyTheyAreWanted() throws {
        let format = mp4(keyframesOnly: true)
        #expect(!format.wantsAudio)
        #expect(format != mp4())
        var body = Body(format, past: [Frames.h264])
        let isSent = (0..<6).map { body.render(Frames.picture($0 * 40, key: $0 % 3 == 0)).readableBytes > 0 }
        #expect(isSent == [true, false, false, true, false, false])
    }

    @Test func otherTracksOfAKindAreLeftOut() throws {
        var body = Body(mp4(), past: [Frames.h264])
        var other = Frames.picture(0, key: true)
        other.track = 1
        #expect(body.render(other).readableBytes == 0)
        var configuration = Frames.otherH264
        configuration.track = 1
        #expect(body.render(configuration).readableBytes == 0)
        #expect(!body.renderer.hasEnded)
    }

    @Test func configurationThatCannotBeReadLeavesItsTrackOut() throws {
        let broken = Frames.config(.video, .avc1, "01")
        var body = Body(mp4(), past: [broken, Frames.aac])
        #expect(body.render(Frames.picture(0, key: true)).readableBytes == 0)
        let read = try elements(body.render(Frames.sound(600)), after: body.renderer.preamble([]))
        #expect(tracks(read).map { $0.map(\.id) } == [[2]])
        #expect(fragments(read).count == 1)
    }
}
