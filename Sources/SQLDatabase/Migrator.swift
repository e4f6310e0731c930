/// Brings a schema up to date, forward only: each migration runs once, in a transaction of its own, while no other
/// program migrates the same namespace.
///
/// ```swift
/// let migrator = try Migrator(namespace: "wards", migrations: [first, second])
/// try await migrator.migrate(database)
/// let pending = try await migrator.status(of: database).pending       // for a health check
/// ```
///
/// What has been applied is kept in the table `vitals_migrations`, which libraries share by namespace.
public struct Migrator: Sendable {
    /// Whose migrations these are.
    public let namespace: String
    /// The migrations, by number.
    public let migrations: [Migration]
    private let lockTimeout: Duration

    /// Checks a list of migrations.
    /// - Parameters:
    ///   - namespace: A name of the library's or program's own.
    ///   - migrations: In any order; the numbers decide.
    ///   - lockTimeout: How long to wait for another program that migrates.
    /// - Throws: ``MigrationError/Code/invalidList``.
    public init(namespace: String, migrations: [Migration], lockTimeout: Duration = .seconds(300))
        throws(MigrationError)
    {
        guard !namespace.isEmpty else { throw MigrationError(.invalidList, "the namespace must not be empty") }
        self.namespace = namespace
        self.migrations = migrations.sorted { $0.id < $1.id }
        self.lockTimeout = lockTimeout
        var previous = 0
        for migration in self.migrations {
            guard migration.id > previous else {
                throw MigrationError(
                    .invalidList, "\(label(migration)): numbers must be 1 or more, and different from each other")
            }
            previous = migration.id
        }
    }

    /// Where a database stands.
    public struct Status: Sendable, Hashable {
        /// What has been applied, by number.
        public let applied: [Int]
        /// What has not, in the order in which it will be.
        public let pending: [Migration]
        /// Whether there is nothing to apply.
        public var isCurrent: Bool { pending.isEmpty }
    }

    /// Looks where a database stands; changes nothing.
    /// - Throws: ``MigrationError`` when the database and this list contradict each other, and the engine's errors.
    public func status(of database: some SQLClient) async throws -> Status {
        try status(try await database.read { try await applied(on: $0) })
    }

    /// Applies what is pending.
    /// - Returns: The migrations that this call applied.
    /// - Throws: ``MigrationError``; the migrations before the failed one are kept, of the failed one nothing is.
    @discardableResult
    public func migrate(_ database: some SQLClient) async throws -> [Migration] {
        guard try await !status(of: database).isCurrent else { return [] }
        let deadline = ContinuousClock.now + lockTimeout
        var done: [Migration] = []
        while true {
            switch try await database.write({ try await step(on: $0) }) {
            case .applied(let migration): done.append(migration)
            case .current: return done
            case .locked:
                guard ContinuousClock.now < deadline else {
                    throw MigrationError(
                        .lockTimeout,
                        "another program has been migrating \(namespace) for over \(lockTimeout); "
                            + "wait for it or end it, then start again")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    // MARK: One step

    private enum Step: Sendable {
        case applied(Migration), current, locked
    }

    /// Applies the next migration, within a transaction.
    private func step(on connection: some SQLConnection) async throws -> Step {
        guard try await lock(connection) else { return .locked }
        try await createTable(on: connection)
        guard let next = try status(try await records(on: connection)).pending.first else { return .current }
        do {
            let statements = next.statements(for: connection.dialect)
            if !statements.isEmpty { try await connection.executeScript(statements) }
        } catch {
            throw MigrationError(
                .failed, "\(label(next)) failed and was rolled back; correct its statements or the data they meet",
                underlying: error)
        }
        try await connection.execute(
            """
            INSERT INTO vitals_migrations (namespace, id, name, checksum)
            VALUES (\(namespace), \(next.id), \(next.name), \(next.checksum))
            """)
        return .applied(next)
    }

    /// On PostgreSQL an advisory lock that ends with the transaction; on SQLite the transaction itself is the lock.
    private func lock(_ connection: some SQLConnection) async throws -> Bool {
        guard connection.dialect == .postgres else { return true }
        var key: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "vitals_migrations/\(namespace)".utf8 { key = (key ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let rows = try await connection.query(
            "SELECT pg_try_advisory_xact_lock(\(Int64(bitPattern: key))) AS locked")
        return try rows.first?.decode("locked", as: Bool.self) ?? false
    }

    private func createTable(on connection: some SQLConnection) async throws {
        let now =
            switch connection.dialect {
            case .postgres: "timestamptz NOT NULL DEFAULT now()"
            case .sqlite: "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
            }
        try await connection.executeScript(
            """
            CREATE TABLE IF NOT EXISTS vitals_migrations (
                namespace TEXT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
                applied_at \(now), PRIMARY KEY (namespace, id))
            """)
    }

    // MARK: What has been applied

    private struct Record: Sendable {
        let id: Int
        let name: String
        let checksum: String
    }

    private func applied(on connection: some SQLConnection) async throws -> [Record] {
        let table: SQLQuery =
            switch connection.dialect {
            case .postgres: "SELECT 1 FROM pg_class WHERE oid = to_regclass('vitals_migrations')"
            case .sqlite: "SELECT 1 FROM sqlite_schema WHERE name = 'vitals_migrations'"
            }
        return try await connection.query(table).isEmpty ? [] : records(on: connection)
    }

    private func records(on connection: some SQLConnection) async throws -> [Record] {
        let rows = try await connection.query(
            "SELECT id, name, checksum FROM vitals_migrations WHERE namespace = \(namespace) ORDER BY id")
        return try rows.map { row in
            Record(id: try row.decode("id"), name: try row.decode("name"), checksum: try row.decode("checksum"))
        }
    }

    private func status(_ records: [Record]) throws(MigrationError) -> Status {
        var known: [Int: Migration] = [:]
        for migration in migrations { known[migration.id] = migration }
        for record in records {
            guard let migration = known.removeValue(forKey: record.id) else {
                throw MigrationError(
                    .newerSchema,
                    "the database holds migration \(record.id) (\(record.name)) of \(namespace), which "
                        + "this program does not know; start a newer version of the program")
            }
            guard migration.checksum == record.checksum else {
                throw MigrationError(
                    .changed,
                    "\(label(migration)) was changed after it had been applied; restore its statements and "
                        + "put the change into a new migration")
            }
        }
        let pending = migrations.filter { known[$0.id] != nil }
        if let last = records.last, let late = pending.first, late.id < last.id {
            throw MigrationError(
                .outOfOrder,
                "\(label(late)) comes before migration \(last.id), which has been applied already; give "
                    + "it a higher number")
        }
        return Status(applied: records.map(\.id), pending: pending)
    }

    private func label(_ migration: Migration) -> String {
        "migration \(migration.id) (\(migration.name)) of \(namespace)"
    }
}
