public import JobQueue
public import Logging

/// The circumstances of a run that a test chooses.
public struct PerformOptions: Sendable {
    /// Which attempt the run is, from 1 to `maxAttempts`.
    public var attempt: Int
    /// How many attempts the job has, 1 or more; `nil` for as many as its kind.
    public var maxAttempts: Int?
    /// What `context.restore()` returns, encoded as an earlier run would have saved it; `nil` where none saved anything.
    public var checkpoint: (any Encodable & Sendable)?
    /// Another queue than the kind's.
    public var queue: String?
    /// What is carried with the job.
    public var metadata: [String: String]
    /// The job that it is a child of. It need not exist.
    public var parent: JobID?
    /// How long the job waited.
    public var waited: Duration
    /// Why the run is asked to stop, before it begins; its task is cancelled as well. `nil` where it is not.
    public var cancellation: JobCancellation?
    /// Called when the job is prepared and around the run, the first outermost.
    public var middleware: [any JobMiddleware]
    /// What the job logs to.
    public var logger: Logger

    /// Creates the circumstances of a first run that nobody disturbs, unless told otherwise.
    public init(
        attempt: Int = 1, maxAttempts: Int? = nil, checkpoint: (any Encodable & Sendable)? = nil,
        queue: String? = nil, metadata: [String: String] = [:], parent: JobID? = nil, waited: Duration = .zero,
        cancellation: JobCancellation? = nil, middleware: [any JobMiddleware] = [],
        logger: Logger = Logger(label: "perform")
    ) {
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.checkpoint = checkpoint
        self.queue = queue
        self.metadata = metadata
        self.parent = parent
        self.waited = waited
        self.cancellation = cancellation
        self.middleware = middleware
        self.logger = logger
    }
}

/// Runs the code of a job once, as a worker would, and returns what it came to. No store is needed.
///
/// ```swift
/// let run = try await perform(SendInvoice(invoice: 7), options: .init(attempt: 2)) { parameters, context in
///     try await mailer.send(parameters.invoice)
/// }
/// #expect(run.outcome == .completed(result: nil))
/// ```
///
/// The parameters are encoded and decoded, the middleware is called, and the end is judged by the kind's `RetryPolicy`, all by the
/// worker's own code. Time limits and isolation are a worker's: here nothing ends a run from outside, except that a cancellation of
/// the caller's task reaches the code.
/// - Parameters:
///   - parameters: The data of the job.
///   - options: The circumstances of the run.
///   - handler: Runs the job.
/// - Throws: `JobError` with `encodingFailed`, `payloadTooLarge` or `invalidOption` where a client would refuse the job. What the
///   code throws is in ``PerformedJob/error``.
public func perform<Parameters: JobParameters>(
    _ parameters: Parameters, options: PerformOptions = PerformOptions(),
    with handler: @escaping @Sendable (Parameters, JobContext) async throws -> Void
) async throws -> PerformedJob<Parameters> where Parameters.Output == Void {
    try await PerformedRun(options).perform(parameters) { $0.register(Parameters.self, handler: handler) }
}

/// Runs the code of a job with a result once; see `perform(_:options:with:)`.
public func perform<Parameters: JobParameters>(
    _ parameters: Parameters, options: PerformOptions = PerformOptions(),
    with handler: @escaping @Sendable (Parameters, JobContext) async throws -> Parameters.Output
) async throws -> PerformedJob<Parameters> where Parameters.Output: Encodable {
    try await PerformedRun(options).perform(parameters) { $0.register(Parameters.self, handler: handler) }
}

/// Runs a handler once; see `perform(_:options:with:)`.
public func perform<Handler: JobHandler>(
    _ parameters: Handler.Parameters, options: PerformOptions = PerformOptions(), with handler: Handler
) async throws -> PerformedJob<Handler.Parameters> where Handler.Parameters.Output == Void {
    try await PerformedRun(options).perform(parameters) { $0.register(handler) }
}

/// Runs a handler of jobs with a result once; see `perform(_:options:with:)`.
public func perform<Handler: JobHandler>(
    _ parameters: Handler.Parameters, options: PerformOptions = PerformOptions(), with handler: Handler
) async throws -> PerformedJob<Handler.Parameters> where Handler.Parameters.Output: Encodable {
    try await PerformedRun(options).perform(parameters) { $0.register(handler) }
}

