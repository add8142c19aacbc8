import FLV
import NIOCore

/// Finds tracks and samples in the bytes of a file or a stream as they come.
public struct ContainerEvents: Sendable {
    private let container: SourceTrack.Container
    // Of the readers only the container's is used; in an enumeration they would be copied with each element.
    private var tags = FLVReader()
    private var tagEvents = TagEvents()
    private var movie = MovieEvents(.fragmentedMP4)
    private var stream = TransportStreamEvents()
    private var bytes = ByteBuffer()
    /// Whether nothing can be read any more.
    public private(set) var isBroken = false

    /// - Parameter container: what the bytes are; MP4 is taken to be fragmented.
    public init(_ container: SourceTrack.Container) {
        self.container = container
    }

    /// The events of the next bytes. What is damaged is told as an event.
    public mutating func receive(_ piece: ByteBuffer) -> [SourceEvent] {
        guard !isBroken else { return [] }
        // A new buffer: what was cut out of the old one is in use.
        var joined = ByteBuffer()
        joined.writeImmutableBuffer(bytes)
        joined.writeImmutableBuffer(piece)
        bytes = joined
        var events: [SourceEvent] = []
        while !isBroken {
            let before = bytes.readableBytes
            do {
                guard let next = try read() else { break }
                events += next
            } catch {
                events.append(.damage("\(error)"))
                // Where the reader could not pass over what is damaged, it cannot go on.
                isBroken = bytes.readableBytes == before
            }
        }
        return events
    }

    /// The events of what was waiting; the bytes are at their end.
    public mutating func finish() -> [SourceEvent] {
        var events: [SourceEvent] = []
        let left = bytes.readableBytes
        switch container {
        case .flv, .live:
            // The last tag's PreviousTagSize is nobody's beginning.
            if left > 4, !isBroken { events.append(.cutShort("the last tag is cut short: \(left) bytes of it")) }
        case .mp4, .fragmentedMP4:
            if left > 0, !isBroken { events.append(.cutShort("the last box is cut short: \(left) bytes of it")) }
        case .mpegTS:
            events += stream.finish()
            if left > 0, !isBroken { events.append(.cutShort("the last packet is cut short: \(left) bytes of it")) }
        }
        bytes.clear()
        return events
    }

    private mutating func read() throws -> [SourceEvent]? {
        switch container {
        case .flv, .live:
            switch try tags.read(from: &bytes) {
            case .tag(let tag): return tagEvents.receive(tag)
            case .header: return []
            case nil: return nil
            }
        case .mp4, .fragmentedMP4: return try movie.read(from: &bytes)
        case .mpegTS: return try stream.read(from: &bytes)
        }
    }
}
