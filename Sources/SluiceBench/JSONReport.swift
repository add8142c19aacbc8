import LoadGeneration
import PlainText

/// A run's results for programs. Times are in milliseconds, CPU in microseconds, memory in bytes.
package struct JSONReport {
    private let report: LoadReport

    /// - Parameter report: the run.
    package init(_ report: LoadReport) {
        self.report = report
    }

    /// One document, with a line end.
    package var text: String {
        let document = JSONValue.members([
            "viewers": .integer(report.plan.viewers), "publishers": .integer(report.plan.publications.count),
            "seconds": .decimal(report.seconds, digits: 3), "ended_early": .bool(report.isBrokenOff),
            "ok": .bool(report.problems.isEmpty), "problems": .array(report.problems.map(JSONValue.string)),
            "rows": .array(report.rows.map(row)), "server": server, "bench": bench,
            "moments": .array(report.moments.map(moment)),
        ])
        return document.text + "\n"
    }

    /// Nil where no process was named.
    private var server: JSONValue? {
        report.server.map { server in
            .members([
                "cpu_us_per_viewer_s": .decimal(report.serverMicrosecondsPerViewer, digits: 3),
                "cpu_us": .integer(server.end.cpuMicroseconds - server.start.cpuMicroseconds),
                "rss_bytes_before": .integer(server.before.residentBytes),
                "rss_bytes": .integer(server.end.residentBytes),
                "rss_bytes_per_viewer": .decimal(report.serverBytesPerViewer, digits: 3),
            ])
        }
    }

    private var bench: JSONValue {
        .members([
            "cpu_us_per_viewer_s": .decimal(report.ownMicrosecondsPerViewer, digits: 3),
            "rss_bytes_per_viewer": .decimal(report.ownBytesPerViewer, digits: 3),
            "published_frames": .integer(report.publishers.frames), "late_frames": .integer(report.publishers.late),
        ])
    }

    private func row(_ row: LoadReport.Row) -> JSONValue {
        .members([
            "url": .string(row.url), "protocol": .string(row.protocolName), "slow": .bool(row.isSlow),
            "connected": .integer(row.gauges.connected), "watching": .integer(row.gauges.watching),
            "connects": .integer(row.whole.connects), "failed": .integer(row.whole.failed),
            "failures": .object(
                row.whole.failures.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) }),
            "first_frame_ms": histogram(row.whole.join), "first_keyframe_ms": histogram(row.whole.firstKeyFrame),
            "latency_ms": histogram(row.measured.latency), "video_frames": .integer(row.measured.videoFrames),
            "key_frames": .integer(row.measured.keyFrames), "audio_frames": .integer(row.measured.audioFrames),
            "bytes": .integer(row.measured.bytes), "gaps": .integer(row.measured.gaps),
            "missing_frames": .integer(row.measured.missingFrames), "disorders": .integer(row.measured.disorders),
            "stalls": .integer(row.measured.stalls),
        ])
    }

    private func histogram(_ histogram: Histogram) -> JSONValue {
        .members([
            "n": .integer(histogram.count), "p50": .decimal(histogram.milliseconds(at: 0.5), digits: 3),
            "p95": .decimal(histogram.milliseconds(at: 0.95), digits: 3),
            "p99": .decimal(histogram.milliseconds(at: 0.99), digits: 3),
            "max": .decimal(histogram.milliseconds(at: 1), digits: 3),
        ])
    }

    private func moment(_ moment: LoadReport.Moment) -> JSONValue {
        .members([
            "t": .decimal(moment.time, digits: 3), "measuring": .bool(moment.phase == .measuring),
            "connected": .integer(moment.connected), "watching": .integer(moment.watching),
            "mbit_s": .decimal(moment.megabitsPerSecond, digits: 3),
            "frames_s": .decimal(moment.framesPerSecond, digits: 3),
            "latency_p50_ms": .decimal(moment.latencyMedian, digits: 3),
            "latency_p99_ms": .decimal(moment.latency99, digits: 3),
            "gaps": .integer(moment.gaps), "failed": .integer(moment.failures),
            "server_cores": .decimal(moment.serverCores, digits: 3),
            "server_rss_bytes": moment.serverBytes.map(JSONValue.integer) ?? .null,
            "bench_cores": .decimal(moment.ownCores, digits: 3),
        ])
    }
}
