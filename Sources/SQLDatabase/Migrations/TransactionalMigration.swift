/// A migration that runs in one transaction.
struct TransactionalMigration<Database: SQLClient>: Sendable {
    let runner: MigrationRunner<Database>
    let migration: Migration
    let store: MigrationStore

    /// Applies the migration.
    func run() async throws {
        if case .code(let work) = migration.work {
            return try await apply([]) { connection in
                try await work(MigrationConnection(connection, limit: migration.statementTimeout))
            }
        }
        let statements = try split()
        try await apply(statements) { connection in
            // Foreign keys are switched around the transaction instead.
            for statement in statements where connection.dialect == .postgres || !statement.switchesForeignKeys {
                do {
                    try await connection.executeScript(statement.text, timeout: migration.statementTimeout)
                } catch let error as CancellationError {
                    throw error
                } catch {
                    throw StatementFailure(statement: statement, underlying: error)
                }
            }
        }
    }

    private func split() throws(MigrationError) -> [MigrationStatement] {
        let all = try runner.statements(of: migration)
        do {
            return try MigrationScript.transactional(all)
        } catch {
            throw MigrationError(
                .invalidList,
                "\(runner.plan.label(migration)): \(error.statement.label(store.dialect)) begins or ends a transaction, "
                    + "but the migration runs in one; remove it, or divide the migration", migration: migration.id,
                statement: error.statement.number, line: error.statement.line)
        }
    }

    /// Runs a migration in one transaction, in which it is listed first: whatever its statements do to the session, the
    /// list and the migration are committed together or not at all.
    private func apply(
        _ statements: [MigrationStatement], _ work: @Sendable (Database.Connection) async throws -> Void
    ) async throws {
        let next = migration
        let enforced = MigrationScript.foreignKeysWanted(by: statements) ?? next.enforcesForeignKeys
        let isCode = next.isCode
        do {
            try await runner.write { connection in
                let check = ForeignKeyCheck(connection: connection)
                try await check.run(enforced: enforced) { isSwitchedOff in
                    let mustCheck = isSwitchedOff && (isCode || check.isNeeded(after: statements))
                    let transaction = runner.transaction(on: connection)
                    try await transaction.run(lockTimeout: next.lockTimeout ?? runner.migrator.locks.timeout) {
                        try await runner.enter(next, transaction, store)
                        try await runner.failing(next, "failed and was rolled back") {
                            let before = mustCheck ? try await check.violations() : nil
                            try await runner.withList(.write, store) { try await store.insert(next, on: connection) }
                            let identity = try await transaction.identity()
                            try await work(connection)
                            try await runner.verify(next, transaction, store, identity) {
                                try await store.records(on: connection).contains { $0.id == next.id }
                            }
                            guard let before else { return }
                            try check.refuse(
                                try await check.violations(), before: before, label: runner.plan.label(next),
                                migration: next.id)
                        }
                    }
                }
            }
        } catch let failure as CommitFailure {
            if failure.underlying is CancellationError { throw failure.underlying }
            guard try await isListed(after: failure.underlying) else {
                throw runner.failed(next, "failed at COMMIT and was rolled back", failure.underlying)
            }
        }
    }

    /// Asks the database whether a migration was committed, once its transaction has ended.
    private func isListed(after error: any Error) async throws -> Bool {
        let next = migration
        let end = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try await runner.write { connection in
                    let transaction = runner.transaction(on: connection)
                    return try await transaction.run(lockTimeout: runner.migrator.locks.timeout) {
                        try await transaction.lock(runner.plan.namespace)
                        return try await store.records(on: connection).contains { $0.id == next.id }
                    }
                }
            } catch {
                // The lock is free once the transaction has ended, and other connections may have been lost with this
                // one.
                guard !(error is CancellationError), ContinuousClock.now < end else { break }
                guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { break }
            }
        }
        throw MigrationError(
            .outcomeUnknown,
            "the answer to COMMIT of \(runner.plan.label(next)) was lost: it is applied as a whole or not at all; run the "
                + "migrator again to find out", migration: next.id, underlying: error)
    }
}

/// A statement of a migration's text that failed.
struct StatementFailure: Error {
    let statement: MigrationStatement
    let underlying: any Error

    /// The line on which the engine found the error, or else on which the statement begins.
    var line: Int {
        guard let position = (underlying as? any SQLClassifiedError)?.position else { return statement.line }
        return statement.line + statement.text.unicodeScalars.prefix(position - 1).count { $0 == "\n" }
    }
}
