import VitalsSupport

/// Threads for C libraries that block, as a task executor: a task that prefers it calls such a library in place, and
/// any other task is moved there and back for the length of one call.
///
/// ```swift
/// let executor = try ThreadExecutor(name: "sqlite", threads: 4)
/// let rows = try await executor.run { try statement.rows() }             // there and back
/// try await withTaskExecutorPreference(executor) { … many calls … }      // there once, back once
/// executor.stop()
/// ```
///
/// The first thread starts at once, the others when there is work for them. A burst of jobs wakes one thread, which
/// wakes the next as long as there is more to do, so that short jobs do not pay for threads they do not need.
package final class ThreadExecutor: TaskExecutor {
    private struct State {
        var jobs = JobQueue()
        var idle: [Parker] = []
        var threads = 0
        /// A thread is on its way to the queue and will look whether another is needed.
        var isWaking = false
        var isStopping = false
    }

    private enum Helper {
        case wake(Parker)
        case start
    }

    private let name: String
    private let limit: Int
    private let state = SystemLock(State())

    /// Starts the first thread.
    /// - Parameters:
    ///   - name: The threads' names begin with it; the kernel keeps 15 bytes.
    ///   - threads: How many jobs may run at the same time, 1 or more.
    /// - Throws: ``LoopError`` when the process has no thread left.
    package init(name: String, threads: Int = 1) throws(LoopError) {
        self.name = name
        limit = max(1, threads)
        state.withLock { $0.threads = 1 }
        try LoopThread.start(name: "\(name)-0") { self.work(isHelper: false) }
    }

    /// Whether the caller runs on one of the threads.
    package var isCurrent: Bool { ThreadMark.isOf(self) }

    /// How many threads there are at the moment.
    package var threadCount: Int { state.withLock { $0.threads } }

    /// Queues a job. After ``stop()`` it runs on the global executor.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (accepted, helper) = state.withLock { state -> (Bool, Helper?) in
            guard state.threads > 0 else { return (false, nil) }
            state.jobs.append(job)
            return (true, nextHelper(&state))
        }
        if let helper { call(helper) }
        if !accepted { Task.detached { job.runSynchronously(on: self.asUnownedTaskExecutor()) } }
    }

    /// Calls the body on one of the threads: in place when the caller runs there already. The body is part of the
    /// calling task, so that `Task.isCancelled` tells of it.
    package func run<Result: Sendable, Failure: Error>(_ body: () throws(Failure) -> Result) async throws(Failure)
        -> Result
    {
        if isCurrent { return try body() }
        return try await withTaskExecutorPreference(self) { () async throws(Failure) -> Result in try body() }
    }

    /// Ends the threads once the jobs already there have run. Call it when no task prefers the executor any more.
    package func stop() {
        let idle = state.withLock { state -> [Parker] in
            state.isStopping = true
            defer { state.idle = [] }
            return state.idle
        }
        for parker in idle { parker.wake() }
    }

    // MARK: Threads

    private func nextHelper(_ state: inout State) -> Helper? {
        guard !state.isWaking else { return nil }
        if let parker = state.idle.popLast() {
            state.isWaking = true
            return .wake(parker)
        }
        guard state.threads < limit else { return nil }
        state.threads += 1
        state.isWaking = true
        return .start
    }

    private func call(_ helper: Helper) {
        switch helper {
        case .wake(let parker): parker.wake()
        case .start:
            let number = state.withLock { $0.threads - 1 }
            do {
                try LoopThread.start(name: "\(name)-\(number)") { self.work(isHelper: true) }
            } catch {
                // The threads there are do the work.
                state.withLock {
                    $0.threads -= 1
                    $0.isWaking = false
                }
            }
        }
    }

    private enum Step {
        case run(UnownedJob, Helper?)
        case park
        case end
    }

    private func work(isHelper: Bool) {
        ThreadMark.set(self)
        let executor = asUnownedTaskExecutor()
        let parker = Parker()
        var isHelper = isHelper
        while true {
            let step = state.withLock { state -> Step in
                if isHelper { state.isWaking = false }
                isHelper = false
                if let job = state.jobs.popFirst() {
                    return .run(job, state.jobs.isEmpty ? nil : nextHelper(&state))
                }
                if state.isStopping {
                    state.threads -= 1
                    return .end
                }
                parker.prepare()
                state.idle.append(parker)
                return .park
            }
            switch step {
            case .run(let job, let helper):
                if let helper { call(helper) }
                job.runSynchronously(on: executor)
            case .park:
                parker.park()
                isHelper = true
            case .end:
                return
            }
        }
    }
}
