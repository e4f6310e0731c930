/// Why a step was given up without an error.
enum StepAbandoned: Error {
    /// Another program holds the lock of the namespace, or writes to the SQLite file, for which was waited so long.
    case locked(waited: Duration)
    /// The database's list changed since it was read.
    case stale
}

/// A failed `COMMIT`.
struct CommitFailure: Error {
    let underlying: any Error
    /// What the transaction's body returned, which is true if the transaction was committed.
    let result: any Sendable
}

/// The work in a transaction of the migrator ended the transaction, or SQLite did because of an error.
struct TransactionEnded: Error {
    /// The error of the work; `nil` when it returned.
    let underlying: (any Error)?
}

/// A transaction of the migrator on a connection outside any transaction.
struct MigrationTransaction<Connection: SQLConnection>: Sendable {
    let connection: Connection
    /// The longest wait of SQLite for another program that writes to the file; its busy timeout may be shorter.
    var busyLimit: Duration = .unlimited

    /// Runs the body in a transaction that commits when it returns and rolls back when it throws.
    ///
    /// On PostgreSQL its statements see what other transactions committed, whatever the server's default, and none of
    /// the server's time limits end it.
    /// - Parameter lockTimeout: The longest wait of one statement for a lock of PostgreSQL.
    /// - Throws: What the body throws; ``StepAbandoned`` when another process writes to the SQLite file;
    ///   ``CommitFailure``.
    func run<Result: Sendable>(
        lockTimeout: Duration = .unlimited, _ body: () async throws -> Result
    ) async throws -> Result {
        try await begin(lockTimeout)
        do {
            let result = try await body()
            do {
                try await connection.executeScript("COMMIT", timeout: .unlimited)
            } catch {
                throw CommitFailure(underlying: error, result: result)
            }
            return result
        } catch {
            await rollBack()
            throw error
        }
    }

    private func begin(_ lockTimeout: Duration) async throws {
        switch connection.dialect {
        case .postgres:
            try await connection.executeScript(
                """
                BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0;
                SET LOCAL idle_in_transaction_session_timeout = 0;
                SET LOCAL lock_timeout = \(Self.milliseconds(lockTimeout))
                """, timeout: .unlimited)
        case .sqlite:
            let start = ContinuousClock.now
            do {
                try await connection.executeScript("BEGIN IMMEDIATE", timeout: busyLimit)
            } catch let error as any SQLClassifiedError where ["locked", "timeout"].contains(error.errorType) {
                throw StepAbandoned.locked(waited: .now - start)
            }
        }
    }

    /// Runs a body that only reads in a transaction whose statements have a limit for locks. SQLite has no such locks.
    /// - Parameter limit: The longest time of each statement; `nil` for the configured limit.
    func read<Result: Sendable>(
        lockTimeout: Duration, limit: Duration?, _ body: () async throws -> Result
    ) async throws -> Result {
        guard connection.dialect == .postgres else { return try await body() }
        let locks = Self.milliseconds(lockTimeout)
        let unlimited = limit == .unlimited ? "SET LOCAL statement_timeout = 0; " : ""
        try await connection.executeScript(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; \(unlimited)SET LOCAL lock_timeout = \(locks)",
            timeout: limit)
        do {
            let result = try await body()
            try await connection.executeScript("COMMIT", timeout: limit)
            return result
        } catch {
            await rollBack()
            // Behind a pooler that was not declared a driver prepares again outside a transaction, and cannot inside one.
            guard PoolerHint.isSuspected(error) else { throw error }
            return try await body()
        }
    }

    private func rollBack() async {
        let connection = connection
        await uncancelled { try? await connection.executeScript("ROLLBACK", timeout: .seconds(30)) }
    }

