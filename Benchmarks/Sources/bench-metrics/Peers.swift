import BenchHarness
import Foundation
import ServiceMetrics

/// The same operations by Python's `prometheus_client`; skipped with a word where it cannot be run.
func measurePeers(_ bench: Bench) async throws {
    guard bench.wants("peer") else { return }
    let folder = FileManager.default.currentDirectoryPath
    let script = [folder + "/Benchmarks/Peers/metrics/run", folder + "/Peers/metrics/run"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let script else {
        return print("peers: skipped, Benchmarks/Peers/metrics/run is not below the current folder")
    }
    let figures: [String: Double]
    do {
        figures = try peerFigures(script, venv: folder + "/.build/peers/metrics")
    } catch {
        return print("peers: skipped, \(error)")
    }
    let registry = MetricRegistry()
    let counter = try registry.counter("alone_total", help: "A.")
    let histogram = try registry.histogram("alone_seconds", help: "B.", buckets: twelve)
    let requests = try registry.counter("requests_total", help: "C.", labels: "method", "endpoint", "status")
    let count = 2_000_000
    func row(_ name: String, _ peer: String, _ body: @escaping @Sendable (Int) -> Void) async throws {
        guard let floor = figures[peer] else { return }
        let own = try await bench.medians([{ onThreads(1, count, body) }])
        bench.record(
            "peer: \(name)", own[0], "ns", floor: "prometheus_client", floorValue: floor, target: .ratioAtMost(1))
    }
    try await row("counter", "counter") { for _ in 0..<$0 { counter.increment() } }
    try await row("histogram of 12 buckets", "histogram") { for _ in 0..<$0 { histogram.observe(0.3) } }
    try await row("3 labels looked up + add", "labels") {
        for _ in 0..<$0 { requests.with("GET", "/api/v1/jobs/{id}", "200").increment() }
    }
}

private func peerFigures(_ script: String, venv: String) throws -> [String: Double] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: script)
    process.arguments = [venv]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    let pairs = text.split(separator: "\n").compactMap { line -> (String, Double)? in
        let parts = line.split(separator: " ")
        return parts.count == 2 ? Double(parts[1]).map { (String(parts[0]), $0) } : nil
    }
    return Dictionary(pairs) { $1 }
}
