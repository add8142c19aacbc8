import NIOCore

extension EventLoop {
    /// Waits. Ends early, without an error, when the task is cancelled.
    package func sleep(for time: TimeAmount) async {
        let timer = scheduleTask(in: time) {}
        await withTaskCancellationHandler {
            // A failure is the cancellation: whoever asked looks at the task.
            _ = await timer.futureResult.result()
        } onCancel: {
            timer.cancel()
        }
    }
}

extension EventLoopFuture where Value: Sendable {
    /// The result, awaited where the caller runs. NIO's own `get()` goes by way of another thread, which costs more than
    /// sending a frame does.
    package func result() async -> Result<Value, any Error> {
        await withCheckedContinuation { continuation in
            whenComplete { continuation.resume(returning: $0) }
        }
    }
}
