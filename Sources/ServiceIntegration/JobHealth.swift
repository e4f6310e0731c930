public import HealthChecks
public import JobQueue

extension HealthCheck {
    /// Whether jobs are taken up in time: degraded when the oldest job that could run has waited longer than `maxAge`,
    /// unhealthy at four times that. A paused queue is left out: that it waits is somebody's wish.
    /// - Parameters:
    ///   - store: Whose queues.
    ///   - queues: These; all by default.
    ///   - maxAge: How long a job may wait after it could have run.
    public static func jobQueues(
        _ store: any JobStore, name: String = "job-queues", queues: Set<String>? = nil,
        maxAge: Duration = .seconds(60), criticality: Criticality = .optional, interval: Duration = .seconds(10)
    ) -> HealthCheck {
        HealthCheck(name: name, kind: .ready, criticality: criticality, interval: interval) {
            var worst: (queue: String, age: Duration)?
            var waiting = 0
            for queue in try await store.statistics()
            where !queue.settings.isPaused && queues.map({ $0.contains(queue.queue) }) ?? true {
                waiting += queue.waiting
                if let age = queue.oldestReady, age > worst?.age ?? .zero { worst = (queue.queue, age) }
            }
            let age = worst?.age ?? .zero
            let details = [
                HealthResult.Detail("waiting", Double(waiting)),
                HealthResult.Detail("oldest_seconds", Double(age.components.seconds)),
            ]
            guard let worst, age > maxAge else { return HealthResult(.healthy, details: details) }
            return HealthResult(
                age > maxAge * 4 ? .unhealthy : .degraded,
                "a job in \(worst.queue) has waited \(age.components.seconds) s: see whether workers run and keep up",
                details: details)
        }
    }

    /// Whether a worker should be replaced by a fresh process: a job that ignored its hard limit still runs inside it,
    /// or it has done its share. For a liveness probe that restarts it.
    public static func jobWorker(_ worker: JobWorker, name: String = "job-worker") -> HealthCheck {
        HealthCheck(name: name, kind: .live, criticality: .critical) { [weak worker] in
            guard let reason = worker?.restartReason else { return HealthResult(.healthy) }
            return HealthResult(.unhealthy, "restart it: \(reason)")
        }
    }
}
