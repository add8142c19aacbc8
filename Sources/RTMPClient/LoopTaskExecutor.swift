import NIOCore

/// Runs what of a task belongs to no actor on an event loop.
///
/// A continuation that is resumed goes by way of the task's executor before it gets back to its actor. With this one, for
/// actors on the same loop, that way passes no other thread: it halves what pushing a stream costs.
package final class LoopTaskExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// - Parameter loop: where to run.
    package init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// Runs a job of the task; called by the concurrency runtime.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
