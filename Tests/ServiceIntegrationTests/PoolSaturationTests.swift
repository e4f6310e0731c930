import HealthChecks
import ServiceIntegration
import ServiceMetrics
import Synchronization
import Testing

@testable import ConnectionPool

/// Ends with its task's cancellation alone.
private func forever() async throws {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    for await _ in stream {}
    continuation.finish()
    try Task.checkCancellation()
}

@Suite("Pool and health", .timeLimit(.minutes(1)))
struct PoolSaturationTests {
    private func statistics(inUse: Int, waiting: Int = 0) -> PoolStatistics {
        var statistics = PoolStatistics()
        statistics.limit = 10
        statistics.inUse = inUse
        statistics.waiting = waiting
        return statistics
    }

    @Test("an exhausted pool reads degraded: saturated, not down, even when the ping waits until its time is over")
    func saturated() async {
        let health = HealthRegistry()
        let inUse = Mutex(5)
        health.add(
            .database(
                timeout: .milliseconds(100), failuresToFail: 1,
                statistics: { statistics(inUse: inUse.withLock { $0 }) },
                ping: {
                    // The last connection is lent while the ping waits.
                    inUse.withLock { $0 = 10 }
                    try await forever()
                }))
        for _ in 0..<2 {
            await health.refresh()
            let check = health.report().checks[0]
            #expect(check.status == .degraded && check.result?.message?.hasPrefix("saturated") == true)
            #expect(health.isReady)
        }
    }

    @Test("a database that hangs while connections are free is down")
    func hanging() async {
        let health = HealthRegistry()
        health.add(
            .database(timeout: .milliseconds(40), failuresToFail: 1, statistics: { statistics(inUse: 1) }) {
                try await forever()
            })
        await health.refresh()
        #expect(!health.isReady)
    }

    @Test("a pool is saturated when callers wait or most of it is lent")
    func saturation() async {
        for (figures, expected) in [
            (statistics(inUse: 9), HealthStatus.healthy), (statistics(inUse: 10), .degraded),
            (statistics(inUse: 2, waiting: 1), .degraded),
        ] {
            let health = HealthRegistry()
            health.add(.poolSaturation { figures })
            await health.refresh()
            #expect(health.report().checks[0].status == expected)
        }
    }

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
