public import JobQueue
public import Logging

/// Runs waiting jobs one after the other in the caller's task, for tests of code that enqueues jobs.
///
/// ```swift
/// let drain = try InlineDrain(store: store) { jobs in
///     jobs.register(SendInvoice.self) { parameters, context in try await mailer.send(parameters.invoice) }
/// }
/// let ended = try await drain.run()
/// ```
public struct InlineDrain: Sendable {
    private let store: any JobStore
    private let engine: RunEngine
    private let client: JobClient
    private let logger: Logger
    private let clock: ManualJobClock?

    /// A drain.
    /// - Parameters:
    ///   - store: Where the jobs are.
    ///   - clock: The store's clock, for ``run(queues:untilIdle:)`` to move to the next due time.
    ///   - middleware: Goes around every run.
    ///   - sealing: The clients'.
    ///   - logger: What jobs log to.
    ///   - register: Registers the kinds of jobs, with their code.
    /// - Throws: `JobError` with `invalidConfiguration` when a kind is registered twice.
    public init(
        store: any JobStore, clock: ManualJobClock? = nil, middleware: [any JobMiddleware] = [],
        sealing: (any PayloadSealing)? = nil, logger: Logger = Logger(label: "drain"),
        register: (inout JobRegistry) -> Void
    ) throws {
        self.store = store
        self.clock = clock
        self.logger = logger
        var registry = JobRegistry()
        register(&registry)
        engine = try RunEngine(registry, middleware: middleware, sealing: sealing)
        client = JobClient(store: store, middleware: middleware, sealing: sealing)
    }

    /// Runs ready jobs until none is left.
    /// - Parameters:
    ///   - queues: From these queues; from all by default.
    ///   - untilIdle: Also moves the manual clock to the next due job, again and again, until nothing is scheduled.
    /// - Returns: What was run, in order.
    @discardableResult
    public func run(queues: [String]? = nil, untilIdle: Bool = false) async throws -> [Acknowledgement] {
        let worker = try await store.register(
            WorkerDescription(host: "inline", process: 0, queues: queues ?? [], kinds: Set(engine.kindNames)),
            lease: .seconds(365 * 86_400))
        var done: [Acknowledgement] = []
        var pending: [Acknowledgement] = []
        while true {
            if !pending.isEmpty {
                _ = try await store.exchange(ExchangeRequest(worker: worker, acknowledgements: pending))
                pending = []
            }
            try Task.checkCancellation()
            let report = try await store.maintain(MaintenanceRequest(retention: nil))
            let names = if let queues { queues } else { try await store.statistics().map(\.queue) }
            var claimed: [ClaimedJob] = []
            for name in names where claimed.isEmpty {
                let reply = try await store.exchange(
                    ExchangeRequest(worker: worker, claims: [QueueClaim(queue: name, limit: 1)]))
                claimed = reply.claimed
            }
            guard let job = claimed.first else {
                guard untilIdle, let clock, let next = report.nextDue else { break }
                clock.advance(by: next)
                continue
            }
            let context = engine.context(
                for: job, logger: logger,
                link: InlineLink(store: store, worker: worker, client: client))
            let outcome = await engine.run(job, context) ?? .returned
            if let update = context.takeUpdate() { _ = try await store.save([update], worker: worker) }
            done.append(Acknowledgement(job.reference, outcome))
            if !context.isCommitted { pending = done.suffix(1) }
        }
        try await store.unregister(worker)
        return done
    }
}

private struct InlineLink: RunLink {
    let store: any JobStore
    let worker: WorkerID
    let client: JobClient?

    func progressed(_ reference: RunReference) {}

    func checkpoint(_ reference: RunReference, bytes: [UInt8]) async throws {
        guard try await store.save([RunUpdate(reference, checkpoint: bytes)], worker: worker).isEmpty else {
            throw JobError(.leaseLost, "job \(reference.id) has been taken over")
        }
    }
}
