import ConnectionPool

/// Applies the migrations of a migrator to one database.
struct MigrationRunner<Database: SQLClient>: Sendable {
    let database: Database
    let migrator: Migrator
    let file: StaticString
    let line: UInt
    /// When the wait for another program ends.
    private var end: ContinuousClock.Instant?

    init(database: Database, migrator: Migrator, file: StaticString, line: UInt) {
        self.database = database
        self.migrator = migrator
        self.file = file
        self.line = line
    }

    var plan: MigrationPlan { migrator.plan }

    /// A transaction of the migrator's own, which waits no longer for another program than the migrator may.
    func transaction(on connection: Database.Connection) -> MigrationTransaction<Database.Connection> {
        let rest = end.map { max(.milliseconds(1), $0 - .now) }
        return MigrationTransaction(connection: connection, busyLimit: rest ?? migrator.acquireTimeout)
    }

    /// The runner with the time at which the wait for another program ends.
    func waiting(until end: ContinuousClock.Instant?) -> Self {
        var runner = self
        runner.end = end
        return runner
    }

    // MARK: Looking

    struct View: Sendable {
        let store: MigrationStore
        let status: Migrator.Status
        let unfinished: [UnfinishedMigration]
    }

    /// Reads the database's list; changes nothing.
    /// - Parameter limit: The longest time of each statement; `nil` for the configured limit.
    func look(limit: Duration? = .unlimited) async throws -> View {
        try await lookingConnection { connection in
            try await transaction(on: connection).read(lockTimeout: migrator.locks.timeout, limit: limit) {
                let store = try await MigrationStore.locate(
                    on: connection, namespace: plan.namespace, schema: migrator.schema, timeout: limit)
                return try await withList(.read, store) {
                    let status = try plan.status(try await store.records(on: connection, timeout: limit))
                    return View(
                        store: store, status: status,
                        unfinished: status.isCurrent ? [] : try await store.unfinished(on: connection, timeout: limit))
                }
            }
        }
    }

    /// Lends a connection for looking. On PostgreSQL the look begins its own transaction, which a connection lent for
    /// reading does not do.
    private func lookingConnection<Result: Sendable>(
        _ body: @Sendable (Database.Connection) async throws -> Result
    ) async throws -> Result {
        let timeout = migrator.acquireTimeout
        return switch database.dialect {
        case .postgres: try await database.withWriter(timeout: timeout, priority: 0, file: file, line: line, body)
        case .sqlite: try await database.read(timeout: timeout, priority: 0, file: file, line: line, body)
        }
    }

    /// What a statement of the migrator's own needs of the list.
    enum Access: String { case read = "SELECT", write = "SELECT, INSERT, UPDATE, DELETE", create = "CREATE" }

    /// Runs statements of the migrator's own and names the list in their errors.
    func withList<Result: Sendable>(
        _ access: Access, _ store: MigrationStore, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as any SQLClassifiedError where error.statusCode == "55P03" {
            throw MigrationError(
                .lockNotAvailable,
                "another session holds a lock on the table vitals_migrations or vitals_unfinished_migrations in schema "
                    + "\(store.schema); end its transaction (pg_locks, pg_stat_activity), or raise locks.timeout",
                underlying: error)
        } catch let error as any SQLClassifiedError where error.statusCode == "42501" {
            let remedy =
                access == .create
                ? "the tables vitals_migrations and vitals_unfinished_migrations cannot be created in schema "
                    + "\(store.schema): GRANT USAGE, CREATE ON SCHEMA \(store.schema) to the role, or pass schema: to "
                    + "the migrator"
                : "the role lacks a right on the table vitals_migrations or vitals_unfinished_migrations: GRANT "
                    + "\(access.rawValue) ON both in schema \(store.schema), and USAGE ON SCHEMA \(store.schema), to it"
            throw MigrationError(.permissionDenied, remedy, underlying: error)
        }
    }

    /// The statements of a migration's text.
    func statements(of migration: Migration) throws(MigrationError) -> [MigrationStatement] {
        let all: [MigrationStatement]
        do {
            all = try MigrationScript.closedStatements(
                of: migration.statements(for: database.dialect), dialect: database.dialect)
        } catch {
            throw MigrationError(
                .invalidList, "\(plan.label(migration)): \(error.message)", migration: migration.id, line: error.line)
        }
        guard database.dialect == .postgres, let copy = all.first(where: \.copiesThroughClient) else { return all }
        throw MigrationError(
            .invalidList,
            "\(plan.label(migration)): \(copy.label(.postgres)) exchanges data with the client, as only psql does; use "
                + "INSERT (pg_dump --inserts), or copyIn on the connection in a migration in Swift code",
            migration: migration.id, statement: copy.number, line: copy.line)
    }

