/// Brings a schema up to date, forward only: each migration is applied once, while no other program migrates the same
/// namespace.
///
/// ```swift
/// let migrator = try Migrator(namespace: "wards", migrations: [first, second])
/// try await migrator.migrate(database)
/// let pending = try await migrator.status(of: database).pending       // for a health check
/// ```
///
/// The table `vitals_migrations` lists what has been applied; libraries share it by namespace.
public struct Migrator: Sendable {
    /// What happens when the database lists migrations that this program does not know.
    public enum UnknownMigrations: Sendable, Hashable {
        /// ``MigrationError/Code/newerSchema`` is thrown.
        case refuse
        /// They are ignored, so that an older version of a program starts on the schema of a newer one, for example
        /// after a deploy was rolled back.
        case allow
    }

    /// What happens with a migration whose number is below one that has been applied.
    public enum OutOfOrder: Sendable, Hashable {
        /// ``MigrationError/Code/outOfOrder`` is thrown.
        case refuse
        /// The migration is applied, for example after two branches were merged.
        case apply
    }

    /// What ``Migrator/mark(_:as:in:file:line:)`` records.
    public enum Mark: Sendable, Hashable {
        /// The migration has been applied, with its present content.
        case applied
        /// The migration has not been applied. Where a later one is, it runs only with ``OutOfOrder/apply``.
        case pending
    }

    let plan: MigrationPlan
    let schema: String?
    let acquireTimeout: Duration
    let locks: MigrationLockPolicy
    let observer: (@Sendable (MigrationEvent) -> Void)?

    /// The name that separates these migrations from those of others in the same database.
    public var namespace: String { plan.namespace }
    /// The migrations, by number.
    public var migrations: [Migration] { plan.migrations }

    /// Checks a list of migrations.
    /// - Parameters:
    ///   - namespace: A name of the library's or program's own.
    ///   - migrations: The migrations in any order; they are applied in the order of their numbers.
    ///   - schema: The schema of PostgreSQL that holds the table `vitals_migrations`, created when it is missing. When
    ///     `nil`, it is the first schema of `search_path` that has the table, or else the first one that exists. SQLite
    ///     ignores it.
    ///   - unknownMigrations: What happens when the database lists migrations that are not in `migrations`.
    ///   - outOfOrder: What happens with a migration whose number is below one that has been applied.
    ///   - acquireTimeout: The longest wait for another program that migrates, and for a connection.
    ///   - locks: How long statements wait for the locks of PostgreSQL, and how often a migration is tried again.
    ///   - observer: Receives every event. It must not block.
    /// - Throws: ``MigrationError/Code/invalidList``.
    public init(
        namespace: String, migrations: [Migration], schema: String? = nil,
        unknownMigrations: UnknownMigrations = .refuse, outOfOrder: OutOfOrder = .refuse,
        acquireTimeout: Duration = .seconds(300), locks: MigrationLockPolicy = MigrationLockPolicy(),
        observer: (@Sendable (MigrationEvent) -> Void)? = nil
    ) throws(MigrationError) {
        plan = try MigrationPlan(
            namespace: namespace, migrations: migrations, unknown: unknownMigrations, order: outOfOrder)
        guard acquireTimeout > .zero, locks.timeout > .zero, locks.attempts > 0, locks.pause >= .zero,
            locks.longestPause >= .zero
        else {
            throw MigrationError(
                .invalidList,
                "acquireTimeout, locks.timeout and locks.attempts must be above zero, and the pauses not below")
        }
        if let schema, let problem = SQLQuery.StringInterpolation.problem(of: schema) {
            throw MigrationError(.invalidList, "schema \(problem)")
        }
        self.schema = schema
        self.acquireTimeout = acquireTimeout
        self.locks = locks
        self.observer = observer
    }

    /// The state of a database.
    public struct Status: Sendable, Hashable {
        /// The numbers of the applied migrations.
        public let applied: [Int]
        /// The migrations that have not been applied, in the order in which they will be.
        public let pending: [Migration]
        /// The numbers among ``applied`` that this program does not know.
        public let unknown: [Int]
        /// Whether there is nothing to apply.
        public var isCurrent: Bool { pending.isEmpty }
    }

    /// Returns the state of a database. Changes nothing and takes no lock.
    /// - Throws: ``MigrationError`` when the database and this list contradict each other, and the engine's errors.
    public func status(
        of database: some SQLClient, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> Status {
        try await PoolerHint.adding {
            try await MigrationRunner(database: database, migrator: self, file: file, line: line)
                .look(limit: nil).status
        }
    }

    /// Applies what is pending. When nothing is, it only reads.
    /// - Returns: The migrations that this call applied or completed.
    /// - Throws: ``MigrationError``: the migrations before the failed one are kept, and of the failed one nothing
    ///   unless it runs in batches or without a transaction. `CancellationError`.
    @discardableResult
    public func migrate(
        _ database: some SQLClient, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [Migration] {
        try await PoolerHint.adding {
            try await MigrationRunner(database: database, migrator: self, file: file, line: line).run()
        }
    }

    /// Corrects the database's list without running a migration.
    ///
    /// Mark a migration as applied when its effect is there: a schema that was made by other means, a text that was
    /// changed after it had been applied, an interrupted statement that did complete. Mark it as pending when its
    /// effect is not there, so that it runs again from its beginning: with ``OutOfOrder/apply`` where a migration with a
    /// higher number is applied, since without it ``MigrationError/Code/outOfOrder`` is thrown.
    /// - Parameters:
    ///   - id: The number of the migration. As applied, it must be one of this list; as pending, one of this list or of the
    ///     database's.
    ///   - mark: What to record.
    ///   - database: The database.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site.
    /// - Throws: ``MigrationError``, and the engine's errors.
    public func mark(
        _ id: Int, as mark: Mark, in database: some SQLClient, file: StaticString = #fileID, line: UInt = #line
    ) async throws {
        let migration = migrations.first { $0.id == id }
        guard mark == .pending || migration != nil else {
            throw MigrationError(
                .invalidList, "migration \(id) of \(namespace) is not in the list, so it cannot be marked as applied",
                migration: id)
        }
        try await PoolerHint.adding {
            let runner = MigrationRunner(database: database, migrator: self, file: file, line: line)
            try await MigrationCorrection(runner: runner).mark(id, as: mark == .applied ? migration : nil)
        }
    }
}
