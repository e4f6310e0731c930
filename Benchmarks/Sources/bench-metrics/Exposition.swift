import BenchHarness
import Foundation
import ServiceMetrics

/// Writing 10,000 series, and making them.
func measureExposition(_ bench: Bench) async throws {
    let registry = MetricRegistry()
    let counters = try registry.counter("requests_total", help: "Requests.", labels: "method", "endpoint", "status")
    let gauges = try registry.gauge("levels", help: "Levels.", labels: "method", "endpoint", "status")
    let series = 10_000
    for index in 0..<series {
        let labels = ["GET", "/api/v1/resource/\(index)", "200"]
        counters.with(values: labels).increment(by: index &* 7919)
        gauges.with(values: labels).set(Double(index) * 1.234567)
    }
    let allCounters = counters.all
    let allGauges = gauges.all
    nonisolated(unsafe) var buffer: [UInt8] = []

    func scrape(_ name: String, change: () -> Void) -> Double {
        change()
        buffer.removeAll(keepingCapacity: true)
        let time = nanoseconds(per: 1) { registry.write(names: [name], into: &buffer) }
        return Double(buffer.count) / time * 1000
    }
    let copy = "memcpy"
    func floor() -> Double {
        var target = [UInt8](repeating: 1, count: max(1, buffer.count))
        let time = nanoseconds(per: 20) {
            buffer.withUnsafeBytes { source in
                target.withUnsafeMutableBytes { $0.copyMemory(from: source) }
            }
        }
        blackHole(target)
        return Double(buffer.count) / time * 1000
    }
    _ = scrape("requests_total") {}
    if bench.wants("10,000 integer series") {
        let figures = try await bench.medians([
            { floor() }, { scrape("requests_total") { for one in allCounters { one.increment() } } },
        ])
        bench.record(
            "10,000 integer series, all changed", figures[1], "MB/s", floor: copy, floorValue: figures[0],
            target: .valueAtLeast(1500))
    }
    if bench.wants("10,000 unchanged series") {
        let figures = try await bench.medians([{ floor() }, { scrape("requests_total") {} }])
        bench.record("10,000 unchanged series", figures[1], "MB/s", floor: copy, floorValue: figures[0])
    }
    if bench.wants("10,000 Double series") {
        let figures = try await bench.medians([
            { floor() },
            { scrape("levels") { for one in allGauges { one.set(one.value * 1.000001 + 0.1) } } },
        ])
        bench.record(
            "10,000 Double series, all changed", figures[1], "MB/s", floor: copy, floorValue: figures[0],
            target: .valueAtLeast(800))
    }
    if bench.wants("making 10,000 children") {
        func make(_ count: Int) throws -> Double {
            let family = try MetricRegistry().counter("made_total", help: "Made.", labels: "id")
            let names = (0..<count).map { "child-\($0)" }
            return nanoseconds(per: 1) { for name in names { family.with(name).increment() } } / Double(count)
        }
        let figures = try await bench.medians([{ try make(1000) }, { try make(10_000) }])
        bench.record(
            "making 10,000 children, each", figures[1], "ns", floor: "of 1,000", floorValue: figures[0],
            target: .ratioAtMost(2))
    }
}
