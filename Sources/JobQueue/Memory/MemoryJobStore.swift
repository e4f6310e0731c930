/// A store in this process's memory: complete, fast, and gone when the process ends.
///
/// For tests, for single-process tools, and for work that may be lost. Ready jobs lie in one queue a priority, due
/// times in a heap; claiming, acknowledging and enqueuing are O(1), amortised, under one lock.
///
/// ```swift
/// let store = MemoryJobStore()
/// let client = JobClient(store: store)
/// ```
public final class MemoryJobStore: JobStore {
    private let jobs: Lock<MemoryJobs>
    private let subscribers = Lock<[Int: AsyncStream<JobWakeup>.Continuation]>([:])
    private let nextSubscriber = Lock(0)
    private let clock: any JobClock

    /// An empty store.
    /// - Parameters:
    ///   - maxFinished: How many ended jobs are kept at most; the oldest go first.
    ///   - clock: What due times and leases go by.
    public init(maxFinished: Int = 100_000, clock: any JobClock = SystemJobClock()) {
        jobs = Lock(MemoryJobs(maxFinished: max(0, maxFinished)))
        self.clock = clock
    }

    deinit {
        jobs.with { jobs in jobs.queues.values.forEach { $0.removeAll() } }
    }

    /// Runs a call under the lock and tells its news outside of it.
    private func perform<Result, Failure: Error>(
        _ body: (inout MemoryJobs, Int64) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let now = clock.wallMicroseconds()
        let (result, news) = try jobs.with { (jobs) throws(Failure) -> (Result, [JobWakeup]) in
            let result = try body(&jobs, now)
            guard !jobs.news.isEmpty else { return (result, []) }
            defer { jobs.news = [] }
            return (result, jobs.news)
        }
        if !news.isEmpty {
            let continuations = subscribers.with { Array($0.values) }
            for wakeup in news { continuations.forEach { $0.yield(wakeup) } }
        }
        return result
    }

    // MARK: Clients

    /// Stores jobs, all or none.
    public func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueReceipt] {
        try perform { (state, now) throws(JobError) in try state.enqueue(jobs, now: now) }
    }

    // MARK: Workers

    /// Makes a worker known.
    public func register(_ worker: WorkerDescription, lease: Duration) async throws -> WorkerID {
        let id = WorkerID()
        perform { state, now in
            state.workers[id] = MemoryWorker(
                id: id, description: worker, startedAt: now, leaseEnds: now &+ lease.microseconds)
        }
        return id
    }

    /// Renews a lease that has not ended.
    public func heartbeat(_ worker: WorkerID, lease: Duration) async throws -> HeartbeatReply {
        perform { state, now in
            guard let known = state.workers[worker], known.leaseEnds > now else {
                return HeartbeatReply(isAlive: false)
            }
            state.workers[worker]?.leaseEnds = now &+ lease.microseconds
            return HeartbeatReply(isAlive: true, cancelRequested: Array(known.cancelRequested))
        }
    }

    /// Ends a lease.
    public func unregister(_ worker: WorkerID) async throws {
        perform { state, _ in
            if let known = state.workers.removeValue(forKey: worker) { state.lost.append(known) }
        }
    }

    /// Returns runs that nobody holds.
    public func reconcile(_ worker: WorkerID, holding: [RunReference]) async throws -> [RunReference] {
        perform { state, now in state.reconcile(worker, holding: holding, now: now) }
    }

    /// Takes outcomes and hands out jobs.
    public func exchange(_ request: ExchangeRequest) async throws -> ExchangeReply {
        perform { state, now in state.exchange(request, now: now) }
    }

    /// Saves progress and checkpoints.
    public func save(_ updates: [RunUpdate], worker: WorkerID) async throws -> [RunReference] {
        perform { state, _ in state.save(updates, worker: worker) }
    }

    /// Moves on what time moves.
    public func maintain(_ request: MaintenanceRequest) async throws -> MaintenanceReport {
        perform { state, now in state.maintain(request, now: now) }
    }

    /// News as it happens.
    public func wakeups() -> AsyncStream<JobWakeup> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: JobWakeup.self, bufferingPolicy: .bufferingNewest(1024))
        let id = nextSubscriber.with { next in
            next += 1
            return next
        }
        subscribers.with { $0[id] = continuation }
        jobs.with { state in
            state.hasSubscribers = true
            for queue in state.queues.values { queue.isAnnounced = false }
        }
        continuation.onTermination = { [weak self] _ in self?.unsubscribe(id) }
        continuation.yield(.resync)
        return stream
    }

    private func unsubscribe(_ id: Int) {
        let none = subscribers.with { subscribers in
            subscribers[id] = nil
            return subscribers.isEmpty
        }
        if none { jobs.with { $0.hasSubscribers = false } }
    }

    // MARK: Operators

    /// One job.
    public func job(_ id: JobID) async throws -> JobRecord? {
        jobs.with { $0.entries[id]?.record }
    }

    /// Jobs that match, the newest first. O(n log n) in all jobs of the store.
    public func jobs(_ filter: JobFilter) async throws -> [JobRecord] {
        jobs.with { $0.list(filter) }
    }

    /// How many jobs of a parent are in which state.
    public func children(of parent: JobID) async throws -> [JobState: Int] {
        jobs.with { state in
            (state.children[parent] ?? []).reduce(into: [:]) { counts, id in
                if let entry = state.entries[id] { counts[entry.state, default: 0] += 1 }
            }
        }
    }

    /// Cancels jobs and their children.
    public func cancel(_ ids: [JobID], reason: String) async throws -> [JobID] {
        let reason = reason.storable
        return perform { state, now in
            ids.filter { id in state.entries[id].map { state.cancel($0, reason: reason, now: now) } ?? false }
        }
    }

    /// Makes ended jobs ready once more.
    public func retry(_ ids: [JobID]) async throws -> [JobID] {
        perform { state, now in state.retry(ids, now: now) }
    }

    /// Removes ended jobs.
    public func delete(_ ids: [JobID]) async throws -> [JobID] {
        perform { state, _ in state.delete(ids) }
    }

    /// The queues.
    public func statistics() async throws -> [QueueStatistics] {
        perform { state, now in state.statistics(now: now) }
    }

    /// Sets what holds for a queue.
    public func configure(_ queue: String, _ change: QueueChange) async throws {
        try change.validate()
        perform { state, _ in
            let queue = state.queue(queue)
            switch change {
            case .paused(let paused): queue.settings.isPaused = paused
            case .maxConcurrent(let most): queue.settings.maxConcurrent = most.map { max(1, $0) }
            case .rateLimit(let limit):
                queue.settings.rateLimit = limit
                queue.bucket = nil
            }
            queue.isAnnounced = false
            state.announce(queue)
        }
    }

    /// The workers that are known.
    public func workers() async throws -> [WorkerStatus] {
        jobs.with { state in
            state.workers.map { id, worker in
                WorkerStatus(
                    id: id, description: worker.description, startedAt: .init(microseconds: worker.startedAt),
                    leaseEnds: .init(microseconds: worker.leaseEnds), running: worker.running.count)
            }
        }
    }
}
