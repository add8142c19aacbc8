extension ServerConfiguration {
    /// How streams are cut into segments for HLS and MPEG-DASH.
    package struct HLS: Sendable, Equatable {
        /// When a stream begins to be cut.
        package var start = Start.request
        /// How long segments should be.
        package var segmentDuration = Duration.seconds(4)
        /// How long parts of segments should be; zero turns low latency off.
        package var partDuration = Duration.milliseconds(200)
        /// What a playlist lists when no more is asked for.
        package var window = Duration.seconds(24)
        /// How far back viewers can go; `nil` is to the beginning.
        package var dvr: Duration? = .seconds(300)
        /// A folder for segments that have left the live window; `nil` keeps them in memory.
        package var dvrPath: String?
        /// The most bytes of segments in that folder.
        package var dvrBytesMax = 16 << 30
        /// The most bytes of segments in memory.
        package var memoryBytesMax = 1 << 30
        /// How long a stream is cut on when nobody asks for it.
        package var idleTimeout = Duration.seconds(30)
        /// Streams that are cut at once.
        package var streamsMax = 1_000
        /// Requests that wait for something of one stream.
        package var blockedRequestsMax = 20_000

        /// The defaults.
        package init() {}

        /// When a stream begins to be cut.
        package enum Start: String, Sendable, CaseIterable {
            /// With the first request.
            case request
            /// With its publication.
            case publish
        }
    }
}

extension ConfigurationKey {
    static let hls: [ConfigurationKey] = [
        .one(
            "hls.start", \.hls.start, .word,
            "When a stream begins to be cut into segments: with the first request for a playlist, which waits for the "
                + "next keyframe, or with its publication, so that viewers can rewind to its beginning."),
        .one(
            "hls.segmentDuration", \.hls.segmentDuration, .duration(.seconds(1)...(.seconds(60))),
            "How long segments should be. They end at the keyframe that comes nearest; groups of pictures up to 12 s "
                + "lengthen the target duration, longer ones are cut where there is no keyframe."),
        .one(
            "hls.partDuration", \.hls.partDuration, .duration(.zero...(.seconds(2))),
            "How long the parts of low-latency HLS should be; 0s offers none."),
        .one(
            "hls.window", \.hls.window, .duration(.seconds(3)...(.seconds(86_400))),
            "What a playlist lists when no more is asked for; never less than three target durations."),
        .one(
            "hls.dvr", \.hls.dvr, .dvrWindow,
            "How far back ?dvr=SECONDS can go. With unlimited, ?dvr=all lists everything since the beginning."),
        .one(
            "hls.dvrPath", \.hls.dvrPath, .path,
            "A folder for segments that have left the live window; none keeps them in memory. Segments that an earlier "
                + "run left there are removed."),
        .one(
            "hls.dvrBytesMax", \.hls.dvrBytesMax, .bytes((1 << 20)...(1 << 50)),
            "The most bytes of segments in that folder, all streams together; the oldest are removed."),
        .one(
            "hls.memoryBytesMax", \.hls.memoryBytesMax, .bytes((1 << 20)...(1 << 40)),
            "The most bytes of segments in memory, all streams together. Past it streams give up their oldest segments "
                + "but the last three."),
        .one(
            "hls.idleTimeout", \.hls.idleTimeout, .duration(.seconds(5)...(.seconds(86_400))),
            "How long a stream that began to be cut with a request is cut on when nobody asks for it any more."),
        .one(
            "hls.streamsMax", \.hls.streamsMax, .count(0...1_000_000),
            "Streams cut into segments at once; 0 turns HLS and MPEG-DASH off."),
        .one(
            "hls.blockedRequestsMax", \.hls.blockedRequestsMax, .count(0...10_000_000),
            "Requests that wait for what comes next of one stream; more are answered with 503."),
    ]
}

extension ValueSyntax where Value == Duration? {
    /// A time, or "unlimited".
    static let dvrWindow = Self(
        expectation: "unlimited, or a time such as 10s or 1h, 0ms to 168h",
        parse: { text throws(ValueProblem) in
            if text == "unlimited" { return nil }
            return try ValueSyntax<Duration>.duration(.zero...(.seconds(604_800))).parse(text)
        },
        format: { $0.map { DurationText.format($0) } ?? "unlimited" })
}
