/// What the API tells about a stream that is cut into segments for HLS and MPEG-DASH.
package struct SegmentsReport: Codable, Sendable, Equatable {
    /// "cmaf" or "ts".
    package var container: String
    /// Whole segments that can be read.
    package var segments: Int
    /// How far back a viewer can go.
    package var windowSeconds: Double
    /// Bytes of segments in memory.
    package var bytesInMemory: Int
    /// Bytes of segments in files.
    package var bytesOnDisk: Int
    /// Segments that could not be written and are gaps now.
    package var lostSegments: Int
    /// Requests that wait for what comes next.
    package var waitingRequests: Int
    /// Why the stream cannot be cut, or its segments not be written; absent when all is well.
    package var problem: String?

    /// Makes a report; see the properties.
    package init(
        container: String, segments: Int = 0, windowSeconds: Double = 0, bytesInMemory: Int = 0, bytesOnDisk: Int = 0,
        lostSegments: Int = 0, waitingRequests: Int = 0, problem: String? = nil
    ) {
        self.container = container
        self.segments = segments
        self.windowSeconds = windowSeconds
        self.bytesInMemory = bytesInMemory
        self.bytesOnDisk = bytesOnDisk
        self.lostSegments = lostSegments
        self.waitingRequests = waitingRequests
        self.problem = problem
    }
}
