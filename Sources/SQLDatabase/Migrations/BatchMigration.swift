/// A migration in Swift code that runs in batches.
struct BatchMigration<Database: SQLClient>: Sendable {
    let runner: MigrationRunner<Database>
    let migration: Migration
    let store: MigrationStore
    let work: @Sendable (MigrationBatch) async throws -> MigrationBatch.Outcome

    /// Runs one batch and stores its checkpoint, in one transaction.
    func run() async throws -> MigrationRunner<Database>.Step {
        let next = migration
        do {
            return try await runner.write { connection in
                let transaction = runner.transaction(on: connection)
                return try await transaction.run(lockTimeout: next.lockTimeout ?? runner.migrator.locks.timeout) {
                    let earlier = try await runner.enter(next, transaction, store)
                    if let earlier { try runner.plan.refuseChange(next, earlier) }
                    let completed = earlier?.completed ?? 0
                    return try await runner.failing(
                        next, "failed in batch \(completed + 1), which was rolled back; the next run continues there"
                    ) {
                        if let earlier { try await runner.removeIndex(earlier, next, connection) }
                        let last = completed > 0 ? earlier?.checkpoint : nil
                        let outcome = try await transaction.keepingOpen {
                            try await work(
                                MigrationBatch(
                                    connection: MigrationConnection(connection, limit: next.statementTimeout),
                                    checkpoint: last, completed: completed))
                        }
                        guard case .next(let checkpoint) = outcome else {
                            try await runner.listing(next, store, connection) {
                                try await store.insert(next, on: connection)
                                try await store.removeUnfinished(next.id, on: connection)
                            }
                            return .applied
                        }
                        guard last?.isExactly(checkpoint) != true else {
                            throw MigrationError(
                                .failed,
                                "\(runner.plan.label(next)): batch \(completed + 1) returned the checkpoint of the "
                                    + "batch before it, so the migration would not end; return a later one or .finished",
                                migration: next.id)
                        }
                        try await runner.listing(next, store, connection) {
                            try await store.setUnfinished(
                                next, .paused, completed: completed + 1, checkpoint: checkpoint, on: connection)
                        }
                        return .progressed(completed: completed + 1, checkpoint: checkpoint)
                    }
                }
            }
        } catch let failure as CommitFailure {
            if failure.underlying is CancellationError { throw failure.underlying }
            guard let step = failure.result as? MigrationRunner<Database>.Step,
                try await isCommitted(step, after: failure.underlying)
            else {
                throw runner.failed(
                    next, "failed at the COMMIT of a batch, which was rolled back; the next run continues there",
                    failure.underlying)
            }
            return step
        }
    }

    /// Asks the database whether a batch was committed, once its transaction has ended.
    private func isCommitted(_ step: MigrationRunner<Database>.Step, after error: any Error) async throws -> Bool {
        let id = migration.id
        return try await runner.isCommitted(migration, store, error) { connection in
            if try await store.records(on: connection).contains(where: { $0.id == id }) { return true }
            guard case .progressed(let completed, _) = step else { return false }
            return try await store.unfinished(on: connection).contains { $0.id == id && $0.completed >= completed }
        }
    }
}
