/// How a run ended, as a worker tells its store.
public enum JobOutcome: Sendable, Hashable {
    /// Done, with the encoded result if the job has one, sealed where the worker has a sealing.
    case completed(result: [UInt8]?)
    /// Failed; to be tried again after a while.
    case retry(after: Duration, error: String)
    /// Not yet; to be tried again after a while, uncounted.
    case snoozed(Duration)
    /// Continues when its children are done, uncounted.
    case waitingForChildren
    /// Failed for good.
    case dead(error: String)
    /// Given up.
    case discarded(reason: String)
    /// Cancelled.
    case cancelled(reason: String)
    /// Unfinished: back to its place at once, uncounted.
    case returned

    /// The outcome's name, as metrics and logs have it.
    public var name: String {
        switch self {
        case .completed: "completed"
        case .retry: "retry"
        case .snoozed: "snoozed"
        case .waitingForChildren: "waiting"
        case .dead: "dead"
        case .discarded: "discarded"
        case .cancelled: "cancelled"
        case .returned: "returned"
        }
    }

    /// What is kept as the job's last error.
    package var message: String? {
        switch self {
        case .retry(_, let error), .dead(let error): error
        case .discarded(let reason), .cancelled(let reason): reason.isEmpty ? nil : reason
        case .completed, .snoozed, .waitingForChildren, .returned: nil
        }
    }
}

/// One run of one job: what every outcome is matched on.
public struct RunReference: Sendable, Hashable {
    /// The job.
    public var id: JobID
    /// The fencing token of the run.
    public var run: Int64

    /// A run.
    public init(id: JobID, run: Int64) {
        self.id = id
        self.run = run
    }

    /// Two runs of one job are seldom in one table.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// A run and how it ended.
public struct Acknowledgement: Sendable, Hashable {
    /// Which run.
    public var reference: RunReference
    /// How it ended, in a form that every store can keep: delays within a hundred years, texts of at most 2,000 bytes without
    /// zero characters.
    public let outcome: JobOutcome

    /// A run's end.
    public init(_ reference: RunReference, _ outcome: JobOutcome) {
        self.reference = reference
        self.outcome = outcome.storable
    }
}
