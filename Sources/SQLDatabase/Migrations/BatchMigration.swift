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
                    try await runner.enter(next, transaction, store)
                    let earlier = try await runner.withList(.write, store) {
                        try await store.unfinished(on: connection).first { $0.id == next.id }
                    }
                    if let earlier { try runner.plan.refuseChange(next, earlier) }
                    let completed = earlier?.completed ?? 0
                    return try await runner.failing(
                        next, "failed in batch \(completed + 1), which was rolled back; the next run continues there"
                    ) {
                        try await store.setUnfinished(
                            next, .paused, completed: completed + 1, checkpoint: earlier?.checkpoint, on: connection)
                        let identity = try await transaction.identity()
                        let outcome = try await work(
                            MigrationBatch(
                                connection: MigrationConnection(connection, limit: next.statementTimeout),
                                checkpoint: earlier?.checkpoint, completed: completed))
                        try await runner.verify(next, transaction, store, identity) {
                            try await store.unfinished(on: connection).contains {
                                $0.id == next.id && $0.completed == completed + 1
                            }
                        }
                        guard case .next(let checkpoint) = outcome else {
                            try await store.insert(next, on: connection)
                            try await store.removeUnfinished(next.id, on: connection)
                            return .applied
                        }
                        guard checkpoint != earlier?.checkpoint else {
                            throw MigrationError(
                                .failed,
                                "\(runner.plan.label(next)): batch \(completed + 1) returned the checkpoint of the "
                                    + "batch before it, so the migration would not end; return a later one or .finished",
                                migration: next.id)
                        }
                        try await store.setUnfinished(
                            next, .paused, completed: completed + 1, checkpoint: checkpoint, on: connection)
                        return .progressed(completed: completed + 1, checkpoint: checkpoint)
                    }
                }
            }
        } catch let failure as CommitFailure {
            if failure.underlying is CancellationError { throw failure.underlying }
            throw runner.failed(
                next, "failed at the COMMIT of a batch; the next run continues there", failure.underlying)
        }
    }
}
