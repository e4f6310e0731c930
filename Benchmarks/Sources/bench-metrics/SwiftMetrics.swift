import BenchHarness
import CoreMetrics
import ServiceIntegration
import ServiceMetrics

/// Updates through swift-metrics, with handles that are kept and with handles that are made each time.
func measureSwiftMetrics(_ bench: Bench) async throws {
    let factory = RegistryMetricsFactory(registry: MetricRegistry())
    let counter = CoreMetrics.Counter(label: "kept", dimensions: [], factory: factory)
    let timer = CoreMetrics.Timer(label: "kept", dimensions: [], factory: factory)
    let floor = Floor()
    let count = 2_000_000
    func row(_ name: String, target: Target?, _ body: @escaping @Sendable (Int) -> Void) async throws {
        guard bench.wants(name) else { return }
        let figures = try await bench.medians([
            { onThreads(1, count) { floor.add($0) } }, { onThreads(1, count, body) },
        ])
        bench.record(name, figures[1], "ns", floor: "atomic add", floorValue: figures[0], target: target)
    }
    try await row("swift-metrics: counter, kept handle", target: .ratioAtMost(1.6)) {
        for _ in 0..<$0 { counter.increment() }
    }
    try await row("swift-metrics: timer, kept handle", target: nil) {
        for _ in 0..<$0 { timer.recordNanoseconds(250_000) }
    }
    try await row("swift-metrics: counter of 3 labels made + add", target: nil) {
        for _ in 0..<$0 {
            CoreMetrics.Counter(
                label: "made", dimensions: [("method", "GET"), ("endpoint", "/jobs/{id}"), ("status", "200")],
                factory: factory
            ).increment()
        }
    }
}
