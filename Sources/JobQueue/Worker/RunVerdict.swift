/// What becomes of a run that threw.
enum RunVerdict {
    /// - Parameters:
    ///   - cancellation: Why the run had been asked to stop, if it had.
    ///   - random: 0 up to 1; where in the jitter a delay falls.
    /// - Returns: `nil` where the run is no longer ours and nothing is to be told.
    static func outcome(
        of error: any Error, job: ClaimedJob, policy: RetryPolicy, cancellation: JobCancellation?, random: Double
    ) -> JobOutcome? {
        // What a job decides for itself holds also while it is asked to stop, unless that is to end it.
        if let control = error as? JobControl, [nil, .softLimit, .shutdown].contains(cancellation) {
            return outcome(of: control, job: job)
        }
        switch cancellation {
        case .leaseLost: return nil
        case .requested: return .cancelled(reason: "")
        case .shutdown: return .returned
        case .softLimit, .hardLimit:
            let error = JobError(
                .timeLimitExceeded, cancellation == .softLimit ? "above its soft limit" : "above its hard limit",
                underlying: error is CancellationError ? nil : error)
            return judge(error, job: job, policy: policy, random: random)
        case nil: break
        }
        return judge(error, job: job, policy: policy, random: random)
    }

    private static func outcome(of signal: JobControl, job: ClaimedJob) -> JobOutcome {
        switch signal {
        case .retry(let delay, let reason):
            let text = reason.isEmpty ? "to be tried again" : reason
            return job.attempt < job.maxAttempts ? .retry(after: delay, error: text) : .dead(error: text)
        case .snooze(let delay): return .snoozed(delay)
        case .discard(let reason): return .discarded(reason: reason)
        case .cancel(let reason): return .cancelled(reason: reason)
        case .fail(let reason): return .dead(error: reason)
        case .waitForChildren: return .waitingForChildren
        }
    }

    private static func judge(
        _ error: any Error, job: ClaimedJob, policy: RetryPolicy, random: Double
    ) -> JobOutcome {
        let text = "\(error)".storable
        let request = RetryRequest(
            id: job.id, kind: job.kind, attempt: job.attempt, maxAttempts: job.maxAttempts, error: error)
        return switch policy.decision(for: request, random: random) {
        case .retry(let delay): .retry(after: delay, error: text)
        case .dead: .dead(error: text)
        case .discard: .discarded(reason: text)
        case .cancel: .cancelled(reason: text)
        }
    }
}
