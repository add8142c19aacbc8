import FLV
import MediaCore
import NIOCore
import RTMP
import RTMPTransport

/// The stream hub: what is done once for each frame, and once for each wire format that somebody watches.
enum Hub {
    static func run(_ table: Table) {
        table.begin("Stream hub")
        let none = receive(formats: [])
        table.row("receive, nobody watches", none, per: "frame")
        let rtmp = LogFormat.rtmp(MessageStreamID(rawValue: 1))
        let one = receive(formats: [rtmp])
        table.row("receive, RTMP", one, per: "frame", note: added(one, none))
        let two = receive(formats: [rtmp, .flvTags])
        table.row("receive, RTMP and FLV", two, per: "frame", note: added(two, one))
        table.row("a viewer joins and leaves", join(), per: "viewer")
    }

    private static func added(_ more: Measurement, _ less: Measurement) -> String {
        "\(number(more.nanoseconds - less.nanoseconds, 0)) ns, "
            + "\(number(more.allocations - less.allocations, 2)) allocations for the format"
    }

    private static func receive(formats: [LogFormat]) -> Measurement {
        let second = Second()
        let subscriptions = formats.map { second.hub.subscribe(format: $0, viewer: ViewerInfo(transport: "bench")) }
        defer { keep(subscriptions) }
        return measure(operations: Stream.tags.count) { second.send() }
    }

    private static func join() -> Measurement {
        let second = Second()
        let format = LogFormat.rtmp(MessageStreamID(rawValue: 1))
        let first = second.hub.subscribe(format: format, viewer: ViewerInfo(transport: "bench"))
        second.send()
        defer { keep(first) }
        return measure(operations: 1) {
            second.hub.subscribe(format: format, viewer: ViewerInfo(transport: "bench"))?.seat.leave()
        }
    }

    /// A stream that is sent second by second.
    private final class Second {
        let hub: StreamHub
        private let publication: Publication
        private var count: UInt32 = 0

        init() {
            guard let name = try? StreamName(path: "live/bench") else { fatalError("a good name") }
            hub = StreamHub(name: name)
            let publisher = PublisherInfo(address: "127.0.0.1:1", transport: "bench")
            guard let publication = try? hub.publish(publisher, at: .uptimeNanoseconds(0)) else {
                fatalError("nobody else publishes")
            }
            self.publication = publication
        }

        func send() {
            let begin = count * 1000
            count += 1
            for tag in Stream.tags {
                let timestamp = begin &+ tag.timestamp
                publication.receive(
                    tag.type, timestamp: timestamp, body: tag.body,
                    at: .uptimeNanoseconds(UInt64(timestamp) * 1_000_000))
            }
        }
    }
}

extension LogFormat {
    /// FLV tags, as an HTTP/1.0 response holds them; the HTTP stack itself is not built for benchmarks.
    fileprivate static let flvTags = LogFormat(name: "flv", endsWithPublication: true) { TagRenderer() }
}

private struct TagRenderer: FrameRenderer {
    mutating func render(_ frame: MediaFrame, into bytes: inout ByteBuffer) {
        guard let body = frame.flvTagBody else { return }
        FLVWriter.writeTag(frame.tagType, timestamp: frame.flvTimestamp, body: body, into: &bytes)
    }

    mutating func renderBegin(into bytes: inout ByteBuffer) {}
    mutating func renderEnd(into bytes: inout ByteBuffer) {}
}
