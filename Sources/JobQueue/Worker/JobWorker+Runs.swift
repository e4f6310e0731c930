import Logging

/// A run inside this process.
// The task is set once, under the lock.
final class LiveRun: Sendable {
    let context: JobContext
    let limits: TimeLimits
    let startedAt: Duration
    private let task = Lock<Task<Void, Never>?>(nil)

    init(context: JobContext, limits: TimeLimits, startedAt: Duration) {
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
        guard let handler = handlers[job.kind] else {
            logger.warning(
                "A job of a kind this worker does not know is put off.", metadata: ["job_kind": "\(job.kind)"])
            observer?.observe(.unknownKind(job.kind))
            _ = state.with { $0.ended(job.reference, .snoozed(.seconds(30))) }
            fire()
            return
        }
        let context = JobContext(job, logger: logger, link: self)
        let run = LiveRun(context: context, limits: handler.options.limits, startedAt: clock.monotonic())
        runs.with { $0[job.reference] = run }
        if handler.options.limits.soft != nil || handler.options.limits.hard != nil { limitsSignal.fire() }
        run.attach(Task { await self.execute(job, handler, run) })
    }

    private func execute(_ job: ClaimedJob, _ handler: JobHandler, _ run: LiveRun) async {
        observer?.observe(.started(RunDescription(job), waited: job.waited))
        let outcome: JobOutcome?
        do {
            let result = try await perform(job, handler, run.context)
            outcome = settle(result)
        } catch {
            outcome = RunVerdict.outcome(
                of: error, job: job, policy: handler.options.retry, cancellation: run.context.cancellation,
                random: Double.random(in: 0..<1))
            if outcome == .returned || outcome == nil {
                run.context.logger.info("The run was given up.", metadata: ["error": "\(error)"])
            } else if !(error is JobSignal) {
                run.context.logger.warning(
                    "The run failed.",
                    metadata: ["error": "\(error)", "outcome": "\(outcome?.name ?? "")"])
            }
        }
        finish(job, outcome, startedAt: run.startedAt)
    }

    /// Passes the run through the middleware.
    private func perform(_ job: ClaimedJob, _ handler: JobHandler, _ context: JobContext) async throws -> [UInt8]? {
        let payload = try sealing.map { try $0.open(job.payload) } ?? job.payload
        guard !middleware.isEmpty else { return try await handler.run(payload, context) }
        let result = Lock<[UInt8]?>(nil)
        var next: @Sendable () async throws -> Void = {
            let bytes = try await handler.run(payload, context)
            result.with { $0 = bytes }
        }
        for layer in middleware.reversed() {
            let inner = next
            next = { try await layer.run(context, next: inner) }
        }
        try await next()
        return result.with { $0 }
    }

    private func settle(_ result: [UInt8]?) -> JobOutcome {
        if let result, result.count > configuration.maxPayload {
            return .dead(
                error: "\(JobError(.payloadTooLarge, "a result of \(result.count) bytes is above the cap"))")
        }
        return .completed(result: result)
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
        let outcome = abandon(context)
        if state.with({ $0.ended(context.reference, outcome) }) {
            observer?.observe(.finished(describe(context), outcome: outcome, duration: age))
        }
        fire()
        askForRestart("\(context.kind) \(context.id) ignores its hard limit and still runs")
    }

    /// The outcome of a run that will not end.
    private func abandon(_ context: JobContext) -> JobOutcome {
        let policy = handlers[context.kind]?.options.retry ?? RetryPolicy()
        let error = JobError(.timeLimitExceeded, "above its hard limit, and ignores cancellation")
        let request = RetryRequest(
            id: context.id, kind: context.kind, attempt: context.attempt, maxAttempts: context.maxAttempts,
            error: error)
        return switch policy.decision(for: request, random: Double.random(in: 0..<1)) {
        case .retry(let delay): .retry(after: delay, error: "\(error)")
        case .dead: .dead(error: "\(error)")
        case .discard: .discarded(reason: "\(error)")
        case .cancel: .cancelled(reason: "\(error)")
        }
    }

    private func describe(_ context: JobContext) -> RunDescription {
        RunDescription(
            id: context.id, run: context.run, kind: context.kind, queue: context.queue, attempt: context.attempt)
    }
}
