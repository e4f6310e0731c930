/// Where jobs are kept: what clients, workers and operators ask of it.
///
/// The calls of workers carry batches, because that is where the speed of a durable store lies. Every store gives the
/// same promises, which `JobQueueTestKit`'s conformance suite checks:
///
/// - A job is claimed by one run at a time; outcomes are matched on id *and* run, and one that does not match changes
///   nothing and is reported back as rejected.
/// - A run whose worker's lease has ended, or whose worker is unknown, is rescued by ``maintain(_:)``.
/// - What an enqueuing call returned is stored as durably as the store can.
public protocol JobStore: Sendable {
    // MARK: Clients

    /// Stores jobs, all or none. A job whose key is taken is left out, and so are its children that follow it in the
    /// same call.
    /// - Returns: For each job, in order, its id or that of the job that already has its key.
    /// - Throws: ``JobError`` with `unknownDependency` where a job depends on one that is not known.
    func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueReceipt]

    // MARK: Workers

    /// Makes a worker known whose lease lasts so long.
    func register(_ worker: WorkerDescription, lease: Duration) async throws -> WorkerID

    /// Renews a worker's lease, unless it has ended.
    func heartbeat(_ worker: WorkerID, lease: Duration) async throws -> HeartbeatReply

    /// Ends a worker's lease. What it still runs is rescued by the next ``maintain(_:)``.
    func unregister(_ worker: WorkerID) async throws

    /// Returns the worker's runs that it does not hold, uncounted: those whose claim was lost on its way back.
    /// - Returns: The runs it holds that are no longer its own.
    func reconcile(_ worker: WorkerID, holding: [RunReference]) async throws -> [RunReference]

    /// Takes in how runs ended, then hands out jobs; in one round trip where the store can.
    func exchange(_ request: ExchangeRequest) async throws -> ExchangeReply

    /// Saves progress and checkpoints of runs.
    /// - Returns: The runs that are no longer the worker's.
    func save(_ updates: [RunUpdate], worker: WorkerID) async throws -> [RunReference]

    /// Moves on what time moves: due jobs, ended leases, finished dependencies, free places, old history.
    /// Any number of workers may call it at any time.
    func maintain(_ request: MaintenanceRequest) async throws -> MaintenanceReport

    /// News of jobs to claim and of jobs to cancel, as fast as the store can tell. It may miss some and repeat others:
    /// workers also poll. Ends when the subscriber's task is cancelled.
    func wakeups() -> AsyncStream<JobWakeup>

    // MARK: Operators

    /// One job; `nil` when unknown.
    func job(_ id: JobID) async throws -> JobRecord?

    /// Jobs that match, the newest first.
    func jobs(_ filter: JobFilter) async throws -> [JobRecord]

    /// How many jobs of a parent are in which state.
    func children(of parent: JobID) async throws -> [JobState: Int]

    /// Cancels jobs and their children: at once what does not run, by request what does.
    /// - Returns: Those that had not ended yet.
    func cancel(_ ids: [JobID], reason: String) async throws -> [JobID]

    /// Makes ended jobs ready once more, with all their attempts.
    /// - Returns: Those that were dead, cancelled or discarded, and whose unique key is not taken.
    func retry(_ ids: [JobID]) async throws -> [JobID]

    /// Removes ended jobs.
    /// - Returns: Those that are gone.
    func delete(_ ids: [JobID]) async throws -> [JobID]

    /// The queues: how many jobs wait and run, the oldest age, the settings.
    func statistics() async throws -> [QueueStatistics]

    /// Sets what holds for a queue in all processes.
    func configure(_ queue: String, _ change: QueueChange) async throws

    /// The workers that are known.
    func workers() async throws -> [WorkerStatus]
}

extension JobStore {
    /// Stops handing out jobs of a queue; what runs goes on.
    public func pause(_ queue: String) async throws {
        try await configure(queue, .paused(true))
    }

    /// Hands out jobs of a queue again.
    public func resume(_ queue: String) async throws {
        try await configure(queue, .paused(false))
    }

    /// Cancels a job and its children.
    /// - Returns: Whether it had not ended yet.
    @discardableResult
    public func cancel(_ id: JobID, reason: String = "cancelled") async throws -> Bool {
        try await cancel([id], reason: reason).contains(id)
    }

    /// Makes an ended job ready once more.
    /// - Returns: Whether it is.
    @discardableResult
    public func retry(_ id: JobID) async throws -> Bool {
        try await retry([id]).contains(id)
    }
}
