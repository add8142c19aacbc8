import Codecs
import NIOCore
import PlainText
import StreamInspection
import Testing

@Suite("Reports")
struct ReportTests {
    @Test func numbersAreThoseOfTheStream() throws {
        let report = SyntheticStream.reordered.report
        let video = try #require(report.video)
        #expect(video.sampleCount == 300 && video.keyframes == 10)
        #expect(video.count(of: .intra) == 10 && video.count(of: .predicted) + video.count(of: .bidirectional) == 290)
        #expect(video.groups.count == 10 && video.groups.allSatisfy { $0.samples.count == 30 })
        #expect(video.groups.dropLast().allSatisfy { $0.seconds == 1 } && video.groups.last?.seconds == nil)
        let rate = try #require(video.frameRate)
        #expect(abs(rate - 30) < 0.01)
        let audio = try #require(report.audio)
        #expect(audio.audio?.sampleRate == 48000 && audio.frameSeconds == 1024.0 / 48000)
        let offset = try #require(report.startOffset)
        #expect(abs(offset + 0.033) < 0.001)
    }

    @Test(arguments: [40, 60, 80, 120])
    func linesFitTheTerminal(columns: Int) {
        var stream = SyntheticStream.reordered
        stream.damages = [String(repeating: "long ", count: 60)]
        let lines = stream.report.text(
            title: "a very long title /" + String(repeating: "path/", count: 30),
            style: TextStyle(columns: columns))
        // Names of fields that are longer than a narrow line are not cut.
        let limit = max(columns, 76)
        #expect(lines.filter { $0.count > limit } == [])
        #expect(!lines.contains { $0.contains("\u{1B}") })
    }

    @Test func picturesAreDrawn() throws {
        let lines = SyntheticStream.reordered.report.text(title: "x", style: TextStyle())
        let title = try #require(lines.firstIndex { $0.hasPrefix("  at 0.000 s: 1.000 s, 30 pictures (I 1 P ") })
        #expect(lines[title + 2] == "  IPBBPBBPBBPBBPBBPBBPBBPBBPBBPP")
        #expect(lines[title + 1].dropFirst(2).allSatisfy { "▁▂▃▄▅▆▇█".contains($0) })
        #expect(lines.contains("  … and 4 more groups"))
    }

    @Test func coloursComeWhenAsked() {
        let lines = SyntheticStream.healthy.report.text(title: "x", style: TextStyle(hasColours: true))
        #expect(lines.first == "\u{1B}[1mx\u{1B}[0m")
        #expect(lines.contains { $0.contains("\u{1B}[31mI\u{1B}[0m") })
    }

    @Test(arguments: [(StreamReport.damagesMax, false), (StreamReport.damagesMax + 1, true)])
    func damagesAreCountedBeyondWhatIsKept(count: Int, hasMore: Bool) {
        var stream = SyntheticStream.healthy
        stream.damages = (0..<count).map { "number \($0)" }
        let report = stream.report
        #expect(report.damageCount == count && report.damages.count == StreamReport.damagesMax)
        let lines = report.text(title: "x", style: TextStyle())
        #expect(lines.contains("  … and 1 more") == hasMore)
    }

    @Test func nothingIsAReportToo() {
        let report = Inspection().soFar
        #expect(report.text(title: "x", style: TextStyle()) == ["x", "  no tracks  0 bytes in 0 frames"])
        #expect(report.document.text == #"{"bytes":0,"tracks":[],"damageCount":0,"damages":[]}"#)
    }

    @Test func eventsOfUnknownTracksAreNothing() {
        var inspection = Inspection()
        inspection.receive(.configuration(track: 3, ByteBuffer()))
        inspection.receive(
            .sample(
                SourceSample(track: -1, decodeTime: 0, presentationTime: 0, isKeyframe: true, payload: ByteBuffer())))
        #expect(inspection.soFar.tracks.isEmpty && inspection.newestSeconds == nil)
    }
}
