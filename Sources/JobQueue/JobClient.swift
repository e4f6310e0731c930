/// Puts jobs into a store and follows them.
///
/// ```swift
/// let client = JobClient(store: store)
/// let handle = try await client.enqueue(SendInvoice(invoice: 7), options: .init(uniqueKey: "invoice-7"))
/// let record = try await handle.waitUntilFinished()
/// ```
public struct JobClient: Sendable {
    /// Where the jobs go.
    public let store: any JobStore
    /// The largest payload, in bytes.
    public let maxPayload: Int
    /// How long workers keep idempotency keys, and so the longest window of one.
    public let keyRetention: Duration
    let middleware: [any JobMiddleware]
    let observer: (any JobObserver)?
    let sealing: (any PayloadSealing)?
    let clock: any JobClock

    /// A client.
    /// - Parameters:
    ///   - store: Where the jobs go.
    ///   - maxPayload: The largest payload, in bytes; 256 KiB by default. Keep large data elsewhere and refer to it.
    ///   - middleware: Sees every job before it is stored.
    ///   - observer: Hears of what was stored.
    ///   - sealing: Encrypts payloads and decrypts results; workers need the same.
    ///   - clock: Paces the waiting for results.
    ///   - keyRetention: How long workers keep idempotency keys; raise it together with
    ///     ``MaintenanceRequest/keyRetention``.
    public init(
        store: any JobStore, maxPayload: Int = 262_144, middleware: [any JobMiddleware] = [],
        observer: (any JobObserver)? = nil, sealing: (any PayloadSealing)? = nil,
        clock: any JobClock = SystemJobClock(), keyRetention: Duration = MaintenanceRequest().keyRetention
    ) {
        self.store = store
        self.maxPayload = maxPayload
        self.keyRetention = keyRetention
        self.middleware = middleware
        self.observer = observer
        self.sealing = sealing
        self.clock = clock
    }

    // MARK: Enqueuing

    /// Stores a job.
    /// - Throws: ``JobError`` with `encodingFailed`, `sealingFailed`, `payloadTooLarge`, `invalidOption` or `unknownDependency`, or
    ///   what the store throws.
    public func enqueue<Parameters: JobParameters>(
        _ parameters: Parameters, options: EnqueueOptions = EnqueueOptions()
    ) async throws -> JobHandle<Parameters> {
        let receipts = try await enqueue(prepared: [prepare(parameters, options: options)])
        guard let receipt = receipts.first else { throw JobError(.storeFailed, "the store returned no receipt") }
        return JobHandle(id: receipt.id, isNew: receipt.isNew, client: self)
    }

    /// Stores jobs of one kind in one go, all or none.
    public func enqueue<Parameters: JobParameters>(
        _ parameters: [Parameters], options: EnqueueOptions = EnqueueOptions()
    ) async throws -> [JobHandle<Parameters>] {
        let prepared = try parameters.map { try prepare($0, options: options) }
        return try await enqueue(prepared: prepared).map { JobHandle(id: $0.id, isNew: $0.isNew, client: self) }
    }

    /// Stores a batch: children, and a parent that runs when all of them are done.
    ///
    /// When a child dies or is cancelled the parent dies with it and the other children are cancelled, unless
    /// `options` say ``DependencyFailure/proceed``. Cancelling the parent cancels the children.
    /// - Returns: The parent.
    public func enqueue<Child: JobParameters, Parent: JobParameters>(
        batch children: [Child], then parent: Parent, options: EnqueueOptions = EnqueueOptions(),
        childOptions: EnqueueOptions = EnqueueOptions()
    ) async throws -> JobHandle<Parent> {
        var head = try prepare(parent, options: options)
        head.awaitsChildren = true
        var childOptions = childOptions
        childOptions.parent = head.id
        let prepared = try children.map { try prepare($0, options: childOptions) }
        let receipts = try await enqueue(prepared: [head] + prepared)
        return JobHandle(
            id: receipts.first?.id ?? head.id, isNew: receipts.first?.isNew ?? true, client: self)
    }

    /// Stores prepared jobs, of any kinds, in one go.
    public func enqueue(prepared jobs: [NewJob]) async throws -> [EnqueueReceipt] {
        let receipts = try await store.enqueue(jobs)
        if let observer {
            let new = zip(jobs, receipts).filter(\.1.isNew).map(\.0)
            for (kind, group) in Dictionary(grouping: new, by: { [$0.kind, $0.queue] }) {
                observer.observe(.enqueued(kind: kind[0], queue: kind[1], count: group.count))
            }
        }
        return receipts
    }