    func write<Result: Sendable>(
        _ body: @Sendable (Database.Connection) async throws -> Result
    ) async throws -> Result {
        try await database.withWriter(
            timeout: migrator.acquireTimeout, priority: 0, file: file, line: line, body)
    }

    // MARK: All migrations

    /// Applies what is pending, one step after the other.
    func run() async throws -> [Migration] {
        var done: [Migration] = []
        var begun = 0
        var attempts = 0
        var wait = Wait(migrator)
        while true {
            let current = waiting(until: wait.end)
            let view: View
            do {
                view = try await current.look()
            } catch let error as MigrationError where error.code == .lockNotAvailable {
                attempts += 1
                guard attempts < migrator.locks.attempts else { throw error }
                try await Task.sleep(for: migrator.locks.pause(after: attempts))
                continue
            } catch  where Self.isForeign(error) {
                throw unread(error)
            }
            guard let next = view.status.pending.first else { return done }
            guard !done.contains(where: { $0.id == next.id }) else {
                throw MigrationError(
                    .failed,
                    "\(plan.label(next)) is not listed although it was applied: it ended its transaction, or it or "
                        + "another session removed its entry from vitals_migrations",
                    migration: next.id)
            }
            var hasBegun = false
            do {
                if try await current.createTables(for: next, view.store) { continue }
                hasBegun = true
                if begun != next.id {
                    begun = next.id
                    let earlier = view.unfinished.first { $0.id == next.id }
                    report(
                        .started, next, count: earlier?.completed ?? 0,
                        earlier?.state == .paused ? earlier?.checkpoint : nil)
                }
                switch try await current.step(next, view.store) {
                case .applied:
                    done.append(next)
                    report(.applied, next)
                case .progressed(let completed, let checkpoint):
                    report(.progressed, next, count: completed, checkpoint)
                }
                attempts = 0
                wait = Wait(migrator)
            } catch StepAbandoned.stale {
                continue
            } catch StepAbandoned.locked(let waited) {
                if wait.isFirst { report(.waiting, next) }
                try await wait.pause(after: waited)
            } catch let error as MigrationError
                where Self.isWorthRepeating(error, next) || !hasBegun && error.code == .lockNotAvailable
            {
                attempts += 1
                guard attempts < migrator.locks.attempts else { throw exhausted(error, next, attempts) }
                report(.retrying, next, count: attempts)
                try await Task.sleep(for: migrator.locks.pause(after: attempts))
            } catch  where Self.isForeign(error) {
                throw stopped(next, error)
            }
        }
    }

    /// Whether an error is one of the engine or of the pool, which does not name a migration.
    private static func isForeign(_ error: any Error) -> Bool {
        !(error is MigrationError || error is CancellationError)
    }

    private func unread(_ error: any Error) -> MigrationError {
        let known = plan.migrations.map { "\($0.id)" }
        return MigrationError(
            .failed,
            "the list of the migrations of \(plan.namespace) could not be read, so none of "
                + "\(known.count > 1 ? "\(known[0]) to \(known[known.count - 1])" : known.joined()) was begun; "
                + (Self.remedy(error) ?? "run the migrator again when the database can be reached"), underlying: error)
    }

    /// What helps where running the migrator again does not.
    private static func remedy(_ error: any Error) -> String? {
        if (error as? any SQLClassifiedError)?.errorType == "readOnly" {
            return
                "the database can only be read here; open it for writing, or run the migrator where it can be written"
        }
        guard (error as? PoolError)?.code == .nestedAcquire else { return nil }
        return
            "it was called inside a closure that holds a connection of this database, for which it would wait for ever; run "
            + "the migrator outside of read, write and withWriter"
    }

    private func stopped(_ next: Migration, _ error: any Error) -> MigrationError {
        let remedy = Self.remedy(error) ?? "run the migrator again, which continues with what the database lists"
        return MigrationError(
            .failed, "\(plan.label(next)) was stopped by an error outside its own statements; \(remedy)",
            migration: next.id, underlying: error)
    }

    func report(_ kind: MigrationEvent.Kind, _ next: Migration, count: Int = 0, _ checkpoint: String? = nil) {
        migrator.observer?(MigrationEvent(kind, next, count: count, checkpoint: checkpoint))
    }

