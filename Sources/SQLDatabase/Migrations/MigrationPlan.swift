/// A migration that the database lists as applied.
struct MigrationRecord: Sendable {
    let id: Int
    let name: String
    let checksum: String
}

/// A migration in batches or without a transaction that was begun and is not complete.
struct UnfinishedMigration: Sendable {
    let id: Int
    let checksum: String
    /// What is known of the next statement or batch.
    enum State: String, Sendable {
        /// It has not begun.
        case paused
        /// It was begun, and no end was recorded: it was interrupted, or still runs.
        case started
        /// It ended with an error.
        case failed
    }

    let state: State
    /// The number of completed statements or batches.
    let completed: Int
    /// What the last batch returned, or the ``begun`` statement.
    let checkpoint: String?

    /// The statement outside a transaction that was begun and not completed.
    var begun: BegunStatement? { state == .paused ? nil : checkpoint.flatMap(BegunStatement.init(checkpoint:)) }
}

/// Compares what a database lists with a list of migrations, under the policies of a migrator.
struct MigrationPlan: Sendable {
    let namespace: String
    /// Sorted by number.
    let migrations: [Migration]
    let unknown: Migrator.UnknownMigrations
    let order: Migrator.OutOfOrder

    init(
        namespace: String, migrations: [Migration], unknown: Migrator.UnknownMigrations, order: Migrator.OutOfOrder
    ) throws(MigrationError) {
        guard !namespace.isEmpty, !namespace.utf8.contains(0) else {
            throw MigrationError(.invalidList, "the namespace must not be empty or contain a NUL character")
        }
        self.namespace = namespace
        self.migrations = migrations.sorted { $0.id < $1.id }
        self.unknown = unknown
        self.order = order
        var previous = 0
        for migration in self.migrations {
            guard migration.id > previous else {
                throw MigrationError(
                    .invalidList, "\(label(migration)): numbers must be 1 or more, and different from each other",
                    migration: migration.id)
            }
            guard !migration.name.utf8.contains(0) else {
                throw MigrationError(
                    .invalidList,
                    "migration \(migration.id) of \(namespace): the name must not contain a NUL character",
                    migration: migration.id)
            }
            guard migration.statementTimeout > .zero, (migration.lockTimeout ?? .seconds(1)) > .zero else {
                throw MigrationError(
                    .invalidList, "\(label(migration)): statementTimeout and lockTimeout must be above zero",
                    migration: migration.id)
            }
            previous = migration.id
        }
    }

    func label(_ migration: Migration) -> String { "migration \(migration.id) (\(migration.name)) of \(namespace)" }

    func status(_ records: [MigrationRecord]) throws(MigrationError) -> Migrator.Status {
        var missing: [Int: Migration] = [:]
        for migration in migrations { missing[migration.id] = migration }
        var unknownIDs: [Int] = []
        for record in records {
            guard let migration = missing.removeValue(forKey: record.id) else {
                guard unknown == .allow else {
                    throw MigrationError(
                        .newerSchema,
                        "the database contains migration \(record.id) (\(record.name)) of \(namespace), which this "
                            + "program does not know; start a newer version of the program, or pass "
                            + "unknownMigrations: .allow when this version works with the newer schema",
                        migration: record.id)
                }
                unknownIDs.append(record.id)
                continue
            }
            guard migration.content.matches(record.checksum) else {
                throw MigrationError(
                    .changed,
                    "\(label(migration)) was changed after it had been applied; restore it and put the change into a new "
                        + "migration, or accept it as it is with mark(\(migration.id), as: .applied, in: database)",
                    migration: migration.id)
            }
        }
        let pending = migrations.filter { missing[$0.id] != nil }
        if order == .refuse, let last = records.last, let late = pending.first, late.id < last.id {
            throw MigrationError(
                .outOfOrder,
                "\(label(late)) comes before migration \(last.id), which has been applied already; give it a higher "
                    + "number, or pass outOfOrder: .apply when it does not depend on the order or was marked as pending",
                migration: late.id)
        }
        return Migrator.Status(applied: records.map(\.id), pending: pending, unknown: unknownIDs)
    }

    /// Refuses an unfinished migration whose content is not that of its completed parts.
    func refuseChange(_ next: Migration, _ earlier: UnfinishedMigration) throws(MigrationError) {
        guard !next.content.matches(earlier.checksum), earlier.completed > 0 else { return }
        throw MigrationError(
            .changed,
            "\(label(next)) was changed after \(earlier.completed) of its parts had taken effect; restore it, or undo "
                + "them and call mark(\(next.id), as: .pending, in: database)", migration: next.id)
    }

    /// Refuses to run a migration as a whole of which parts took effect.
    func refuseParts(_ next: Migration, _ earlier: UnfinishedMigration) throws(MigrationError) {
        guard earlier.completed > 0 else { return }
        throw MigrationError(
            .changed,
            "\(label(next)) runs in one transaction now, but \(earlier.completed) of its parts took effect when it ran in "
                + "several; restore it, or undo them and call mark(\(next.id), as: .pending, in: database)",
            migration: next.id)
    }
}
