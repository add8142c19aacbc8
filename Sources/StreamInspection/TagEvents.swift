import Codecs
import FLV
import MediaCore
import NIOCore

/// Finds tracks and samples in FLV tags, which are also what RTMP carries.
public struct TagEvents: Sendable {
    private struct Key: Hashable {
        var kind: SourceTrack.Kind
        var track: UInt8
        var codec: FourCC
    }

    private let container: SourceTrack.Container
    private var numbers: [Key: Int] = [:]
    private var unwrapper = TimestampUnwrapper()

    /// Nanoseconds: Enhanced RTMP's offsets are told in them.
    private static let timescale: Int64 = 1_000_000_000

    /// - Parameter container: what the tags were made from.
    public init(_ container: SourceTrack.Container = .flv) {
        self.container = container
    }

    /// The events of the next tag. One that is malformed is told as damage.
    public mutating func receive(_ tag: FLVTag) -> [SourceEvent] {
        guard tag.type == .audio || tag.type == .video else { return [] }
        let milliseconds = unwrapper.unwrap(tag.timestamp)
        do {
            let frames = try MediaFrame.frames(
                type: tag.type, time: MediaTime(milliseconds: milliseconds), body: tag.body)
            return frames.flatMap { events(of: $0) }
        } catch {
            return [.damage("\(tag.type == .audio ? "audio" : "video") tag at \(milliseconds) ms: \(error)")]
        }
    }

    private mutating func events(of frame: MediaFrame) -> [SourceEvent] {
        guard frame.role == .configuration || frame.role.isCoded else { return [] }
        let kind: SourceTrack.Kind = frame.kind == .video ? .video : .audio
        let key = Key(kind: kind, track: frame.track, codec: frame.codec)
        var events: [SourceEvent] = []
        let number: Int
        if let known = numbers[key] {
            number = known
        } else {
            guard numbers.count < sourceTracksMax else { return [] }
            number = numbers.count
            numbers[key] = number
            events.append(
                .track(
                    SourceTrack(
                        number: number, name: "track \(frame.track)", kind: kind, codec: frame.codec,
                        container: container,
                        timescale: Self.timescale)))
        }
        if frame.role == .configuration {
            events.append(.configuration(track: number, frame.payload))
        } else {
            let shown = frame.decodeTime + frame.compositionOffset
            events.append(
                .sample(
                    SourceSample(
                        track: number, decodeTime: frame.decodeTime.nanoseconds, presentationTime: shown.nanoseconds,
                        isKeyframe: frame.role == .key, payload: frame.payload)))
        }
        return events
    }
}
