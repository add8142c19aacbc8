import Codecs
import HTTPTransport
import MPEGTS
import MediaCore
import NIOCore
import Testing
import WebSocket

private func elements(_ bytes: ByteBuffer) throws -> [TSReader.Element] {
    var reader = TSReader()
    var bytes = bytes
    var elements: [TSReader.Element] = []
    while let element = try reader.read(from: &bytes) { elements.append(element) }
    return elements + reader.finish()
}

private func units(_ elements: [TSReader.Element]) -> [TSAccessUnit] {
    elements.compactMap { if case .accessUnit(_, let unit) = $0 { unit } else { nil } }
}

private func contents(_ elements: [TSReader.Element]) -> [[ElementaryStream.Content]] {
    elements.compactMap { if case .program(let map) = $0 { map.streams.map(\.content) } else { nil } }
}

private let packetBytes = 188

@Suite("Live MPEG-TS and AAC")
struct TSBodyTests {
    private static let format = LogFormat.live(.ts, framing: .untilClose)

    @Test func framesGoOutWhenTheyComeInWholePackets() throws {
        var body = Body(Self.format, past: [Frames.h264, Frames.aac])
        var bytes = ByteBuffer()
        for frame in [
            Frames.picture(0, shownAfter: 40, key: true), Frames.sound(0), Frames.picture(40, shownAfter: 80),
        ] {
            let piece = body.render(frame)
            #expect(piece.readableBytes > 0 && piece.readableBytes % packetBytes == 0)
            bytes.writeImmutableBuffer(piece)
        }
        let read = try elements(bytes)
        #expect(contents(read) == [[.video(.avc1), .audio(.mp4a)]])
        #expect(units(read).count == 3)
        let pictures = units(read).filter { $0.payload.readableBytes > 3 }
        #expect(pictures.map { ($0.presentationTime - $0.decodeTime).ticks } == [3600, 7200])
        #expect((pictures[1].decodeTime - pictures[0].decodeTime).ticks == 3600)
    }

    @Test func viewerMayBeginAtAnyKeyframe() throws {
        var body = Body(Self.format, past: [Frames.h264, Frames.aac])
        _ = body.render((0..<10).map { Frames.picture($0 * 40, key: $0 == 0) })
        let read = try elements(body.render([Frames.picture(400, key: true), Frames.sound(410)]))
        #expect(contents(read).count == 1)
        #expect(units(read).count == 2)
        #expect(body.renderer.preamble([]).readableBytes == 0)
    }

    @Test func newTracksAreToldInTheTables() throws {
        var body = Body(Self.format, past: [Frames.h264])
        let read = try elements(
            body.render([
                Frames.picture(0, key: true), Frames.aac, Frames.sound(20), Frames.picture(40), Frames.otherH264,
                Frames.picture(80, key: true), Frames.sound(90),
            ]))
        #expect(contents(read) == [[.video(.avc1)], [.video(.avc1), .audio(.mp4a)]])
        #expect(units(read).count == 5)
        let damages = read.filter { if case .damage = $0 { true } else { false } }
        #expect(damages.isEmpty)
    }

    @Test func codecsThatHaveNoPlaceAreLeftOut() throws {
        var body = Body(Self.format, past: [Frames.vp9, Frames.aac])
        var keyframe = Frames.picture(0, key: true)
        keyframe.codec = .vp09
        let read = try elements(body.render([keyframe, Frames.sound(0), Frames.sound(21)]))
        #expect(contents(read) == [[.audio(.mp4a)]])
        #expect(units(read).count == 2)
    }

    @Test(arguments: [LiveFraming.untilClose, .chunked, .webSocket])
    func eachFrameOfAACStandsBehindItsHeader(framing: LiveFraming) throws {
        var body = Body(.live(.aac, framing: framing), past: [Frames.aac])
        #expect(body.render(Frames.sound(0, codec: .opus)).readableBytes == 0)
        #expect(body.render(Frames.aac).readableBytes == 0)
        var bytes = body.render(Frames.sound(20))
        switch framing {
        case .chunked:
            #expect(bytes.readString(length: 3) == "a\r\n")
            #expect(bytes.getString(at: bytes.writerIndex - 2, length: 2) == "\r\n")
        case .webSocket:
            guard case .message(.binary, let message)? = try Body.messages(bytes).first else {
                Issue.record("no message")
                return
            }
            bytes = message
        case .untilClose, .http2: break
        }
        let frame = try ADTSHeader.readFrame(&bytes)
        #expect(frame?.payload == ByteBuffer(bytes: [0x21, 2, 3]))
        #expect(frame?.header.sampleRate == 48000)
        #expect(frame?.header.channelConfiguration == 2)
    }
}
