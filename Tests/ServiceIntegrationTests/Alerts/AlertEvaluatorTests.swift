import Foundation
import Logging
import ServiceMetrics
import Synchronization
import TestServers
import Testing

@testable import ServiceIntegration

@Suite("Alert evaluator", .timeLimit(.minutes(1)))
struct AlertEvaluatorTests {
    /// A registry with the metrics that alerts read, and a time to turn.
    private final class Rig: Sendable {
        let registry = MetricRegistry()
        let seconds = Mutex(0.0)
        let active = Guarded(0.0)
        let refused = Guarded(0.0)
        let bodies = Mutex([[UInt8]]())
        let refuses = Mutex(false)
        let durations: HistogramFamily

        init() throws {
            durations = try registry.histogram(
                "api_request_duration_seconds", help: "D.", labels: "endpoint", buckets: .latency)
            try registry.gauge("db_connections_active", help: "A.", labels: ["pool"]) { [active] in
                [(values: ["main"], value: active.with { $0 })]
            }
            try registry.gauge("db_connections_max", help: "M.", labels: ["pool"]) { [(values: ["main"], value: 10)] }
            try registry.counter("db_pool_shed_total", help: "S.", labels: ["pool", "priority"]) { [refused] in
                ["0", "1"].map { (values: ["main", $0], value: refused.with { $0 }) }
            }
            try registry.gauge("process_memory_working_set_bytes", help: "W.") { 10 }
            try registry.gauge("process_memory_limit_bytes", help: "L.") { 100 }
        }

        func evaluator(_ thresholds: AlertThresholds = AlertThresholds()) -> AlertEvaluator {
            let start = ContinuousClock.now
            return AlertEvaluator(
                registry: registry, thresholds: thresholds, labels: ["service": "s"], logger: Logger(label: "alerts"),
                push: { [self] body in
                    if refuses.withLock({ $0 }) { throw CancellationError() }
                    bodies.withLock { $0.append(body) }
                },
                now: { [self] in start + .seconds(seconds.withLock { $0 }) },
                wall: { [self] in Date(timeIntervalSince1970: 1_750_000_000 + seconds.withLock { $0 }) })
        }

        func advance(_ step: Double) { seconds.withLock { $0 += step } }

        func pushed() throws -> [[[String: Any]]] {
            try bodies.withLock { $0 }.map {
                try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [[String: Any]])
            }
        }
    }

    @Test("a pool that is exhausted for its duration fires, is pushed again each minute, and resolves")
    func pool() async throws {
        let rig = try Rig()
        let alerts = rig.evaluator()
        #expect(alerts.alerts.map(\.state) == [.inactive, .inactive, .inactive, .inactive])
        rig.active.with { $0 = 10 }
        for _ in 0..<8 {
            alerts.evaluate()
            await alerts.send()
            rig.advance(15)
        }
        #expect(alerts.alerts.first?.state == .pending && rig.bodies.withLock { $0.isEmpty })
        alerts.evaluate()
        await alerts.send()
        let firing = try #require(alerts.alerts.first { $0.state == .firing })
        #expect(firing.name == "ConnectionPoolExhausted" && firing.labels == ["pool": "main"] && firing.value == 1)
        #expect(firing.since == Date(timeIntervalSince1970: 1_750_000_000))
        rig.advance(30)
        await alerts.send()
        #expect(rig.bodies.withLock { $0.count } == 1)
        rig.advance(30)
        await alerts.send()
        let body = try #require(try rig.pushed().last?.first)
        let labels = try #require(body["labels"] as? [String: String])
        #expect(
            labels == ["alertname": "ConnectionPoolExhausted", "severity": "page", "pool": "main", "service": "s"])
        #expect((body["annotations"] as? [String: String])?["description"]?.isEmpty == false)
        rig.active.with { $0 = 1 }
        rig.refuses.withLock { $0 = true }
        alerts.evaluate()
        await alerts.send()
        #expect(rig.bodies.withLock { $0.count } == 2)
        rig.refuses.withLock { $0 = false }
        rig.advance(15)
        await alerts.send()
        await alerts.send()
        let pushed = try rig.pushed()
        #expect(pushed.count == 3, "a resolved alert is sent until it is taken, and no more")
        let ends = try Date(
            try #require(pushed[2].first?["endsAt"] as? String),
            strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(ends == Date(timeIntervalSince1970: 1_750_000_180))
        #expect(alerts.alerts.contains { $0.state == .resolved })
    }

    @Test("one slow endpoint fires, a fast one does not; it resolves when the slow requests leave the window")
    func latency() throws {
        let rig = try Rig()
        var thresholds = AlertThresholds()
        thresholds.highResponseTime = .init(1, for: "30s")
        let alerts = rig.evaluator(thresholds)
        func second(slow: Bool) {
            rig.durations.with("/fast").observe(0.01)
            if slow { rig.durations.with("/slow").observe(3) }
            alerts.evaluate()
            rig.advance(7.5)
        }
        for _ in 0..<4 { second(slow: false) }
        #expect(alerts.alerts.allSatisfy { $0.state == .inactive })
        for _ in 0..<6 { second(slow: true) }
        let firing = alerts.alerts.filter { $0.state == .firing }
        #expect(firing.map(\.labels) == [["endpoint": "/slow"]] && firing.first.map { ($0.value ?? 0) > 1 } == true)
        for _ in 0..<6 { second(slow: false) }
        #expect(alerts.alerts.filter { $0.state == .resolved }.map(\.labels) == [["endpoint": "/slow"]])
    }

    @Test("a pool that refuses callers fires by its rate, whatever it refused before")
    func overload() throws {
        let rig = try Rig()
        rig.refused.with { $0 = 1_000_000 }
        let alerts = rig.evaluator()
        func look(refusing more: Double) -> AlertState? {
            rig.advance(15)
            rig.refused.with { $0 += more }
            alerts.evaluate()
            return alerts.alerts.first { $0.name == "ConnectionPoolOverloaded" }?.state
        }
        for _ in 0..<20 { #expect(look(refusing: 0) == .inactive) }
        // Of each of two priorities, 7 in 15 seconds: not more than one a second.
        for _ in 0..<20 { #expect(look(refusing: 7) == .inactive) }
        #expect(look(refusing: 8) == .pending)
        for _ in 0..<8 { _ = look(refusing: 8) }
        #expect(look(refusing: 8) == .firing)
        #expect(look(refusing: 0) == .resolved)
    }

    @Test("the answer of the API holds every rule, with its threshold and what to do")
    func json() throws {
        let rig = try Rig()
        let object = try JSONSerialization.jsonObject(with: Data(rig.evaluator().json())) as? [String: [[String: Any]]]
        let alerts = try #require(object?["alerts"])
        #expect(
            alerts.map { $0["name"] as? String } == [
                "ConnectionPoolExhausted", "ConnectionPoolOverloaded", "HighResponseTime", "MemoryUsageHigh",
            ])
        #expect(alerts.allSatisfy { $0["state"] as? String == "inactive" && $0["action"] is String })
        #expect(alerts.map { $0["threshold"] as? Double } == [0.9, 1, 1, 0.8])
    }

    @Test(
        "durations are read as Prometheus writes them",
        arguments: [("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86_400)])
    func spans(text: String, seconds: Int) { #expect(AlertEvaluator.span(text) == .seconds(seconds)) }
}
