public import Logging
import Synchronization

/// What a running job knows of itself, and how it speaks to the queue.
public final class JobContext: Sendable {
    package let job: ClaimedJob
    private let baseLogger: Logger
    private let link: any RunLink
    private let sealing: (any PayloadSealing)?
    private let maxPayload: Int
    /// The reason's place in its list of cases, from 1; 0 while there is none.
    private let stopReason = Atomic<UInt8>(0)
    private let committed = Atomic<Bool>(false)
    /// Made with the first progress: most runs report none.
    private let report = AtomicLazyReference<Report>()

    private final class Report: Sendable {
        let state = Lock(State())

        struct State {
            var progress: Double?
            var message: String?
            var isDirty = false
        }
    }

    /// To be created by ``RunEngine/context(for:logger:link:)``, which knows the sealing.
    init(_ job: ClaimedJob, logger: Logger, link: any RunLink, sealing: (any PayloadSealing)?, maxPayload: Int) {
        self.maxPayload = maxPayload
        self.job = job
        self.sealing = sealing
        baseLogger = logger
        self.link = link
    }

    /// The job's identity.
    public var id: JobID { job.id }
    /// The fencing token of this run. Each run of a job has a higher one than the runs before it: pass it to other systems,
    /// and have them refuse lower ones.
    public var fencingToken: Int64 { job.run }
    /// Which attempt this is, from 1.
    public var attempt: Int { job.attempt }
    /// How many attempts the job has.
    public var maxAttempts: Int { job.maxAttempts }
    /// The name of its type.
    public var kind: String { job.kind }
    /// The queue it waited in.
    public var queue: String { job.queue }
    /// What was enqueued with it: trace context and the like.
    public var metadata: [String: String] { job.metadata }
    /// The job it is a child of.
    public var parent: JobID? { job.parent }
    /// How long it waited after it could have run.
    public var waited: Duration { job.waited }

    /// Carries `job_id`, `job_kind` and `job_attempt`. Made when it is asked for: most runs log nothing.
    public var logger: Logger {
        var logger = baseLogger
        logger[metadataKey: "job_id"] = "\(id)"
        logger[metadataKey: "job_kind"] = "\(kind)"
        logger[metadataKey: "job_attempt"] = "\(attempt)"
        return logger
    }

    /// The run, as stores know it.
    public var reference: RunReference { job.reference }

    // MARK: Progress

    /// Says how far the job is. Cheap: the worker saves the latest figure about once a second.
    /// - Parameters:
    ///   - fraction: 0…1. A figure below an earlier one is not shown.
    ///   - message: A few words for people.
    public func progress(_ fraction: Double, _ message: String? = nil) {
        currentReport().state.with { state in
            if !fraction.isNaN { state.progress = max(state.progress ?? 0, min(1, max(0, fraction))) }
            if let message { state.message = message }
            state.isDirty = true
        }
        link.progressed(reference)
    }

    private func currentReport() -> Report {
        report.load() ?? report.storeIfNil(Report())
    }

    /// Saves what the next run shall find if this one does not end; returns when it is stored.
    /// - Throws: ``JobError`` with `leaseLost` where the run has been taken away: stop working at once; `encodingFailed`,
    ///   `sealingFailed` or `payloadTooLarge`.
    public func checkpoint(_ value: some Encodable & Sendable) async throws {
        let bytes = try SealedForm.seal(JobCoding.encode(value), for: SealedContent(.checkpoint, of: kind), by: sealing)
        try await link.checkpoint(reference, bytes: bytes)
    }

