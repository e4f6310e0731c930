#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Which jobs a listing wants. Conditions add up; what is `nil` or empty does not restrict.
public struct JobFilter: Sendable, Hashable {
    /// In one of these states.
    public var states: Set<JobState>
    /// In this queue.
    public var queue: String?
    /// Of this kind.
    public var kind: String?
    /// Children of this job.
    public var parent: JobID?
    /// Older than this one: the last of the page before.
    public var before: JobID?
    /// At most so many, 1…1000.
    public var limit: Int

    /// A filter.
    public init(
        states: Set<JobState> = [], queue: String? = nil, kind: String? = nil, parent: JobID? = nil,
        before: JobID? = nil, limit: Int = 100
    ) {
        self.states = states
        self.queue = queue
        self.kind = kind
        self.parent = parent
        self.before = before
        self.limit = min(1000, max(1, limit))
    }
}

/// What a queue holds.
public struct QueueStatistics: Sendable, Hashable {
    /// Its name.
    public var queue: String
    /// Unfinished jobs by state.
    public var counts: [JobState: Int]
    /// How long the first of the ready jobs has been waiting.
    public var oldestReady: Duration?
    /// What holds for the queue in all processes.
    public var settings: QueueSettings
    /// Ready jobs that no live worker takes, by kind, among the first thousand of the queue: none serves the queue, or none has
    /// code for the kind.
    public var untaken: [String: Int]

    /// Figures of a queue.
    public init(
        queue: String, counts: [JobState: Int] = [:], oldestReady: Duration? = nil, settings: QueueSettings = .init(),
        untaken: [String: Int] = [:]
    ) {
        self.untaken = untaken
        self.queue = queue
        self.counts = counts
        self.oldestReady = oldestReady
        self.settings = settings
    }

    /// How many ready jobs of a queue are looked at for ``untaken``.
    package static var untakenSample: Int { 1000 }

    /// How many jobs wait, for whatever reason.
    public var waiting: Int { counts.reduce(0) { $1.key == .running ? $0 : $0 + $1.value } }
}

/// What holds for a queue in all processes.
public struct QueueSettings: Sendable, Hashable {
    /// Whether its jobs are handed out.
    public var isPaused: Bool
    /// How many of its jobs may run at a time, in all processes together.
    public var maxConcurrent: Int?
    /// How many of its jobs may start in a while, in all processes together.
    public var rateLimit: RateLimit?

    /// Settings; none of them restricts by default.
    public init(isPaused: Bool = false, maxConcurrent: Int? = nil, rateLimit: RateLimit? = nil) {
        self.isPaused = isPaused
        self.maxConcurrent = maxConcurrent
        self.rateLimit = rateLimit
    }

    /// Whether a claim must count first.
    package var needsCounting: Bool { maxConcurrent != nil || rateLimit != nil }
}

/// At most `count` starts in any `period` on average, and at most `count` at once.
public struct RateLimit: Sendable, Hashable {
    /// How many starts, 1 or more.
    public var count: Int
    /// In what time, above zero.
    public var period: Duration

    /// A rate.
    public init(_ count: Int, per period: Duration) {
        self.count = count
        self.period = period
    }
}

/// A change of a queue's settings.
public enum QueueChange: Sendable, Hashable {
    /// Whether its jobs are handed out.
    case paused(Bool)
    /// How many of its jobs may run at a time; `nil` for any number.
    case maxConcurrent(Int?)
    /// How many may start in a while; `nil` for any number.
    case rateLimit(RateLimit?)

    /// Checks the figures, which every store keeps in 32 bits; a queue is stopped by pausing it.
    /// - Throws: ``JobError`` with `invalidOption`.
    package func validate() throws(JobError) {
        let range = 1...Int(Int32.max)
        switch self {
        case .maxConcurrent(let most?) where !range.contains(most):
            throw JobError(
                .invalidOption,
                "maxConcurrent: must be within 1…\(range.upperBound), not \(most); pause a queue to stop it")
        case .rateLimit(let limit?) where !range.contains(limit.count):
            throw JobError(
                .invalidOption,
                "rateLimit: the count must be within 1…\(range.upperBound), not \(limit.count); pause a queue to stop it"
            )
        case .rateLimit(let limit?) where limit.period < .microseconds(1) || limit.period > .seconds(366 * 86_400):
            throw JobError(
                .invalidOption, "rateLimit: the period must be within a microsecond and a year, not \(limit.period)")
        default: break
        }
    }
}

/// A worker that is known.
public struct WorkerStatus: Sendable, Hashable {
    /// Its registration.
    public var id: WorkerID
    /// Who it is.
    public var description: WorkerDescription
    /// When it registered.
    public var startedAt: Date
    /// When its lease ends unless it is renewed.
    public var leaseEnds: Date
    /// How many jobs it runs.
    public var running: Int

    /// A worker.
    public init(id: WorkerID, description: WorkerDescription, startedAt: Date, leaseEnds: Date, running: Int) {
        self.id = id
        self.description = description
        self.startedAt = startedAt
        self.leaseEnds = leaseEnds
        self.running = running
    }
}

/// The tokens of a rate limit: as many as `count`, refilled evenly.
package struct TokenBucket: Sendable, Hashable {
    package var tokens: Double
    /// Microseconds since 1970.
    package var updated: Int64

    package init(tokens: Double, updated: Int64) {
        self.tokens = tokens
        self.updated = updated
    }

    /// How many starts are free now.
    package mutating func available(_ limit: RateLimit, now: Int64) -> Int {
        let period = max(1, Double(limit.period.microseconds))
        let earned = Double(max(0, now - updated)) / period * Double(limit.count)
        tokens = min(Double(limit.count), tokens + earned)
        updated = max(updated, now)
        return Int(max(0, tokens + 1e-9))
    }
}
