import BenchHarness
import ConnectionPool
import Foundation
import Synchronization

/// 200 tasks on 20 connections, each giving way while it holds one; and how long the unluckiest waits.
func measureContended(_ bench: Bench) async throws {
    if bench.wants("200 tasks on 20 connections") {
        let pool = try Pool(
            backend: StubBackend(), configuration: PoolConfiguration(size: 20, maxOverflow: 0, timeout: .seconds(60)))
        try await pool.warmUp()
        let plain = PlainPool(size: 20)
        let figures = try await bench.medians([
            { try await crowd(pool, tasks: 200, leases: 1_000) },
            { await plainCrowd(plain, tasks: 200, leases: 1_000) },
        ])
        bench.record(
            "200 tasks on 20 connections, yield while held, wall a lease", figures[0], "ns",
            floor: "a lock and two lists", floorValue: figures[1], target: .valueAtMost(1_300))
        await pool.shutdown()
    }
    if bench.wants("longest wait") {
        // 100 tasks, 10 connections, 20 ms each: the last one's ideal wait is nine rounds.
        let pool = try Pool(backend: StubBackend(), configuration: PoolConfiguration(size: 10, maxOverflow: 0))
        try await pool.warmUp()
        let hold = Duration.milliseconds(20)
        let figures = try await bench.medians([{ try await longestWait(pool, tasks: 100, hold: hold) }])
        bench.record(
            "100 tasks on 10 connections, 20 ms each, longest wait", figures[0], "ms", floor: "ideal", floorValue: 180,
            target: .ratioAtMost(2))
        await pool.shutdown()
    }
}

private func crowd(_ pool: Pool<StubBackend>, tasks: Int, leases: Int) async throws -> Double {
    let start = now()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<tasks {
            group.addTask {
                for _ in 0..<leases {
                    let lease = try await pool.acquire()
                    await Task.yield()
                    lease.release()
                }
            }
        }
        try await group.waitForAll()
    }
    return Double(now() - start) / Double(tasks * leases)
}

private func longestWait(_ pool: Pool<StubBackend>, tasks: Int, hold: Duration) async throws -> Double {
    try await withThrowingTaskGroup(of: Double.self) { group in
        for _ in 0..<tasks {
            group.addTask {
                let start = now()
                let lease = try await pool.acquire()
                let waited = Double(now() - start) / 1e6
                try await Task.sleep(for: hold)
                lease.release()
                return waited
            }
        }
        return try await group.reduce(0, max)
    }
}

/// Connections made with the pool and without it, under the same load of 200 users.
func measureReuse(_ bench: Bench) async throws {
    guard bench.wants("reuse") || bench.wants("connections made") else { return }
    let pool = try Pool(backend: StubBackend())
    let users = 200, requests = 200
    _ = try await crowd(pool, tasks: users, leases: requests)
    let statistics = pool.statistics
    bench.record(
        "reuse with 200 users and defaults", statistics.reuse * 100, "%", target: .valueAtLeast(99))
    let without = Double(users * requests)
    bench.record(
        "connections made, fewer than one a request", (1 - Double(statistics.created) / without) * 100, "%",
        floor: "without a pool 0 % fewer: \(users * requests) made", floorValue: 0, target: .valueAtLeast(99))
    await pool.shutdown()
}
