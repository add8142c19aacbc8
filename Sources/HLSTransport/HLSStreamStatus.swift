/// How a stream is cut into segments, for people and programs that look after the server.
public struct HLSStreamStatus: Sendable, Equatable {
    /// "cmaf" or "ts".
    public var container: String
    /// Whole segments of the leading track that can be read.
    public var segments: Int
    /// How far back a viewer can go, in seconds.
    public var windowSeconds: Double
    /// Bytes of segments in memory.
    public var bytesInMemory: Int
    /// Bytes of segments in files.
    public var bytesOnDisk: Int
    /// Segments that were lost because they could not be written, among those listed.
    public var lostSegments: Int
    /// Requests that wait for what comes next.
    public var waitingRequests: Int
    /// Why the stream cannot be cut; nil when it can.
    public var problem: String?
}

extension StreamSegments {
    mutating func status(_ packaging: Packaging, waiting: Int) -> HLSStreamStatus {
        var status = HLSStreamStatus(
            container: packaging == .cmaf ? "cmaf" : "ts", segments: 0, windowSeconds: 0, bytesInMemory: 0,
            bytesOnDisk: 0, lostSegments: 0, waitingRequests: waiting, problem: packager.refusal)
        packager.forEachTrack { track in
            status.bytesInMemory += track.bytesInMemory
            status.segments = max(status.segments, track.segments.count)
            for segment in track.segments {
                if case .disk(let bytes) = segment.body { status.bytesOnDisk += bytes }
                if case .failed = segment.file { status.lostSegments += 1 }
            }
            guard let first = track.segments.first, let last = track.segments.last else { return }
            let nanoseconds = last.start + last.duration.nanoseconds - first.start
            status.windowSeconds = max(status.windowSeconds, Double(nanoseconds) / 1e9)
        }
        return status
    }
}
