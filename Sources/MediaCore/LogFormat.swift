import NIOCore

/// Turns a stream's frames into one wire format's bytes. One renderer serves every viewer of its format.
public protocol FrameRenderer: Sendable {
    /// Takes note of what came before the log began, and writes nothing: headers, and perhaps the first frame of a track,
    /// which is rendered later too. By default there is nothing to note.
    mutating func prepare(_ past: [MediaFrame])
    /// Appends one message, or nothing when the format leaves the frame out, or waits for others to send with it.
    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer)
    /// The same with the time the frame came, for formats that tell it. By default they do not.
    mutating func render(_ frame: MediaFrame, arrival: NIODeadline, into bytes: inout ByteBuffer)
    /// Appends what viewers hear when a publisher begins, or begins again.
    mutating func renderBegin(into bytes: inout ByteBuffer)
    /// Appends what viewers hear when the publisher ends the stream.
    mutating func renderEnd(into bytes: inout ByteBuffer)
    /// What a joiner hears before what is in the log. By default the headers, one by one.
    ///
    /// - Parameter headers: the stream's, at the time the joiner begins.
    func preamble(_ headers: [MediaFrame]) -> ByteBuffer
    /// Whether the format cannot go on: its viewers are finished, and others begin a log of their own. Never, by
    /// default.
    var hasEnded: Bool { get }
}

extension FrameRenderer {
    /// Nothing.
    public mutating func prepare(_ past: [MediaFrame]) {}

    /// The frame without its time.
    public mutating func render(_ frame: MediaFrame, arrival: NIODeadline, into bytes: inout ByteBuffer) {
        render(frame, into: &bytes)
    }

    /// The headers one by one.
    public func preamble(_ headers: [MediaFrame]) -> ByteBuffer {
        var renderer = self
        var bytes = ByteBuffer()
        for header in headers { renderer.render(header, into: &bytes) }
        return bytes
    }

    /// False.
    public var hasEnded: Bool { false }
}

/// One way to put a stream on the wire: RTMP chunks on message stream 1, FLV tags, FLV tags in HTTP chunks and so on.
/// Viewers of equal formats share one ``BroadcastLog``.
public struct LogFormat: Hashable, Sendable {
    /// What the format is called in statistics and log lines, such as "rtmp" or "http-flv".
    public let name: String
    /// What tells formats of one name apart, such as a message stream id or a chunked transfer coding.
    public let variant: UInt64
    /// Whether audio frames are rendered.
    public let wantsAudio: Bool
    /// Whether video frames are rendered.
    public let wantsVideo: Bool
    /// Whether a viewer is finished when the publisher ends the stream (FLV over HTTP), or waits for the next
    /// publication on the same connection (RTMP).
    public let endsWithPublication: Bool
    /// Makes the renderer of a new log.
    public let makeRenderer: @Sendable () -> any FrameRenderer

    /// Makes a format; see the properties. Two formats are equal when all but their renderers are.
    public init(
        name: String, variant: UInt64 = 0, wantsAudio: Bool = true, wantsVideo: Bool = true,
        endsWithPublication: Bool, makeRenderer: @escaping @Sendable () -> any FrameRenderer
    ) {
        self.name = name
        self.variant = variant
        self.wantsAudio = wantsAudio
        self.wantsVideo = wantsVideo
        self.endsWithPublication = endsWithPublication
        self.makeRenderer = makeRenderer
    }

    /// Whether a frame of that kind belongs in the format.
    public func wants(_ kind: MediaFrame.Kind) -> Bool {
        switch kind {
        case .video: wantsVideo
        case .audio: wantsAudio
        case .data: true
        }
    }

    /// Whether all but the renderers are equal.
    public static func == (left: LogFormat, right: LogFormat) -> Bool {
        left.name == right.name && left.variant == right.variant && left.wantsAudio == right.wantsAudio
            && left.wantsVideo == right.wantsVideo && left.endsWithPublication == right.endsWithPublication
    }

    /// Hashes all but the renderer.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(variant)
        hasher.combine(wantsAudio)
        hasher.combine(wantsVideo)
    }
}
