import Logging
import ServiceMetrics
import Synchronization

/// Samples of the last minutes for the page's dashboard, taken from the metrics every two seconds.
final class Dashboard: Sendable {
    struct Sample: Encodable, Sendable {
        var at: String
        var requests_per_second = 0.0
        var p50_ms = 0.0
        var p95_ms = 0.0
        var p99_ms = 0.0
        var pool_in_use = 0.0
        var pool_limit = 0.0
        var pool_waiting = 0.0
        var jobs_ready = 0.0
        var jobs_running = 0.0
        var patients_per_second = 0.0
        var memory_bytes = 0.0
    }

    /// What the rates are differences of.
    private struct Totals {
        var at: ContinuousClock.Instant
        var requests: Double
        var patients: Double
        var latencies: [UInt64]
    }

    private let registry: MetricRegistry
    private let samples = Mutex<[Sample]>([])
    static let interval = Duration.seconds(2)
    /// Ten minutes.
    static let capacity = 300

    init(registry: MetricRegistry) { self.registry = registry }

    /// The samples, oldest first.
    var recent: [Sample] { samples.withLock { $0 } }

    func run() async {
        var last = totals()
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            let now = totals()
            let sample = sample(from: last, to: now)
            last = now
            samples.withLock { samples in
                if samples.count >= Self.capacity { samples.removeFirst() }
                samples.append(sample)
            }
        }
    }

    private func totals() -> Totals {
        Totals(
            at: .now, requests: registry.total(of: "api_requests_total") ?? 0,
            patients: registry.total(of: "patients_generated_total") ?? 0,
            latencies: registry.observations(of: "api_request_duration_seconds")?.counts ?? [])
    }

    private func sample(from last: Totals, to now: Totals) -> Sample {
        let seconds = max(0.001, (now.at - last.at) / .seconds(1))
        var sample = Sample(at: moment(milliseconds()))
        sample.requests_per_second = max(0, now.requests - last.requests) / seconds
        sample.patients_per_second = max(0, now.patients - last.patients) / seconds
        if let buckets = registry.observations(of: "api_request_duration_seconds")?.buckets {
            let counts = now.latencies.indices.map { index in
                now.latencies[index] &- (index < last.latencies.count ? last.latencies[index] : 0)
            }
            func quantile(_ share: Double) -> Double { (buckets.quantile(share, counts: counts) ?? 0) * 1000 }
            sample.p50_ms = quantile(0.5)
            sample.p95_ms = quantile(0.95)
            sample.p99_ms = quantile(0.99)
        }
        sample.pool_in_use = registry.total(of: "db_connections_active") ?? 0
        sample.pool_limit = registry.total(of: "db_connections_max") ?? 0
        sample.pool_waiting = registry.total(of: "db_connections_waiting") ?? 0
        sample.jobs_ready = registry.total(of: "job_queue_size", where: ["state": "ready"]) ?? 0
        sample.jobs_running = registry.total(of: "job_queue_size", where: ["state": "running"]) ?? 0
        sample.memory_bytes = registry.value(of: "process_resident_memory_bytes") ?? 0
        return sample
    }
}
