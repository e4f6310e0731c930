import Foundation
import JobQueue
import Logging
import Synchronization
import Testing

/// Jobs that keep all of Swift's threads busy: what a worker does on time, it does all the same.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BusyThreadsTests {
    /// Computes for so long, without a look at anything.
    private struct Spin: JobParameters {
        static let kind = "spin"
        static let options = JobOptions(limits: TimeLimits(soft: .milliseconds(300)), retry: .none)
        var seconds: Double
    }

    private final class Events: JobObserver {
        private let all = Mutex<[JobEvent]>([])
        func observe(_ event: JobEvent) { all.withLock { $0.append(event) } }
        func count(_ isMeant: (JobEvent) -> Bool) -> Int { all.withLock { $0.count(where: isMeant) } }
    }

    @Test func `they lose no lease, and a limit is noticed when it passes`() async throws {
        let store = MemoryJobStore()
        let client = JobClient(store: store)
        let (events, others) = (Events(), Events())
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let noticed = Mutex<Duration?>(nil)
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let configuration = JobWorkerConfiguration(
            queues: ["default": 2 * cores], pollInterval: .milliseconds(50), lease: .milliseconds(600),
            heartbeatInterval: .milliseconds(100), maintenanceInterval: .milliseconds(50), drainTimeout: .seconds(10))
        func worker(_ observer: Events) throws -> JobWorker {
            try JobWorker(store: store, configuration: configuration, observer: observer, logger: quiet) { jobs in
                jobs.register(Spin.self) { parameters, context in
                    let start = ContinuousClock.now
                    while ContinuousClock.now - start < .seconds(parameters.seconds) {
                        guard context.isCancelled else { continue }
                        noticed.withLock { $0 = $0 ?? (ContinuousClock.now - start) }
                    }
                }
            }
        }
        let handles = try await client.enqueue((0..<2 * cores).map { _ in Spin(seconds: 2) })
        let (one, other) = (try worker(events), try worker(others))
        async let first: Void = one.run()
        async let second: Void = other.run()
        for handle in handles {
            let record = try await handle.waitUntilFinished()
            // One run each, and none was taken for the run of a worker that died.
            #expect(record.run == 1 && record.rescues == 0)
        }
        one.stop()
        other.stop()
        try await first
        try await second
        for events in [events, others] {
            #expect(events.count { if case .leaseLost = $0 { true } else { false } } == 0)
            #expect(events.count { if case .rescued = $0 { true } else { false } } == 0)
            #expect(events.count { if case .rejected = $0 { true } else { false } } == 0)
        }
        let limit = try #require(noticed.withLock { $0 })
        #expect(limit >= .milliseconds(250) && limit < .milliseconds(900), "noticed after \(limit)")
    }

    /// A store whose calls do not return until they are let go.
    private final class FrozenStore: JobStore {
        private struct State {
            var isFrozen = false
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        let inner = MemoryJobStore()
        private let state = Mutex(State())

        func freeze() { state.withLock { $0.isFrozen = true } }

        func release() {
            let waiting = state.withLock { state in
                state.isFrozen = false
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }

        /// Waits while the store is frozen, also when the task is cancelled.
        private func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if state.isFrozen { state.waiting.append(continuation) }
                    return !state.isFrozen
                }
                if isOpen { continuation.resume() }
            }
        }

        func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueReceipt] { try await inner.enqueue(jobs) }
        func register(_ worker: WorkerDescription, lease: Duration) async throws -> WorkerID {
            try await inner.register(worker, lease: lease)
        }
        func heartbeat(_ worker: WorkerID, lease: Duration) async throws -> HeartbeatReply {
            await pass()
            return try await inner.heartbeat(worker, lease: lease)
        }
        func unregister(_ worker: WorkerID) async throws {
            await pass()
            try await inner.unregister(worker)
        }
        func reconcile(_ worker: WorkerID, holding: [RunReference]) async throws -> [RunReference] {
            await pass()
            return try await inner.reconcile(worker, holding: holding)
        }
        func exchange(_ request: ExchangeRequest) async throws -> ExchangeReply {
            await pass()
            return try await inner.exchange(request)
        }
        func save(_ updates: [RunUpdate], worker: WorkerID) async throws -> [RunReference] {
            await pass()
            return try await inner.save(updates, worker: worker)
        }
        func maintain(_ request: MaintenanceRequest) async throws -> MaintenanceReport {
            await pass()
            return try await inner.maintain(request)
        }
        func wakeups() -> AsyncStream<JobWakeup> { inner.wakeups() }
        func job(_ id: JobID) async throws -> JobRecord? { try await inner.job(id) }
        func jobs(_ filter: JobFilter) async throws -> [JobRecord] { try await inner.jobs(filter) }
        func children(of parent: JobID) async throws -> [JobState: Int] { try await inner.children(of: parent) }
        func cancel(_ ids: [JobID], reason: String) async throws -> [JobID] {
            try await inner.cancel(ids, reason: reason)
        }
        func retry(_ ids: [JobID]) async throws -> [JobID] { try await inner.retry(ids) }
        func delete(_ ids: [JobID]) async throws -> [JobID] { try await inner.delete(ids) }
        func statistics() async throws -> [QueueStatistics] { try await inner.statistics() }
        func configure(_ queue: String, _ change: QueueChange) async throws { try await inner.configure(queue, change) }
        func workers() async throws -> [WorkerStatus] { try await inner.workers() }
    }

    @Test func `a worker stops in its time although the store does not answer`() async throws {
        let store = FrozenStore()
        let ledger = Ledger()
        let handle = try await JobClient(store: store).enqueue(Endless())
        let worker = try JobWorker(
            store: store,
            configuration: JobWorkerConfiguration(
                queues: ["default": 1], drainTimeout: .milliseconds(200), cancelTimeout: .milliseconds(200)),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { $0.registerFixtures(ledger) }
        async let running: Void = worker.run()
        while ledger.count("endless \(handle.id)") == 0 { try await Task.sleep(for: .milliseconds(1)) }
        store.freeze()
        let start = ContinuousClock.now
        worker.stop()
        try await running
        #expect(ContinuousClock.now - start < .seconds(2))
        store.release()
    }
}
