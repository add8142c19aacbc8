import LoadGeneration
import SluiceBench
import Testing

/// A run as it might have been, the same each time.
private func madeReport(failing: Bool) throws -> LoadReport {
    let target = try LoadTarget(parsing: "rtmp://127.0.0.1/live/b")
    let plan = LoadPlan(
        groups: [LoadPlan.Group(url: target.text, targets: [target], addresses: [])], viewers: 100, seconds: 10)
    var report = LoadReport(plan)
    report.seconds = 10
    report.rows[0].gauges.connected = 100
    report.rows[0].gauges.watching = 100
    for sample in 1...100 {
        report.rows[0].measured.latency.add(microseconds: sample * 100)
        report.rows[0].whole.join.add(microseconds: 2000 + sample)
        report.rows[0].whole.firstKeyFrame.add(microseconds: 2000 + sample)
    }
    report.rows[0].measured.videoFrames = 30_000
    report.rows[0].measured.audioFrames = 43_000
    report.rows[0].measured.bytes = 137_500_000
    report.rows[0].whole.connects = failing ? 103 : 100
    if failing {
        report.rows[0].whole.fail("refused: NetStream.Play.StreamNotFound: <b> & co", count: 3)
        report.rows[0].measured.gaps = 2
        report.rows[0].measured.missingFrames = 5
    }
    var usage = ProcessUsage()
    usage.residentBytes = 20_000_000
    let start = usage
    usage.cpuMicroseconds = 252_000
    usage.residentBytes = 20_580_000
    report.server = (start, start, usage)
    report.own = (start, start, usage)
    for second in 1...4 {
        var moment = LoadReport.Moment()
        moment.time = Double(second)
        moment.phase = second < 2 ? .ramp : .measuring
        moment.connected = 100
        moment.watching = 100
        moment.megabitsPerSecond = 110
        moment.latencyMedian = second == 3 ? nil : Double(second)
        moment.latency99 = Double(second * 2)
        moment.serverCores = 0.25
        moment.serverBytes = 20_580_000
        report.moments.append(moment)
    }
    return report
}

@Suite("Reports of a run")
struct ReportTests {
    private static let golden = """
        100 viewers, measured for 10.0 s

                                               RTMP
          viewers connected at the end          100
          connections begun                     100
          connections failed                      0
          first frame after, p50            2.06 ms
          first frame after, p99            2.10 ms
          first keyframe after, p50         2.06 ms
          latency p50                       5.02 ms
          latency p95                       9.54 ms
          latency p99                       9.92 ms
          latency, longest                  10.0 ms
          pictures received                  30\u{202F}000
          pictures a second and viewer        30.00
          audio frames received              43\u{202F}000
          bit rate of a viewer          1.10 Mbit/s
          gaps (missing pictures)             0 (0)
          pictures out of order                   0
          stalls                                  0

          server's CPU                           2.5 % of a core
          server's CPU per viewer and second              252 µs
          server's memory                                20.6 MB
          server's memory per viewer                     5.80 kB
          bench's own CPU per viewer and second           252 µs
          bench's own memory per viewer                  5.80 kB

        Every viewer saw every frame, in order.

        """

    @Test func textTellsFiguresWithUnits() throws {
        #expect(TextReport(try madeReport(failing: false)).text == Self.golden)
    }

    @Test func textTellsWhatWentWrong() throws {
        let text = TextReport(try madeReport(failing: true)).text
        #expect(text.contains("What went wrong:\n  RTMP: 3 × refused: NetStream.Play.StreamNotFound: <b> & co\n"))
        #expect(text.hasSuffix("  RTMP: 2 gaps, 5 frames missing\n"))
    }

    @Test func jsonHoldsTheSameFigures() throws {
        let text = JSONReport(try madeReport(failing: true)).text
        #expect(
            text.hasPrefix("{\"viewers\":100,\"publishers\":0,\"seconds\":10,\"ended_early\":false,\"ok\":false,"))
        #expect(text.contains("\"failures\":{\"refused: NetStream.Play.StreamNotFound: <b> & co\":3}"))
        #expect(text.contains("\"cpu_us_per_viewer_s\":252,"))
        #expect(text.contains("\"latency_p50_ms\":null"))
        #expect(text.hasSuffix("}\n"))
    }

    @Test func htmlNeedsNothingElseAndEscapesWhatServersSay() throws {
        let text = HTMLReport(try madeReport(failing: true)).text
        #expect(text.contains("StreamNotFound: &lt;b&gt; &amp; co"))
        #expect(text.components(separatedBy: "<svg").count == 7)
        for reference in ["src=", "href=", "url(", "@import", "<script"] { #expect(!text.contains(reference)) }
        #expect(text.contains("prefers-color-scheme: dark"))
    }
}

extension String {
    fileprivate func components(separatedBy mark: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: mark) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
