import BenchHarness
import Foundation
import HealthChecks

let bench = Bench(suite: "health")

/// A registry of so many checks, all looked at.
func registry(_ count: Int, interval: Duration = .seconds(5)) async -> HealthRegistry {
    let health = HealthRegistry()
    for index in 0..<count {
        health.add(
            HealthCheck(name: "check \(index)", interval: interval, tags: ["bench"]) {
                HealthResult(.healthy, details: [.init("figure", Double(index))])
            })
    }
    await health.refresh()
    return health
}

/// What a probe's answer is made of.
for count in [10, 50] {
    let health = await registry(count)
    let reads = try await bench.medians([
        { nanoseconds(per: 200_000) { blackHole(health.report().status) } },
        { nanoseconds(per: 200_000) { blackHole(health.isReady) } },
        { nanoseconds(per: 2_000) { blackHole(health.report().json(version: "1")) } },
    ])
    bench.record("snapshot read, \(count) checks", reads[0], "ns", target: .valueAtMost(2000))
    bench.record("readiness read, \(count) checks", reads[1], "ns", target: .valueAtMost(2000))
    bench.record("whole report as JSON, \(count) checks", reads[2] / 1000, "µs")
}

/// The slowest of many reads while fifty checks hang.
do {
    let health = HealthRegistry()
    let (gate, opener) = AsyncStream<Void>.makeStream()
    for index in 0..<50 {
        health.add(
            HealthCheck(name: "hangs \(index)", timeout: .seconds(60)) {
                for await _ in gate {}
                return .healthy
            })
    }
    let refresh = Task { await health.refresh() }
    try await Task.sleep(for: .milliseconds(50))
    let slowest = try await bench.medians([
        {
            (0..<10_000).map { _ in nanoseconds(per: 1) { blackHole(health.report().status) } }.sorted()[9_989]
        }
    ])
    bench.record("p99.9 of a snapshot read while 50 checks hang", slowest[0], "ns", target: .valueAtMost(100_000))
    opener.finish()
    await refresh.value
}

/// What the background refresh costs, at an interval five times as short as the default.
do {
    let health = await registry(50, interval: .seconds(1))
    let shares = try await bench.medians([
        {
            let task = Task { await health.run() }
            let (wall, cpu) = (now(), cpuTime())
            try await Task.sleep(for: .seconds(2))
            let share = Double(cpuTime() - cpu) / Double(now() - wall) * 100
            task.cancel()
            await task.value
            return share
        }
    ])
    bench.record("50 checks a second, share of a core", shares[0], "%", target: .valueAtMost(1))
}
try bench.finish()
