import CommandOutput
import NIOCore
import NIOPosix
import StreamInspection
import UnixSignals

/// Listens to a stream for a while, and tells meanwhile how it stands.
enum LiveProbe {
    /// Returns when the time is over, the stream has ended, or a signal came.
    ///
    /// - Parameters:
    ///   - title: what is listened to.
    ///   - seconds: how long to listen from now on.
    ///   - console: where a line tells how it stands.
    ///   - listen: listens until its task is cancelled.
    /// - Throws: what listening threw, unless something was heard before.
    static func run(
        title: String, seconds: Double, console: Console,
        _ listen: @escaping @Sendable (LiveListening) async throws(ProbeError) -> Void
    ) async throws(ProbeError) -> ProbeResult {
        let listening = LiveListening(start: .now())
        let listener = Task { () -> ProbeError? in
            do throws(ProbeError) {
                try await listen(listening)
                return nil
            } catch {
                return error
            }
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let deadline = loop.scheduleTask(in: .milliseconds(Int64(seconds * 1000))) { listener.cancel() }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let ending = Task {
            for await _ in signals { listener.cancel() }
        }
        let ticker = loop.scheduleRepeatedTask(initialDelay: .milliseconds(250), delay: .milliseconds(250)) { _ in
            console.progress([listening.progress(at: .now(), of: seconds)])
        }
        let end = await listener.value
        deadline.cancel()
        ending.cancel()
        ticker.cancel()
        console.clear()
        let (report, join) = listening.result
        if let end, join.firstFrame == nil { throw end }
        return ProbeResult(title: title, report: report, join: join, end: end)
    }
}
