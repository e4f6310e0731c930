import BenchHarness
import Foundation
import ServiceMetrics
import Synchronization

/// The floor: one atomic figure.
final class Floor: Sendable {
    let figure = Atomic<Int64>(0)

    @inline(never)
    func add(_ count: Int) {
        for _ in 0..<count { figure.wrappingAdd(1, ordering: .relaxed) }
    }
}

/// Runs a body on threads at once; nanoseconds a repetition, as each thread sees it.
func onThreads(_ threads: Int, _ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
    let ready = Atomic<Int>(0)
    let spent = Atomic<UInt64>(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
        ready.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while ready.load(ordering: .sequentiallyConsistent) < threads {}
        let start = now()
        body(count)
        spent.wrappingAdd(now() - start, ordering: .sequentiallyConsistent)
    }
    return Double(spent.load(ordering: .sequentiallyConsistent)) / Double(threads) / Double(count)
}

/// Updates alone and by two threads, each against an atomic add measured in the same round.
func measureUpdates(_ bench: Bench) async throws {
    let registry = MetricRegistry()
    let alone = try registry.counter("alone_total", help: "One thread.")
    let shared = try registry.counter("shared_total", help: "Two threads.")
    let histogram = try registry.histogram("alone_seconds", help: "One thread.", buckets: twelve)
    let together = try registry.histogram("shared_seconds", help: "Two threads.", buckets: twelve)
    let durations = try registry.histogram("durations_seconds", help: "Durations.", buckets: twelve)
    let requests = try registry.counter("requests_total", help: "Requests.", labels: "method", "endpoint", "status")
    let typed = try requests.typed(String.self, String.self, Status.self)
    let gauge = try registry.gauge("level", help: "Level.")
    let floor = Floor()
    let count = 5_000_000
    let add = "atomic add"

    func row(
        _ name: String, threads: Int = 1, target: Target?, _ body: @escaping @Sendable (Int) -> Void
    ) async throws {
        guard bench.wants(name) else { return }
        let figures = try await bench.medians([
            { onThreads(threads, count) { floor.add($0) } }, { onThreads(threads, count, body) },
        ])
        bench.record(name, figures[1], "ns", floor: add, floorValue: figures[0], target: target)
    }

    try await row("counter, 1 thread", target: .ratioAtMost(1.2)) { for _ in 0..<$0 { alone.increment() } }
    try await row("counter, 2 threads", threads: 2, target: .ratioAtMost(0.6)) {
        for _ in 0..<$0 { shared.increment() }
    }
    try await row("counter by a batch, 1 thread", target: nil) {
        var local = alone.batch()
        for _ in 0..<$0 { local.increment() }
    }
    try await row("gauge, 1 thread", target: nil) { for _ in 0..<$0 { gauge.set(1) } }
    try await row("histogram of 12 buckets, 1 thread", target: .ratioAtMost(2.2)) {
        for index in 0..<$0 { histogram.observe(Double(index & 1023) * 0.01) }
    }
    try await row("histogram of 12 buckets, 2 threads", threads: 2, target: .ratioAtMost(1.0)) {
        for index in 0..<$0 { together.observe(Double(index & 1023) * 0.01) }
    }
    try await row("histogram, Duration, 1 thread", target: nil) {
        for index in 0..<$0 { durations.observe(.milliseconds(index & 1023)) }
    }
    try await row("3 labels looked up + add, 1 thread", target: .ratioAtMost(6)) {
        for _ in 0..<$0 { requests.with("GET", "/api/v1/jobs/{id}", "200").increment() }
    }
    try await row("3 labels looked up + add, 2 threads", threads: 2, target: nil) {
        for _ in 0..<$0 { requests.with("GET", "/api/v1/jobs/{id}", "200").increment() }
    }
    try await row("3 labels, straight through the family, 1 thread", target: .ratioAtMost(6)) {
        for _ in 0..<$0 { requests.increment("GET", "/api/v1/jobs/{id}", "200") }
    }
    try await row("3 labels, straight through the family, 2 threads", threads: 2, target: nil) {
        for _ in 0..<$0 { requests.increment("GET", "/api/v1/jobs/{id}", "200") }
    }
    try await row("3 typed labels looked up + add, 1 thread", target: nil) {
        for _ in 0..<$0 { typed.with("GET", "/api/v1/jobs/{id}", .ok).increment() }
    }
}

let twelve = Buckets([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10])

enum Status: String, MetricLabelValue, CaseIterable { case ok, failed }
