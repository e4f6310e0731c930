import BenchHarness
import JobQueue

/// The store in memory: enqueuing, and whole lives of jobs that do nothing.
func benchMemory(_ bench: Bench) async throws {
    let name = "memory: no-op jobs"
    guard bench.wants(name) else { return }
    let count = 400_000
    let figures = try await bench.medians([
        {
            let store = MemoryJobStore(maxFinished: 1000)
            let jobs = noops(count)
            for start in stride(from: 0, to: count, by: 1000) {
                _ = try await store.enqueue(Array(jobs[start..<start + 1000]))
            }
            return try await drainRate(store, count, slots: 200, batch: 200)
        },
        {
            let store = MemoryJobStore(maxFinished: 1000)
            let jobs = noops(count)
            let start = now()
            for first in stride(from: 0, to: count, by: 1000) {
                _ = try await store.enqueue(Array(jobs[first..<first + 1000]))
            }
            return Double(count) / (Double(now() - start) / 1e9)
        },
    ])
    bench.record(name, figures[0], "1/s", target: .valueAtLeast(500_000))
    bench.record("memory: batch enqueue of 1,000", figures[1], "1/s")
}
