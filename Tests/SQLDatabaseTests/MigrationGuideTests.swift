import SQLDatabase
import Testing

/// The examples of Documentation/Migrations.md, as they stand there, on both databases.
@Suite struct MigrationGuideTests {
    @Test(arguments: TestDatabase.available) func `the guide's migrations do what it says`(engine: TestDatabase)
        async throws
    {
        try await engine.withDatabase { database in
            let wards = Migration(
                id: 1, name: "wards",
                statements: """
                    CREATE TABLE wards (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
                    CREATE INDEX wards_name ON wards (name)
                    """)
            let opened = Migration(
                id: 2, name: "opened",
                postgres: "ALTER TABLE wards ADD COLUMN opened timestamptz",
                sqlite: "ALTER TABLE wards ADD COLUMN opened TEXT")
            let migrator = try Migrator(namespace: "clinic", migrations: [wards, opened])
            let applied = try await migrator.migrate(database)
            #expect(applied.map(\.name) == ["wards", "opened"])
            let isCurrent = try await migrator.status(of: database).isCurrent
            #expect(isCurrent)
            try await script("INSERT INTO wards (id, name) VALUES (1, 'North'), (2, 'South')", on: database)

            let codes = Migration(id: 3, name: "codes", version: "1") { connection in
                for row in try await connection.query("SELECT id, name FROM wards") {
                    let id = try row["id", as: Int.self]
                    let code = try row["name", as: String.self].prefix(3).uppercased()
                    try await connection.execute("UPDATE wards SET name = \(code) WHERE id = \(id)")
                }
            }
            let backfill = Migration.batches(id: 4, name: "upper-case names", version: "1") { batch in
                let last = batch.checkpoint.flatMap { Int($0) } ?? 0
                let ids = try await batch.connection.query(
                    "SELECT id FROM wards WHERE id > \(last) ORDER BY id LIMIT 1000"
                ).decode(Int.self)
                guard let end = ids.last else { return .finished }
                try await batch.connection.execute(
                    "UPDATE wards SET name = upper(name) WHERE id > \(last) AND id <= \(end)")
                return .next(checkpoint: String(end))
            }
            let index = Migration(
                id: 5, name: "index",
                postgres: "CREATE INDEX CONCURRENTLY wards_by_name ON wards (name); VACUUM ANALYZE wards",
                sqlite: "VACUUM; ANALYZE", transaction: .none)
            let patient = Migration(
                id: 6, name: "beds", statements: "ALTER TABLE wards ADD COLUMN beds BIGINT", lockTimeout: .seconds(1))
            let events = Collected<MigrationEvent>()
            let all = try Migrator(
                namespace: "clinic", migrations: [wards, opened, codes, backfill, index, patient],
                locks: MigrationLockPolicy(timeout: .seconds(2), attempts: 30, longestPause: .seconds(20)),
                observer: { events.add($0) })
            #expect(try await all.migrate(database).map(\.id) == [3, 4, 5, 6])
            #expect(events.all.contains { $0.kind == .progressed && $0.checkpoint == "2" })
            let names = try await rows(of: "SELECT name FROM wards ORDER BY id", in: database)
            #expect(names == [[.text("NOR")], [.text("SOU")]])

            let migrations = [wards]
            let tolerant = try Migrator(
                namespace: "clinic", migrations: migrations, unknownMigrations: .allow, outOfOrder: .apply)
            #expect(try await tolerant.migrate(database) == [])
            try await tolerant.mark(2, as: .pending, in: database)
            #expect(try await tolerant.status(of: database).applied == [1, 3, 4, 5, 6])
        }
    }
}
