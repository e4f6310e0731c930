/// Where a job stands.
///
/// ```
///             ┌────────── blocked ──┐
/// enqueue ────┼────────── scheduled ┼──► (throttled) ──► ready ──► running ──► completed
///             └─────────────────────┘         ▲            ▲          │ ├────► dead ──────┐
///                   ▲     ▲                   └────────────┴──────────┘ ├────► cancelled ─┤ by hand
///                   │     └─ retry, snooze        returned, rescued     └────► discarded ─┘
///                   └─ waits for its children                                └──► ready
/// ```
public enum JobState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Waits for jobs it depends on, or for its children.
    case blocked
    /// Waits for its time.
    case scheduled
    /// Waits for a place among the jobs of its concurrency key.
    case throttled
    /// Waits for a worker.
    case ready
    /// A worker has it.
    case running
    /// Done.
    case completed
    /// Failed for good: in the dead letter, from where it can be retried by hand.
    case dead
    /// Ended by someone's wish.
    case cancelled
    /// Given up without a trace in the dead letter.
    case discarded

    /// Whether the job has ended.
    public var isTerminal: Bool {
        switch self {
        case .completed, .dead, .cancelled, .discarded: true
        case .blocked, .scheduled, .throttled, .ready, .running: false
        }
    }

    /// A stable number for stores: those of unfinished jobs are below 10.
    package var code: Int {
        switch self {
        case .blocked: 0
        case .scheduled: 1
        case .throttled: 2
        case .ready: 3
        case .running: 4
        case .completed: 10
        case .dead: 11
        case .cancelled: 12
        case .discarded: 13
        }
    }

    /// The state of a number; `nil` for one that means nothing.
    package init?(code: Int) {
        guard let state = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = state
    }
}

/// The rules of a job's life, without time and without a store: what may follow what, and what is counted.
///
/// Every store obeys these rules; the memory store by calling them, the SQL stores in their statements, which a model
/// test holds against this value.
public struct JobLifecycle: Sendable, Hashable {
    /// Where the job stands.
    public private(set) var state: JobState
    /// How many attempts have begun and were counted.
    public private(set) var attempt = 0
    /// The fencing token: rises with every claim and never falls. An outcome of an older run is refused.
    public private(set) var run: Int64 = 0
    /// How often a run ended with its process.
    public private(set) var rescues = 0
    /// Whether someone asked the running job to stop.
    public private(set) var cancelRequested = false
    /// Whether a place among the jobs of its concurrency key is needed to run.
    public let isKeyed: Bool
    /// The rescue that kills.
    public let maxRescues: Int

    /// A new job.
    public init(
        isBlocked: Bool = false, isDelayed: Bool = false, isKeyed: Bool = false, maxRescues: Int = 3
    ) {
        self.isKeyed = isKeyed
        self.maxRescues = maxRescues
        state = isBlocked ? .blocked : isDelayed ? .scheduled : isKeyed ? .throttled : .ready
    }

    /// The last dependency is done: on to its time, or to its turn.
    @discardableResult
    public mutating func unblock(isDelayed: Bool = false) -> Bool {
        guard state == .blocked else { return false }
        state = isDelayed ? .scheduled : isKeyed ? .throttled : .ready
        return true
    }

    /// Its time has come.
    @discardableResult
    public mutating func becomeDue() -> Bool {
        guard state == .scheduled else { return false }
        state = isKeyed ? .throttled : .ready
        return true
    }

    /// A place of its concurrency key is free.
    @discardableResult
    public mutating func admit() -> Bool {
        guard state == .throttled else { return false }
        state = .ready
        return true
    }

    /// A worker takes it: a new run, a new attempt.
    @discardableResult
    public mutating func claim() -> Bool {
        guard state == .ready else { return false }
        state = .running
        attempt += 1
        run += 1
        return true
    }

    /// A worker says how a run ended. Refused unless that run is the one that is going on.
    @discardableResult
    public mutating func finish(run: Int64, _ outcome: JobOutcome) -> Bool {
        guard state == .running, self.run == run else { return false }
        switch outcome {
        case .completed: state = .completed
        case .dead: state = .dead
        case .discarded: state = .discarded
        case .cancelled: state = .cancelled
        case .retry: leave(for: .scheduled, counted: true)
        case .snoozed: leave(for: .scheduled, counted: false)
        case .waitingForChildren: leave(for: .blocked, counted: false)
        case .returned: leave(for: .ready, counted: false)
        }
        switch outcome {
        // It has come to an end of its own: no process died of it.
        case .retry, .snoozed, .waitingForChildren: rescues = 0
        default: break
        }
        return true
    }

    /// Its worker is gone.
    @discardableResult
    public mutating func rescue() -> Bool {
        guard state == .running else { return false }
        rescues += 1
        if rescues >= maxRescues {
            state = cancelRequested ? .cancelled : .dead
        } else {
            leave(for: .ready, counted: true)
        }
        return true
    }

    /// Someone wants it ended: at once where it does not run, by request where it does.
    @discardableResult
    public mutating func cancel() -> Bool {
        guard !state.isTerminal else { return false }
        if state == .running { cancelRequested = true } else { state = .cancelled }
        return true
    }

    /// What it waits for has failed.
    @discardableResult
    public mutating func failDependency() -> Bool {
        guard state == .blocked else { return false }
        state = .dead
        return true
    }

    /// Someone wants it tried once more, from the beginning.
    /// - Parameter isBlocked: Whether it waits for other jobs first, as when it was enqueued.
    @discardableResult
    public mutating func retryByHand(isBlocked: Bool = false) -> Bool {
        guard state == .dead || state == .cancelled || state == .discarded else { return false }
        state = isBlocked ? .blocked : isKeyed ? .throttled : .ready
        attempt = 0
        rescues = 0
        cancelRequested = false
        return true
    }

    private mutating func leave(for next: JobState, counted: Bool) {
        state = cancelRequested ? .cancelled : next
        if !counted, !cancelRequested { attempt = max(0, attempt - 1) }
    }
}
