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

    /// Runs a migration in one transaction, in which it is listed last: an end of the transaction that is not the
    /// migrator's cannot list it.
    private func apply(
        _ statements: [MigrationStatement], _ work: @Sendable (Database.Connection) async throws -> Void
    ) async throws {
        let next = migration
        let enforced: Bool
        do {
            enforced = try MigrationScript.foreignKeysWanted(by: statements, asked: next.enforcesForeignKeys)
        } catch {
            throw MigrationError(
                .invalidList,
                "\(runner.plan.label(next)): \(error.statement.label(store.dialect)) \(error.reason)",
                migration: next.id,
                statement: error.statement.number, line: error.statement.line)
        }
        let isCode = next.isCode
        do {
            try await runner.write { connection in
                let check = ForeignKeyCheck(connection: connection)
                try await check.run(enforced: enforced) { isSwitchedOff in
                    let mustCheck = isSwitchedOff && (isCode || check.isNeeded(after: statements))
                    let transaction = runner.transaction(on: connection)
                    try await transaction.run(lockTimeout: next.lockTimeout ?? runner.migrator.locks.timeout) {
                        let earlier = try await runner.enter(next, transaction, store)
                        if let earlier { try runner.plan.refuseParts(next, earlier) }
                        try await runner.failing(next, "failed and was rolled back") {
                            if let earlier { try await runner.removeIndex(earlier, next, connection) }
                            let before = mustCheck ? try await check.violations() : nil
                            try await transaction.keepingOpen { try await work(connection) }
                            try await runner.listing(next, store, connection) {
                                try await store.insert(next, on: connection)
                                if earlier != nil { try await store.removeUnfinished(next.id, on: connection) }
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
            let isListed = try await runner.isCommitted(next, store, failure.underlying) { connection in
                try await store.records(on: connection).contains { $0.id == next.id }
            }
            guard isListed else {
                throw runner.failed(next, "failed at COMMIT and was rolled back", failure.underlying)
            }
        }
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
