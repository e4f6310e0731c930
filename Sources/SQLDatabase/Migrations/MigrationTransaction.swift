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
                throw CommitFailure(underlying: error)
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

    // MARK: The transaction's identity

    /// Returns what identifies the transaction after it has written; `nil` when there is no transaction that can
    /// commit.
    func identity() async throws -> String? {
        guard connection.dialect == .postgres else { return nil }
        return try await connection.query(
            "SELECT pg_catalog.txid_current_if_assigned()::text AS id", timeout: .unlimited
        ).first?.decode("id", as: String?.self)
    }
}

/// The keys of PostgreSQL's advisory locks.
enum MigrationLock {
    /// Those of the first release, so that both versions exclude each other.
    static func key(_ namespace: String) -> Int64 { hash("vitals_migrations/\(namespace)") }

    static let tablesKey = hash("vitals_migrations")

    private static func hash(_ text: String) -> Int64 {
        var key: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { key = (key ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: key)
    }
}

/// Runs a body that the cancellation of the current task does not reach.
func uncancelled<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
    await Task { await body() }.value
}
