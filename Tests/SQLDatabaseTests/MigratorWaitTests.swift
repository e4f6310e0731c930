import ConnectionPool
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// What the migrator waits for, and for how long.
@Suite struct MigratorWaitTests {
    private static let wards = Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (id bigint)")
    private static let brief = MigrationLockPolicy(
        timeout: .milliseconds(150), attempts: 2, pause: .milliseconds(20))

    /// Runs a body while another session holds a lock on a table.
    private func locking(
        _ table: String, in database: PostgresDatabase, _ body: () async throws -> Void
    ) async throws {
        let blocker = try PostgresDatabase(
            configuration: database.configuration, poolConfiguration: PoolConfiguration(size: 1))
        let (locked, signal) = AsyncStream.makeStream(of: Void.self)
        let holder = Task {
            try await blocker.withConnection { connection in
                try await connection.executeScript("BEGIN; LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE")
                signal.yield()
                // Until it is cancelled.
                let (never, source) = AsyncStream.makeStream(of: Never.self)
                for await _ in never {}
                source.finish()
                await Task { try? await connection.executeScript("ROLLBACK") }.value
            }
        }
        for await _ in locked { break }
        do {
            try await body()
        } catch {
            holder.cancel()
            throw error
        }
        holder.cancel()
        _ = try? await holder.value
        await blocker.shutdown()
    }

    @Test(needsPostgres) func `no statement of the migrator's own waits longer for the list than it may`() async throws
    {
        try await withPostgres { database in
            let steps = [
                Migration(id: 2, name: "text", statements: "CREATE TABLE t2 (a int)"),
                Migration(id: 2, name: "code", version: "1") { try await $0.execute("CREATE TABLE t3 (a int)") },
                Migration.batches(id: 2, name: "batches", version: "1") { _ in .finished },
                Migration(id: 2, name: "plain", statements: "VACUUM wards", transaction: .none),
            ]
            func migrator(_ more: [Migration] = []) throws -> Migrator {
                try Migrator(namespace: "t", migrations: [Self.wards] + more, locks: Self.brief)
            }
            // Both tables exist from here on.
            try await migrator([Migration(id: 2, name: "x", statements: "VACUUM", transaction: .none)]).migrate(
                database)
            try await migrator().mark(2, as: .pending, in: database)
            for table in ["vitals_migrations", "vitals_unfinished_migrations"] {
                try await locking(table, in: database) {
                    let start = ContinuousClock.now
                    for step in steps {
                        let error = await expect(.lockNotAvailable) { try await migrator([step]).migrate(database) }
                        #expect(error?.message.contains("vitals_migrations") == true)
                    }
                    await expect(.lockNotAvailable) { try await migrator(steps.suffix(1)).status(of: database) }
                    await expect(.lockNotAvailable) {
                        try await migrator(steps.suffix(1)).mark(2, as: .applied, in: database)
                    }
                    #expect(ContinuousClock.now - start < .seconds(20))
                }
            }
            let applied = try await migrator([steps[0]]).migrate(database)
            #expect(applied.map(\.id) == [2])
        }
    }

    @Test(needsPostgres) func `a migrator goes on when the list is free again`() async throws {
        try await withPostgres { database in
            let migrator = try Migrator(
                namespace: "t", migrations: [Self.wards],
                locks: MigrationLockPolicy(timeout: .milliseconds(100), pause: .milliseconds(50)))
            try await migrator.migrate(database)
            var run: Task<[Migration], any Error>?
            try await locking("vitals_migrations", in: database) {
                run = Task { try await migrator.migrate(database) }
                try await Task.sleep(for: .milliseconds(500))
            }
            let applied = try await run?.value
            #expect(applied == [])
        }
    }

    @Test func `of several programs one applies a step without a transaction on SQLite`() async throws {
        for _ in 0..<10 {
            try await withSQLite { database in
                let path = database.configuration.path
                let steps = [
                    Self.wards, Migration(id: 2, name: "vacuum", statements: "VACUUM; ANALYZE", transaction: .none),
                ]
                let migrator = try Migrator(namespace: "t", migrations: steps)
                let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            let own = try SQLiteDatabase(SQLiteConfiguration(path: path))
                            let applied = try await migrator.migrate(own)
                            await own.shutdown()
                            return applied
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(applied.map(\.id).sorted() == [1, 2])
                try await expectCount(0, "SELECT count(*) FROM vitals_unfinished_migrations", in: database)
            }
        }
    }

    @Test(arguments: [Migration.TransactionMode.perMigration, .none])
    func `the smaller of the migrator's limit and SQLite's busy timeout ends the wait`(
        mode: Migration.TransactionMode
    ) async throws {
        try await withSQLite { database in
            try await Migrator(namespace: "t", migrations: [Self.wards]).migrate(database)
            let step = Migration(id: 2, name: "analyze", statements: "ANALYZE", transaction: mode)
            let migrator = try Migrator(
                namespace: "t", migrations: [Self.wards, step], acquireTimeout: .milliseconds(700))
            let other = try SQLiteDatabase(SQLiteConfiguration(path: database.configuration.path))
            try await other.write { connection in
                try await connection.execute("INSERT INTO wards VALUES (1)")
                let start = ContinuousClock.now
                await expect(.lockTimeout) { try await migrator.migrate(database) }
                #expect(ContinuousClock.now - start < .seconds(3))
                await expect(.lockTimeout) { try await migrator.mark(1, as: .applied, in: database) }
                #expect(ContinuousClock.now - start < .seconds(6))
            }
            await other.shutdown()
            #expect(try await migrator.migrate(database).map(\.id) == [2])
        }
    }
}
