import Codecs
import ControlAPI
import HLSTransport
import MediaCore
import NIOCore

/// The streams as the control API tells of them.
struct RegistryDirectory: StreamDirectory {
    let registry: StreamRegistry
    let hls: HLSService

    func streams() -> [StreamReport] {
        registry.snapshot(at: .now()).map(report)
    }

    func stream(named name: StreamName) -> StreamReport? {
        registry.stream(named: name).map { report($0.snapshot(at: .now())) }
    }

    private func report(_ snapshot: StreamSnapshot) -> StreamReport {
        var report = StreamReport(snapshot)
        let problem = hls.storageProblem
        let segments = hls.status(of: snapshot.name).map { SegmentsReport($0, storageProblem: problem) }
        report.segments = segments.isEmpty ? nil : segments
        return report
    }
}

extension SegmentsReport {
    fileprivate init(_ status: HLSStreamStatus, storageProblem: String?) {
        self.init(
            container: status.container, segments: status.segments, windowSeconds: status.windowSeconds,
            bytesInMemory: status.bytesInMemory, bytesOnDisk: status.bytesOnDisk, lostSegments: status.lostSegments,
            waitingRequests: status.waitingRequests, problem: status.problem ?? storageProblem)
    }
}

extension StreamReport {
    init(_ snapshot: StreamSnapshot) {
        let state: State =
            switch snapshot.state {
            case .live: .live
            case .waitingForPublisher: .waitingForPublisher
            case .waitingForReturn: .waitingForReturn
            }
        self.init(
            name: snapshot.name.description, state: state,
            publisher: snapshot.publisher.map {
                Publisher(address: $0.address, protocol: $0.transport, encoder: $0.encoder)
            },
            tracks: snapshot.tracks.filter { $0.kind == .video }.map(Track.init)
                + snapshot.tracks.filter { $0.kind == .audio }.map(Track.init),
            gop: snapshot.groupOfPictures.map {
                GOP(frames: $0.frames, seconds: Double($0.duration.nanoseconds) / 1e9)
            },
            viewers: Viewers(protocols: snapshot.viewers),
            counters: Counters(
                framesIn: UInt64(snapshot.framesReceived), bytesIn: UInt64(snapshot.bytesReceived),
                timestampRepairs: UInt64(snapshot.repairs.all), viewerSkips: UInt64(snapshot.viewerCounts.jumps),
                viewersStuck: UInt64(snapshot.viewerCounts.stuck + snapshot.viewerCounts.overtaken)),
            uptimeSeconds: snapshot.uptime?.seconds ?? 0)
    }
}

extension StreamReport.Track {
    init(_ track: StreamSnapshot.Track) {
        let video = track.videoFormat
        let audio = track.audioFormat
        self.init(
            kind: track.kind == .video ? .video : .audio, track: Int(track.number), codec: track.codec.codecName,
            profile: video?.profile ?? audio?.profile, level: video?.level, width: video?.width,
            height: video?.height, frameRate: video.flatMap { $0.frameRate } ?? track.measuredFrameRate,
            sampleRate: audio?.sampleRate, channels: audio?.channels, bitrateKbps: track.bitrate.map { $0 / 1000 })
    }
}

extension StreamSnapshot.Track {
    /// Pictures a second as they come, to the hundredth; audio has none.
    fileprivate var measuredFrameRate: Double? {
        kind == .video ? frameRate.map { ($0 * 100).rounded() / 100 } : nil
    }
}
