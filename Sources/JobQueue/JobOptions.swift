/// How jobs of one kind are queued, retried and limited.
public struct JobOptions: Sendable {
    /// The queue they wait in. `default` unless told.
    public var queue: String
    /// Their place among the jobs of the queue.
    public var priority: JobPriority
    /// How long a run may take. None by default.
    public var limits: TimeLimits
    /// What follows a failure.
    public var retry: RetryPolicy
    /// How many jobs of this kind may be running at a time, in all processes together; `nil` for any number.
    public var maxConcurrent: Int?
    /// Where the job's code runs; `nil` leaves it to the worker's configuration.
    public var isolation: JobIsolation?
    /// The number of times a run may end with its process before the job is held for poisonous, 1 or more.
    public var maxRescues: Int

    /// Options; each has a default that suits short jobs.
    public init(
        queue: String = "default", priority: JobPriority = .normal, limits: TimeLimits = TimeLimits(),
        retry: RetryPolicy = RetryPolicy(), maxConcurrent: Int? = nil, isolation: JobIsolation? = nil,
        maxRescues: Int = 3
    ) {
        self.queue = queue
        self.priority = priority
        self.limits = limits
        self.retry = retry
        self.maxConcurrent = maxConcurrent
        self.isolation = isolation
        self.maxRescues = maxRescues
    }
}

/// What one enqueuing call asks for beyond the kind's own options.
public struct EnqueueOptions: Sendable {
    /// Another queue than the kind's.
    public var queue: String?
    /// Another priority than the kind's.
    public var priority: JobPriority?
    /// When the job may start.
    public var start: JobStart
    /// While a job of this key is unfinished, enqueuing another returns the first instead.
    public var uniqueKey: String?
    /// As ``uniqueKey``, but also after the job has finished, for as long as the store keeps its keys (a day or more).
    public var idempotencyKey: String?
    /// Lets ``idempotencyKey`` hold within one stretch of this length by the clock (the hour, the day, in UTC) and not
    /// beyond; `nil` for as long as the store keeps its keys.
    public var idempotencyWindow: Duration?
    /// Jobs of one key run at most so many at a time, in all processes together.
    public var concurrency: ConcurrencyLimit?
    /// Jobs that must be finished first.
    public var dependsOn: [JobID]
    /// What becomes of this job when one that it waits for fails.
    public var whenDependencyFails: DependencyFailure
    /// The job this one is a child of.
    public var parent: JobID?
    /// Carried with the job: trace context, tenant, request id. Not encrypted.
    public var metadata: [String: String]
    /// Another number of attempts than the kind's.
    public var maxAttempts: Int?

    /// Options; everything has a default.
    public init(
        queue: String? = nil, priority: JobPriority? = nil, start: JobStart = .now, uniqueKey: String? = nil,
        idempotencyKey: String? = nil, idempotencyWindow: Duration? = nil, concurrency: ConcurrencyLimit? = nil,
        dependsOn: [JobID] = [],
        whenDependencyFails: DependencyFailure = .fail, parent: JobID? = nil, metadata: [String: String] = [:],
        maxAttempts: Int? = nil
    ) {
        self.queue = queue
        self.priority = priority
        self.start = start
        self.uniqueKey = uniqueKey
        self.idempotencyKey = idempotencyKey
        self.idempotencyWindow = idempotencyWindow
        self.concurrency = concurrency
        self.dependsOn = dependsOn
        self.whenDependencyFails = whenDependencyFails
        self.parent = parent
        self.metadata = metadata
        self.maxAttempts = maxAttempts
    }
}

/// A job's place among those of its queue: 0 first, 9 last.
public struct JobPriority: Sendable, Hashable, Comparable, Codable, RawRepresentable, ExpressibleByIntegerLiteral {
    /// 0…9; the lower number runs first.
    public let rawValue: Int

    /// A priority; what lies outside 0…9 is moved to the nearer end.
    public init(rawValue: Int) { self.rawValue = min(9, max(0, rawValue)) }
    /// A priority; what lies outside 0…9 is moved to the nearer end.
    public init(integerLiteral value: Int) { self.init(rawValue: value) }

    /// Before everything else.
    public static let critical = JobPriority(rawValue: 0)
    /// Before the normal ones.
    public static let high = JobPriority(rawValue: 2)
    /// The default.
    public static let normal = JobPriority(rawValue: 5)
    /// When nothing else is there.
    public static let low = JobPriority(rawValue: 8)

    /// Orders by urgency: the one that runs first is the lesser.
    public static func < (a: JobPriority, b: JobPriority) -> Bool { a.rawValue < b.rawValue }
}

/// At most so many jobs of one key run at a time, in all processes together.
public struct ConcurrencyLimit: Sendable, Hashable, Codable {
    /// What the jobs have in common, `tenant:42` for one.
    public var key: String
    /// How many may run, 1 or more.
    public var limit: Int

    /// A limit.
    public init(key: String, limit: Int) {
        self.key = key
        self.limit = limit
    }
}

/// What becomes of a job when one that it waits for ends without success.
public enum DependencyFailure: String, Sendable, Hashable, Codable, CaseIterable {
    /// It dies as well, and its other children are cancelled.
    case fail
    /// It runs all the same, when the others are done.
    case proceed
}
