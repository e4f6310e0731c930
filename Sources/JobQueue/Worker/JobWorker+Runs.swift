import Logging

/// A run inside this process.
final class LiveRun: Sendable {
    let job: ClaimedJob
    let context: JobContext
    let limits: TimeLimits
    let startedAt: Duration
    private let task = Lock<Task<Void, Never>?>(nil)

    init(job: ClaimedJob, context: JobContext, limits: TimeLimits, startedAt: Duration) {
        self.job = job
        self.context = context
        self.limits = limits
        self.startedAt = startedAt
    }

    func attach(_ started: Task<Void, Never>) {
        task.with { $0 = started }
        if context.isCancelled { started.cancel() }
    }

    /// Asks the job to stop. Returns whether it had not been asked before.
    @discardableResult
    func cancel(_ reason: JobCancellation) -> Bool {
        let isFirst = context.cancel(reason)
        task.with { $0 }?.cancel()
        return isFirst
    }
}

extension JobWorker {
    func start(_ job: ClaimedJob) {
        guard let options = engine.options(of: job.kind) else {
            logger.warning(
                "A job of a kind this worker does not know is put off.", metadata: ["job_kind": "\(job.kind)"])
            observer?.observe(.unknownKind(job.kind))
            _ = state.with { $0.ended(job.reference, .snoozed(.seconds(30))) }
            fire()
            return
        }
        let context = JobContext(job, logger: logger, link: self)
        let run = LiveRun(job: job, context: context, limits: options.limits, startedAt: clock.monotonic())
        runs.with { $0[job.reference] = run }
        if options.limits.soft != nil || options.limits.hard != nil { limitsSignal.fire() }
        run.attach(
            Task {
                observer?.observe(.started(RunDescription(job), waited: job.waited))
                finish(job, await engine.run(job, context), startedAt: run.startedAt)
            })
    }

    func finish(_ job: ClaimedJob, _ outcome: JobOutcome?, startedAt: Duration) {
        runs.with { _ = $0.removeValue(forKey: job.reference) }
        let isTold = state.with { $0.ended(job.reference, outcome) }
        fire()
        guard let outcome, isTold else { return }
        observer?.observe(
            .finished(RunDescription(job), outcome: outcome, duration: clock.monotonic() - startedAt))
    }

    // MARK: Limits

    /// Looks at the running jobs every 50 ms, as long as one of them has a limit.
    func watchLimits() async {
        while !Task.isCancelled {
            let limited = runs.with { runs in
                runs.values.filter { $0.limits.soft != nil || $0.limits.hard != nil }
            }
            if limited.isEmpty {
                await limitsSignal.wait()
                continue
            }
            let now = clock.monotonic()
            for run in limited { check(run, now: now) }
            try? await clock.sleep(for: .milliseconds(50))
        }
    }

    private func check(_ run: LiveRun, now: Duration) {
        let age = now - run.startedAt
        let context = run.context
        if let soft = run.limits.soft, age >= soft, run.cancel(.softLimit) {
            observer?.observe(.limitExceeded(describe(context), hard: false))
        }
        guard let hard = run.limits.hard, age >= hard else { return }
        // It may have ended this moment; whoever removes it from the table decides.
        guard runs.with({ $0.removeValue(forKey: context.reference) }) != nil else { return }
        run.cancel(.hardLimit)
        observer?.observe(.limitExceeded(describe(context), hard: true))
        let error = JobError(.timeLimitExceeded, "above its hard limit, and ignores cancellation")
        let outcome = engine.judge(error, run.job, context) ?? .returned
        if state.with({ $0.ended(context.reference, outcome) }) {
            observer?.observe(.finished(describe(context), outcome: outcome, duration: age))
        }
        fire()
        askForRestart("\(context.kind) \(context.id) ignores its hard limit and still runs")
    }

    private func describe(_ context: JobContext) -> RunDescription {
        RunDescription(
            id: context.id, run: context.run, kind: context.kind, queue: context.queue, attempt: context.attempt)
    }
}
