import PostgresBackend
import SQLDatabase
import Testing

/// The choices that a program makes where its list and the database differ.
@Suite struct MigratorPolicyTests {
    private func migration(_ id: Int, _ text: String? = nil) -> Migration {
        Migration(id: id, name: "m\(id)", statements: text ?? "CREATE TABLE t\(id) (a BIGINT)")
    }

    @Test(arguments: TestDatabase.available)
    func `an older program starts on a newer schema when it is allowed to`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            try await Migrator(namespace: "t", migrations: [migration(1), migration(2)]).migrate(database)
            let error = await expect(.newerSchema) {
                try await Migrator(namespace: "t", migrations: [migration(1)]).migrate(database)
            }
            #expect(error?.message.contains("unknownMigrations: .allow") == true)
            let older = try Migrator(namespace: "t", migrations: [migration(1)], unknownMigrations: .allow)
            #expect(try await older.migrate(database) == [])
            let status = try await older.status(of: database)
            #expect(status.isCurrent && status.unknown == [2] && status.applied == [1, 2])
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a migration merged later is applied when that is allowed`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            try await Migrator(namespace: "t", migrations: [migration(1), migration(3)]).migrate(database)
            let all = [migration(1), migration(2), migration(3), migration(4)]
            let error = await expect(.outOfOrder) {
                try await Migrator(namespace: "t", migrations: all).migrate(database)
            }
            #expect(error?.message.contains("outOfOrder: .apply") == true)
            let migrator = try Migrator(namespace: "t", migrations: all, outOfOrder: .apply)
            #expect(try await migrator.migrate(database).map(\.id) == [2, 4])
            #expect(try await migrator.status(of: database).isCurrent)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a changed migration is accepted by a mark, and a mark as pending runs it again`(
        engine: TestDatabase
    ) async throws {
        try await engine.withDatabase { database in
            try await Migrator(namespace: "t", migrations: [migration(1)]).migrate(database)
            let changed = migration(1, "CREATE TABLE IF NOT EXISTS t1 (a BIGINT, b BIGINT)")
            let migrator = try Migrator(namespace: "t", migrations: [changed])
            let error = await expect(.changed) { try await migrator.migrate(database) }
            #expect(error?.message.contains("mark(1, as: .applied, in: database)") == true)
            try await migrator.mark(1, as: .applied, in: database)
            #expect(try await migrator.migrate(database) == [])
            try await migrator.mark(1, as: .pending, in: database)
            #expect(try await migrator.migrate(database).map(\.id) == [1])
            await expect(.invalidList) { try await migrator.mark(7, as: .applied, in: database) }
        }
    }

    @Test(arguments: TestDatabase.available)
    func `an existing schema is taken over by marks on an empty list`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            try await script("CREATE TABLE t1 (a BIGINT)", on: database)
            let migrator = try Migrator(namespace: "t", migrations: [migration(1), migration(2)])
            try await migrator.mark(1, as: .applied, in: database)
            #expect(try await migrator.migrate(database).map(\.id) == [2])
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a database of the first release is continued`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let now =
                database.dialect == .postgres
                ? "timestamptz NOT NULL DEFAULT now()"
                : "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
            try await script(
                """
                CREATE TABLE vitals_migrations (
                    namespace TEXT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
                    applied_at \(now), PRIMARY KEY (namespace, id));
                INSERT INTO vitals_migrations (namespace, id, name, checksum)
                VALUES ('t', 1, 'wards', 'c182fea91f4ca6c5');
                CREATE TABLE wards (name TEXT);
                CREATE INDEX wards_name ON wards (name)
                """, on: database)
            let wards = Migration(
                id: 1, name: "wards",
                statements: "CREATE TABLE wards (name TEXT);  \r\nCREATE INDEX wards_name ON wards (name)\n")
            let batches = Migration.batches(id: 3, name: "b", version: "1") { _ in .finished }
            let migrator = try Migrator(namespace: "t", migrations: [wards, migration(2), batches])
            #expect(try await migrator.migrate(database).map(\.id) == [2, 3])
            let columns = try await database.read {
                try await $0.query("SELECT * FROM vitals_migrations")[0].columns.count
            }
            #expect(columns == 5)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `libraries that start together create the table once`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...8 {
                    group.addTask {
                        try await Migrator(namespace: "n\(number)", migrations: [migration(number)]).migrate(database)
                    }
                }
                try await group.waitForAll()
            }
            try await expectCount(8, "SELECT count(*) FROM vitals_migrations", in: database)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a migration that ends its transaction is refused, in a script and in code`(engine: TestDatabase) async throws
    {
        try await engine.withDatabase { database in
            for text in ["SELECT 1; COMMIT; SELECT 2", "ROLLBACK", "BEGIN; SELECT 1", "BEGIN; COMMIT; BEGIN; COMMIT"] {
                let error = await expect(.invalidList) {
                    try await Migrator(namespace: "t", migrations: [migration(1, text)]).migrate(database)
                }
                #expect(error?.statement != nil)
            }
            let code = Migration(id: 1, name: "code", version: "1") { try await $0.execute("COMMIT") }
            await expect(.failed) { try await Migrator(namespace: "t", migrations: [code]).migrate(database) }
            let swallowing = Migration(id: 1, name: "code", version: "1") { connection in
                try await connection.execute("CREATE TABLE kept (a BIGINT)")
                do { try await connection.execute("INSERT INTO missing VALUES (1)") } catch {}
                try await connection.underlying.executeScript("ROLLBACK")
            }
            await expect(.failed) { try await Migrator(namespace: "t", migrations: [swallowing]).migrate(database) }
            try await expectCount(0, "SELECT count(*) FROM vitals_migrations", in: database)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `an error names the migration, the statement and its line`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let text = "-- first\nCREATE TABLE a (b BIGINT NOT NULL);\n\nINSERT INTO a\nVALUES (NULL);\nSELECT 'secret'"
            let error = await expect(.failed) {
                try await Migrator(namespace: "t", migrations: [migration(4, text)]).migrate(database)
            }
            #expect(error?.migrationID == 4 && error?.statement == 2 && error?.line == 4)
            #expect(error?.engineCode == (database.dialect == .postgres ? "23502" : "1299"))
            #expect(error?.message.contains("migration 4 (m4) of t") == true)
            #expect(error?.message.contains("statement 2, on line 4: INSERT INTO a VALUES") == true)
            let typo = await expect(.failed) {
                let text = "SELECT 1;\nSELECT\n  missing,\n 'p4ssword'"
                try await Migrator(namespace: "t", migrations: [migration(5, text)]).migrate(database)
            }
            #expect(typo?.line == (database.dialect == .postgres ? 3 : 2))
            #expect(typo?.description.contains("p4ssword") == false)
        }
    }

    @Test func `settings out of range are refused`() {
        let list = [migration(1)]
        #expect(throws: MigrationError.self) { try Migrator(namespace: "t", migrations: list, schema: "") }
        #expect(throws: MigrationError.self) { try Migrator(namespace: "t", migrations: list, acquireTimeout: .zero) }
        #expect(throws: MigrationError.self) {
            try Migrator(namespace: "t", migrations: list, locks: MigrationLockPolicy(attempts: 0))
        }
        #expect(throws: MigrationError.self) {
            try Migrator(
                namespace: "t", migrations: [Migration(id: 1, name: "", statements: "", lockTimeout: .zero)])
        }
    }
}
