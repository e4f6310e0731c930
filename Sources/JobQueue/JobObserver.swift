/// Hears of everything a worker or client does. Called often and from many threads: be quick.
public protocol JobObserver: Sendable {
    /// Something happened.
    func observe(_ event: JobEvent)
}

/// What an observer hears of.
public enum JobEvent: Sendable {
    /// Jobs were stored.
    case enqueued(kind: String, queue: String, count: Int)
    /// A claim brought so many jobs.
    case claimed(count: Int)
    /// A run began, after the job had waited so long.
    case started(RunDescription, waited: Duration)
    /// A run ended.
    case finished(RunDescription, outcome: JobOutcome, duration: Duration)
    /// A run reached a time limit.
    case limitExceeded(RunDescription, hard: Bool)
    /// A run's outcome was refused: another worker has the job.
    case rejected(RunReference)
    /// Runs of lost workers are ready again; poisonous ones are dead.
    case rescued(count: Int, poisoned: Int)
    /// The worker's own lease had ended.
    case leaseLost
    /// Jobs of a kind that this worker does not know were put off.
    case unknownKind(String)
    /// The store does not answer; the worker tries again after a while.
    case storeUnavailable(error: any Error, retryIn: Duration)
    /// The store answers again.
    case storeRecovered
    /// A schedule's tick was enqueued by this worker.
    case scheduled(name: String, id: JobID)
    /// The store has found something that an operator should look at.
    case storeWarning(String)
    /// A process of the pool was replaced.
    case processReplaced(reason: String)
    /// The worker should be restarted: a job that ignored its hard limit still runs inside it, or it is due for it.
    case restartNeeded(reason: String)
    /// The queues, sampled now and then.
    case statistics([QueueStatistics])
}

/// A run, for observers and middleware.
public struct RunDescription: Sendable, Hashable {
    /// The job.
    public var id: JobID
    /// The fencing token.
    public var run: Int64
    /// The name of its type.
    public var kind: String
    /// The queue it waited in.
    public var queue: String
    /// Which attempt, from 1.
    public var attempt: Int

    /// A run.
    public init(id: JobID, run: Int64, kind: String, queue: String, attempt: Int) {
        self.id = id
        self.run = run
        self.kind = kind
        self.queue = queue
        self.attempt = attempt
    }

    init(_ job: ClaimedJob) {
        self.init(id: job.id, run: job.run, kind: job.kind, queue: job.queue, attempt: job.attempt)
    }
}

/// Work around every job: tracing, timing, set-up. The first of a list is the outermost.
public protocol JobMiddleware: Sendable {
    /// Before jobs are stored: may add metadata, for one.
    func willEnqueue(_ job: inout NewJob)

    /// Around a run. Calls `next` once, or throws instead.
    func run(_ context: JobContext, next: @Sendable () async throws -> Void) async throws
}

extension JobMiddleware {
    /// Nothing.
    public func willEnqueue(_ job: inout NewJob) {}

    /// The run and nothing else.
    public func run(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        try await next()
    }
}
