/// Corrects a database's list without running a migration.
struct MigrationCorrection<Database: SQLClient>: Sendable {
    let runner: MigrationRunner<Database>

    /// Refuses to forget an index that the migrator left invalid.
    private func refuseInvalidIndex(
        of begun: BegunStatement?, _ migration: Migration, _ connection: Database.Connection
    ) async throws {
        guard case .invalid(let name)? = try await begun?.indexState(on: connection) else { return }
        throw MigrationError(
            .unfinished,
            "\(runner.plan.label(migration)) left the index \(name) invalid, so it is maintained and never used; run DROP INDEX "
                + "CONCURRENTLY \(name) or REINDEX INDEX CONCURRENTLY \(name), then mark the migration again",
            migration: migration.id)
    }

    /// Refuses a number that neither this list nor the database's has.
    private func requireKnown(_ id: Int, _ store: MigrationStore, _ connection: Database.Connection) async throws {
        if runner.plan.migrations.contains(where: { $0.id == id }) { return }
        if try await store.records(on: connection).contains(where: { $0.id == id }) { return }
        throw MigrationError(
            .invalidList,
            "migration \(id) of \(runner.plan.namespace) is neither in the list nor in the database, so there is nothing to mark "
                + "as pending; check the number and the namespace", migration: id)
    }

    /// Lists a migration as applied, or removes what is listed.
    func mark(_ id: Int, as applied: Migration?) async throws {
        var wait = MigrationRunner<Database>.Wait(runner.migrator)
        while true {
            let current = runner.waiting(until: wait.end)
            let store = try await runner.database.read(
                timeout: runner.migrator.acquireTimeout, priority: 0, file: runner.file, line: runner.line
            ) { connection in
                try await MigrationStore.locate(
                    on: connection, namespace: runner.plan.namespace, schema: runner.migrator.schema)
            }
            do {
                if try await current.createTables(for: nil, store) { continue }
                return try await current.write { connection in
                    let transaction = current.transaction(on: connection)
                    try await transaction.run(lockTimeout: runner.migrator.locks.timeout) {
                        try await transaction.lock(runner.plan.namespace)
                        try await runner.withList(.write, store) {
                            let unfinished = try await store.unfinished(on: connection).first { $0.id == id }
                            let begun = unfinished?.begun
                            if applied == nil, unfinished == nil { try await requireKnown(id, store, connection) }
                            if let applied {
                                try await refuseInvalidIndex(of: begun, applied, connection)
                                try await store.insert(applied, on: connection)
                            } else {
                                try await store.remove(id, on: connection)
                            }
                            if applied == nil, case .invalid? = try await begun?.indexState(on: connection) {
                                try await store.rewindUnfinished(id, on: connection)
                            } else {
                                try await store.removeUnfinished(id, on: connection)
                            }
                        }
                    }
                }
            } catch StepAbandoned.locked(let waited) {
                try await wait.pause(after: waited)
            } catch let failure as CommitFailure {
                throw failure.underlying
            }
        }
    }
}
