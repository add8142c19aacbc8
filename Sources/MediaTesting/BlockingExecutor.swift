import Dispatch

/// A thread of its own for a test that blocks on sockets, so that it keeps no other test's task from running.
///
/// Use it with `withTaskExecutorPreference`.
public final class BlockingExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "blocking-test")

    /// Makes a thread.
    public init() {}

    /// Runs a job of the task; called by the concurrency runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
