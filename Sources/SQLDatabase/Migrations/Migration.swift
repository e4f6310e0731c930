/// One step of a schema, applied once, in the order of the numbers, and not changed afterwards.
///
/// ```swift
/// let first = Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (id BIGINT PRIMARY KEY, name TEXT)")
/// let second = Migration(
///     id: 2, name: "opened",
///     postgres: "ALTER TABLE wards ADD COLUMN opened timestamptz",
///     sqlite: "ALTER TABLE wards ADD COLUMN opened TEXT")
/// let third = Migration(id: 3, name: "codes", version: "1") { connection in
///     for row in try await connection.query("SELECT id, name FROM wards") { … }
/// }
/// ```
public struct Migration: Sendable {
    /// Whether a migration runs in a transaction.
    public enum TransactionMode: Sendable, Hashable {
        /// In one transaction, so that a failed migration leaves nothing behind.
        case perMigration
        /// Outside any transaction, one statement after the other, for statements such as `CREATE INDEX CONCURRENTLY`
        /// and `VACUUM`. What a failed migration completed stays and is recorded; the next run continues there.
        case none
    }

    enum Work: Sendable {
        case statements(postgres: String, sqlite: String)
        case code(@Sendable (MigrationConnection) async throws -> Void)
        case batches(@Sendable (MigrationBatch) async throws -> MigrationBatch.Outcome)
    }

    /// The number within the namespace, 1 or more. Gaps are allowed.
    public let id: Int
    /// What the migration does, for logs and messages.
    public let name: String
    /// Whether the migration runs in a transaction.
    public let transaction: TransactionMode
    /// The longest time that one statement may take; ``Swift/Duration/unlimited`` by default, whatever the limits of
    /// the connection.
    public let statementTimeout: Duration
    /// The longest wait of one statement for a lock of PostgreSQL; `nil` for the ``MigrationLockPolicy`` of the
    /// migrator.
    public let lockTimeout: Duration?
    /// Whether SQLite enforces foreign keys while the migration runs, whatever the connection's setting. When `false`, they
    /// are checked before it commits, unless the connection does not enforce them at all.
    public let enforcesForeignKeys: Bool
    /// Identifies the content, so that a change after the migration was applied is noticed: `2:` and the FNV-1a hash (64 bits,
    /// 16 hexadecimal digits) of both engines' statements, without empty lines and blanks at the ends of lines that are not
    /// quoted, or of the version of code.
    public var checksum: String { content.text }
    let content: MigrationChecksum
    let work: Work

    /// Creates a migration whose statements are the same on both engines.
    /// - Parameters:
    ///   - id: The number within the namespace, 1 or more.
    ///   - name: What the migration does.
    ///   - statements: SQL, separated by semicolons.
    ///   - transaction: Whether the statements run in a transaction.
    ///   - statementTimeout: The longest time that one statement may take.
    ///   - lockTimeout: The longest wait of one statement for a lock; `nil` for the migrator's setting. Without a
    ///     transaction, `nil` sets no limit.
    ///   - enforcesForeignKeys: Whether SQLite enforces foreign keys meanwhile, and with them `ON DELETE` actions.
    public init(
        id: Int, name: String, statements: String, transaction: TransactionMode = .perMigration,
        statementTimeout: Duration = .unlimited, lockTimeout: Duration? = nil, enforcesForeignKeys: Bool = false
    ) {
        self.init(
            id: id, name: name, postgres: statements, sqlite: statements, transaction: transaction,
            statementTimeout: statementTimeout, lockTimeout: lockTimeout, enforcesForeignKeys: enforcesForeignKeys)
    }

    /// Creates a migration with statements for each engine. Empty text does nothing there.
    /// - Parameters:
    ///   - id: The number within the namespace, 1 or more.
    ///   - name: What the migration does.
    ///   - postgres: SQL for PostgreSQL, separated by semicolons.
    ///   - sqlite: SQL for SQLite, separated by semicolons.
    ///   - transaction: Whether the statements run in a transaction.
    ///   - statementTimeout: The longest time that one statement may take.
    ///   - lockTimeout: The longest wait of one statement for a lock; `nil` for the migrator's setting.
    ///   - enforcesForeignKeys: Whether SQLite enforces foreign keys meanwhile.
    public init(
        id: Int, name: String, postgres: String, sqlite: String, transaction: TransactionMode = .perMigration,
        statementTimeout: Duration = .unlimited, lockTimeout: Duration? = nil, enforcesForeignKeys: Bool = false
    ) {
        self.init(
            id, name, .statements(postgres: postgres, sqlite: sqlite), transaction, statementTimeout, lockTimeout,
            enforcesForeignKeys,
            content: MigrationChecksum("statements", .sql(postgres, .postgres), .sql(sqlite, .sqlite)))
    }