    /// A lock that was not available, a deadlock, a conflict with another transaction.
    private static func isWorthRepeating(_ error: MigrationError, _ migration: Migration) -> Bool {
        guard error.mayRunAgain else { return false }
        // The list was locked before the migration began, or its transaction was rolled back.
        if error.code == .lockNotAvailable { return migration.transaction == .perMigration }
        return migration.transaction == .perMigration && error.code == .failed
            && ["55P03", "40P01", "40001"].contains(error.engineCode)
    }

    private func exhausted(_ error: MigrationError, _ migration: Migration, _ attempts: Int) -> MigrationError {
        guard error.engineCode == "55P03", error.code == .failed else { return error }
        return MigrationError(
            .lockNotAvailable,
            "\(plan.label(migration)) did not get a lock in \(attempts) attempts and was rolled back; end the transactions "
                + "that hold it (pg_locks, pg_stat_activity), or raise locks.timeout or locks.attempts",
            migration: migration.id, statement: error.statement, line: error.line, underlying: error.underlying)
    }

    /// The wait for another program.
    struct Wait {
        private let limit: Duration
        private let namespace: String
        /// When the wait ends; `nil` before it began.
        private(set) var end: ContinuousClock.Instant?
        var isFirst: Bool { end == nil }

        init(_ migrator: Migrator) {
            limit = migrator.acquireTimeout
            namespace = migrator.namespace
        }

