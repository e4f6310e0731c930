import JobQueue
import Logging

/// What runs of test jobs did, by name.
final class Ledger: Sendable {
    static let shared = Ledger()
    private let notes = Lock<[String: Int]>([:])

    func note(_ name: String) { notes.with { $0[name, default: 0] += 1 } }
    func count(_ name: String) -> Int { notes.with { $0[name] ?? 0 } }
}

/// Returns the sum of its numbers.
struct Add: Job {
    static let kind = "add"
    var a: Int
    var b: Int
    func run(_ context: JobContext) async throws -> Int { a + b }
}

/// Notes that it ran.
struct Note: Job {
    static let kind = "note"
    var name: String
    func run(_ context: JobContext) async throws { Ledger.shared.note(name) }
}

/// Fails until its last attempt.
struct Flaky: Job {
    static let kind = "flaky"
    static let options = JobOptions(retry: .constant(.milliseconds(1), maxAttempts: 3))
    var failures: Int
    func run(_ context: JobContext) async throws -> Int {
        if context.attempt <= failures { throw Trouble() }
        return context.attempt
    }
}

struct Trouble: Error {}

/// Runs until it is cancelled.
struct Endless: Job {
    static let kind = "endless"
    func run(_ context: JobContext) async throws {
        Ledger.shared.note("endless \(context.id)")
        while true { try await Task.sleep(for: .milliseconds(50)) }
    }
}

/// Works until its body is done, and stops the worker.
func withWorker<Result>(
    _ store: any JobStore, _ jobs: [any Job.Type], queues: [String: Int] = ["default": 4],
    observer: (any JobObserver)? = nil, middleware: [any JobMiddleware] = [],
    change: (inout JobWorkerConfiguration) -> Void = { _ in }, _ body: (JobWorker) async throws -> Result
) async throws -> Result {
    var configuration = JobWorkerConfiguration(
        queues: queues, pollInterval: .milliseconds(50), maintenanceInterval: .milliseconds(50),
        progressInterval: .milliseconds(20), drainTimeout: .seconds(5), cancelTimeout: .seconds(1))
    change(&configuration)
    let worker = try JobWorker(
        store: store, jobs: jobs, configuration: configuration, middleware: middleware, observer: observer,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    async let running: Void = worker.run()
    do {
        let result = try await body(worker)
        worker.stop()
        try await running
        return result
    } catch {
        worker.stop()
        try await running
        throw error
    }
}
