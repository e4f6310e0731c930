import BenchHarness
import Foundation
import ServiceMetrics

/// The same operations by the clients of other languages; a peer that cannot be run is skipped with a word.
func measurePeers(_ bench: Bench) async throws {
    guard bench.wants("peer"), let peers = Peers(suite: "metrics") else { return }
    let count = 2_000_000
    for (peer, kind) in [("prometheus_client", "python"), ("client_golang", "go"), ("rust-prometheus", "rust")] {
        let figures: [String: Double]
        do {
            figures = try peers.figures([kind])
        } catch {
            print("\(peer): skipped, \(error)")
            continue
        }
        for threads in 1...2 {
            // New ones each time, as each peer's program has them: a counter that two threads shared has cells from then on.
            let registry = MetricRegistry()
            let counter = try registry.counter("alone_total", help: "A.")
            let histogram = try registry.histogram("alone_seconds", help: "B.", buckets: twelve)
            let requests = try registry.counter("requests_total", help: "C.", labels: "method", "endpoint", "status")
            func row(_ name: String, _ key: String, _ body: @escaping @Sendable (Int) -> Void) async throws {
                guard let floor = figures["\(key)-\(threads)"] else { return }
                let own = try await bench.medians([{ onThreads(threads, count, body) }])
                bench.record(
                    "peer: \(name), \(threads) thread\(threads == 1 ? "" : "s")", own[0], "ns", floor: peer,
                    floorValue: floor, target: .ratioAtMost(1))
            }
            try await row("counter", "counter") { for _ in 0..<$0 { counter.increment() } }
            try await row("histogram of 12 buckets", "histogram") { for _ in 0..<$0 { histogram.observe(0.3) } }
            try await row("3 labels looked up + add", "labels") {
                for _ in 0..<$0 { requests.with("GET", "/api/v1/jobs/{id}", "200").increment() }
            }
        }
        if let rate = figures["exposition"] {
            let own = try await bench.medians([{ try expositionRate() }])
            bench.record("peer: 10,000 series written", own[0], "MB/s", floor: peer, floorValue: rate)
        }
    }
}

/// MB/s of a first scrape of 10,000 counters, as the peers do it.
private func expositionRate() throws -> Double {
    let registry = MetricRegistry()
    let wide = try registry.counter("requests_total", help: "C.", labels: "method", "endpoint", "status", limit: 20_000)
    for index in 0..<10_000 { wide.with("GET", "/api/v1/resource/\(index)", "200").increment(by: index * 7919) }
    var bytes: [UInt8] = []
    registry.write(.prometheusText, into: &bytes)
    wide.with("GET", "/api/v1/resource/1", "200").increment()
    bytes.removeAll(keepingCapacity: true)
    let start = now()
    registry.write(.prometheusText, into: &bytes)
    return Double(bytes.count) / Double(now() - start) * 1000
}
