import Glibc

/// Runs the jobs of all tasks of the process on one thread, one at a time, in an order that the seed decides.
///
/// The concurrency runtime calls a hook, where one is set, for each job that is ready to run on the global executor. This
/// hook keeps the job in a list. Whoever runs jobs from that list decides what happens next, so that a run with the same
/// choices is the same run.
enum Scheduler {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private static let thread = pthread_self()

    /// Sets the hook; `false` where the runtime has none.
    static func install() -> Bool {
        guard let variable = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else { return false }
        let hook: Hook = { job, _ in
            precondition(pthread_self() == Scheduler.thread, "a job has run on another thread")
            world.enqueue(job)
        }
        _ = thread
        variable.assumingMemoryBound(to: Hook?.self).pointee = hook
        return true
    }

    /// Runs one job until its task suspends or ends.
    static func run(_ job: UnownedJob) { job.runSynchronously(on: global) }

    /// The global executor by the runtime's own name for it, two null words: a task that runs there need not be moved there.
    private static let global = unsafeBitCast((0, 0), to: UnownedSerialExecutor.self)
}

/// A job's number: for the job of a task, the number of the task.
func number(of job: UnownedJob) -> UInt { unsafeBitCast(job, to: UInt.self) }