        mutating func pause(after waited: Duration) async throws {
            let end = end ?? .now - waited + limit
            self.end = end
            guard ContinuousClock.now < end else {
                throw MigrationError(
                    .lockTimeout,
                    "another program has been migrating \(namespace), or writing to the file, for over \(limit); wait "
                        + "for it or end it, then start again")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: One step

    enum Step: Sendable {
        case applied
        case progressed(completed: Int, checkpoint: String?)
    }

    private func step(_ next: Migration, _ store: MigrationStore) async throws -> Step {
        switch next.work {
        case .batches(let run):
            return try await BatchMigration(runner: self, migration: next, store: store, work: run).run()
        case .statements where next.transaction == .none:
            return try await StandaloneMigration(runner: self, migration: next, store: store).run()
        case .statements, .code:
            try await TransactionalMigration(runner: self, migration: next, store: store).run()
            return .applied
        }
    }

    /// Creates the tables that the next migration needs; returns whether there were any.
    func createTables(for next: Migration?, _ found: MigrationStore) async throws -> Bool {
        let needsUnfinished = next?.hasParts ?? false
        guard !found.hasTable || needsUnfinished && !found.hasUnfinishedTable else { return false }
        do {
            try await write { connection in
                let transaction = transaction(on: connection)
                try await transaction.run(lockTimeout: migrator.locks.timeout) {
                    try await withList(.create, found) {
                        try await transaction.lockTables()
                        let store = try await MigrationStore.locate(
                            on: connection, namespace: plan.namespace, schema: migrator.schema)
                        try await store.createTables(unfinished: needsUnfinished, on: connection)
                    }
                }
            }
        } catch let failure as CommitFailure {
            throw failure.underlying
        }
        return true
    }

    /// Takes the lock and makes sure that the migration is still the next one.
    /// - Returns: What is known of an earlier run that did not complete the migration.
    func enter(
        _ next: Migration, _ transaction: MigrationTransaction<Database.Connection>, _ store: MigrationStore
    ) async throws -> UnfinishedMigration? {
        try await transaction.lock(plan.namespace)
        let (status, earlier) = try await withList(.write, store) {
            (
                try plan.status(try await store.records(on: transaction.connection)),
                try await store.unfinished(on: transaction.connection).first { $0.id == next.id }
            )
        }
        guard status.pending.first?.id == next.id else { throw StepAbandoned.stale }
        return earlier
    }

    // MARK: Outcomes

    /// Turns what the body throws into an error that names the migration.
    func failing<Result: Sendable>(
        _ migration: Migration, _ outcome: @autoclosure () -> String, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as MigrationError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch let ended as TransactionEnded {
            throw self.ended(migration, ended)
        } catch {
            throw failed(migration, outcome(), error)
        }
    }

    /// The error of a migration whose code or text ended its transaction.
    private func ended(_ migration: Migration, _ ended: TransactionEnded) -> MigrationError {
        let happened =
            ended.underlying == nil
            ? "ended its transaction" : "failed after its transaction had ended, by its own code or text"
        let engine = ended.underlying != nil && database.dialect == .sqlite ? " or by SQLite because of the error" : ""
        let failure = ended.underlying as? StatementFailure
        let place = failure.map { ", at \($0.statement.label(database.dialect))" } ?? ""
        return MigrationError(
            .failed,
            "\(plan.label(migration)) \(happened)\(engine)\(place), so a part of it may have been kept, and it is not listed as "
                + "applied: look, and undo that part or call mark(\(migration.id), as: .applied, in: database); let errors "
                + "pass through, and leave BEGIN, COMMIT and ROLLBACK to the migrator", migration: migration.id,
            statement: failure?.statement.number, line: failure?.line,
            underlying: failure?.underlying ?? ended.underlying, mayRunAgain: false)
    }

    func failed(_ migration: Migration, _ outcome: String, _ error: any Error) -> MigrationError {
        guard let failure = error as? StatementFailure else {
            return MigrationError(
                .failed, "\(plan.label(migration)) \(outcome)",
                migration: migration.id, underlying: error)
        }
        return MigrationError(
            .failed,
            "\(plan.label(migration)) \(outcome), at \(failure.statement.label(database.dialect)); \(remedy(failure))",
            migration: migration.id, statement: failure.statement.number, line: failure.line,
            underlying: failure.underlying)
    }

    private func remedy(_ failure: StatementFailure) -> String {
        let isRefusedInTransaction =
            switch database.dialect {
            // ACTIVE SQL TRANSACTION
            case .postgres: (failure.underlying as? any SQLClassifiedError)?.statusCode == "25001"
            case .sqlite: failure.statement.words.first == "VACUUM"
            }
        guard isRefusedInTransaction else { return "correct it or the data it meets" }
        return "it cannot run in a transaction: move it to a migration of its own with transaction: .none"
    }

    /// Lists what a migration did, after its work and in its transaction.
    func listing(
        _ migration: Migration, _ store: MigrationStore, _ connection: Database.Connection,
        _ body: () async throws -> Void
    ) async throws {
        guard try await store.exists(on: connection) else {
            throw MigrationError(
                .failed,
                "\(plan.label(migration)) removes the table vitals_migrations, in which it is to be listed; leave that "
                    + "table out", migration: migration.id)
        }
        try await withList(.write, store, body)
    }

    /// Removes the index that a migration left invalid when it ran without a transaction, within its transaction of now.
    func removeIndex(
        _ earlier: UnfinishedMigration, _ next: Migration, _ connection: Database.Connection
    ) async throws {
        guard connection.dialect == .postgres, let begun = earlier.begun else { return }
        switch try await begun.indexState(on: connection) {
        case .missing: return
        case .invalid(let name): try await connection.executeScript("DROP INDEX \(name)", timeout: .unlimited)
        case .valid:
            if earlier.state == .started { throw completedIndex(begun.index ?? "", next) }
        }
    }

    /// An interrupted statement built its index, but is no longer what the migration contains.
    func completedIndex(_ name: String, _ next: Migration) -> MigrationError {
        MigrationError(
            .unfinished,
            "\(plan.label(next)): an earlier run was interrupted while it built the index \(name), which is complete, and the "
                + "statement has been changed since; run DROP INDEX CONCURRENTLY \(name), then start again, or call "
                + "mark(\(next.id), as: .applied, in: database) when the index is as wanted and the migration is complete",
            migration: next.id)
    }

    /// Asks the database whether a transaction whose answer to `COMMIT` was lost was committed, once it has ended.
    /// - Parameter isDone: Whether the list contains what the transaction entered in it.
    func isCommitted(
        _ next: Migration, _ store: MigrationStore, _ error: any Error,
        _ isDone: @Sendable (Database.Connection) async throws -> Bool
    ) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try await write { connection in
                    let transaction = transaction(on: connection)
                    return try await transaction.run(lockTimeout: migrator.locks.timeout) {
                        try await transaction.lock(plan.namespace)
                        return try await isDone(connection)
                    }
                }
            } catch {
                // The lock is free once the transaction has ended, and other connections may have been lost with this
                // one.
                guard !(error is CancellationError), ContinuousClock.now < end else { break }
                guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { break }
            }
        }
        let what = next.hasParts ? "a batch" : "the migration"
        throw MigrationError(
            .outcomeUnknown,
            "the answer to COMMIT of \(plan.label(next)) was lost: \(what) is applied as a whole or not at all; run the "
                + "migrator again to find out", migration: next.id, underlying: error)
    }
}
