import FLV
import NIOCore
import RTMPClient

/// How often a source is read.
package enum Rounds: Sendable, Hashable {
    case times(Int)
    case forever
}

/// One push: a source read at its pace, and the servers that it goes to, each at its own.
///
/// It runs on the event loop that the connections are on.
package actor PushRun {
    package nonisolated let unownedExecutor: UnownedSerialExecutor
    private let loop: any EventLoop
    private let source: PushSource
    private let rounds: Rounds
    private let isPaced: Bool
    private let uplinks: [Uplink]
    private let changes: AsyncStream<Void>
    private var timeline = Timeline()
    private var pacer = Pacer()
    private var classifier = UplinkClassifier()
    private var due: [UplinkFrame] = []
    /// What the next frame waits for.
    private var pauseTimer: Scheduled<Void>?

    /// Frames that are due within so little are sent together: two pictures and their sound at 30 a second. A waking costs
    /// more than a frame does, and what comes so early waits in any player for its time.
    private static let togetherWithin = TimeAmount.milliseconds(45)
    /// How long the last frames may take to go out.
    private static let drainTimeout = TimeAmount.seconds(3)

    /// - Parameters:
    ///   - source: what is pushed.
    ///   - rounds: how often.
    ///   - isPaced: whether the source takes its time only when it is made to.
    ///   - uplinks: where to, on the same loop.
    ///   - changes: yields when an uplink's state has changed.
    ///   - loop: where to run.
    package init(
        _ source: PushSource, rounds: Rounds, isPaced: Bool, to uplinks: [Uplink], changes: AsyncStream<Void>,
        on loop: any EventLoop
    ) {
        self.source = source
        self.rounds = rounds
        self.isPaced = isPaced
        self.uplinks = uplinks
        self.changes = changes
        self.loop = loop
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
    }

    /// Pushes to the end of the source, or until the task is cancelled; then what is waiting goes out, and the streams are
    /// ended in good order.
    ///
    /// - Returns: why not everything was pushed everywhere, a line for each reason.
    package func run() async -> [String] {
        let executor = LoopTaskExecutor(loop)
        let feeding = Task(executorPreference: executor) { await self.feed() }
        return await withTaskGroup(of: String?.self) { group in
            for uplink in uplinks {
                group.addTask(executorPreference: executor) {
                    await uplink.run().map { "\(uplink.url.redacted): \($0)" }
                }
            }
            return await withTaskCancellationHandler {
                var failures: [String] = []
                for await failure in group {
                    if let failure { failures.append(failure) }
                }
                // Nobody is left to push to.
                feeding.cancel()
                endPause()
                if let failure = await feeding.value { failures.append(failure) }
                return failures
            } onCancel: {
                feeding.cancel()
                Task { await self.endPause() }
            }
        }
    }

    /// - Returns: why the source could not be read to its end.
    private func feed() async -> String? {
        var failure: String?
        do {
            if await isAnyPublishing() { try await readRounds() }
        } catch is CancellationError {
            // Wanted.
        } catch {
            failure = "\(error)"
        }
        await flush()
        for uplink in uplinks { await uplink.finish(within: Self.drainTimeout) }
        return failure
    }

    /// Waits until every server has been tried once and one of them takes the stream: a file is not begun before.
    ///
    /// - Returns: false when none ever will.
    private func isAnyPublishing() async -> Bool {
        for await _ in changes {
            var states: [Uplink.State] = []
            for uplink in uplinks { states.append(await uplink.currentState) }
            if states.allSatisfy(\.isEnded) { return false }
            if states.contains(.publishing), !states.contains(.connecting) { return true }
        }
        return false
    }

    private func readRounds() async throws {
        var round = 0
        while !Task.isCancelled {
            var mediaCount = 0
            timeline.beginRound()
            try await source.read { tag in
                if tag.type != .script { mediaCount += 1 }
                try await self.take(tag)
            }
            guard mediaCount > 0 else { throw PushError("the source holds no video and no audio") }
            round += 1
            if case .times(let count) = rounds, round >= count { return }
        }
    }

    private func take(_ tag: FLVTag) async throws {
        try Task.checkCancellation()
        guard let role = classifier.role(of: tag) else { return }
        let time = timeline.place(tag)
        if isPaced {
            let wait = pacer.wait(for: time, at: .now())
            if wait > Self.togetherWithin {
                await flush()
                await pause(for: wait)
                try Task.checkCancellation()
            }
        }
        due.append(UplinkFrame(tag, time: time, role: role))
        if !isPaced || due.count >= Self.dueMax { await flush() }
    }

    /// Waits on the loop itself. A cancellation handler for each wait would send it by way of another thread, which costs
    /// more than sending the frame.
    private func pause(for time: TimeAmount) async {
        guard !Task.isCancelled else { return }
        let timer = loop.scheduleTask(in: time) {}
        pauseTimer = timer
        await withCheckedContinuation { continuation in
            timer.futureResult.whenComplete { _ in continuation.resume() }
        }
        pauseTimer = nil
    }

    private func endPause() {
        pauseTimer?.cancel()
    }

    /// The most frames that are handed over at once; only a source that is late has so many.
    private static let dueMax = 32

    private func flush() async {
        guard !due.isEmpty else { return }
        let frames = due
        due.removeAll(keepingCapacity: true)
        for uplink in uplinks { await uplink.offer(frames) }
    }
}
