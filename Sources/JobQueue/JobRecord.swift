#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A job to be stored. ``JobClient`` makes these from typed jobs.
public struct NewJob: Sendable, Hashable {
    /// Its identity.
    public var id: JobID
    /// The name of its type.
    public var kind: String
    /// The queue it waits in.
    public var queue: String
    /// Its place in the queue.
    public var priority: JobPriority
    /// The encoded job, sealed where the client has a sealing.
    public var payload: [UInt8]
    /// When it may start.
    public var start: JobStart
    /// How many attempts it has.
    public var maxAttempts: Int
    /// The rescue that kills it.
    public var maxRescues: Int
    /// Unique among the unfinished jobs.
    public var uniqueKey: String?
    /// Unique for as long as the store keeps its keys.
    public var idempotencyKey: String?
    /// How many of its key may run at a time.
    public var concurrency: ConcurrencyLimit?
    /// The job it is a child of.
    public var parent: JobID?
    /// Whether it waits for its children before its first run.
    public var awaitsChildren: Bool
    /// Jobs that must be finished first.
    public var dependsOn: [JobID]
    /// What becomes of it when one that it waits for fails.
    public var whenDependencyFails: DependencyFailure
    /// Carried along: trace context and the like.
    public var metadata: [String: String]

    /// A job to be stored.
    public init(
        id: JobID = JobID(), kind: String, queue: String = "default", priority: JobPriority = .normal,
        payload: [UInt8] = [], start: JobStart = .now, maxAttempts: Int = 10, maxRescues: Int = 3,
        uniqueKey: String? = nil, idempotencyKey: String? = nil, concurrency: ConcurrencyLimit? = nil,
        parent: JobID? = nil, awaitsChildren: Bool = false, dependsOn: [JobID] = [],
        whenDependencyFails: DependencyFailure = .fail, metadata: [String: String] = [:]
    ) {
        self.id = id
        self.kind = kind
        self.queue = queue
        self.priority = priority
        self.payload = payload
        self.start = start
        self.maxAttempts = maxAttempts
        self.maxRescues = maxRescues
        self.uniqueKey = uniqueKey
        self.idempotencyKey = idempotencyKey
        self.concurrency = concurrency
        self.parent = parent
        self.awaitsChildren = awaitsChildren
        self.dependsOn = dependsOn
        self.whenDependencyFails = whenDependencyFails
        self.metadata = metadata
    }
}

/// A job that a worker has claimed: what it needs to run it.
public struct ClaimedJob: Sendable, Hashable {
    /// Its identity.
    public var id: JobID
    /// The fencing token of this run.
    public var run: Int64
    /// The name of its type.
    public var kind: String
    /// The queue it waited in.
    public var queue: String
    /// The encoded job, sealed where the client has a sealing.
    public var payload: [UInt8]
    /// Which attempt this is, from 1.
    public var attempt: Int
    /// How many it has.
    public var maxAttempts: Int
    /// How long it waited after it could have run.
    public var waited: Duration
    /// What its last run saved.
    public var checkpoint: [UInt8]?
    /// The job it is a child of.
    public var parent: JobID?
    /// Carried along.
    public var metadata: [String: String]
    /// What is held against it.
    public var suspicion: JobSuspicion

    /// A claimed job.
    public init(
        id: JobID, run: Int64, kind: String, queue: String, payload: [UInt8], attempt: Int, maxAttempts: Int,
        waited: Duration, checkpoint: [UInt8]? = nil, parent: JobID? = nil, metadata: [String: String] = [:],
        suspicion: JobSuspicion = .clear
    ) {
        self.suspicion = suspicion
        self.id = id
        self.run = run
        self.kind = kind
        self.queue = queue
        self.payload = payload
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.waited = waited
        self.checkpoint = checkpoint
        self.parent = parent
        self.metadata = metadata
    }

    /// The run, for its outcome.
    public var reference: RunReference { RunReference(id: id, run: run) }
}

/// Everything a store knows of a job.
public struct JobRecord: Sendable, Hashable {
    /// What was enqueued.
    public var job: NewJob
    /// Where it stands.
    public var state: JobState
    /// How many attempts have begun.
    public var attempt: Int
    /// The fencing token of its last run.
    public var run: Int64
    /// How often a run ended with its process.
    public var rescues: Int
    /// Whether someone asked the running job to stop.
    public var cancelRequested: Bool
    /// When it was enqueued.
    public var createdAt: Date
    /// When it may or might have run.
    public var runAt: Date
    /// When its last run began.
    public var startedAt: Date?
    /// When it ended.
    public var finishedAt: Date?
    /// The worker that has it, or had it last.
    public var worker: WorkerID?
    /// 0…1, as its code reports it; never falls within a run.
    public var progress: Double?
    /// What its code says of its progress.
    public var progressMessage: String?
    /// What it saved for its next run, as it is stored: sealed where the workers have a sealing.
    public var checkpoint: [UInt8]?
    /// Its encoded result, as it is stored: sealed where the workers have a sealing.
    public var result: [UInt8]?
    /// Its last error, or why it ended. Never sealed.
    public var error: String?

    /// A record.
    public init(job: NewJob, state: JobState, createdAt: Date, runAt: Date) {
        self.job = job
        self.state = state
        self.createdAt = createdAt
        self.runAt = runAt
        attempt = 0
        run = 0
        rescues = 0
        cancelRequested = false
    }

    /// Its identity.
    public var id: JobID { job.id }
    /// The name of its type.
    public var kind: String { job.kind }
    /// The queue it waits in.
    public var queue: String { job.queue }

    /// Returns the data that the job was enqueued with.
    /// - Parameter sealing: The client's, where it has one.
    /// - Throws: ``JobError`` with `decodingFailed`, or `sealingFailed` where the data cannot be opened.
    public func parameters<Parameters: JobParameters>(
        as type: Parameters.Type, sealing: (any PayloadSealing)? = nil
    ) throws -> Parameters {
        let payload = try SealedForm.open(job.payload, for: SealedContent(.payload, of: kind), by: sealing)
        return try JobCoding.decode(type, from: payload)
    }

    /// Returns the result.
    /// - Parameter sealing: The workers', where they have one.
    /// - Throws: ``JobError`` with `decodingFailed`; `sealingFailed` where it cannot be opened; `jobFailed` where there is no result.
    public func result<Value: Decodable>(as type: Value.Type, sealing: (any PayloadSealing)? = nil) throws -> Value {
        guard let result else {
            throw JobError(.jobFailed, "job \(id) is \(state.rawValue)" + (error.map { ": \($0)" } ?? ""))
        }
        return try JobCoding.decode(
            type, from: SealedForm.open(result, for: SealedContent(.result, of: kind), by: sealing))
    }
}

extension JobStart {
    /// At a moment, by the store's clock.
    public static func at(_ date: Date) -> JobStart { .atMicroseconds(date.microseconds) }

    /// The moment in microseconds since 1970, given the present.
    package func moment(now: Int64) -> Int64 {
        switch storable {
        case .now: now
        case .after(let delay): now + delay.microseconds
        case .atMicroseconds(let moment): moment
        }
    }
}

extension Date {
    /// Microseconds since 1970, to the nearest.
    package var microseconds: Int64 {
        Int64(exactly: (timeIntervalSince1970 * 1e6).rounded()) ?? (timeIntervalSince1970 < 0 ? .min : .max)
    }

    package init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1e6)
    }
}
