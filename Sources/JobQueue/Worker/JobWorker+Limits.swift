import Logging

extension JobWorker {
    /// Looks at the running jobs every 50 ms, as long as one of them has a limit or a process of its own.
    func watchLimits() async {
        while !Task.isCancelled {
            let watched = runs.with { $0.all }.filter(\.isWatched)
            if watched.isEmpty {
                await limitsWakeup.wait()
                continue
            }
            let now = clock.monotonic()
            for run in watched { check(run, now: now) }
            try? await clock.sleep(for: .milliseconds(50))
        }
    }

    private func check(_ run: LiveRun, now: Duration) {
        let age = now - run.startedAt
        if let soft = run.limits.soft, age >= soft, run.cancel(.softLimit) {
            observer?.observe(.limitExceeded(RunDescription(run.job), hard: false))
        }
        if let hard = run.limits.hard, age >= hard {
            if run.pool == nil { giveUp(run, age: age) } else { kill(run) }
        }
        if run.pool != nil { checkProcess(of: run, now: now) }
    }

    // MARK: Inside the worker

    /// The job does not end: its run is fenced and its slot freed, and the worker asks to be replaced.
    private func giveUp(_ run: LiveRun, age: Duration) {
        let context = run.context
        // It may have ended this moment; whoever removes it from the table decides.
        guard runs.with({ $0.remove(run) }) else { return }
        run.cancel(.hardLimit)
        observer?.observe(.limitExceeded(RunDescription(run.job), hard: true))
        let error = JobError(.timeLimitExceeded, "above its hard limit, and ignores cancellation")
        let outcome = engine.judge(error, run.job, context) ?? .returned
        if state.with({ $0.ended(run.reference, at: run.place, outcome) }) {
            observer?.observe(.finished(RunDescription(run.job), outcome: outcome, duration: age))
        }
        fire()
        startNext(of: run.job.queue)
        askForRestart("\(context.kind) \(context.id) ignores its hard limit and still runs")
    }

    // MARK: Beside the worker

    private func kill(_ run: LiveRun) {
        run.cancel(.hardLimit)
        if run.kill(JobError(.timeLimitExceeded, "above its hard limit; its process was killed")) {
            observer?.observe(.limitExceeded(RunDescription(run.job), hard: true))
        }
    }

    private func checkProcess(of run: LiveRun, now: Duration) {
        if let limit = run.pool?.maxRSS, let memory = run.memory, memory > limit {
            run.kill(
                JobError(.memoryLimitExceeded, "its process used \(memory) bytes, above \(limit), and was killed"))
        }
        // A job that someone wants gone has some time to say goodbye.
        switch run.context.cancellation {
        case .requested, .leaseLost:
            if now - run.markCancelled(now) >= configuration.cancelTimeout {
                run.kill(JobError(.processDied, "it did not react to being cancelled; its process was killed"))
            }
        case .softLimit, .hardLimit, .shutdown, nil: break
        }
    }

    /// Runs a job in a process of the pool.
    func runBeside(_ run: LiveRun, in pool: ProcessPool) async -> JobOutcome? {
        let process: PooledProcess
        do {
            process = try await pool.take()
        } catch {
            logger.error("A job is put off for want of a process.", metadata: ["error": "\(error)"])
            return .snoozed(.seconds(5))
        }
        run.enter(process)
        let context = run.context
        let end = await process.run(
            run.job,
            PooledProcess.Listener(
                progressed: { context.adopt($0, $1) },
                checkpoint: { [self] in try await checkpoint(context.reference, bytes: $0) },
                committed: { context.markCommitted() }))
        let killed = run.leave()
        switch end {
        case .ended(let outcome, let progress, let message):
            pool.give(process)
            if progress != nil || message != nil { context.adopt(progress, message) }
            return outcome
        case .died(let how):
            pool.give(process)
            if context.isCommitted { return .completed(result: nil) }
            return engine.judge(killed ?? JobError(.processDied, "its process \(how)"), run.job, context)
        }
    }
}
