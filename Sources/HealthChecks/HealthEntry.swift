/// A look that has begun and not ended.
struct HealthFlight {
    let id: UInt64
    let began: ContinuousClock.Instant
    /// Whether its time is over: nobody waits for it any more, and no second look begins before it ends.
    var isOverdue = false
    var waiters: [CheckedContinuation<Void, Never>] = []
}

/// A check in the registry, with all that is known of it.
struct HealthEntry {
    static let historyLimit = 32

    let check: HealthCheck
    var state: CheckState
    var flight: HealthFlight?
    var due: ContinuousClock.Instant
    var history: [HealthTransition] = []
    /// Whether it was ever well, which is what a startup check is asked.
    var wasWell = false

    init(_ check: HealthCheck, due: ContinuousClock.Instant) {
        self.check = check
        self.due = due
        state = CheckState(failuresToFail: check.failuresToFail, successesToPass: check.successesToPass)
    }

    /// Takes a result; returns the change, where there is one, and what to tell those who count.
    mutating func take(
        _ result: HealthResult, took: Duration, at now: ContinuousClock.Instant, isTimeout: Bool
    ) -> (HealthTransition?, HealthLook) {
        let change = state.apply(result, took: took, at: now)
        if state.status == .healthy || state.status == .degraded { wasWell = true }
        let transition = change.map {
            HealthTransition(name: check.name, from: $0.from, to: $0.to, at: now, message: result.message)
        }
        if let transition {
            if history.count == Self.historyLimit { history.removeFirst() }
            history.append(transition)
        }
        let look = HealthLook(
            name: check.name, found: result.status, status: state.status, duration: took, isTimeout: isTimeout,
            transitions: state.transitions)
        return (transition, look)
    }
}
