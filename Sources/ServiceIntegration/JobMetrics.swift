public import JobQueue
public import ServiceMetrics

/// Turns what workers and clients report into metrics.
public struct JobMetrics: JobObserver {
    private let size: GaugeFamily
    private let oldest: GaugeFamily
    private let durations: HistogramFamily
    private let waits: HistogramFamily
    private let outcomes: CounterFamily
    private let enqueued: CounterFamily
    private let rescues: Counter
    private let poisoned: Counter
    private let lostLeases: Counter
    private let rejected: Counter
    private let limits: CounterFamily
    private let retries: CounterFamily
    private let dead: CounterFamily
    private let restarts: Counter
    private let warnings: Counter
    private let storeFailures: Counter

    /// Registers `job_queue_size`, `job_execution_seconds` and what an operator needs beside them.
    public init(registry: MetricRegistry) throws {
        size = try registry.gauge("job_queue_size", help: "Jobs by queue and state.", labels: "queue", "state")
        oldest = try registry.gauge(
            "job_queue_oldest_seconds", help: "Age of the oldest job that could run.", labels: "queue")
        durations = try registry.histogram(
            "job_execution_seconds", help: "How long runs take.", labels: "kind", "outcome")
        waits = try registry.histogram(
            "job_wait_seconds", help: "How long jobs wait after they could run.", labels: "kind")
        outcomes = try registry.counter("job_runs_total", help: "Runs ended.", labels: "kind", "outcome")
        enqueued = try registry.counter("jobs_enqueued_total", help: "Jobs stored.", labels: "kind")
        rescues = try registry.counter("job_rescues_total", help: "Runs whose worker was lost.")
        lostLeases = try registry.counter("job_leases_lost_total", help: "Leases that ended before they were renewed.")
        poisoned = try registry.counter(
            "job_poisoned_total", help: "Jobs given up because their process died too often.")
        rejected = try registry.counter(
            "job_outcomes_rejected_total", help: "Outcomes refused because the run had been taken away.")
        limits = try registry.counter(
            "job_limits_exceeded_total", help: "Runs that reached a time limit.", labels: "kind", "limit")
        retries = try registry.counter("job_retries_total", help: "Failed runs that are tried again.", labels: "kind")
        dead = try registry.counter("job_dead_total", help: "Jobs that went to the dead letter.", labels: "kind")
        restarts = try registry.counter(
            "job_worker_restarts_wanted_total", help: "Workers that asked to be replaced by a fresh process.")
        warnings = try registry.counter("job_store_warnings_total", help: "Things the store wants looked at.")
        storeFailures = try registry.counter("job_store_failures_total", help: "Calls that the store did not answer.")
    }

    /// Counts an event.
    public func observe(_ event: JobEvent) {
        switch event {
        case .enqueued(let kind, _, let count): enqueued.with(kind).increment(by: count)
        case .started(let run, let waited): waits.with(run.kind).observe(waited)
        case .finished(let run, let outcome, let duration):
            let name = outcome.name
            durations.with(run.kind, name).observe(duration)
            outcomes.with(run.kind, name).increment()
            switch outcome {
            case .retry: retries.with(run.kind).increment()
            case .dead: dead.with(run.kind).increment()
            default: break
            }
        case .limitExceeded(let run, let isHard): limits.with(run.kind, isHard ? "hard" : "soft").increment()
        case .rescued(let count, let poisoned):
            rescues.increment(by: count + poisoned)
            self.poisoned.increment(by: poisoned)
        case .leaseLost: lostLeases.increment()
        case .rejected: rejected.increment()
        case .restartNeeded: restarts.increment()
        case .storeWarning: warnings.increment()
        case .storeUnavailable: storeFailures.increment()
        case .statistics(let queues): observe(queues)
        default: break
        }
    }

    /// Shows queues that have no jobs yet and kinds of which none ran or failed yet, with zeros: a rate tells of the
    /// first failure only where a zero was scraped before it.
    public func expect(queues: [String], kinds: [String] = []) {
        observe(queues.map { QueueStatistics(queue: $0) })
        for kind in kinds {
            for counters in [enqueued, retries, dead] { _ = counters.with(kind) }
            for limit in ["soft", "hard"] { _ = limits.with(kind, limit) }
        }
    }

    /// Reads the store's statistics again and again until the task is cancelled; a store that is away is asked again.
    ///
    /// One process per store is enough: the figures are those of the store, not of a worker.
    /// - Parameter queues: Shown with zeros while they have no jobs.
    public func follow(_ store: any JobStore, queues: [String] = [], every interval: Duration = .seconds(2)) async {
        while !Task.isCancelled {
            if let statistics = try? await store.statistics() {
                observe(statistics)
                expect(queues: queues.filter { name in !statistics.contains { $0.queue == name } })
            } else {
                storeFailures.increment()
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// Sets the gauges of the queues.
    public func observe(_ queues: [QueueStatistics]) {
        for queue in queues {
            for state in JobState.allCases where !state.isTerminal {
                size.with(queue.queue, state.rawValue).set(Double(queue.counts[state] ?? 0))
            }
            let age = queue.oldestReady.map { Double($0.components.seconds) } ?? 0
            oldest.with(queue.queue).set(age)
        }
    }
}
