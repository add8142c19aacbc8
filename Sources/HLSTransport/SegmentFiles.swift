import Logging
import MediaCore
import NIOCore
import NIOPosix

/// Where segments lie when they have left memory: files in one folder, written and read by a thread of their own.
///
/// The folder may be slow, full or gone: then segments are not written, live playback goes on from memory, rewinding
/// finds gaps, and whoever looks after the server is told.
final class SegmentFiles: Sendable {
    /// The most bytes on their way to files; a disk that does not keep up makes segments be left out past it.
    static let queuedBytesMax = 64 << 20

    private struct State: Sendable {
        var bytes = 0
        var queuedBytes = 0
        var problem: String?
        /// Files written since the last failure.
        var successes = 0
    }

    /// Files in a row that must be written before all is well again: on a disk that is nearly full, small ones still are.
    private static let successesToBeWell = 8

    private let path: String
    private let bytesMax: Int
    private let files: any SegmentFileSystem
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let logger: Logger
    private let state = Locked(State())

    /// - Parameters:
    ///   - path: the folder; made where there is none. Segments that an earlier run left there are removed.
    ///   - bytesMax: the most bytes of files.
    ///   - files: how files are written and read.
    init(path: String, bytesMax: Int, files: any SegmentFileSystem, logger: Logger) {
        self.path = path
        self.bytesMax = bytesMax
        self.files = files
        self.logger = logger
        pool.start()
        run {
            try self.files.makeFolder(path)
            for file in try self.files.list(path) where SegmentName(file) != nil {
                try self.files.remove("\(path)/\(file)")
            }
        }
    }

    deinit {
        pool.shutdownGracefully { _ in }
    }

    /// Ends the thread; what is queued is written first.
    func shutDown() {
        pool.shutdownGracefully { _ in }
    }

    /// What is wrong with the folder, for people; nil when nothing is.
    var problem: String? { state.withLock { $0.problem } }

    /// Bytes of segments in files.
    var bytes: Int { state.withLock { $0.bytes } }

    /// Whether old segments must go.
    var isFull: Bool { state.withLock { $0.bytes > bytesMax } }

    // MARK: Writing

    /// Writes segments.
    ///
    /// - Parameter done: is told of each that has been written, or could not be; on another thread, and of those that
    ///   are not even tried at once.
    /// - Returns: those that are not tried, because too much is waiting to be written.
    func write(
        _ writes: [SegmentWrite], done: @escaping @Sendable (SegmentName, Bool) -> Void
    ) -> [SegmentName] {
        var refused: [SegmentName] = []
        for write in writes {
            let count = write.bytes.readableBytes
            let isQueued = state.withLock { state in
                guard state.queuedBytes + count <= Self.queuedBytesMax else { return false }
                state.queuedBytes += count
                return true
            }
            guard isQueued else {
                report("the disk does not keep up")
                refused.append(write.name)
                continue
            }
            pool.submit { poolState in
                let isWritten = poolState == .active && self.tryToWrite(write)
                self.state.withLock { $0.queuedBytes -= count }
                done(write.name, isWritten)
            }
        }
        return refused
    }

    private func tryToWrite(_ write: SegmentWrite) -> Bool {
        do {
            try files.write(write.bytes, to: "\(path)/\(write.name)")
            state.withLock { $0.bytes += write.bytes.readableBytes }
            report(nil)
            return true
        } catch {
            report("\(error)")
            do { try files.remove("\(path)/\(write.name)") } catch {
                // The half that was written may be there or not; the folder is cleared when the server starts.
                logger.debug("cannot remove", metadata: ["file": "\(write.name)", "why": "\(error)"])
            }
            return false
        }
    }

    /// Says once that something is wrong, and once that it is well again.
    private func report(_ problem: String?) {
        let (before, present) = state.withLock { state in
            let before = state.problem
            state.successes = problem == nil ? min(state.successes + 1, Self.successesToBeWell) : 0
            if problem != nil || state.successes == Self.successesToBeWell { state.problem = problem }
            return (before, state.problem)
        }
        switch (before, present) {
        case (nil, let problem?):
            logger.error(
                "segments are not written; live goes on, rewinding has gaps",
                metadata: ["folder": "\(path)", "why": "\(problem)"])
        case (.some, nil): logger.notice("segments are written again", metadata: ["folder": "\(path)"])
        default: break
        }
    }

    // MARK: Reading and removing

    /// The bytes of a file; nil when they cannot be read.
    func read(_ name: SegmentName, bytes: Int, on eventLoop: any EventLoop) -> EventLoopFuture<ByteBuffer?> {
        let promise = eventLoop.makePromise(of: ByteBuffer?.self)
        pool.submit { _ in
            do {
                promise.succeed(try self.files.read("\(self.path)/\(name)", bytes: bytes))
            } catch {
                self.report("\(error)")
                promise.succeed(nil)
            }
        }
        return promise.futureResult
    }

    /// Removes files.
    func remove(_ names: [(name: SegmentName, bytes: Int)]) {
        guard !names.isEmpty else { return }
        state.withLock { $0.bytes -= names.reduce(0) { $0 + $1.bytes } }
        run {
            for (name, _) in names { try self.files.remove("\(self.path)/\(name)") }
        }
    }

    private func run(_ body: @escaping @Sendable () throws -> Void) {
        pool.submit { _ in
            do { try body() } catch { self.report("\(error)") }
        }
    }
}
