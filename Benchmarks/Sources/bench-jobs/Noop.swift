import BenchHarness
import JobQueue
import Logging
import Synchronization

/// Does nothing, and counts.
struct Noop: JobParameters {
    static let kind = "noop"
    static let runs = Atomic<Int>(0)
}

/// Says when it began.
struct Stamp: JobParameters {
    static let kind = "stamp"
    static let began = Atomic<UInt64>(0)
}

/// Prepared jobs, so that making them is not measured with storing them.
func noops(_ count: Int, queue: String = "default") -> [NewJob] {
    (0..<count).map { _ in NewJob(kind: Noop.kind, queue: queue, payload: Array("{}".utf8)) }
}

/// Works on a store while the body runs.
func withWorker<Result>(
    _ store: any JobStore, slots: Int, exchanges: Int = 1, batch: Int = 100, queue: String = "default",
    poll: Duration = .seconds(1), _ body: () async throws -> Result
) async throws -> Result {
    let worker = try JobWorker(
        store: store,
        configuration: JobWorkerConfiguration(
            queues: [queue: slots], pollInterval: poll, batch: batch, exchanges: exchanges)
    ) { jobs in
        jobs.register(Noop.self) { _, _ in Noop.runs.add(1, ordering: .relaxed) }
        jobs.register(Stamp.self) { _, _ in Stamp.began.store(now(), ordering: .releasing) }
    }
    async let running: Void = worker.run()
    do {
        let result = try await body()
        worker.stop()
        try await running
        return result
    } catch {
        worker.stop()
        try await running
        throw error
    }
}

/// Jobs a second from the worker's start until the store has taken in the last outcome.
func drainRate(
    _ store: any JobStore, _ count: Int, slots: Int, exchanges: Int = 1, batch: Int = 100
) async throws -> Double {
    // Before the worker begins: it is fast.
    let target = Noop.runs.load(ordering: .relaxed) + count
    let start = now()
    try await withWorker(store, slots: slots, exchanges: exchanges, batch: batch) {
        while Noop.runs.load(ordering: .relaxed) < target { try await Task.sleep(for: .milliseconds(1)) }
        // What has run is told within the next exchange or two; the worker's stop waits for it.
    }
    return Double(count) / (Double(now() - start) / 1e9)
}
