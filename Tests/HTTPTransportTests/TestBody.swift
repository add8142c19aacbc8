import HTTPTypes
import Hummingbird
import MediaCore
import NIOCore

/// Bodies that are made while they are sent.
enum TestBody {
    /// "one", "two" and "three", of a length that is not known before.
    static func words() -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain"],
            body: ResponseBody { writer in
                for word in ["one", "two", "three"] { try await writer.write(ByteBuffer(string: word)) }
                try await writer.finish(nil)
            })
    }

    /// A body that ends before its declared length, which is too long to be gathered.
    static func tooShort() -> Response {
        Response(
            status: .ok,
            body: ResponseBody(contentLength: 1 << 20) { writer in
                try await writer.write(ByteBuffer(string: "only this"))
                try await writer.finish(nil)
            })
    }
}

/// A body that goes on until its client is gone.
final class EndlessBody: Sendable {
    private struct Counts {
        var bytes = 0
        var hasEnded = false
    }

    private let counts = Locked(Counts())

    /// What the connection has taken.
    var bytes: Int { counts.withLock { $0.bytes } }
    /// Whether writing has failed, as it does when the client is gone.
    var hasEnded: Bool { counts.withLock { $0.hasEnded } }

    func response() throws -> Response {
        Response(
            status: .ok,
            body: ResponseBody { [self] writer in
                defer { counts.withLock { $0.hasEnded = true } }
                let piece = ByteBuffer(repeating: 0x61, count: 64 << 10)
                while true {
                    try await writer.write(piece)
                    counts.withLock { $0.bytes += piece.readableBytes }
                }
            })
    }
}
