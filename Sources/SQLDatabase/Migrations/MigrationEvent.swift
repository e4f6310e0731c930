/// What a migrator reports while it works.
public struct MigrationEvent: Sendable {
    /// The kinds of events.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// The kind's name.
        public let rawValue: String

        /// Creates a kind from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Another program migrates the same namespace; this one waits.
        public static let waiting = Kind(rawValue: "waiting")
        /// A migration, or a run of its remaining batches or statements, begins.
        public static let started = Kind(rawValue: "started")
        /// A lock was not available; the migration was rolled back and will be run again.
        public static let retrying = Kind(rawValue: "retrying")
        /// A batch was committed, or a statement outside a transaction was completed.
        public static let progressed = Kind(rawValue: "progressed")
        /// A migration was applied and recorded.
        public static let applied = Kind(rawValue: "applied")
    }

    /// The kind of event.
    public let kind: Kind
    /// The migration that is next or was applied.
    public let migration: Migration
    /// The number of completed batches or statements, or of failed attempts for ``Kind/retrying``.
    public let count: Int
    /// The checkpoint that the last batch returned.
    public let checkpoint: String?

    init(_ kind: Kind, _ migration: Migration, count: Int = 0, checkpoint: String? = nil) {
        self.kind = kind
        self.migration = migration
        self.count = count
        self.checkpoint = checkpoint
    }
}

/// How long migrations wait for the locks of PostgreSQL's tables, and how often they try again.
///
/// A statement such as `ALTER TABLE` that waits for a lock makes every later query of that table wait behind it. So it
/// gives up after ``timeout``, its migration is rolled back, and the migration runs again after a pause in which the
/// waiting queries proceed.
public struct MigrationLockPolicy: Sendable, Hashable {
    /// The longest wait of one statement for a lock. ``Swift/Duration/unlimited`` waits as long as it takes.
    public var timeout: Duration
    /// The number of times a migration may run, 1 or more.
    public var attempts: Int
    /// The pause after the first failed attempt, doubled after each further one.
    public var pause: Duration
    /// The longest pause.
    public var longestPause: Duration

    /// Creates a policy. By default a statement waits for 5 s and a migration is tried 20 times, about four minutes in
    /// all.
    /// - Parameters:
    ///   - timeout: The longest wait of one statement for a lock.
    ///   - attempts: The number of times a migration may run.
    ///   - pause: The pause after the first failed attempt.
    ///   - longestPause: The longest pause.
    public init(
        timeout: Duration = .seconds(5), attempts: Int = 20, pause: Duration = .milliseconds(500),
        longestPause: Duration = .seconds(10)
    ) {
        self.timeout = timeout
        self.attempts = attempts
        self.pause = pause
        self.longestPause = longestPause
    }

    func pause(after attempts: Int) -> Duration { min(longestPause, pause * (1 << min(max(attempts - 1, 0), 16))) }
}
