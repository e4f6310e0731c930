import JobQueue
import Logging
import ServiceIntegration
import ServiceLifecycle
import Synchronization
import Testing

/// Does not end, whoever asks it to.
private struct Hung: JobParameters {
    static let kind = "hung"
}

/// Ends when something has happened.
private struct Until: Service {
    let event: AsyncStream<Void>
    func run() async throws { for await _ in event { return } }
}

@Suite("A hung job at shutdown", .timeLimit(.minutes(1)))
struct HungJobTests {
    @Test("it is given back to its queue at once, and holds up the end no longer than its time")
    func hung() async throws {
        let store = MemoryJobStore()
        let client = JobClient(store: store)
        let id = try await client.enqueue(Hung()).id
        let begun = AsyncStream<Void>.makeStream()
        let release = AsyncStream<Void>.makeStream()
        let worker = try JobWorker(
            store: store,
            configuration: JobWorkerConfiguration(
                queues: ["default": 1], drainTimeout: .milliseconds(50), cancelTimeout: .milliseconds(50))
        ) { jobs in
            jobs.register(Hung.self) { _, _ in
                begun.continuation.yield()
                // The cancellation does not reach a task of its own.
                await Task.detached { for await _ in release.stream {} }.value
            }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: JobWorkerService(worker), successTerminationBehavior: .ignore),
                    .init(
                        service: Until(event: begun.stream),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: Logger(label: "test")))
        let start = ContinuousClock.now
        try await group.run()
        #expect(ContinuousClock.now - start < .seconds(20))
        let job = try #require(try await client.status(id))
        #expect(!job.state.isTerminal && job.state != .running)
        release.continuation.finish()
    }
}
