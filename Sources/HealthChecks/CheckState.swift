/// A check's state and the rules of its change: it fails after so many failures in a row and is well after so many
/// successes in a row.
struct CheckState: Sendable {
    let failuresToFail: Int
    let successesToPass: Int
    /// What counts.
    private(set) var status = HealthStatus.unknown
    private(set) var last: HealthResult?
    private(set) var checked: ContinuousClock.Instant?
    private(set) var duration = Duration.zero
    private(set) var streak = 0
    private(set) var transitions = 0

    /// Takes a result. Returns the change, where there is one.
    mutating func apply(
        _ result: HealthResult, took: Duration, at now: ContinuousClock.Instant
    ) -> (from: HealthStatus, to: HealthStatus)? {
        let failed = result.status == .unhealthy
        let failedBefore = last?.status == .unhealthy
        streak = last == nil || failed != failedBefore ? 1 : streak + 1
        last = result
        checked = now
        duration = took
        let next: HealthStatus =
            if status == .unknown {
                result.status
            } else if failed {
                streak >= failuresToFail ? .unhealthy : status
            } else if status == .unhealthy {
                streak >= successesToPass ? result.status : .unhealthy
            } else {
                result.status
            }
        guard next != status else { return nil }
        defer {
            status = next
            transitions += 1
        }
        return (status, next)
    }
}
