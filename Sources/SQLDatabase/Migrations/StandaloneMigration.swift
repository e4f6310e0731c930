/// A migration whose statements run outside any transaction, one after the other.
///
/// The number of completed statements is recorded after each of them. A statement that failed or was interrupted is
/// recorded as such, and the next run continues with it, in a session that ``SessionReplay`` has made like the one that
/// ended.
struct StandaloneMigration<Database: SQLClient>: Sendable {
    let runner: MigrationRunner<Database>
    let migration: Migration
    let store: MigrationStore

    private var label: String { runner.plan.label(migration) }

    /// Runs the remaining statements.
    func run() async throws -> MigrationRunner<Database>.Step {
        let statements = try runner.statements(of: migration)
        for statement in statements { try refuse(statement) }
        try await runner.write { connection in
            try await ForeignKeyCheck(connection: connection).run(enforced: nil) { _ in
                try await whileLocked(connection) { try await run(statements, $0, connection) }
            }
        }
        return .applied
    }

    private func refuse(_ statement: MigrationStatement) throws(MigrationError) {
        let rule: String
        if statement.controlsTransaction {
            rule = "begins or ends a transaction, but the migration runs outside any; remove it"
        } else if store.dialect == .sqlite, !Self.repeatable.contains(statement.words.first ?? "") {
            rule =
                "runs in a transaction on SQLite without harm, and without one it could not be taken back; move it to a "
                + "migration with a transaction"
        } else if store.dialect == .postgres, let index = ConcurrentIndex(statement), index.name.isEmpty {
            rule = "creates an index without a name, which could not be found again after a failure; name it"
        } else if store.dialect == .postgres, statement.words.starts(with: ["DISCARD", "ALL"]) {
            rule = "releases the lock of the migrator; name what is to be reset, as in RESET search_path"
        } else if statement.words.starts(with: ["SET", "ROLE"])
            || statement.words.starts(with: ["SET", "SESSION", "ROLE"])
            || statement.words.starts(with: ["SET", "SESSION", "AUTHORIZATION"])
        {
            rule = "changes the role that records the migration; move it to a migration with a transaction"
        } else {
            return
        }
        throw MigrationError(
            .invalidList, "\(label): \(statement.label(store.dialect)) \(rule)", migration: migration.id,
            statement: statement.number, line: statement.line)
    }

    /// What needs no transaction on SQLite and may run twice, since nothing keeps two programs from running it.
    private static var repeatable: Set<String> { ["VACUUM", "PRAGMA", "ANALYZE", "REINDEX", "ATTACH", "DETACH"] }

    // MARK: The lock

    /// Holds the lock of the namespace, which is the session's and ends with it, and lifts the server's time limits.
    private func whileLocked(_ connection: Database.Connection, _ body: (Int) async throws -> Void) async throws {
        guard store.dialect == .postgres else { return try await body(0) }
        let key = MigrationLock.key(runner.plan.namespace)
        let rows: [SQLRow]
        do {
            rows = try await connection.query(
                "SELECT pg_catalog.pg_try_advisory_lock(\(key)) AS locked, pg_catalog.pg_backend_pid() AS session",
                timeout: .unlimited)
        } catch let error as any SQLClassifiedError where error.errorType == "notSupported" {
            throw MigrationError(
                .failed,
                "\(label) runs without a transaction, which needs a session of its own; run the migrator on a direct "
                    + "connection instead of a transaction pooler", migration: migration.id, underlying: error)
        }
        guard let row = rows.first, try row.decode("locked", as: Bool.self) else {
            throw StepAbandoned.locked(waited: .zero)
        }
        let session = try row.decode("session", as: Int.self)
        let lockTimeout = MigrationTransaction<Database.Connection>.milliseconds(migration.lockTimeout ?? .unlimited)
        let unlock: @Sendable () async -> Void = {
            try? await connection.executeScript(
                "RESET statement_timeout; RESET lock_timeout; RESET default_transaction_read_only",
                timeout: .seconds(30))
            _ = try? await connection.query(
                "SELECT pg_catalog.pg_advisory_unlock(\(key)) AS unlocked", timeout: .seconds(30))
        }
        do {
            try await connection.executeScript(
                "SET statement_timeout = 0; SET lock_timeout = \(lockTimeout); SET default_transaction_read_only = off",
                timeout: .unlimited)
            try await body(session)
        } catch {
            await uncancelled(unlock)
            throw error
        }
        await uncancelled(unlock)
    }

    // MARK: Statements

