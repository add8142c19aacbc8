import FLV
import HLS
import NIOCore

/// One connection to a stream, and its tags as they come: nothing is put right, and nothing is connected again.
package struct SourceConnection: Sendable {
    private let source: any TagSource
    private let lifeline: Lifeline
    private let watch: RepeatedTask

    /// What a multivariant playlist claims of the stream; nil where there was none.
    package var variant: Variant? { source.variant }

    /// How often a stall is looked for.
    private static let watchInterval = TimeAmount.milliseconds(500)

    /// Connects, and begins to play. Ends early when the task is cancelled.
    ///
    /// - Parameters:
    ///   - url: where the stream comes from.
    ///   - options: times, and whom to trust; of the rest nothing counts.
    ///   - loop: where the connection lives.
    /// - Throws: ``SourceError``.
    package static func open(
        _ url: SourceURL, options: SourceOptions, on loop: any EventLoop
    ) async throws(SourceError) -> SourceConnection {
        let lifeline = Lifeline(at: .now())
        let watch = loop.scheduleRepeatedTask(initialDelay: watchInterval, delay: watchInterval) { _ in
            lifeline.check(at: .now(), timeout: options.stallTimeout)
        }
        do {
            let source = try await withTaskCancellationHandler {
                try await url.open(options: options, lifeline: lifeline, on: loop)
            } onCancel: {
                lifeline.close()
            }
            return SourceConnection(source: source, lifeline: lifeline, watch: watch)
        } catch {
            watch.cancel()
            lifeline.close()
            throw error as? SourceError ?? SourceError("\(error)", isTransient: false)
        }
    }

    /// The next tag; nil when the stream has ended in good order, and when the task is cancelled.
    ///
    /// - Throws: ``SourceError``; nothing comes any more.
    package func next() async throws(SourceError) -> FLVTag? {
        do {
            return try await withTaskCancellationHandler {
                try await source.next()
            } onCancel: {
                lifeline.close()
            }
        } catch {
            if Task.isCancelled { return nil }
            throw error as? SourceError ?? SourceError("\(error)", isTransient: false)
        }
    }

    /// Ends it.
    package func close() async {
        watch.cancel()
        lifeline.close()
        await source.close()
    }
}
