import Logging

/// A run inside this process.
final class LiveRun: Sendable {
    let context: JobContext
    let handler: JobHandler
    let startedAt: Duration
    /// Where it runs; `nil` for inside the worker.
    let pool: ProcessPool?
    private let whereabouts = Lock(Whereabouts())

    private struct Whereabouts {
        /// The task that carries it, while it does.
        var carrier: Carrier?
        /// The process it runs in.
        var process: PooledProcess?
        var killed: JobError?
        var cancelledAt: Duration?
    }

    init(context: JobContext, handler: JobHandler, startedAt: Duration, pool: ProcessPool?) {
        self.context = context
        self.handler = handler
        self.startedAt = startedAt
        self.pool = pool
    }

    var job: ClaimedJob { context.job }
    var limits: TimeLimits { handler.options.limits }

    /// Whether someone has to look at the clock, or at its memory, while it runs.
    var isWatched: Bool { pool != nil || limits.soft != nil || limits.hard != nil }

    /// A task takes it up.
    func depart(with carrier: Carrier) {
        whereabouts.with { $0.carrier = carrier }
        if context.isCancelled { carrier.cancel() }
    }

    /// The task has no more to do with it, and is not cancelled for its sake after this.
    func arrive() {
        whereabouts.with { $0.carrier = nil }
    }

    /// Asks the job to stop. Returns whether it had not been asked before.
    @discardableResult
    func cancel(_ reason: JobCancellation) -> Bool {
        let isFirst = context.cancel(reason)
        let (carrier, process) = whereabouts.with { whereabouts in
            // Marked under this lock, so that the task takes up no other run before the cancellation reaches it.
            whereabouts.carrier?.mark()
            return (whereabouts.carrier, whereabouts.process)
        }
        carrier?.cancel()
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
    func start(_ jobs: [ClaimedJob]) {
        guard !jobs.isEmpty else { return }
        let now = clock.monotonic()
        var handler: JobHandler?
        var live: [LiveRun] = []
        live.reserveCapacity(jobs.count)
        var isWatched = false
        for job in jobs {
            if handler?.kind != job.kind { handler = engine.handlers[job.kind] }
            guard let handler else {
                putOff(job)
                continue
            }
            let run = LiveRun(
                context: JobContext(job, logger: logger, link: self), handler: handler, startedAt: now,
                pool: pools.pool(for: handler.options.isolation ?? configuration.isolation))
            if run.isWatched { isWatched = true }
            live.append(run)
        }
        runs.with { runs in for run in live { runs[run.context.reference] = run } }
        if isWatched { limitsSignal.fire() }
        depart(live)
    }

    private func putOff(_ job: ClaimedJob) {
        logger.warning(
            "A job of a kind this worker does not know is put off.", metadata: ["job_kind": "\(job.kind)"])
        observer?.observe(.unknownKind(job.kind))
        _ = state.with { $0.ended(job.reference, .snoozed(.seconds(30))) }
        fire()
        startNext(of: job.queue)
    }

    /// Carries out one run, from its start to its end.
    func carryOut(_ run: LiveRun) async {
        let job = run.job
        observer?.observe(.started(RunDescription(job), waited: job.waited))
        let outcome =
            if let pool = run.pool {
                await runBeside(run, in: pool)
            } else {
                await engine.run(job, run.context, run.handler)
            }
        finish(job, outcome, startedAt: run.startedAt)
    }

    private func finish(_ job: ClaimedJob, _ outcome: JobOutcome?, startedAt: Duration) {
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
        start([next])
    }
}
