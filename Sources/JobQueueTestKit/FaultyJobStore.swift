public import JobQueue

/// A store that fails on demand, before or after the real one did its work.
///
/// ```swift
/// let store = FaultyJobStore(MemoryJobStore())
/// store.fail(.exchange, times: 2, after: true)  // takes effect, but the answer is lost
/// ```
public final class FaultyJobStore<Store: JobStore>: JobStore {
    /// The real one.
    public let store: Store
    private let faults = Lock<[Call: [Fault]]>([:])
    private let counts = Lock<[Call: Int]>([:])

    /// What may fail.
    public enum Call: String, Sendable, Hashable, CaseIterable {
        case enqueue, register, heartbeat, unregister, reconcile, exchange, save, maintain
    }

    private struct Fault: Sendable {
        var isAfter: Bool
        var remaining: Int
    }

    /// What a failing call throws.
    public struct Injected: Error, Sendable, Hashable {
        /// Which call failed.
        public let call: Call
    }

    /// Wraps a store; at first nothing fails.
    public init(_ store: Store) { self.store = store }

    /// Makes the next calls of one kind fail.
    /// - Parameters:
    ///   - call: Which.
    ///   - times: How many of them; `Int.max` until ``heal()``.
    ///   - after: Whether the real store does its work first, so that only the answer is lost.
    public func fail(_ call: Call, times: Int = 1, after: Bool = false) {
        faults.with { $0[call, default: []].append(Fault(isAfter: after, remaining: times)) }
    }

    /// Makes all calls fail until ``heal()``: the store is away.
    public func failAll() {
        for call in Call.allCases { fail(call, times: .max) }
    }

    /// Nothing fails any more.
    public func heal() { faults.with { $0 = [:] } }

    /// How often a call was made, failed ones included.
    public func count(of call: Call) -> Int { counts.with { $0[call] ?? 0 } }

    private func pass<Result>(_ call: Call, _ body: () async throws -> Result) async throws -> Result {
        counts.with { $0[call, default: 0] += 1 }
        let fault = faults.with { faults -> Fault? in
            guard var list = faults[call], let first = list.first else { return nil }
            if first.remaining <= 1 { list.removeFirst() } else if first.remaining != .max { list[0].remaining -= 1 }
            faults[call] = list
            return first
        }
        guard let fault else { return try await body() }
        if fault.isAfter { _ = try await body() }
        throw Injected(call: call)
    }

    // MARK: JobStore

    /// As the real store.
    public func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueReceipt] {
        try await pass(.enqueue) { try await store.enqueue(jobs) }
    }
    /// As the real store.
    public func register(_ worker: WorkerDescription, lease: Duration) async throws -> WorkerID {
        try await pass(.register) { try await store.register(worker, lease: lease) }
    }
    /// As the real store.
    public func heartbeat(_ worker: WorkerID, lease: Duration) async throws -> HeartbeatReply {
        try await pass(.heartbeat) { try await store.heartbeat(worker, lease: lease) }
    }
    /// As the real store.
    public func unregister(_ worker: WorkerID) async throws {
        try await pass(.unregister) { try await store.unregister(worker) }
    }
    /// As the real store.
    public func reconcile(_ worker: WorkerID, holding: [RunReference]) async throws -> [RunReference] {
        try await pass(.reconcile) { try await store.reconcile(worker, holding: holding) }
    }
    /// As the real store.
    public func exchange(_ request: ExchangeRequest) async throws -> ExchangeReply {
        try await pass(.exchange) { try await store.exchange(request) }
    }
    /// As the real store.
    public func save(_ updates: [RunUpdate], worker: WorkerID) async throws -> [RunReference] {
        try await pass(.save) { try await store.save(updates, worker: worker) }
    }
    /// As the real store.
    public func maintain(_ request: MaintenanceRequest) async throws -> MaintenanceReport {
        try await pass(.maintain) { try await store.maintain(request) }
    }
    /// As the real store.
    public func wakeups() -> AsyncStream<JobWakeup> { store.wakeups() }
    /// As the real store.
    public func job(_ id: JobID) async throws -> JobRecord? { try await store.job(id) }
    /// As the real store.
    public func jobs(_ filter: JobFilter) async throws -> [JobRecord] { try await store.jobs(filter) }
    /// As the real store.
    public func children(of parent: JobID) async throws -> [JobState: Int] { try await store.children(of: parent) }
    /// As the real store.
    public func cancel(_ ids: [JobID], reason: String) async throws -> [JobID] {
        try await store.cancel(ids, reason: reason)
    }
    /// As the real store.
    public func retry(_ ids: [JobID]) async throws -> [JobID] { try await store.retry(ids) }
    /// As the real store.
    public func delete(_ ids: [JobID]) async throws -> [JobID] { try await store.delete(ids) }
    /// As the real store.
    public func statistics() async throws -> [QueueStatistics] { try await store.statistics() }
    /// As the real store.
    public func configure(_ queue: String, _ change: QueueChange) async throws {
        try await store.configure(queue, change)
    }
    /// As the real store.
    public func workers() async throws -> [WorkerStatus] { try await store.workers() }
}
