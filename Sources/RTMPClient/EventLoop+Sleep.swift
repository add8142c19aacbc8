import NIOCore

extension EventLoop {
    /// Waits on the loop itself, without another thread. Ends early, without an error, when the task is cancelled.
    package func sleep(for time: TimeAmount) async {
        let timer = scheduleTask(in: time) {}
        await withTaskCancellationHandler {
            do { try await timer.futureResult.get() } catch {
                // Cancelled: whoever asked looks at the task.
            }
        } onCancel: {
            timer.cancel()
        }
    }
}
