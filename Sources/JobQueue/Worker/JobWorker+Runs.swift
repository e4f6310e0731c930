import Logging

/// A run inside this process.
final class LiveRun: Sendable {
    let context: JobContext
    /// Where it stands in ``WorkerState/running``.
    let place: Int
    let kind: RegisteredKind
    let startedAt: Duration
    /// Where it runs; `nil` for inside the worker.
    let pool: ProcessPool?
    private let whereabouts = Lock(Whereabouts())

    private struct Whereabouts {
        /// The task that carries it, while it does.
        var runner: RunnerTask?
        /// The process it runs in.
        var process: PooledProcess?
        var killed: JobError?
        var cancelledAt: Duration?
    }

    init(context: JobContext, place: Int, kind: RegisteredKind, startedAt: Duration, pool: ProcessPool?) {
        self.context = context
        self.place = place
        self.kind = kind
        self.startedAt = startedAt
        self.pool = pool
    }

    var job: ClaimedJob { context.job }
    var reference: RunReference { context.reference }
    var limits: TimeLimits { kind.options.limits }

    /// Whether someone has to look at the clock, or at its memory, while it runs.
    var isWatched: Bool { pool != nil || limits.soft != nil || limits.hard != nil }

    /// A task takes it up.
    func started(by runner: RunnerTask) {
        whereabouts.with { $0.runner = runner }
        if context.isCancelled { runner.cancel() }
    }

    /// The task has no more to do with it, and is not cancelled for its sake after this.
    func finished() {
        whereabouts.with { $0.runner = nil }
    }

    /// Asks the job to stop. Returns whether it had not been asked before.
    @discardableResult
    func cancel(_ reason: JobCancellation) -> Bool {
        let isFirst = context.cancel(reason)
        let (runner, process) = whereabouts.with { whereabouts in
            // Marked under this lock, so that the task takes up no other run before the cancellation reaches it.
            whereabouts.runner?.mark()
            return (whereabouts.runner, whereabouts.process)
        }
        runner?.cancel()
        if isFirst { process?.cancel(reason) }
        return isFirst
    }

    // MARK: In a process beside the worker

    /// It runs in this process now.
    func enter(_ process: PooledProcess) {
        let isKilled = whereabouts.with { whereabouts in
            whereabouts.process = process
            return whereabouts.killed != nil
        }
        if isKilled { process.kill() }
        if let reason = context.cancellation { process.cancel(reason) }
    }

    /// It has left its process. Returns why that was killed, if it was.
    func leave() -> JobError? {
        whereabouts.with { whereabouts in
            whereabouts.process = nil
            return whereabouts.killed
        }
    }

    /// Ends its process. Returns whether it had not been ended before.
    @discardableResult
    func kill(_ error: JobError) -> Bool {
        let (isFirst, process) = whereabouts.with { whereabouts in
            defer { whereabouts.killed = whereabouts.killed ?? error }
            return (whereabouts.killed == nil, whereabouts.process)
        }
        process?.kill()
        return isFirst
    }

    /// When it was first seen to be cancelled.
    func markCancelled(_ now: Duration) -> Duration {
        whereabouts.with { whereabouts in
            let first = whereabouts.cancelledAt ?? now
            whereabouts.cancelledAt = first
            return first
        }
    }

    /// What its process uses, in bytes.
    var memory: Int? { whereabouts.with { $0.process }?.memory }
}

extension JobWorker {
    /// Starts claimed jobs.
    func start(_ jobs: [WorkerState.Claimed]) {
        guard !jobs.isEmpty else { return }
        let now = clock.monotonic()
        var kind: RegisteredKind?
        var live: [LiveRun] = []
        live.reserveCapacity(jobs.count)
        var isWatched = false
        for claimed in jobs {
            if kind?.name != claimed.job.kind { kind = engine.kinds[claimed.job.kind] }
            guard let kind else {
                deferUnknown(claimed)
                continue
            }
            let run = LiveRun(
                context: engine.context(for: claimed.job, logger: logger, link: self), place: claimed.place, kind: kind,
                startedAt: now, pool: pools.pool(for: kind.options.isolation ?? configuration.isolation))
            if run.isWatched { isWatched = true }
            live.append(run)
        }
        launch(live)
        if isWatched { limitsWakeup.fire() }
    }

    private func deferUnknown(_ claimed: WorkerState.Claimed) {
        let job = claimed.job
        logger.warning(
            "A job of a kind this worker does not know is put off.", metadata: ["job_kind": "\(job.kind)"])
        observer?.observe(.unknownKind(job.kind))
        _ = state.with { $0.ended(job.reference, at: claimed.place, .snoozed(.seconds(30))) }
        fire()
        startNext(of: job.queue)
    }

    /// Carries out one run. Returns what it came to; `nil` where there is nothing to tell.
    func execute(_ run: LiveRun) async -> JobOutcome? {
        observer?.observe(.started(RunDescription(run.job), waited: run.job.waited))
        if let pool = run.pool { return await runBeside(run, in: pool) }
        return await engine.run(run.context, run.kind)
    }

    /// A run that has left the table of live runs is over.
    func finish(_ run: LiveRun, _ outcome: JobOutcome?, at now: Duration) {
        let time = now - run.startedAt
        let isCommitted = run.context.isCommitted
        let isTold = state.with { state in
            state.ended(run.reference, at: run.place, isCommitted ? nil : outcome, after: time) || isCommitted
        }
        fire()
        startNext(of: run.context.queue)
        guard let observer, let outcome, isTold else { return }
        observer.observe(.finished(RunDescription(run.job), outcome: outcome, duration: time))
    }

    /// Starts a job that was claimed ahead, now that a slot is free.
    func startNext(of queue: String) {
        guard configuration.prefetch != .none, let next = state.with({ $0.next(of: queue) }) else { return }
        start([next])
    }
}
