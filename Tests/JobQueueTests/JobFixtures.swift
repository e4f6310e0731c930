import JobQueue
import Logging

/// What runs of test jobs did, by name.
final class Ledger: Sendable {
    private let notes = Lock<[String: Int]>([:])

    func note(_ name: String) { notes.with { $0[name, default: 0] += 1 } }
    func count(_ name: String) -> Int { notes.with { $0[name] ?? 0 } }
}

/// Returns the sum of its numbers.
struct Add: JobParameters {
    typealias Output = Int
    static let kind = "add"
    var a: Int
    var b: Int
}

/// Notes that it ran.
struct Note: JobParameters {
    static let kind = "note"
    var name: String
}

/// Fails until its last attempt.
struct Flaky: JobParameters {
    typealias Output = Int
    static let kind = "flaky"
    static let options = JobOptions(retry: .constant(.milliseconds(1), maxAttempts: 3))
    var failures: Int
}

struct FlakyHandler: JobHandler {
    func run(_ parameters: Flaky, _ context: JobContext) async throws -> Int {
        if context.attempt <= parameters.failures { throw Trouble() }
        return context.attempt
    }
}

struct Trouble: Error {}

/// Runs until it is cancelled.
struct Endless: JobParameters {
    static let kind = "endless"
}

extension JobRegistry {
    /// Registers the kinds above.
    mutating func registerFixtures(_ ledger: Ledger) {
        register(Add.self) { parameters, _ in parameters.a + parameters.b }
        register(Note.self) { parameters, _ in ledger.note(parameters.name) }
        register(FlakyHandler())
        register(Endless.self) { _, context in
            ledger.note("endless \(context.id)")
            while true { try await Task.sleep(for: .milliseconds(50)) }
        }
    }
}

/// Works until its body is done, and stops the worker.
func withWorker<Result>(
    _ store: any JobStore, _ ledger: Ledger = Ledger(), queues: [String: Int] = ["default": 4],
    observer: (any JobObserver)? = nil, middleware: [any JobMiddleware] = [],
    change: (inout JobWorkerConfiguration) -> Void = { _ in }, register: (inout JobRegistry) -> Void = { _ in },
    _ body: (JobWorker) async throws -> Result
) async throws -> Result {
    var configuration = JobWorkerConfiguration(
        queues: queues, pollInterval: .milliseconds(50), maintenanceInterval: .milliseconds(50),
        progressInterval: .milliseconds(20), drainTimeout: .seconds(5), cancelTimeout: .seconds(1))
    change(&configuration)
    let worker = try JobWorker(
        store: store, configuration: configuration, middleware: middleware, observer: observer,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) { jobs in
        jobs.registerFixtures(ledger)
        register(&jobs)
    }
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