    /// Makes a job ready to be stored: encodes it and fills in its kind's options. For stores that enqueue inside the
    /// caller's own transaction, and for batches of several kinds.
    public func prepare<Parameters: JobParameters>(
        _ parameters: Parameters, options: EnqueueOptions = EnqueueOptions()
    ) throws -> NewJob {
        let kind = Parameters.options
        let payload = try SealedForm.seal(
            JobCoding.encode(parameters), for: SealedContent(.payload, of: Parameters.kind), by: sealing)
        guard payload.count <= maxPayload else {
            throw JobError(
                .payloadTooLarge,
                "a \(Parameters.kind) of \(payload.count) bytes is above the cap of \(maxPayload); store the data elsewhere"
            )
        }
        let concurrency =
            options.concurrency
            ?? kind.maxConcurrent.map { ConcurrencyLimit(key: "kind:\(Parameters.kind)", limit: $0) }
        let maxAttempts = options.maxAttempts ?? kind.retry.maxAttempts
        guard maxAttempts >= 1, kind.maxRescues >= 1, concurrency.map({ $0.limit >= 1 }) ?? true else {
            throw JobError(.invalidOption, "\(Parameters.kind): attempts, rescues and concurrency limits start at 1")
        }
        var idempotencyKey = options.idempotencyKey
        if let window = options.idempotencyWindow, let key = idempotencyKey {
            guard window >= .milliseconds(1) else {
                throw JobError(.invalidOption, "\(Parameters.kind): an idempotency window is a millisecond at least")
            }
            guard window <= keyRetention else {
                throw JobError(
                    .invalidOption,
                    "\(Parameters.kind): an idempotency window of \(window) is above \(keyRetention), after which workers forget the "
                        + "key; raise keyRetention of the client and of the workers' retention")
            }
            idempotencyKey = "\(key)@\(clock.wallMicroseconds() / window.microseconds)"
        }
        var new = NewJob(
            kind: Parameters.kind, queue: options.queue ?? kind.queue, priority: options.priority ?? kind.priority,
            payload: payload, start: options.start, maxAttempts: maxAttempts, maxRescues: kind.maxRescues,
            uniqueKey: options.uniqueKey, idempotencyKey: idempotencyKey, concurrency: concurrency,
            parent: options.parent, dependsOn: options.dependsOn, whenDependencyFails: options.whenDependencyFails,
            metadata: options.metadata)
        for layer in middleware { layer.willEnqueue(&new) }
        return new
    }

    // MARK: Following

    /// What is known of a job; `nil` for an unknown id. Its data is as it is stored: where there is a sealing, pass it to
    /// ``JobRecord/result(as:sealing:)``.
    public func status(_ id: JobID) async throws -> JobRecord? {
        try await store.job(id)
    }

    /// A handle for a job that was stored earlier.
    public func handle<Parameters: JobParameters>(_ id: JobID, of type: Parameters.Type) -> JobHandle<Parameters> {
        JobHandle(id: id, isNew: false, client: self)
    }

    /// Cancels a job and its children: at once where it does not run, by request where it does.
    /// - Returns: Whether it had not ended yet.
    @discardableResult
    public func cancel(_ id: JobID, reason: String = "cancelled") async throws -> Bool {
        try await store.cancel(id, reason: reason)
    }

    /// Runs an ended job again, together with what failed or was cancelled below it. What is completed is not done again.
    ///
    /// What is still being cancelled is awaited first: a job that waits for it would fail by its late end.
    /// - Returns: How many run again: 0 where the job is completed or has not ended.
    /// - Throws: ``JobError`` with `jobNotFound`, or `stillStopping` when that took longer than `limit`.
    @discardableResult
    public func retry(_ id: JobID, waiting limit: Duration = .seconds(15)) async throws -> Int {
        guard let record = try await store.job(id) else { throw JobError(.jobNotFound, "there is no job \(id)") }
        guard record.state.isTerminal, record.state != .completed else { return 0 }
        let family = JobFamily(store: store, head: id)
        let ends = clock.monotonic() + limit
        while true {
            if let failed = try await family.failed() { return try await store.retry(failed + [id]).count }
            guard clock.monotonic() < ends else {
                throw JobError(
                    .stillStopping, "jobs below \(id) are still being cancelled after \(limit); try again later")
            }
            try await clock.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until a job has ended. Looks again after 5 ms, then less and less often, up to `interval`.
    /// - Throws: ``JobError`` with `jobNotFound`; `CancellationError` when the waiting task is cancelled.
    public func waitUntilFinished(_ id: JobID, interval: Duration = .milliseconds(500)) async throws -> JobRecord {
        var pause = Duration.milliseconds(5)
        while true {
            guard let record = try await store.job(id) else { throw JobError(.jobNotFound, "there is no job \(id)") }
            if record.state.isTerminal { return record }
            try await clock.sleep(for: min(pause, interval))
            pause = min(interval, pause * 2)
        }
    }
}

/// A stored job, for whoever enqueued it.
public struct JobHandle<Parameters: JobParameters>: Sendable {
    /// The job.
    public let id: JobID
    /// `false` where a job of the same key was there already, and this is it.
    public let isNew: Bool
    let client: JobClient

    /// What is known of it.
    public func status() async throws -> JobRecord? { try await client.status(id) }

    /// Waits until it has ended.
    public func waitUntilFinished(interval: Duration = .milliseconds(500)) async throws -> JobRecord {
        try await client.waitUntilFinished(id, interval: interval)
    }

    /// Cancels it and its children.
    @discardableResult
    public func cancel(reason: String = "cancelled") async throws -> Bool {
        try await client.cancel(id, reason: reason)
    }
}

extension JobHandle where Parameters.Output: Decodable {
    /// Waits for the result, and opens it with the client's sealing.
    /// - Throws: ``JobError`` with `jobFailed` where the job ended without one, or `sealingFailed` or `decodingFailed` where it cannot
    ///   be read.
    public func result(interval: Duration = .milliseconds(500)) async throws -> Parameters.Output {
        try await waitUntilFinished(interval: interval)
            .result(as: Parameters.Output.self, sealing: client.sealing)
    }
}
