import Foundation
import Logging
import ServiceMetrics
import Synchronization
import Testing

@testable import ServiceIntegration

@Suite("Memory alert", .serialized)
struct MemoryBallastTests {
    @Test("memory that is really taken fires the alert after its duration, and giving it back resolves it")
    func ballast() throws {
        let size = 128 << 20
        let process = MetricRegistry()
        try process.registerProcessMetrics()
        let before = try #require(process.value(of: "process_resident_memory_bytes"))
        // The limit lies so that half of the ballast reaches the threshold.
        let limit = (before + Double(size) / 2) / 0.8
        let registry = MetricRegistry()
        try registry.gauge("process_memory_working_set_bytes", help: "W.") {
            process.value(of: "process_resident_memory_bytes")
        }
        try registry.gauge("process_memory_limit_bytes", help: "L.") { limit }
        let seconds = Mutex(0)
        let start = ContinuousClock.now
        let alerts = AlertEvaluator(
            registry: registry, thresholds: AlertThresholds(), logger: Logger(label: "alerts"),
            now: { start + .seconds(seconds.withLock { $0 }) })
        func state(after step: Int) -> AlertState? {
            seconds.withLock { $0 += step }
            alerts.evaluate()
            return alerts.alerts.first { $0.name == "MemoryUsageHigh" }?.state
        }
        #expect(state(after: 0) == .inactive)
        let memory = try #require(
            mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        try #require(memory != MAP_FAILED)
        memset(memory, 1, size)
        #expect(state(after: 15) == .pending)
        #expect(state(after: 599) == .pending)
        #expect(state(after: 1) == .firing)
        munmap(memory, size)
        #expect(state(after: 15) == .resolved)
    }
}
