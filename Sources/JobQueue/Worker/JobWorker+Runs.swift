import Logging

/// A run inside this process.
final class LiveRun: Sendable {
    let job: ClaimedJob
    let context: JobContext
    let limits: TimeLimits
    let startedAt: Duration
    /// Where it runs; `nil` for inside the worker.
    let pool: ProcessPool?
    private let task = Lock<Task<Void, Never>?>(nil)
    private let beside = Lock(Beside())

    /// The process it runs in.
    private struct Beside {
        var process: PooledProcess?
        var killed: JobError?
        var cancelledAt: Duration?
    }

    init(job: ClaimedJob, context: JobContext, limits: TimeLimits, startedAt: Duration, pool: ProcessPool?) {
        self.job = job
        self.context = context
        self.limits = limits
        self.startedAt = startedAt
        self.pool = pool
    }

    /// Whether someone has to look at the clock, or at its memory, while it runs.
    var isWatched: Bool { pool != nil || limits.soft != nil || limits.hard != nil }

    func attach(_ started: Task<Void, Never>) {
        task.with { $0 = started }
        if context.isCancelled { started.cancel() }
    }

    /// Asks the job to stop. Returns whether it had not been asked before.
    @discardableResult
    func cancel(_ reason: JobCancellation) -> Bool {
        let isFirst = context.cancel(reason)
        task.with { $0 }?.cancel()
        if isFirst { beside.with { $0.process }?.cancel(reason) }
        return isFirst
    }

    // MARK: In a process beside the worker

    /// It runs in this process now.
    func enter(_ process: PooledProcess) {
        let isKilled = beside.with { beside in
            beside.process = process
            return beside.killed != nil
        }
        if isKilled { process.kill() }
        if let reason = context.cancellation { process.cancel(reason) }
    }

    /// It has left its process. Returns why that was killed, if it was.
    func leave() -> JobError? {
        beside.with { beside in
            beside.process = nil
            return beside.killed
        }
    }

    /// Ends its process. Returns whether it had not been ended before.
    @discardableResult
    func kill(_ error: JobError) -> Bool {
        let (isFirst, process) = beside.with { beside in
            defer { beside.killed = beside.killed ?? error }
            return (beside.killed == nil, beside.process)
        }
        process?.kill()
        return isFirst
    }

    /// When it was first seen to be cancelled.
    func markCancelled(_ now: Duration) -> Duration {
        beside.with { beside in
            let first = beside.cancelledAt ?? now
            beside.cancelledAt = first
            return first
        }
    }

    /// What its process uses, in bytes.
    var memory: Int? { beside.with { $0.process }?.memory }
}

extension JobWorker {
    func start(_ job: ClaimedJob) {
        guard let options = engine.options(of: job.kind) else {
            logger.warning(
                "A job of a kind this worker does not know is put off.", metadata: ["job_kind": "\(job.kind)"])
            observer?.observe(.unknownKind(job.kind))
            _ = state.with { $0.ended(job.reference, .snoozed(.seconds(30))) }
            fire()
            startNext(of: job.queue)
            return
        }
        let context = JobContext(job, logger: logger, link: self)
        let run = LiveRun(
            job: job, context: context, limits: options.limits, startedAt: clock.monotonic(),
            pool: pools.pool(for: options.isolation ?? configuration.isolation))
        runs.with { $0[job.reference] = run }
        if run.isWatched { limitsSignal.fire() }
        run.attach(
            Task {
                observer?.observe(.started(RunDescription(job), waited: job.waited))
                let outcome =
                    if let pool = run.pool { await runBeside(run, in: pool) } else { await engine.run(job, context) }
                finish(job, outcome, startedAt: run.startedAt)
            })
    }

    func finish(_ job: ClaimedJob, _ outcome: JobOutcome?, startedAt: Duration) {
        runs.with { _ = $0.removeValue(forKey: job.reference) }
        let time = clock.monotonic() - startedAt
        let isTold = state.with { $0.ended(job.reference, outcome, after: time) }
        fire()
        startNext(of: job.queue)
        guard let outcome, isTold else { return }
        observer?.observe(.finished(RunDescription(job), outcome: outcome, duration: time))
    }

    /// Starts a job that was claimed ahead, now that a slot is free.
    func startNext(of queue: String) {
        guard configuration.prefetch != .none, let next = state.with({ $0.next(of: queue) }) else { return }
        start(next)
    }
}
