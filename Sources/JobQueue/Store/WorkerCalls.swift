#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What became of one job of an enqueuing call.
public struct EnqueueReceipt: Sendable, Hashable {
    /// The stored job: the new one, or the one that already had the key.
    public var id: JobID
    /// Whether it is the new one.
    public var isNew: Bool

    /// A receipt.
    public init(id: JobID, isNew: Bool) {
        self.id = id
        self.isNew = isNew
    }
}

/// Who a worker is, for people who look at the list.
public struct WorkerDescription: Sendable, Hashable {
    /// The machine.
    public var host: String
    /// The process.
    public var process: Int
    /// What it works on.
    public var queues: [String]
    /// The kinds of jobs that it has code for: it is handed no others. `nil` for any.
    public var kinds: Set<String>?

    /// A description.
    public init(host: String, process: Int, queues: [String], kinds: Set<String>? = nil) {
        self.host = host
        self.process = process
        self.queues = queues
        self.kinds = kinds
    }
}

/// The answer to a heartbeat.
public struct HeartbeatReply: Sendable, Hashable {
    /// `false`: the lease had ended. Everything the worker runs is someone else's now; it must register anew.
    public var isAlive: Bool
    /// The worker's jobs that someone wants cancelled.
    public var cancelRequested: [JobID]

    /// An answer.
    public init(isAlive: Bool, cancelRequested: [JobID] = []) {
        self.isAlive = isAlive
        self.cancelRequested = cancelRequested
    }
}

/// Ended runs for new ones.
public struct ExchangeRequest: Sendable {
    /// Who asks.
    public var worker: WorkerID
    /// How runs ended.
    public var acknowledgements: [Acknowledgement]
    /// How many jobs of which queues are wanted, at most.
    public var claims: [QueueClaim]

    /// A request.
    public init(worker: WorkerID, acknowledgements: [Acknowledgement] = [], claims: [QueueClaim] = []) {
        self.worker = worker
        self.acknowledgements = acknowledgements
        self.claims = claims
    }
}

/// Jobs wanted of a queue.
public struct QueueClaim: Sendable, Hashable {
    /// The queue.
    public var queue: String
    /// At most so many.
    public var limit: Int
    /// Only jobs under just this suspicion; `nil` for any.
    public var suspicion: JobSuspicion?

    /// Whether jobs are among them that nothing is held against.
    package var takesClear: Bool { suspicion ?? .clear == .clear }

    /// A wish.
    public init(queue: String, limit: Int, suspicion: JobSuspicion? = nil) {
        self.queue = queue
        self.limit = limit
        self.suspicion = suspicion
    }
}

/// The answer to an exchange.
public struct ExchangeReply: Sendable {
    /// Runs whose outcome was refused: they had been taken away.
    public var rejected: [RunReference]
    /// The jobs handed out.
    public var claimed: [ClaimedJob]

    /// An answer.
    public init(rejected: [RunReference] = [], claimed: [ClaimedJob] = []) {
        self.rejected = rejected
        self.claimed = claimed
    }
}

/// What a run has to tell before it ends. `nil` leaves a field as it is.
public struct RunUpdate: Sendable, Hashable {
    /// Which run.
    public var reference: RunReference
    /// 0…1.
    public let progress: Double?
    /// A few words about it, at most 2,000 bytes of them.
    public let message: String?
    /// What the next run shall find.
    public var checkpoint: [UInt8]?

    /// An update.
    public init(
        _ reference: RunReference, progress: Double? = nil, message: String? = nil, checkpoint: [UInt8]? = nil
    ) {
        self.reference = reference
        self.progress = progress.flatMap { $0.isNaN ? nil : min(1, max(0, $0)) }
        self.message = message?.storable
        self.checkpoint = checkpoint
    }
}

/// How long ended jobs are kept, and what else is due.
public struct MaintenanceRequest: Sendable, Hashable {
    /// Ended jobs are kept at least so long; `nil` keeps them for good.
    public var retention: Duration?
    /// Idempotency keys are kept at least so long.
    public var keyRetention: Duration

    /// A request.
    public init(retention: Duration? = .seconds(7 * 86_400), keyRetention: Duration = .seconds(2 * 86_400)) {
        self.retention = retention
        self.keyRetention = keyRetention
    }
}

/// What maintenance found.
public struct MaintenanceReport: Sendable, Hashable {
    /// Jobs whose time had come.
    public var due = 0
    /// Runs of lost workers that are ready once more.
    public var rescued = 0
    /// Runs of lost workers whose job is held for poisonous.
    public var poisoned = 0
    /// Old jobs that were removed.
    public var pruned = 0
    /// Queues with ready jobs under suspicion.
    public var suspected: Set<String> = []
    /// Queues with ready jobs that the next loss of a worker ends.
    public var lastChances: Set<String> = []
    /// How long until the next job is due, if one is known.
    public var nextDue: Duration?
    /// The store's time, which schedules go by.
    public var now: Date?
    /// What an operator should look at, each in a sentence; found every few minutes.
    public var warnings: [String] = []

    /// A report of nothing.
    public init() {}
}

/// News for workers.
public enum JobWakeup: Sendable, Hashable {
    /// A queue has jobs to claim.
    case ready(queue: String)
    /// A job was scheduled: maintenance may be due earlier.
    case scheduled
    /// A running job shall stop.
    case cancel(JobID)
    /// Nobody knows what was missed: look at everything.
    case resync
}
