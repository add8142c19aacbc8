import HTTPTypes
import Hummingbird
import MediaCore
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The bytes of an event stream. Source: WHATWG HTML, 9.2, "Server-sent events".
package enum ServerSentEvents {
    /// A comment that shows both ends, and everything between them, that the connection lives.
    static let heartbeat = ByteBuffer(string: ":\n\n")
    /// When a browser comes back after its connection has failed.
    static let retry = ByteBuffer(string: "retry: 2000\n\n")
    /// The longest silence before a heartbeat.
    static let heartbeatInterval = Duration.seconds(10)

    /// An event with a JSON document, which has no line break inside.
    static func event(_ name: String, _ document: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return event(name, json: ByteBuffer(bytes: try encoder.encode(document)))
    }

    static func event(_ name: String, json: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBuffer(string: "event: \(name)\ndata: ")
        bytes.writeImmutableBuffer(json)
        bytes.writeString("\n\n")
        return bytes
    }

    /// An answer that goes on for as long as the client stays.
    static func response(
        _ body: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        // The second field keeps nginx from gathering events before it passes them on.
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        headers[.xContentTypeOptions] = "nosniff"
        if let buffering = HTTPField.Name("X-Accel-Buffering") { headers[buffering] = "no" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await writer.write(retry)
                try await body(&writer)
                try await writer.finish(nil)
            })
    }
}

/// How many may watch something at once.
package final class WatcherLimit: Sendable {
    /// A watcher's place; given up with the last reference.
    final class Seat: Sendable {
        private let limit: WatcherLimit

        fileprivate init(_ limit: WatcherLimit) {
            self.limit = limit
        }

        deinit {
            limit.count.withLock { $0 -= 1 }
        }
    }

    private let countMax: Int
    private let count = Locked(0)

    /// - Parameter countMax: the most at once.
    init(_ countMax: Int) {
        self.countMax = countMax
    }

    /// A place; nil when all are taken.
    func seat() -> Seat? {
        let isFree = count.withLock { count in
            guard count < countMax else { return false }
            count += 1
            return true
        }
        return isFree ? Seat(self) : nil
    }
}