/// One run outside a worker. The job is in a store of its own while it runs, so that it can have children.
private struct PerformedRun {
    let options: PerformOptions
    let store = MemoryJobStore()

    init(_ options: PerformOptions) { self.options = options }

    func perform<Parameters: JobParameters>(
        _ parameters: Parameters, register: (inout JobRegistry) -> Void
    ) async throws -> PerformedJob<Parameters> {
        var registry = JobRegistry()
        register(&registry)
        let thrown = ThrownError()
        let engine = try RunEngine(registry, middleware: [thrown] + options.middleware)
        let (worker, job) = try await claim(parameters)
        let link = PerformLink(store: store, options: options, maxPayload: engine.maxPayload)
        let context = engine.context(for: job, logger: options.logger, link: link)
        let outcome = await run(job, context, by: engine)?.storable
        let update = context.takeUpdate()
        // The job leaves the store, whatever it came to; its children stay.
        let end = Acknowledgement(job.reference, .completed(result: nil))
        _ = try await store.exchange(ExchangeRequest(worker: worker, acknowledgements: [end]))
        _ = try await store.delete([job.id])
        return PerformedJob(
            id: job.id, outcome: outcome, error: thrown.error, progress: update?.progress,
            progressMessage: update?.message, store: store, checkpoint: link.saved)
    }

    private func claim(_ parameters: some JobParameters) async throws -> (WorkerID, ClaimedJob) {
        var new = try JobClient(store: store, middleware: options.middleware).prepare(
            parameters,
            options: EnqueueOptions(
                queue: options.queue, metadata: options.metadata, maxAttempts: options.maxAttempts))
        guard options.attempt >= 1, options.attempt <= new.maxAttempts else {
            throw JobError(
                .invalidOption,
                "\(new.kind): attempt \(options.attempt) is not within 1…\(new.maxAttempts); choose another, or raise maxAttempts"
            )
        }
        // A middleware may have delayed it.
        new.start = .now
        _ = try await store.enqueue([new])
        let worker = try await store.register(
            WorkerDescription(host: "perform", process: 0, queues: [new.queue]), lease: .seconds(365 * 86_400))
        let claim = ExchangeRequest(worker: worker, claims: [QueueClaim(queue: new.queue, limit: 1)])
        guard var job = try await store.exchange(claim).claimed.first else {
            throw JobError(
                .storeFailed, "\(new.kind): the job could not be claimed; let no middleware make it wait for others")
        }
        job.attempt = options.attempt
        job.waited = options.waited
        job.parent = options.parent
        job.checkpoint = try options.checkpoint.map { try JobCoding.encode($0) }
        return (worker, job)
    }

    private func run(_ job: ClaimedJob, _ context: JobContext, by engine: RunEngine) async -> JobOutcome? {
        guard let reason = options.cancellation else { return await engine.run(job, context) }
        _ = context.cancel(reason)
        return await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await engine.run(job, context)
        }.value
    }
}

/// Keeps the error that a run threw.
private final class ThrownError: JobMiddleware {
    private let kept = Lock<(any Error)?>(nil)

    var error: (any Error)? { kept.with { $0 } }

    func run(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        do {
            try await next()
        } catch {
            kept.with { $0 = error }
            throw error
        }
    }
}

/// Keeps the checkpoint that a run saved last.
private final class PerformLink: RunLink {
    let client: JobClient?
    private let isLeaseLost: Bool
    private let kept = Lock<[UInt8]?>(nil)

    init(store: MemoryJobStore, options: PerformOptions, maxPayload: Int) {
        client = JobClient(store: store, maxPayload: maxPayload, middleware: options.middleware)
        isLeaseLost = options.cancellation == .leaseLost
    }

    var saved: [UInt8]? { kept.with { $0 } }

    func progressed(_ reference: RunReference) {}

    func checkpoint(_ reference: RunReference, bytes: [UInt8]) async throws {
        guard !isLeaseLost else {
            throw JobError(.leaseLost, "job \(reference.id) has been taken over; stop working on it")
        }
        kept.with { $0 = bytes }
    }
}
