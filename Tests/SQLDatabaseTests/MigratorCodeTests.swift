import PostgresBackend
import SQLDatabase
import SQLiteBackend
import Synchronization
import Testing

/// Migrations in Swift code, at once and in batches.
@Suite struct MigratorCodeTests {
    private struct Stop: Error {}

    private static let wards = Migration(
        id: 1, name: "wards",
        statements: """
            CREATE TABLE wards (id BIGINT PRIMARY KEY, name TEXT, code TEXT);
            INSERT INTO wards (id, name)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25) SELECT i, 'w' FROM n
            """)

    /// Ten rows a batch; each increments nothing twice, since a code that is there already would be prolonged.
    private static func backfill(failing: @escaping @Sendable (Int) throws -> Void) -> Migration {
        Migration.batches(id: 3, name: "codes", version: "1") { batch in
            let last = batch.checkpoint.flatMap { Int($0) } ?? 0
            let ids = try await batch.connection.query(
                "SELECT id FROM wards WHERE id > \(last) ORDER BY id LIMIT 10"
            ).decode(Int.self)
            guard let end = ids.last else { return .finished }
            try await batch.connection.execute(
                "UPDATE wards SET code = coalesce(code, '') || name WHERE id > \(last) AND id <= \(end)")
            try failing(batch.completed)
            return .next(checkpoint: String(end))
        }
    }

    @Test(arguments: TestDatabase.available)
    func `code runs in a transaction that its failure rolls back, beside statements`(engine: TestDatabase) async throws
    {
        try await engine.withDatabase { database in
            let fails = Mutex(true)
            let code = Migration(id: 2, name: "code", version: "1") { connection in
                for row in try await connection.query("SELECT id FROM wards") {
                    let id = try row.decode(0, as: Int.self)
                    try await connection.execute("UPDATE wards SET code = \("c\(id)") WHERE id = \(id)")
                }
                if fails.withLock({ $0 }) { throw Stop() }
            }
            let last = Migration(id: 3, name: "last", statements: "DELETE FROM wards WHERE code IS NULL")
            let migrator = try Migrator(namespace: "t", migrations: [last, code, Self.wards])
            let error = await expect(.failed) { try await migrator.migrate(database) }
            #expect(error?.underlying is Stop)
            try await expectCount(0, "SELECT count(*) FROM wards WHERE code IS NOT NULL", in: database)
            fails.withLock { $0 = false }
            #expect(try await migrator.migrate(database).map(\.id) == [2, 3])
            try await expectCount(25, "SELECT count(DISTINCT code) FROM wards", in: database)
            let changed = Migration(id: 2, name: "code", version: "2") { _ in }
            await expect(.changed) {
                try await Migrator(namespace: "t", migrations: [Self.wards, changed, last]).migrate(database)
            }
        }
    }

    @Test(arguments: TestDatabase.available)
    func `batches continue from their checkpoint and report their progress`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let events = Collected<MigrationEvent>()
            let fails = Mutex(true)
            let backfill = Self.backfill { completed in
                if completed == 2, fails.withLock({ $0 }) { throw Stop() }
            }
            let migrator = try Migrator(
                namespace: "t", migrations: [Self.wards, backfill], observer: { events.add($0) })
            let error = await expect(.failed) { try await migrator.migrate(database) }
            #expect(error?.message.contains("batch 3") == true)
            try await expectCount(20, "SELECT count(*) FROM wards WHERE code = 'w'", in: database)
            #expect(try await migrator.status(of: database).pending == [backfill])
            fails.withLock { $0 = false }
            #expect(try await migrator.migrate(database) == [backfill])
            try await expectCount(25, "SELECT count(*) FROM wards WHERE code = 'w'", in: database)
            let progress = events.all.filter { $0.kind == .progressed }
            #expect(progress.map(\.checkpoint) == ["10", "20", "25"] && progress.map(\.count) == [1, 2, 3])
            #expect(events.all.filter { $0.kind == .started }.map(\.checkpoint) == [nil, nil, "20"])
            try await expectCount(0, "SELECT count(*) FROM vitals_unfinished_migrations", in: database)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `batches of eight programs take effect once each`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards, Self.backfill { _ in }])
            let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                for _ in 0..<8 { group.addTask { try await migrator.migrate(database) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.map(\.id).sorted() == [1, 3])
            try await expectCount(25, "SELECT count(*) FROM wards WHERE code = 'w'", in: database)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `batches that do not advance, or change between runs, are refused`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let stuck = Migration.batches(id: 2, name: "stuck", version: "1") { _ in .next(checkpoint: "a") }
            let error = await expect(.failed) {
                try await Migrator(namespace: "t", migrations: [Self.wards, stuck]).migrate(database)
            }
            #expect(error?.message.contains("would not end") == true)
            let changed = Migration.batches(id: 2, name: "stuck", version: "2") { _ in .finished }
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards, changed])
            await expect(.changed) { try await migrator.migrate(database) }
            try await migrator.mark(2, as: .pending, in: database)
            #expect(try await migrator.migrate(database) == [changed])
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a migrator that is cancelled while it waits leaves the other one alone`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let (entered, enter) = AsyncStream<Void>.makeStream()
            let (released, release) = AsyncStream<Void>.makeStream()
            let slow = Migration(id: 2, name: "slow", version: "1") { connection in
                try await connection.execute("UPDATE wards SET code = 'x'")
                enter.finish()
                for await _ in released {}
            }
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards, slow])
            let first = Task { try await migrator.migrate(database) }
            for await _ in entered {}
            let second = Task { try await migrator.migrate(database) }
            try await Task.sleep(for: .milliseconds(200))
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            release.finish()
            #expect(try await first.value.map(\.id) == [1, 2])
            try await expectCount(25, "SELECT count(*) FROM wards WHERE code = 'x'", in: database)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a migrator waits for another only as long as it is told to`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let (released, release) = AsyncStream<Void>.makeStream()
            let (entered, enter) = AsyncStream<Void>.makeStream()
            let slow = Migration(id: 2, name: "slow", version: "1") { connection in
                try await connection.execute("UPDATE wards SET code = 'x'")
                enter.finish()
                for await _ in released {}
            }
            let first = Task {
                try await Migrator(namespace: "t", migrations: [Self.wards, slow]).migrate(database)
            }
            for await _ in entered {}
            let hurried = try Migrator(
                namespace: "t", migrations: [Self.wards, slow], acquireTimeout: .milliseconds(300))
            if database.dialect == .postgres {
                let error = await expect(.lockTimeout) { try await hurried.migrate(database) }
                #expect(error?.message.contains("over 0.3 seconds") == true)
            } else {
                // The one writing connection is what is waited for.
                await #expect(throws: (any Error).self) { try await hurried.migrate(database) }
            }
            release.finish()
            _ = try await first.value
        }
    }
}