    /// Creates a migration in Swift code that runs in one transaction.
    ///
    /// The closure may run again when its transaction was rolled back, so it must have no effect outside the database.
    /// - Parameters:
    ///   - id: The number within the namespace, 1 or more.
    ///   - name: What the migration does.
    ///   - version: Takes the place of the statements in ``checksum``. Where the migration has been applied, another
    ///     version is refused.
    ///   - statementTimeout: The longest time that one statement may take, where the code states no limit of its own.
    ///   - lockTimeout: The longest wait of one statement for a lock; `nil` for the migrator's setting.
    ///   - enforcesForeignKeys: Whether SQLite enforces foreign keys meanwhile.
    ///   - run: The work.
    public init(
        id: Int, name: String, version: String, statementTimeout: Duration = .unlimited, lockTimeout: Duration? = nil,
        enforcesForeignKeys: Bool = false, run: @escaping @Sendable (MigrationConnection) async throws -> Void
    ) {
        self.init(
            id, name, .code(run), .perMigration, statementTimeout, lockTimeout, enforcesForeignKeys,
            content: MigrationChecksum("code", .text("code"), .text(version)))
    }

    /// Reports that code needs a version.
    @available(*, unavailable, message: "code has a version in place of a text: pass version: \"1\" after the name")
    public init(id: Int, name: String, run: @escaping @Sendable (MigrationConnection) async throws -> Void) {
        self.init(id: id, name: name, version: "", run: run)
    }

    /// Creates a migration in Swift code that runs in batches, each in a transaction of its own, such as the backfill
    /// of a large table.
    ///
    /// The checkpoint that a batch returns is stored in the batch's own transaction. After a failure or a crash the
    /// next run continues from there, so that each batch takes effect exactly once. SQLite enforces foreign keys
    /// meanwhile.
    ///
    /// ```swift
    /// let backfill = Migration.batches(id: 4, name: "codes", version: "1") { batch in
    ///     let last = batch.checkpoint.flatMap { Int($0) } ?? 0
    ///     let ids = try await batch.connection.query(
    ///         "SELECT id FROM wards WHERE id > \(last) ORDER BY id LIMIT 1000").decode(Int.self)
    ///     guard let end = ids.last else { return .finished }
    ///     try await batch.connection.execute(
    ///         "UPDATE wards SET code = upper(name) WHERE id > \(last) AND id <= \(end)")
    ///     return .next(checkpoint: String(end))
    /// }
    /// ```
    /// - Parameters:
    ///   - id: The number within the namespace, 1 or more.
    ///   - name: What the migration does.
    ///   - version: Takes the place of the statements in ``checksum``.
    ///   - statementTimeout: The longest time that one statement may take, where the code states no limit of its own.
    ///   - lockTimeout: The longest wait of one statement for a lock; `nil` for the migrator's setting.
    ///   - run: The work of one batch.
    public static func batches(
        id: Int, name: String, version: String, statementTimeout: Duration = .unlimited, lockTimeout: Duration? = nil,
        run: @escaping @Sendable (MigrationBatch) async throws -> MigrationBatch.Outcome
    ) -> Migration {
        Migration(
            id, name, .batches(run), .perMigration, statementTimeout, lockTimeout, true,
            content: MigrationChecksum("code", .text("batches"), .text(version)))
    }

    private init(
        _ id: Int, _ name: String, _ work: Work, _ transaction: TransactionMode, _ statementTimeout: Duration,
        _ lockTimeout: Duration?, _ enforcesForeignKeys: Bool, content: MigrationChecksum
    ) {
        self.id = id
        self.name = name
        self.work = work
        self.transaction = transaction
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.enforcesForeignKeys = enforcesForeignKeys
        self.content = content
    }

    /// The statements for an engine; empty for a migration in Swift code.
    public func statements(for dialect: SQLDialect) -> String {
        guard case .statements(let postgres, let sqlite) = work else { return "" }
        return dialect == .postgres ? postgres : sqlite
    }

    var isCode: Bool { if case .code = work { true } else { false } }
    /// Whether the migration is applied in several transactions.
    var hasParts: Bool {
        if case .batches = work { return true }
        return transaction == .none
    }
}

extension Migration: Hashable {
    /// Whether both have the same number, name and content.
    public static func == (one: Migration, other: Migration) -> Bool {
        one.id == other.id && one.name.isExactly(other.name) && one.content == other.content
            && one.transaction == other.transaction
    }

    /// Hashes the number and the content.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(content)
    }
}
