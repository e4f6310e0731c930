import BenchHarness
import ConnectionPool
import Foundation

/// Leases nobody waits for, against a lock taken and given back.
func measureUncontended(_ bench: Bench) async throws {
    guard bench.wants("uncontended") else { return }
    let plain = try Pool(backend: StubBackend())
    try await plain.warmUp()
    let echoing = try Pool(
        backend: StubBackend(), configuration: PoolConfiguration(leakThreshold: .seconds(60), echo: true),
        observer: CountingObserver())
    try await echoing.warmUp()
    let count = 500_000
    let figures = try await bench.medians([
        { lockPair(2_000_000) },
        { try await acquireAndRelease(plain, count) },
        { try await acquireAndRelease(echoing, count) },
        { try await borrow(plain, count) },
    ])
    bench.record(
        "acquire + release, uncontended, defaults", figures[1], "ns", floor: "pthread lock pair",
        floorValue: figures[0], target: .ratioAtMost(6))
    bench.record(
        "acquire + release, uncontended, echo and leak tracking", figures[2], "ns", floor: "pthread lock pair",
        floorValue: figures[0], target: .ratioAtMost(9))
    bench.record(
        "withConnection, uncontended, defaults", figures[3], "ns", floor: "pthread lock pair", floorValue: figures[0])
    await plain.shutdown()
    await echoing.shutdown()
}

func acquireAndRelease(_ pool: Pool<StubBackend>, _ count: Int) async throws -> Double {
    let start = now()
    for _ in 0..<count {
        let lease = try await pool.acquire()
        blackHole(lease.connection)
        lease.release()
    }
    return Double(now() - start) / Double(count)
}

private func borrow(_ pool: Pool<StubBackend>, _ count: Int) async throws -> Double {
    let start = now()
    for _ in 0..<count { try await pool.withConnection { blackHole($0) } }
    return Double(now() - start) / Double(count)
}