    private func run(
        _ statements: [MigrationStatement], _ session: Int, _ connection: Database.Connection
    ) async throws {
        let (status, earlier) = try await recording(session, connection) {
            (
                try runner.plan.status(try await store.records(on: connection)),
                try await store.unfinished(on: connection).first { $0.id == migration.id }
            )
        }
        guard status.pending.first?.id == migration.id else { throw StepAbandoned.stale }
        if let earlier { try runner.plan.refuseChange(migration, earlier) }
        var state = earlier?.state ?? .paused
        var completed = earlier?.completed ?? 0
        if completed > 0, completed < statements.count { try await replay(statements.prefix(completed), connection) }
        var isBuilt = try await settle(earlier, statements.dropFirst(completed).first, connection)
        for statement in statements.dropFirst(completed) {
            if !isBuilt {
                let begun = try await begin(statement, connection)
                let completed = completed
                try await recording(session, connection) {
                    try await store.setUnfinished(
                        migration, .started, completed: completed, checkpoint: begun.checkpoint, on: connection)
                }
                try await execute(statement, begun, completed, isInterrupted: state == .started, connection)
            }
            isBuilt = false
            state = .paused
            completed += 1
            let completed = completed
            try await recording(session, connection) {
                try await store.setUnfinished(migration, .paused, completed: completed, on: connection)
            }
            runner.report(.progressed, migration, count: completed, nil)
        }
        // On SQLite nothing keeps another program from running the same statements; one of them lists the migration.
        let isFirst = try await recording(session, connection) {
            let isFirst = try await !store.records(on: connection).contains { $0.id == migration.id }
            if isFirst { try await store.insert(migration, on: connection) }
            try await store.removeUnfinished(migration.id, on: connection)
            return isFirst
        }
        if !isFirst { throw StepAbandoned.stale }
    }

    /// Runs statements of the migrator's own in a transaction, whose limits end with it, and tries again while another
    /// session has the list locked: what has been completed must not be forgotten.
    private func recording<Result: Sendable>(
        _ session: Int, _ connection: Database.Connection, _ body: () async throws -> Result
    ) async throws -> Result {
        let locks = runner.migrator.locks
        var attempts = 0
        while true {
            do {
                return try await runner.transaction(on: connection).run(lockTimeout: locks.timeout) {
                    try await checkSession(session, connection)
                    return try await runner.withList(.write, store, body)
                }
            } catch let failure as CommitFailure {
                // The list says how far the migration has come, so that the next run goes on from there.
                throw failure.underlying
            } catch let error as MigrationError where error.code == .lockNotAvailable {
                attempts += 1
                guard attempts < locks.attempts else { throw error }
                try await Task.sleep(for: locks.pause(after: attempts))
            }
        }
    }

    /// Refuses to go on in another session than that which holds the lock.
    private func checkSession(_ session: Int, _ connection: Database.Connection) async throws {
        guard store.dialect == .postgres else { return }
        let rows = try await connection.query("SELECT pg_catalog.pg_backend_pid()", timeout: .unlimited)
        guard try rows.first?.decode(Int.self) != session else { return }
        throw MigrationError(
            .failed,
            "\(label) runs without a transaction, which needs a session of its own, but a transaction pooler such as "
                + "PgBouncer gave it another one; run the migrator on a direct connection, and declare the pooler with "
                + "pooling: .transactionPooler", migration: migration.id)
    }

    // MARK: Resuming

    /// Runs the completed statements again that only set the session.
    private func replay(_ completed: ArraySlice<MigrationStatement>, _ connection: Database.Connection) async throws {
        let again: [MigrationStatement]
        do {
            again = try await SessionReplay(completed: completed).statements(on: connection)
        } catch let refusal as SessionReplay.Refusal {
            let statement = refusal.statement
            throw MigrationError(
                .unfinished,
                "\(label) is not resumed: \(completed.count) of its statements took effect, of which "
                    + "\(statement.label(store.dialect)) \(refusal.reason), and the remaining statements may depend on it. "
                    + "Run them by hand and call mark(\(migration.id), as: .applied, in: database), or undo the completed "
                    + "ones and call mark(\(migration.id), as: .pending, in: database); put such a statement into a "
                    + "migration of its own", migration: migration.id, statement: statement.number, line: statement.line
            )
        }
        for statement in again {
            do {
                try await connection.executeScript(statement.text, timeout: migration.statementTimeout)
            } catch let error as CancellationError {
                throw error
            } catch {
                throw MigrationError(
                    .failed,
                    "\(label) is not resumed: \(statement.label(store.dialect)), which set the session for the remaining "
                        + "statements, failed when it was run again", migration: migration.id,
                    statement: statement.number, line: statement.line, underlying: error)
            }
        }
    }

    /// Decides about the index that an earlier run began to build: an invalid one is dropped, whatever the text is now.
    /// - Parameter next: The statement that is next now.
    /// - Returns: Whether the earlier run completed the next statement.
    private func settle(
        _ earlier: UnfinishedMigration?, _ next: MigrationStatement?, _ connection: Database.Connection
    ) async throws -> Bool {
        guard store.dialect == .postgres, let earlier, let begun = earlier.begun, let index = begun.index else {
            return false
        }
        switch try await begun.indexState(on: connection) {
        case .missing: return false
        case .invalid(let name):
            try await connection.executeScript("DROP INDEX CONCURRENTLY \(name)", timeout: .unlimited)
            return false
        case .valid:
            guard earlier.state == .started else { return false }
            guard let next, begun.isText(of: next) else { throw runner.completedIndex(index, migration) }
            return true
        }
    }

