import ControlAPI

extension StreamReport {
    /// A report in which nothing is absent.
    static let full = StreamReport(
        name: "live/show", state: .live,
        publisher: Publisher(address: "10.0.0.7:5123", protocol: "rtmp", encoder: "OBS 29"),
        tracks: [
            Track(
                kind: .video, codec: "H.264", profile: "High", level: "4.1", width: 1920, height: 1080,
                frameRate: 29.97,
                sampleRate: 90_000, channels: 1, bitrateKbps: 4_500),
            Track(kind: .audio, codec: "AAC", profile: "LC", sampleRate: 48_000, channels: 2, bitrateKbps: 160),
        ],
        gop: GOP(frames: 60, seconds: 2.002), viewers: Viewers(protocols: ["rtmp": 3, "http-flv": 4]),
        counters: Counters(framesIn: 1, bytesIn: 2, timestampRepairs: 3, viewerSkips: 4, viewersStuck: 5),
        segments: [
            SegmentsReport(
                container: "cmaf", segments: 7, windowSeconds: 28, bytesInMemory: 1, bytesOnDisk: 2, lostSegments: 3,
                waitingRequests: 4, problem: "No space left on device")
        ],
        uptimeSeconds: 61.5)

    /// A report in which everything that may be is absent.
    static let bare = StreamReport(name: "app/awaited", state: .waitingForPublisher)
}
