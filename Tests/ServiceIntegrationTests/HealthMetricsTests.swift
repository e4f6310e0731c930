import HealthChecks
import ServiceIntegration
import ServiceMetrics
import Synchronization
import Testing

/// Ends with its task's cancellation alone.
private func forever() async throws {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    for await _ in stream {}
    continuation.finish()
    try Task.checkCancellation()
}

@Suite("Health as metrics", .timeLimit(.minutes(1)))
struct HealthMetricsTests {
    @Test("looks, timeouts, changes and states become metrics")
    func metrics() async throws {
        let health = HealthRegistry()
        let registry = MetricRegistry()
        try HealthMetrics(health, registry: registry)
        let fails = Mutex(false)
        health.add(HealthCheck(name: "flaps") { fails.withLock { $0 } ? .unhealthy("no") : .healthy })
        health.add(HealthCheck(name: "half") { .degraded("so so") })
        health.add(
            HealthCheck(name: "hangs", timeout: .milliseconds(5)) {
                try await forever()
                return .healthy
            })
        await health.refresh()
        fails.withLock { $0 = true }
        await health.refresh()
        #expect(registry.totals(of: "health_check_status", by: "check") == ["flaps": 0, "half": 0.5, "hangs": 0])
        let changes = registry.totals(of: "health_check_transitions_total", by: "check")
        #expect(changes["flaps"] == 2 && changes["half"] == 1)
        #expect((registry.totals(of: "health_check_timeouts_total", by: "check")["hangs"] ?? 0) >= 1)
        let looks = registry.observations(of: "health_check_duration_seconds", by: "check")
        #expect(looks?.counts["half"]?.reduce(0, +) == 2)
    }
}
