import LoadGeneration

/// A run's results for programs. Times are in milliseconds, CPU in microseconds, memory in bytes.
package struct JSONReport {
    private let report: LoadReport

    /// - Parameter report: the run.
    package init(_ report: LoadReport) {
        self.report = report
    }

    /// One document, with a line end.
    package var text: String {
        var fields: [(String, JSONText)] = [
            ("viewers", .number(report.plan.viewers)), ("publishers", .number(report.plan.publications.count)),
            ("seconds", .decimal(report.seconds)), ("ended_early", .boolean(report.isBrokenOff)),
            ("ok", .boolean(report.problems.isEmpty)), ("problems", .array(report.problems.map { .string($0) })),
            ("rows", .array(report.rows.map(row))),
        ]
        if let server = report.server {
            fields.append(
                (
                    "server",
                    .object([
                        ("cpu_us_per_viewer_s", .decimal(report.serverMicrosecondsPerViewer)),
                        ("cpu_us", .number(server.end.cpuMicroseconds - server.start.cpuMicroseconds)),
                        ("rss_bytes_before", .number(server.before.residentBytes)),
                        ("rss_bytes", .number(server.end.residentBytes)),
                        ("rss_bytes_per_viewer", .decimal(report.serverBytesPerViewer)),
                    ])
                ))
        }
        fields.append(
            (
                "bench",
                .object([
                    ("cpu_us_per_viewer_s", .decimal(report.ownMicrosecondsPerViewer)),
                    ("rss_bytes_per_viewer", .decimal(report.ownBytesPerViewer)),
                    ("published_frames", .number(report.publishers.frames)),
                    ("late_frames", .number(report.publishers.late)),
                ])
            ))
        fields.append(("moments", .array(report.moments.map(moment))))
        return JSONText.object(fields).text + "\n"
    }

    private func row(_ row: LoadReport.Row) -> JSONText {
        .object([
            ("url", .string(row.url)), ("protocol", .string(row.protocolName)), ("slow", .boolean(row.isSlow)),
            ("connected", .number(row.gauges.connected)), ("watching", .number(row.gauges.watching)),
            ("connects", .number(row.whole.connects)), ("failed", .number(row.whole.failed)),
            (
                "failures",
                .object(row.whole.failures.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })
            ),
            ("first_frame_ms", histogram(row.whole.join)), ("first_keyframe_ms", histogram(row.whole.firstKeyFrame)),
            ("latency_ms", histogram(row.measured.latency)), ("video_frames", .number(row.measured.videoFrames)),
            ("key_frames", .number(row.measured.keyFrames)), ("audio_frames", .number(row.measured.audioFrames)),
            ("bytes", .number(row.measured.bytes)), ("gaps", .number(row.measured.gaps)),
            ("missing_frames", .number(row.measured.missingFrames)), ("disorders", .number(row.measured.disorders)),
            ("stalls", .number(row.measured.stalls)),
        ])
    }

    private func histogram(_ histogram: Histogram) -> JSONText {
        .object([
            ("n", .number(histogram.count)), ("p50", .decimal(histogram.milliseconds(at: 0.5))),
            ("p95", .decimal(histogram.milliseconds(at: 0.95))), ("p99", .decimal(histogram.milliseconds(at: 0.99))),
            ("max", .decimal(histogram.milliseconds(at: 1))),
        ])
    }

    private func moment(_ moment: LoadReport.Moment) -> JSONText {
        .object([
            ("t", .decimal(moment.time)), ("measuring", .boolean(moment.phase == .measuring)),
            ("connected", .number(moment.connected)), ("watching", .number(moment.watching)),
            ("mbit_s", .decimal(moment.megabitsPerSecond)), ("frames_s", .decimal(moment.framesPerSecond)),
            ("latency_p50_ms", .decimal(moment.latencyMedian)), ("latency_p99_ms", .decimal(moment.latency99)),
            ("gaps", .number(moment.gaps)), ("failed", .number(moment.failures)),
            ("server_cores", .decimal(moment.serverCores)), ("server_rss_bytes", .optional(moment.serverBytes)),
            ("bench_cores", .decimal(moment.ownCores)),
        ])
    }
}

/// A JSON value as text. Specification: RFC 8259.
enum JSONText {
    case object([(String, JSONText)])
    case array([JSONText])
    case string(String)
    case number(Int)
    case boolean(Bool)
    case null

    /// Three digits behind the point; null for nil and for what is no number.
    static func decimal(_ value: Double?) -> JSONText {
        guard let value, value.isFinite else { return .null }
        return .literal(NumberText.fixed(value, 3))
    }

    static func optional(_ value: Int?) -> JSONText {
        value.map { .number($0) } ?? .null
    }

    case literal(String)

    var text: String {
        switch self {
        case .object(let fields): "{\(fields.map { "\(Self.quoted($0.0)):\($0.1.text)" }.joined(separator: ","))}"
        case .array(let values): "[\(values.map(\.text).joined(separator: ","))]"
        case .string(let value): Self.quoted(value)
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .literal(let value): value
        case .null: "null"
        }
    }

    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
