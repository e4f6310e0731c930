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
    /// Made with the first checkpoint or step.
    private let lazyMemory = AtomicLazyReference<RunMemory>()
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

    private var memory: RunMemory { lazyMemory.load() ?? lazyMemory.storeIfNil(RunMemory()) }

    private func currentReport() -> Report {
        report.load() ?? report.storeIfNil(Report())
    }

    /// Saves what the next run shall find if this one does not end; returns when it is stored.
    /// - Throws: ``JobError`` with `leaseLost` where the run has been taken away: stop working at once; `encodingFailed`,
    ///   `sealingFailed` or `payloadTooLarge`.
    public func checkpoint(_ value: some Encodable & Sendable) async throws {
        let bytes = try JobCoding.encode(value)
        try await memory.update(readState) { state in
            state.checkpoint = bytes
            try await link.checkpoint(reference, bytes: try stored(state))
        }
    }

    /// What an earlier run of this job saved last; `nil` where none did.
    /// - Throws: ``JobError`` with `decodingFailed`, or `sealingFailed` where it cannot be opened.
    public func restore<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
        try readState().checkpoint.map { try JobCoding.decode(type, from: $0) }
    }

    // MARK: Steps

    /// Does a part of the job once: its result is stored, and a later run gets it instead of doing it again.
    ///
    /// ```swift
    /// let charge = try await context.step("charge") { try await payments.charge(order) }
    /// try await context.step("mail") { try await mailer.send(receipt(charge)) }
    /// ```
    /// A worker that dies after the body and before its result is stored does it again. Where that must not be, and the effects are in
    /// the database of the jobs, `JobQueueSQL` has a step in a transaction. Steps may run at the same time. Their results, and the
    /// checkpoint, are stored together, within the cap of a payload.
    /// - Parameters:
    ///   - name: Its name within the job; a second step of the same name gets the first one's result.
    ///   - body: What to do. An error is thrown on and nothing is stored.
    /// - Returns: What the body returned, in this run or in an earlier one.
    /// - Throws: ``JobError`` with `leaseLost` where the run has been taken away: stop working at once; `decodingFailed` where the
    ///   stored result is of another type.
    public func step<Value: Codable & Sendable>(
        _ name: String, _ body: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        if let known: Value = try result(of: name) { return known }
        let value = try await body()
        let bytes = try JobCoding.encode(value)
        try await memory.update(readState) { state in
            state.steps[name] = bytes
            try await link.checkpoint(reference, bytes: try stored(state))
        }
        return value
    }

    /// Does a part of the job without a result once.
    public func step(_ name: String, _ body: nonisolated(nonsending) () async throws -> Void) async throws {
        _ = try await step(name) {
            try await body()
            return true
        }
    }

    /// What an earlier step of this name returned.
    private func result<Value: Decodable>(of step: String) throws -> Value? {
        guard !step.isEmpty else { throw JobError(.invalidOption, "a step's name is empty") }
        guard !memory.isUncertain(step) else {
            throw JobError(
                .storeFailed,
                "it is not known whether step \(step) was committed; let the run fail, and the next one knows")
        }
        guard let bytes = try memory.saved(readState).steps[step] else { return nil }
        do {
            return try JobCoding.decode(Value.self, from: bytes)
        } catch {
            throw JobError(
                .decodingFailed,
                "the stored result of step \(step) is no \(Value.self); give a changed step a new name",
                underlying: error)
        }
    }

    /// Does a step by a call that stores its result as well: all of it or nothing.
    package func step<Value: Codable & Sendable>(
        _ name: String, committing commit: nonisolated(nonsending) (StepRecord) async throws -> Value
    ) async throws -> Value {
        if let known: Value = try result(of: name) { return known }
        return try await memory.update(readState) { state in
            // Another step of this name may have had the turn before.
            if let known: Value = try result(of: name) { return known }
            let record = StepRecord(name, after: state) { [self] in try stored($0) }
            do {
                let value = try await commit(record)
                if let next = record.state { state = next }
                return value
            } catch {
                // What failed after the body may have been committed all the same.
                if record.state != nil, (error as? JobError)?.code != .leaseLost { memory.markUncertain(name) }
                throw error
            }
        }
    }

    private func readState() throws -> SavedState {
        guard let saved = job.checkpoint else { return SavedState() }
        return try SavedState(SealedForm.open(saved, for: SealedContent(.checkpoint, of: kind), by: sealing))
    }

    private func stored(_ state: SavedState) throws -> [UInt8] { try stored(state.encoded() ?? [], as: .checkpoint) }

    /// Seals a part of the job's data, and checks its size.
    private func stored(_ bytes: [UInt8], as part: SealedContent.Part) throws(JobError) -> [UInt8] {
        let bytes = try SealedForm.seal(bytes, for: SealedContent(part, of: kind), by: sealing)
        try JobError.checkCap(of: bytes, part, maxPayload)
        return bytes
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
        try stored(JobCoding.encode(result), as: .result)
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