    /// PostgreSQL's form of a limit; 0 for none.
    static func milliseconds(_ limit: Duration) -> Int64 {
        guard limit < .milliseconds(Int64(Int32.max)) else { return 0 }
        let parts = limit.components
        return max(1, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
    }

    // MARK: Locks

    /// Takes the lock of a namespace until the transaction ends. On SQLite the transaction itself is the lock.
    func lock(_ namespace: String) async throws {
        guard connection.dialect == .postgres else { return }
        let rows = try await connection.query(
            "SELECT pg_catalog.pg_try_advisory_xact_lock(\(MigrationLock.key(namespace))) AS locked",
            timeout: .unlimited)
        guard try rows.first?.decode("locked", as: Bool.self) == true else {
            throw StepAbandoned.locked(waited: .zero)
        }
    }

    /// Waits for the lock under which the tables of all namespaces are created.
    func lockTables() async throws {
        guard connection.dialect == .postgres else { return }
        _ = try await connection.query(
            "SELECT pg_catalog.pg_advisory_xact_lock(\(MigrationLock.tablesKey))::text", timeout: .unlimited)
    }

    // MARK: Work of others

    /// A savepoint that exists exactly as long as the transaction does.
    private static var marker: String { "vitals_migration_work" }

    /// Runs work that must not end the transaction, and makes sure that it did not. Afterwards the role is what it was
    /// before.
    ///
    /// A text can end it too: where the server reads quotes otherwise than the migrator, one statement may be several.
    /// - Throws: ``TransactionEnded``; what the body throws.
    func keepingOpen<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let role = try await SessionRole(on: connection)
        try await connection.executeScript("SAVEPOINT \(Self.marker)", timeout: .unlimited)
        let result: Result
        do {
            result = try await body()
        } catch {
            guard await hasEnded() else { throw error }
            throw TransactionEnded(underlying: error)
        }
        do {
            try await connection.executeScript("RELEASE SAVEPOINT \(Self.marker)", timeout: .unlimited)
        } catch let error as any SQLClassifiedError where Self.isMissing(error) {
            throw TransactionEnded(underlying: nil)
        }
        try await role?.restore(on: connection)
        return result
    }

    /// Asks after an error, also in a transaction that PostgreSQL runs nothing else in.
    private func hasEnded() async -> Bool {
        let connection = connection
        return await uncancelled {
            do {
                try await connection.executeScript("ROLLBACK TO SAVEPOINT \(Self.marker)", timeout: .seconds(30))
                return false
            } catch let error as any SQLClassifiedError {
                return Self.isMissing(error)
            } catch {
                return false
            }
        }
    }

    private static func isMissing(_ error: any SQLClassifiedError) -> Bool {
        // INVALID SAVEPOINT SPECIFICATION, NO ACTIVE SQL TRANSACTION, and SQLITE_ERROR, "no such savepoint".
        ["3B001", "25P01", "1"].contains(error.statusCode)
    }
}

/// The role of a session of PostgreSQL, which a migration may change for its own statements.
private struct SessionRole: Equatable {
    let session: ExactText
    let role: ExactText

    /// Reads the role; `nil` on SQLite, which has none.
    init?(on connection: some SQLConnection) async throws {
        guard connection.dialect == .postgres else { return nil }
        let rows = try await connection.query(
            "SELECT session_user::text AS session, pg_catalog.current_setting('role') AS role", timeout: .unlimited)
        guard let row = rows.first else { return nil }
        session = ExactText(try row.decode("session"))
        role = ExactText(try row.decode("role"))
    }

    /// Sets the role again until the transaction ends.
    func restore(on connection: some SQLConnection) async throws {
        guard try await SessionRole(on: connection) != self else { return }
        _ = try await connection.query(
            """
            SELECT pg_catalog.set_config('session_authorization', \(session.text), true),
                pg_catalog.set_config('role', \(role.text), true)
            """, timeout: .unlimited)
    }
}

/// The keys of PostgreSQL's advisory locks.
enum MigrationLock {
    /// Those of the first release, so that both versions exclude each other.
    static func key(_ namespace: String) -> Int64 { hash("vitals_migrations/\(namespace)") }

    static let tablesKey = hash("vitals_migrations")

    private static func hash(_ text: String) -> Int64 {
        var hash = FNVHash()
        hash.add(text.utf8)
        return Int64(bitPattern: hash.value)
    }
}

/// Runs a body that the cancellation of the current task does not reach.
func uncancelled<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
    await Task { await body() }.value
}