    /// What an earlier run of this job saved last; `nil` where none did.
    /// - Throws: ``JobError`` with `decodingFailed`, or `sealingFailed` where it cannot be opened.
    public func restore<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let saved = job.checkpoint else { return nil }
        let bytes = try SealedForm.open(saved, for: SealedContent(.checkpoint, of: kind), by: sealing)
        return try JobCoding.decode(type, from: bytes)
    }

    /// Takes over what the job said in a process of its own.
    package func adopt(_ fraction: Double?, _ message: String?) {
        if let fraction {
            progress(fraction, message)
        } else if let message {
            currentReport().state.with { ($0.message, $0.isDirty) = (message, true) }
            link.progressed(reference)
        }
    }

    // MARK: Completion within a transaction

    /// Whether the job has been completed by a transaction of its own: nothing is told of its end any more.
    package var isCommitted: Bool { committed.load(ordering: .acquiring) }

    /// What is stored for a result.
    /// - Throws: ``JobError`` with `encodingFailed`, `sealingFailed` or `payloadTooLarge`.
    package func stored(result: some Encodable) throws -> [UInt8] {
        let bytes = try SealedForm.seal(JobCoding.encode(result), for: SealedContent(.result, of: kind), by: sealing)
        guard bytes.count <= maxPayload else {
            throw JobError(.payloadTooLarge, "a result of \(bytes.count) bytes is above the cap of \(maxPayload)")
        }
        return bytes
    }

    /// The transaction that completes the job has been committed.
    package func markCommitted() {
        committed.store(true, ordering: .releasing)
        link.committed(reference)
    }

    // MARK: Children

    /// Enqueues jobs as children of this one. Throw ``JobControl/waitForChildren`` to continue when they are done.
    @discardableResult
    public func spawn<Parameters: JobParameters>(
        _ children: [Parameters], options: EnqueueOptions = EnqueueOptions()
    ) async throws -> [JobID] {
        var options = options
        options.parent = id
        return try await client.enqueue(children, options: options).map(\.id)
    }

    /// Enqueues and looks at jobs in the store this job came from.
    public var client: JobClient {
        get throws {
            guard let client = link.client else {
                throw JobError(.invalidOption, "a job in a process of its own has no access to the store")
            }
            return client
        }
    }

    // MARK: Cancellation

    /// Whether the job shall stop. Its task is cancelled as well, so that `Task.checkCancellation()` does as well.
    public var isCancelled: Bool { stopReason.load(ordering: .acquiring) != 0 }

    /// Why the job shall stop; `nil` while it shall not.
    public var cancellation: JobCancellation? {
        let place = Int(stopReason.load(ordering: .acquiring))
        return place == 0 ? nil : JobCancellation.allCases[place - 1]
    }

    /// Notes why; the first reason stays. Returns whether this was the first.
    package func cancel(_ reason: JobCancellation) -> Bool {
        let place = UInt8((JobCancellation.allCases.firstIndex(of: reason) ?? 0) + 1)
        return stopReason.compareExchange(expected: 0, desired: place, ordering: .acquiringAndReleasing).exchanged
    }

    /// The progress since the last call.
    package func takeUpdate() -> RunUpdate? {
        report.load()?.state.with { state in
            guard state.isDirty else { return nil }
            state.isDirty = false
            return RunUpdate(reference, progress: state.progress, message: state.message)
        }
    }
}

/// Why a running job shall stop.
public enum JobCancellation: String, Sendable, Hashable, CaseIterable {
    /// Someone asked for it.
    case requested
    /// It has reached its soft time limit.
    case softLimit
    /// It has reached its hard time limit.
    case hardLimit
    /// The worker is stopping; the job will run again.
    case shutdown
    /// The worker lost its lease: another one may be running this job already.
    case leaseLost
}

/// The way from a running job to its worker.
package protocol RunLink: Sendable {
    /// For jobs that enqueue jobs.
    var client: JobClient? { get }
    /// There is progress to fetch.
    func progressed(_ reference: RunReference)
    /// Stores a checkpoint.
    func checkpoint(_ reference: RunReference, bytes: [UInt8]) async throws
    /// The run has completed its job itself.
    func committed(_ reference: RunReference)
}

extension RunLink {
    package func committed(_ reference: RunReference) {}
}
