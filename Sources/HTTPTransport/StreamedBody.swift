import HTTPTypes
import Hummingbird
import NIOCore

/// A body that a task makes while it is sent.
final class StreamedBody {
    private let task: Task<Void, Never>
    /// What its declared length leaves; nil without one.
    private var bytesLeft: Int?
    private var waiter: EventLoopPromise<Void>?

    init(task: Task<Void, Never>, bytesLeft: Int?) {
        self.task = task
        self.bytesLeft = bytesLeft
    }

    /// Whether as much has come as was declared.
    var isComplete: Bool { bytesLeft == nil || bytesLeft == 0 }

    /// Counts bytes. - Returns: false when they are more than were declared.
    func count(_ count: Int) -> Bool {
        guard let left = bytesLeft else { return true }
        guard count <= left else { return false }
        bytesLeft = left - count
        return true
    }

    /// What succeeds when ``goOn()`` is called.
    func waitUntilWritable(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = waiter ?? eventLoop.makePromise(of: Void.self)
        waiter = promise
        return promise.futureResult
    }

    /// The client has taken what was written.
    func goOn() {
        waiter?.succeed()
        waiter = nil
    }

    /// The client has gone.
    func cancel() {
        waiter?.fail(ChannelError.ioOnClosedChannel)
        waiter = nil
        task.cancel()
    }
}

/// What a responder's body is written to: pieces go to the connection's event loop, and writing waits while the client
/// is slow.
struct StreamedBodyWriter: ResponseBodyWriter {
    let handler: NIOLoopBound<HTTPChannelHandler>
    let eventLoop: any EventLoop

    func write(_ buffer: ByteBuffer) async throws {
        try await eventLoop.flatSubmit {
            handler.value.streamed(buffer) ?? eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }.get()
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// Gathers a short body. Safety: one task writes, and the bytes are read when it has finished.
final class BodySink: ResponseBodyWriter, @unchecked Sendable {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        bytes.writeImmutableBuffer(buffer)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}

    /// Runs a body's writer. - Returns: nil when it fails.
    static func collect(_ body: ResponseBody) async -> ByteBuffer? {
        let sink = BodySink()
        do {
            try await body.write(sink)
            return sink.bytes
        } catch {
            return nil
        }
    }
}
