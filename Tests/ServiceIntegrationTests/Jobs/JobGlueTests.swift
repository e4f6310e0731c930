import HealthChecks
import JobQueue
import Logging
import ServiceIntegration
import ServiceMetrics
import Testing

private struct Moody: JobParameters {
    static let kind = "moody"
    static let options = JobOptions(retry: .constant(.milliseconds(1), maxAttempts: 2))
    struct Bad: Error {}
    var fails: Bool
}

@Suite struct JobGlueTests {
    private let store = MemoryJobStore()

    @Test func `what jobs do is counted, timed and shown`() async throws {
        let registry = MetricRegistry()
        let metrics = try JobMetrics(registry: registry)
        let client = JobClient(store: store, observer: metrics)
        let worker = try JobWorker(
            store: store, configuration: .init(queues: ["default": 2], maintenanceInterval: .milliseconds(5)),
            observer: metrics, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { jobs in
            jobs.register(Moody.self) { parameters, _ in if parameters.fails { throw Moody.Bad() } }
        }
        async let running: Void = worker.run()
        let good = try await client.enqueue(Moody(fails: false))
        let bad = try await client.enqueue(Moody(fails: true))
        _ = try await good.waitUntilFinished()
        _ = try await bad.waitUntilFinished()
        worker.stop()
        try await running
        for _ in 0..<2 { _ = try await client.enqueue(Moody(fails: false), options: .init(uniqueKey: "once")) }
        metrics.observe(try await store.statistics())
        metrics.observe(.rescued(count: 2, poisoned: 1))
        metrics.observe(.leaseLost)
        metrics.observe(.rejected(RunReference(id: good.id, run: 1)))
        metrics.observe(.storeWarning("w"))
        let kind = ["kind": "moody"]
        let wanted: [(name: String, labels: [String: String], value: Double)] = [
            ("jobs_enqueued_total", kind, 3), ("job_runs_total", ["kind": "moody", "outcome": "completed"], 1),
            ("job_retries_total", kind, 1), ("job_dead_total", kind, 1), ("job_rescues_total", [:], 3),
            ("job_poisoned_total", [:], 1), ("job_leases_lost_total", [:], 1),
            ("job_outcomes_rejected_total", [:], 1), ("job_store_warnings_total", [:], 1),
            ("job_queue_size", ["queue": "default", "state": "ready"], 1),
            ("job_queue_oldest_seconds", ["queue": "default"], 0),
        ]
        for figure in wanted {
            #expect(registry.total(of: figure.name, where: figure.labels) == figure.value, "\(figure.name)")
        }
        #expect(registry.observations(of: "job_execution_seconds")?.counts.reduce(0, +) == 3)
    }

    @Test func `what an operator waits for is there with zeros before the first time`() throws {
        let registry = MetricRegistry()
        try JobMetrics(registry: registry).expect(queues: ["default"], kinds: ["moody"])
        for name in ["jobs_enqueued_total", "job_retries_total", "job_dead_total"] {
            #expect(registry.totals(of: name, by: "kind") == ["moody": 0], "\(name)")
        }
        #expect(registry.totals(of: "job_limits_exceeded_total", by: "limit") == ["soft": 0, "hard": 0])
        #expect(registry.totals(of: "job_queue_size", by: "queue") == ["default": 0])
    }

    @Test func `a queue whose jobs wait too long is degraded, then unhealthy; a paused one is well`() async throws {
        let health = HealthRegistry()
        health.add(.jobQueues(store, maxAge: .milliseconds(1)))
        await health.refresh()
        #expect(health.report().status == .healthy)
        _ = try await JobClient(store: store).enqueue(Moody(fails: false))
        try await Task.sleep(for: .milliseconds(20))
        await health.refresh()
        #expect([.degraded, .unhealthy].contains(health.report().status))
        try await store.pause("default")
        await health.refresh()
        #expect(health.report().status == .healthy)
    }
}