    /// What to remember of a statement that is about to run. An invalid index that is not the migrator's own is refused.
    private func begin(
        _ statement: MigrationStatement, _ connection: Database.Connection
    ) async throws -> BegunStatement {
        guard store.dialect == .postgres, let index = ConcurrentIndex(statement) else {
            return BegunStatement(statement, index: nil)
        }
        switch try await index.state(on: connection) {
        case .missing: return BegunStatement(statement, index: try await index.qualifiedName(on: connection))
        case .valid: return BegunStatement(statement, index: nil)
        case .invalid(let name):
            throw MigrationError(
                .unfinished,
                "\(label): an invalid index \(name) exists already, left by an attempt outside the migrator; run DROP "
                    + "INDEX CONCURRENTLY \(name), then start again", migration: migration.id,
                statement: statement.number, line: statement.line)
        }
    }

    private func execute(
        _ statement: MigrationStatement, _ begun: BegunStatement, _ completed: Int, isInterrupted: Bool,
        _ connection: Database.Connection
    ) async throws {
        do {
            try await connection.executeScript(statement.text, timeout: migration.statementTimeout)
        } catch {
            let known = error as? any SQLClassifiedError
            let isBusy = store.dialect == .sqlite && known?.errorType == "locked"
            let isAnswered = error is CancellationError || isAnswer(known)
            if isAnswered {
                let (runner, store, migration) = (runner, store, migration)
                await uncancelled {
                    // Without the entry the statement counts as interrupted, which is true as well.
                    try? await runner.transaction(on: connection).run(lockTimeout: runner.migrator.locks.timeout) {
                        try await store.setUnfinished(
                            migration, isBusy ? .paused : .failed, completed: completed,
                            checkpoint: isBusy ? nil : begun.checkpoint, on: connection)
                    }
                }
            }
            // Another program writes to the file, perhaps for the same migration.
            if isBusy { throw StepAbandoned.locked(waited: .zero) }
            if error is CancellationError { throw error }
            throw await explained(error, statement, isInterrupted: isInterrupted, isAnswered: isAnswered, connection)
        }
        guard store.dialect == .postgres, let index = ConcurrentIndex(statement),
            case .invalid(let name) = try await index.state(on: connection)
        else { return }
        throw MigrationError(
            .unfinished,
            "\(label): \(statement.label(store.dialect)) left the index \(name) invalid; the next run drops it and builds it "
                + "again", migration: migration.id, statement: statement.number, line: statement.line)
    }

    /// Whether an error is about the statement and not about the end of the session.
    private func isAnswer(_ error: (any SQLClassifiedError)?) -> Bool {
        // SQLite is a part of the program: there is no answer to lose.
        if store.dialect == .sqlite { return true }
        guard let error else { return false }
        // The driver refused the statement.
        guard let code = error.statusCode else {
            return ["notSupported", "invalidConfiguration", "misuse", "dataError"].contains(error.errorType)
        }
        return !code.hasPrefix("57P") && !code.hasPrefix("08")
    }

    private func explained(
        _ error: any Error, _ statement: MigrationStatement, isInterrupted: Bool, isAnswered: Bool,
        _ connection: Database.Connection
    ) async -> MigrationError {
        var text = "\(label), which runs without a transaction, failed at \(statement.label(store.dialect)). "
        text +=
            statement.number == 1
            ? "" : "The statements before it took effect; of these only those that set the session will run again. "
        var code = MigrationError.Code.failed
        if !isAnswered {
            text += "Its answer was lost: the next run looks for its effect or runs it again. "
        } else if isInterrupted {
            code = .unfinished
            text +=
                "An earlier run was interrupted in it, so it may have taken effect then: look, and call "
                + "mark(\(migration.id), as: .applied, in: database) if the migration is complete, or .pending. "
        } else {
            text += "The next run continues with it; when its effect is there by other means, call "
            text += "mark(\(migration.id), as: .applied, in: database). "
        }
        if store.dialect == .postgres, isAnswered {
            let left = await ConcurrentIndex.invalidIndexes(on: connection)
            if case .invalid(let name)? = try? await ConcurrentIndex(statement)?.state(on: connection) {
                text += "It left the index \(name) invalid, which the next run drops and builds again."
            } else if !left.isEmpty {
                text += "Invalid indexes: \(left.joined(separator: ", ")); drop or rebuild them (REINDEX INDEX)."
            }
        }
        if store.dialect == .sqlite, statement.words.first == "ATTACH" {
            text += "The error is about the file that it attaches, whichever one it names."
        }
        let failure = StatementFailure(statement: statement, underlying: error)
        return MigrationError(
            code, text, migration: migration.id, statement: statement.number, line: failure.line, underlying: error)
    }
}
